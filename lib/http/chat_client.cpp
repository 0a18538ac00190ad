#include "http/chat_client.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "base/signals.h"
#include "http/endpoint.h"
#include "http/rate_limit.h"
#include "http/response_cache.h"
#include "http/transport.h"

namespace easel::http {

using base::cat;

std::string Usage::line() const {
  std::string text = cat(calls, calls == 1 ? " call" : " calls");
  if (retries > 0) text += cat(", ", retries, " of them again");
  if (cached > 0) text += cat(", ", cached, cached == 1 ? " answer" : " answers", " from the cache");
  if (unanswered > 0) text += cat(", ", unanswered, unanswered == 1 ? " question" : " questions", " unanswered");
  return cat(text, ", ", prompt_tokens, " + ", completion_tokens, " tokens, ", base::format_fixed(seconds, 1), " s");
}

namespace {

constexpr int64_t kAskedAgain = 2;            // when an answer is of no use
constexpr double kFirstWait = 0.5, kLongestWait = 60, kLongestAsked = 3600;  // seconds
constexpr double kLongestWaitUnasked = 8;     // of a question that is refused because calls are too many
constexpr int64_t kPatience = 10;             // times --retries such refusals, of a server that answers others
constexpr double kLately = 60, kWorthTelling = 5;  // seconds: answers others; waits of a server
constexpr double kCharactersPerToken = 4;     // for a limit of tokens, until the server has counted
constexpr double kTokensPerPicture = 800;

// Whether a call with this status may do better another time.
bool can_pass(int status) {
  return status == 0 || status == 408 || status == 409 || status == 425 || status == 429 || status >= 500;
}

// Whether the server says that calls are too many, of all questions rather than of this one.
bool is_limit(const Answer& answer) { return answer.status == 429 || (answer.status == 503 && answer.retry_after.value_or(0) > 0); }

// Whether every other call to that server would have the same answer; turned_away: or it is of this question alone, a
// picture that it will not look at.
bool turned_away(int status) { return status == 403 || status == 404 || status == 405; }
bool concerns_all(int status) { return (status >= 300 && status < 400) || status == 401 || turned_away(status); }

double likely_tokens(const ChatRequest& request) {
  double tokens = static_cast<double>(request.max_tokens) +
                  static_cast<double>(request.system.size()) / kCharactersPerToken;
  for (const Part& part : request.parts) {
    tokens += part.mime.empty() ? static_cast<double>(part.text.size()) / kCharactersPerToken : kTokensPerPicture;
  }
  return tokens;
}

}  // namespace

struct ChatClient::State {
  explicit State(const ClientOptions& o)
      : options(o),
        key(Key::from_environment(o.key_env)),
        endpoints(addresses(o, key)),
        cache(o.cache),
        transport({.connect_timeout = o.connect_timeout, .timeout = o.timeout, .most_connections = o.concurrency}),
        requests(o.requests_per_minute),
        tokens(o.tokens_per_minute) {}

  struct Job {
    Question question;
    std::string cache_key;
    uint64_t number = 0;      // of the question, for the jitter of its waits
    int64_t failures = 0, useless = 0, limited = 0, last_server = -1;
    int64_t tries() const { return failures + useless + limited; }
    bool without_schema = false, schema_refused = false;  // a server may not know schemas
    double not_before = 0, started = 0;
    double counted_tokens = 0;  // taken from the limit of tokens by its last call
    Dialect spoken;             // in it
  };
  using Jobs = std::list<Job>;

  static std::vector<std::string> addresses(const ClientOptions& o, const Key& key) {
    if (o.endpoints.empty()) base::fail_usage("--endpoint: expected the address of a server");
    std::vector<std::string> urls;
    for (const auto& endpoint : o.endpoints) urls.push_back(chat_url(endpoint, !key.empty(), o.allow_plain_http));
    return urls;
  }

  double now() const { return clock.seconds(); }

  // What a body says. A text that comes in parts may hold the key in none of them.
  ChatReply parsed(const std::string& body) const {
    ChatReply reply = ChatReply::parse(body);
    reply.text = key.redacted(std::move(reply.text));
    return reply;
  }

  // An answer that was kept, if it is one still.
  bool answered_before(Job& job) {
    if (options.cache.empty()) return false;
    job.cache_key = ResponseCache::key(job.question.request.json());
    const auto kept = cache.find(job.cache_key);
    if (!kept) return false;
    ChatReply reply;
    try {
      reply = parsed(*kept);
    } catch (const base::Error&) {
      return false;  // a file that was cut off; the new answer takes its place
    }
    if (!objection_to(job, reply).empty()) return false;
    ++usage.cached;
    of_use = true;
    job.question.done(std::move(reply), "");
    return true;
  }

  static std::string objection_to(const Job& job, const ChatReply& reply) {
    if (!reply.refusal.empty()) return cat("the model refuses: ", base::quote(reply.refusal, 200));
    return job.question.objection ? job.question.objection(reply) : "";
  }

  // Takes questions until no more may be on their way. Those that wait do not keep others from going out.
  void take_in(const std::function<std::optional<Question>()>& next) {
    const auto most = static_cast<size_t>(4 * options.concurrency);
    while (!no_more && waiting.size() + transport.at_work() < most &&
           static_cast<int64_t>(transport.at_work() + ready()) < options.concurrency) {
      auto question = next();
      if (!question) {
        no_more = true;
        return;
      }
      Job job;
      job.question = std::move(*question);
      job.number = asked++;
      if (!answered_before(job)) waiting.push_back(std::move(job));
    }
  }

  size_t ready() const {
    const double at = now();
    return static_cast<size_t>(std::count_if(waiting.begin(), waiting.end(), [&](const Job& j) { return j.not_before <= at; }));
  }

  // Starts what may start; returns the seconds until more may.
  double start_calls() {
    double next = 1;
    for (auto job = waiting.begin(); job != waiting.end();) {
      if (static_cast<int64_t>(transport.at_work()) >= options.concurrency) return next;
      const double at = now(), wait = std::max({job->not_before - at, requests.wait(at), tokens.wait(at), endpoints.wait(at)});
      if (wait > 0) {
        next = std::min(next, wait);
        ++job;
        continue;
      }
      const auto starting = job++;
      working.splice(working.end(), waiting, starting);
      start(std::prev(working.end()));
    }
    return next;
  }

  void start(Jobs::iterator job) {
    const size_t server = endpoints.pick(now(), job->last_server);
    job->last_server = static_cast<int64_t>(server);
    job->spoken = dialect;
    job->spoken.schemas &= !job->without_schema;
    Call call{endpoints.url(server), job->question.request.json(job->spoken), {}};
    if (!key.empty()) call.headers.push_back(key.header());
    requests.take(1);
    job->counted_tokens = likely_tokens(job->question.request);
    tokens.take(job->counted_tokens);
    ++usage.calls;
    usage.retries += job->tries() > 0;
    endpoints.started(server);
    job->started = now();
    transport.start(std::move(call), [this, job, server](Answer answer) {
      answer.body = key.redacted_body(std::move(answer.body));
      if (answer.status >= 200 && answer.status < 300) {
        end_of_reply(job, server, answer.body);
      } else {
        end_of_refusal(job, server, answer);
      }
    });
  }

  void end_of_reply(Jobs::iterator job, size_t server, const std::string& body) {
    const int64_t useless_before = job->useless;
    bool spoke = false;
    const std::string problem = take_reply(*job, body, &spoke);
    if (!problem.empty()) last_problem = cat(endpoints.url(server), ": ", problem);
    if (spoke) {
      endpoints.answered(server, now());
    } else {
      endpoints.failed(server, failure_of(*job));
    }
    if (spoke && job->schema_refused) dialect.schemas = false;
    if (spoke) in_a_row = 0;
    if (problem.empty()) {
      working.erase(job);
    } else if (job->useless > useless_before ? job->useless <= kAskedAgain : ++job->failures <= options.retries) {
      ask_again(job, server, 0);
    } else {
      leave_unanswered(job, problem);
      spoke ? one_more_in_vain(server, problem) : one_more_unanswered(server, problem);
    }
  }

  // No answer, or one with another status than success.
  void end_of_refusal(Jobs::iterator job, size_t server, const Answer& answer) {
    const std::string said = answer.status == 0 ? key.redacted(answer.problem) : error_message(answer.body);
    const std::string problem = answer.status == 0 ? said : cat("status ", answer.status, said.empty() ? "" : cat(": ", said));
    last_problem = cat(endpoints.url(server), ": ", problem);
    if (turned_away(answer.status) && endpoints.turned_away(server)) {
      if (++job->failures < static_cast<int64_t>(endpoints.size())) return ask_again(job, server, 0);
      return leave_unanswered(job, problem);
    }
    if (concerns_all(answer.status)) {
      return lose(job, server, problem, answer.status == 401 || answer.status == 403
                                            ? "--key-env names the environment variable that holds the key"
                                            : "is it the address of an OpenAI-compatible server, and the model one of those that it serves?");
    }
    const double asked_for = answer.retry_after.value_or(0);
    if (asked_for > kLongestAsked && can_pass(answer.status)) {
      return lose(job, server, cat(problem, "; it asks to wait ", std::lround(asked_for), " s"), "run it again after that");
    }
    if (is_limit(answer)) return wait_for(job, server, asked_for, problem);
    if (!can_pass(answer.status)) {
      endpoints.answered(server, now());
    } else {
      Endpoints::Failure failure = failure_of(*job);
      failure.unreachable = answer.status == 0;
      failure.asked_for = asked_for;
      endpoints.failed(server, failure);
    }
    if (may_do_without(*job, answer)) {
      ask_at_once(job);
    } else if (can_pass(answer.status) && ++job->failures <= options.retries) {
      ask_again(job, server, asked_for);
    } else {
      leave_unanswered(job, problem);
      if (can_pass(answer.status)) {
        one_more_unanswered(server, problem);
      } else {
        one_more_in_vain(server, problem);  // a question that a server refuses was read by it
      }
    }
  }

  // A server for which calls are too many. While it answers others that is no failure of the question.
  void wait_for(Jobs::iterator job, size_t server, double asked_for, const std::string& problem) {
    const double at = now();
    Endpoints::Failure failure = failure_of(*job);
    failure.asked_for = asked_for;
    endpoints.limited(server, failure);
    const int64_t most = std::max<int64_t>(1, options.retries);
    const bool in_vain = endpoints.waits_in_vain() > most;
    // Of few questions that are left the fault may be their own: one may be more than a limit lets through.
    if (in_vain && static_cast<int64_t>(waiting.size() + working.size()) >= enough()) {
      base::fail(cat(endpoints.url(server), ": answered nothing in spite of ", most, " waits for it; the last: ", problem));
    }
    const bool answers_others = endpoints.answers(server, at, std::max(kLately, 2 * asked_for));
    if (!in_vain && (answers_others ? ++job->limited <= kPatience * options.retries : ++job->failures <= options.retries)) {
      ask_again(job, server, asked_for > 0 ? asked_for : std::min(kLongestWaitUnasked, usual_wait(*job)));
    } else {
      leave_unanswered(job, problem);
      one_more_unanswered(server, problem);
    }
  }

  // One that was read, and has no answer of use.
  void one_more_in_vain(size_t server, const std::string& problem) {
    in_a_row = 0;
    if (++in_vain < enough() || of_use || !options.one_of_use) return;
    base::fail(cat(endpoints.url(server), ": none of ", in_vain, " questions had an answer of use; the last: ", problem));
  }

  void one_more_unanswered(size_t server, const std::string& problem) {
    if (++in_a_row < enough()) return;
    base::fail(cat(endpoints.url(server), ": ", in_a_row, " questions in a row were not answered; the last: ", problem));
  }

  // A server that would refuse every call: the others go on without it.
  void lose(Jobs::iterator job, size_t server, const std::string& problem, const std::string& hint) {
    const std::string what = cat(endpoints.url(server), ": ", problem);
    const bool known = endpoints.given_up(server);
    endpoints.give_up(server);
    if (!endpoints.any_left()) base::fail(what, hint);
    if (!known) base::warn(cat(what, "; it is not asked again"));
    ask_at_once(job);
  }

  Endpoints::Failure failure_of(const Job& job) const {
    return {.started = job.started, .now = now(), .again = job.failures > 0};
  }

  // With nothing at work and nothing to start soon the program seems to hang: why is said.
  void tell_of_wait() {
    if (transport.at_work() > 0 || waiting.empty()) return;
    const double at = now();
    double first = INFINITY;
    for (const Job& job : waiting) first = std::min(first, job.not_before - at);
    first = std::max(first, endpoints.wait(at));
    if (first < kWorthTelling || at < told_until) return;
    told_until = at + first;
    base::note(cat("asking nothing for ", std::lround(first), " s; ", last_problem));
  }

  void ask_at_once(Jobs::iterator job) {
    job->not_before = 0;
    waiting.splice(waiting.begin(), working, job);
  }

  // At once when there is a server that has not been asked in this round, else after a wait: as long as asked, or (0) the usual.
  void ask_again(Jobs::iterator job, size_t server, double asked_for) {
    const size_t next = endpoints.pick(now(), static_cast<int64_t>(server));
    const bool elsewhere = next != server && !endpoints.left_alone(next, now()) &&
                           job->tries() % static_cast<int64_t>(endpoints.size()) != 0;
    // "Retry-After: 0" asks for no wait at all, nine times in a millisecond.
    job->not_before = elsewhere ? 0 : now() + (asked_for > 0 ? asked_for * (1 + 0.1 * jitter(*job)) : usual_wait(*job));
    waiting.splice(waiting.end(), working, job);
  }

  void leave_unanswered(Jobs::iterator job, const std::string& problem) {
    ++usage.unanswered;
    const auto done = std::move(job->question.done);
    working.erase(job);
    done(std::nullopt, problem);
  }

  // Questions that may fail before nothing better is to be expected.
  int64_t enough() const { return std::max<int64_t>(8, options.concurrency); }

  // "" when the body is an answer that is of use, and the question done; otherwise why not. `spoke`: it is an answer.
  std::string take_reply(Job& job, const std::string& body, bool* spoke) {
    ChatReply reply;
    try {
      reply = parsed(body);
    } catch (const base::Error& e) {
      return e.what();
    }
    *spoke = true;
    usage.prompt_tokens += reply.prompt_tokens;
    usage.completion_tokens += reply.completion_tokens;
    if (reply.prompt_tokens > 0) {
      tokens.take(static_cast<double>(reply.prompt_tokens + reply.completion_tokens) - job.counted_tokens);
    }
    std::string objection = objection_to(job, reply);
    if (!objection.empty()) {
      ++job.useless;
      return objection;
    }
    of_use = true;
    if (!options.cache.empty()) cache.keep(job.cache_key, body);
    job.question.done(std::move(reply), "");
    return "";
  }

  // Whether the question, refused or failed as it was, is now to be asked in other words: another name of a limit, without
  // a temperature, or without a schema, which servers refuse in as many ways as there are servers.
  bool may_do_without(Job& job, const Answer& answer) {
    const bool refused = answer.status == 400 || answer.status == 422;
    if (refused && !job.spoken.max_completion_tokens && answer.body.find("max_completion_tokens") != std::string::npos) {
      dialect.max_completion_tokens = true;
      return true;
    }
    if (refused && job.spoken.temperature && refuses_temperatures(answer.body)) {
      if (std::exchange(dialect.temperature, false)) {
        base::warn(cat(job.question.request.model, " takes no temperature; it is asked without, and answers at its own"));
      }
      return true;
    }
    const bool has_schema = !job.question.request.schema_name.empty() && job.spoken.schemas;
    if (!has_schema || !(refused || (answer.status == 500 && job.failures > 0))) return false;
    job.without_schema = true;
    return job.schema_refused = refused;
  }

  // A temperature that is out of range is refused in other words.
  static bool refuses_temperatures(const std::string& body) {
    return body.find("temperature") != std::string::npos &&
           (body.find("nsupported") != std::string::npos || body.find("not support") != std::string::npos);
  }

  static double jitter(const Job& job) {
    return base::CounterRng(job.number, "retry").uniform(static_cast<uint64_t>(job.tries()));
  }
  // It doubles with every round of the servers.
  double usual_wait(const Job& job) const {
    const auto servers = static_cast<int64_t>(endpoints.size());
    const int64_t rounds = (job.tries() + servers - 1) / servers;
    return std::min(kLongestWait, kFirstWait * std::pow(2.0, static_cast<double>(rounds - 1))) * (0.5 + 0.5 * jitter(job));
  }

  ClientOptions options;
  Key key;
  Endpoints endpoints;
  ResponseCache cache;
  Transport transport;
  RateLimit requests, tokens;
  Dialect dialect;
  Usage usage;
  base::Stopwatch clock;
  Jobs waiting, working;
  bool no_more = false;
  uint64_t asked = 0;
  int64_t in_a_row = 0;  // questions that no server answered
  int64_t in_vain = 0;   // those that had no answer of use
  bool of_use = false;   // an answer was
  double told_until = 0;  // when the wait that was told of ends
  std::string last_problem;
};

ChatClient::ChatClient(const ClientOptions& options) : state_(std::make_unique<State>(options)) {}
ChatClient::~ChatClient() = default;

const Usage& ChatClient::usage() const { return state_->usage; }

void ChatClient::run(const std::function<std::optional<Question>()>& next) {
  State& s = *state_;
  s.no_more = false;
  const double begin = s.now();
  const auto spent = [&] { s.usage.seconds += s.now() - begin; };
  try {
    while (true) {
      base::throw_if_stopped();
      s.take_in(next);
      const double wait = s.start_calls();
      if (s.waiting.empty() && s.transport.at_work() == 0) {
        if (s.no_more) break;
        continue;
      }
      s.tell_of_wait();
      // With nothing at work this is a sleep until the next may start; a stop asked for ends it.
      s.transport.run(std::min(wait, 0.5));
    }
  } catch (...) {
    spent();
    if (s.usage.calls > 0) base::note(s.usage.line());
    throw;
  }
  spent();
}

}  // namespace easel::http
