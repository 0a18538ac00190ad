// Where questions go: servers that share them, and a key that goes along and shows up nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace easel::http {

// A secret from the environment.
class Key {
 public:
  Key() = default;
  // The value of the environment variable; an empty name is no key. Throws Error when it is not set, or holds what no
  // header can; the message names the variable alone.
  static Key from_environment(const std::string& variable);

  bool empty() const { return value_.empty(); }
  std::string header() const { return "Authorization: Bearer " + value_; }
  // The text without the key: what a server says may repeat it.
  std::string redacted(std::string text) const;

 private:
  std::string value_;
};

// Checks "https://host/v1" (or http), and returns the address that questions are posted to. Throws UsageError for
// anything else, for a name and password in it, and for a key that would go over plain http to another machine.
std::string chat_url(const std::string& endpoint, bool with_key, bool allow_plain_http);

// Which of several servers the next call goes to: the one that has the fewest at work. One that fails several times
// in a row is left alone for a while, then asked with one call whether it is back. Times are seconds of one clock.
class Endpoints {
 public:
  explicit Endpoints(std::vector<std::string> urls);

  size_t pick(double now) const;
  void started(size_t i) { ++all_[i].at_work; }
  // `answered`: the server gave an answer that is not its own failure (a refusal for lack of time is an answer).
  void ended(size_t i, bool answered, double now);
  const std::string& url(size_t i) const { return all_[i].url; }
  size_t size() const { return all_.size(); }
  bool left_alone(size_t i, double now) const;

 private:
  struct One {
    std::string url;
    int64_t at_work = 0, failures = 0;  // in a row
    double back_at = 0;
  };
  std::vector<One> all_;
};

}  // namespace easel::http
