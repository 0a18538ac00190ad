// Many HTTP calls at once on one thread, over libcurl's multi interface: connections are kept and used again, answers
// may come compressed, certificates are verified, redirects are not followed (a key would go along). A proxy that the
// environment names is used, but not to this machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace easel::http {

struct Call {
  std::string url;
  std::string body;                  // posted as application/json
  std::vector<std::string> headers;  // "Name: value", beside the usual ones
};

// What came of a call: an answer with an HTTP status, or none.
struct Answer {
  int status = 0;  // 0: no whole answer came
  std::string body, content_type;
  std::optional<double> retry_after;  // seconds, as the server asks
  std::string problem;                // of status 0: why
};

struct TransportOptions {
  double connect_timeout = 10;               // seconds
  double timeout = 300;                      // of a whole call
  size_t most_bytes = size_t{64} << 20;      // of an answer, decompressed
  int64_t most_connections = 0;              // kept open; 0: as many as were ever at work
};

class Transport {
 public:
  explicit Transport(const TransportOptions& options);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // `done` is called by run(), on the caller's thread. Throws Error for what libcurl refuses (a URL without a host).
  void start(Call call, std::function<void(Answer)> done);
  // Lets calls go on for at most `seconds`, or until one has ended.
  void run(double seconds);
  size_t at_work() const;

 private:
  struct Running;
  struct State;
  std::unique_ptr<State> state_;
};

// Seconds that a Retry-After field asks for: a number, or a date (RFC 9110, section 10.2.3) as seen at `now` (seconds
// since 1970). nullopt for anything else.
std::optional<double> parse_retry_after(const std::string& value, int64_t now);

}  // namespace easel::http
