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
  // The text without the key, as it is or as JSON may write it: what a server says may repeat it.
  std::string redacted(std::string text) const;
  // A server's body without the key: JSON in none of its strings and names, written anew where they held it.
  std::string redacted_body(std::string body) const;

 private:
  std::string value_;
};

// Checks "https://host/v1" (or http), and returns the address that questions are posted to. Throws UsageError for
// anything else, for a name and password in it, and for a key that would go over plain http to another machine. No
// message repeats what follows a '?': it may be a key.
std::string chat_url(const std::string& endpoint, bool with_key, bool allow_plain_http);

// Whether an address is one of this machine alone.
bool is_loopback_url(const std::string& url);

// Which of several servers the next call goes to: the one that has the fewest at work, of equals the one that was asked
// longest ago. One that fails several times in a row is left alone for a while, then asked with one call whether it is back.
// One that refuses most calls because they are too many is asked nothing until the time it names, or for a second, two, four;
// then it gets half as many at once, and one more with each answer.
// Times are seconds of one clock.
class Endpoints {
 public:
  explicit Endpoints(std::vector<std::string> urls);

  // `but`: rather another one, if any will do (-1: none).
  size_t pick(double now, int64_t but = -1) const;
  // Seconds until one of those that are not given up may take a call; 0: now. Where none is limited (below) it is 0: of servers
  // that are all left alone one is asked all the same.
  double wait(double now) const;
  void started(size_t i);
  // Its answer was of use, or a refusal of this call alone.
  void answered(size_t i, double now);
  // It gave none that a server of chat completions gives.
  struct Failure {
    double started = 0, now = 0;  // of the call
    bool unreachable = false;     // there was no answer at all
    bool again = false;           // the question had failed before: the fault may be its own
    double asked_for = 0;         // seconds that it wants to be left alone, at least
  };
  void failed(size_t i, const Failure& failure);
  // It refused a call because calls are too many (429, or 503 with the time to wait); asked_for may be 0.
  void limited(size_t i, const Failure& failure);
  // Whether it answered within the last `seconds`.
  bool answers(size_t i, double now, double seconds) const;
  // How many times in a row it asked to wait and answered nothing in between; the least among those not given up.
  int64_t waits_in_vain() const;
  // It refused a call in words that servers have for all calls, and for one. Whether the call has ended with that: not when
  // it never answered one, or refuses many in a row, and is to be given up.
  bool turned_away(size_t i);
  // It refuses every call.
  void give_up(size_t i);
  bool any_left() const;
  bool given_up(size_t i) const { return all_[i].given_up; }
  const std::string& url(size_t i) const { return all_[i].url; }
  size_t size() const { return all_.size(); }
  bool left_alone(size_t i, double now) const;

 private:
  struct One {
    std::string url;
    int64_t at_work = 0, failures = 0, rests = 0, turned_away = 0;  // the last three in a row
    uint64_t asked = 0;                            // when, in calls
    double back_at = 0, answered_at = -1;
    bool given_up = false;
    // Of limits: the share of late calls that it refused, when the last wait began and ends, how many came in a row, and the
    // most calls at once since (0: any number).
    double refused = 0, held_at = -1, held_until = 0;
    int64_t waits = 0, most = 0;
    bool is_limited(double now) const { return now < held_until || (most > 0 && at_work >= most); }
  };
  std::vector<One> all_;
  uint64_t calls_ = 0;
};

}  // namespace easel::http
