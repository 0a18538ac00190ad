// Questions for a chat model, many at a time: what goes wrong on the way is tried again, and what cannot be answered is
// said, never made up.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/chat.h"

namespace easel::http {

struct ClientOptions {
  std::vector<std::string> endpoints;  // "https://host/v1"; several share the questions
  std::string key_env;                 // environment variable of the key; empty: none
  bool allow_plain_http = false;       // let the key go to another machine unencrypted
  int64_t concurrency = 16;            // calls at work at once
  int64_t retries = 8;                 // after a first call that failed
  double connect_timeout = 10, timeout = 300;               // seconds
  double requests_per_minute = 0, tokens_per_minute = 0;    // 0: no limit
  std::string cache;                                        // folder of answers; empty: none
  bool one_of_use = false;  // to stop when not one of the first questions had an answer of use: none would
};

// From the command line's words, cli::EndpointOptions.
template <class Options>
ClientOptions client_options(const Options& o) {
  return {.endpoints = o.endpoints, .key_env = o.key_env, .allow_plain_http = o.allow_plain_http,
          .concurrency = o.concurrency, .retries = o.retries, .connect_timeout = o.connect_timeout, .timeout = o.timeout,
          .requests_per_minute = o.requests_per_minute, .tokens_per_minute = o.tokens_per_minute, .cache = o.cache};
}

struct Question {
  ChatRequest request;
  // Why an answer is of no use ("no JSON in it"), or "". Such a one is asked for twice more. May be empty.
  std::function<std::string(const ChatReply&)> objection;
  // Called once: with the reply, or with why there is none.
  std::function<void(std::optional<ChatReply> reply, const std::string& problem)> done;
};

// What a run cost.
struct Usage {
  int64_t calls = 0, retries = 0, cached = 0, unanswered = 0, prompt_tokens = 0, completion_tokens = 0;
  double seconds = 0;
  // "412 calls, 9 of them again, 88 answers from the cache, 3 questions unanswered, 51200 + 9120 tokens, 31.2 s".
  std::string line() const;
};

class ChatClient {
 public:
  // Throws UsageError for an address that is none, Error for a key that is not there.
  explicit ChatClient(const ClientOptions& options);
  ~ChatClient();

  // Asks what `next` gives, which is called whenever another call can go out, until it gives nothing and all is
  // answered. Answers come in any order. A call that fails in a way that can pass (no connection, too late, 408, 409,
  // 425, 429, 5xx, a body that is no answer) is made again, after a wait that doubles, or as long as the server asks. A
  // server that says that calls are too many gets fewer, and while it answers others that is no failure.
  // Throws Error for what every call would fail of (401, a redirection; 403, 404 and 405 of a server that never answered
  // or says so many times in a row; a wait of more than an hour that it asks for), and when not one of many questions in a row
  // was answered; Interrupted when the user stops the program. What it cost until then is then told on stderr.
  void run(const std::function<std::optional<Question>()>& next);

  const Usage& usage() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace easel::http
