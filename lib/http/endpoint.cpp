#include "http/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "http/libcurl.h"
#include "jsonl/object.h"

namespace easel::http {

using base::cat;
using base::fail;
using base::fail_usage;
using base::quote;
using jsonl::Json;

Key Key::from_environment(const std::string& variable) {
  Key key;
  if (variable.empty()) return key;
  const char* value = std::getenv(variable.c_str());
  if (value == nullptr || *value == '\0') {
    // What is written otherwise may be the key itself, by mistake, and is not repeated.
    const bool is_name = variable.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") == std::string::npos;
    fail(cat("--key-env: the environment has no ", is_name ? quote(variable) : "such variable"),
         "export it, and give its name, not the key itself");
  }
  key.value_ = value;
  for (const char c : key.value_) {
    if (c < 0x21 || c > 0x7e) fail("--key-env: the key holds a space or a character that no key has");
  }
  return key;
}

namespace {

constexpr size_t kSecret = 4;  // a shorter one stands for "no key", and in the middle of words
constexpr std::string_view kInstead = "[key]";

// How many bytes at the text's beginning are this character, escaped as JSON may write it or not; 0: they are another.
size_t length_as(char c, std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == '\\' && text.size() >= 2) {
    if (text[1] == c && (c == '/' || c == '"' || c == '\\')) return 2;
    constexpr size_t kEscape = 6;  // \u002f
    if (text[1] == 'u' && text.size() >= kEscape) {
      unsigned code = 0;
      const char* end = text.data() + kEscape;
      const bool is_code = std::from_chars(text.data() + 2, end, code, 16).ptr == end;
      if (is_code && code == static_cast<unsigned char>(c)) return kEscape;
    }
  }
  return text[0] == c ? 1 : 0;
}

// How many bytes at the text's beginning are the key; 0: it does not begin with it.
size_t length_of_key(std::string_view key, std::string_view text) {
  size_t length = 0;
  for (const char c : key) {
    const size_t more = length_as(c, text.substr(length));
    if (more == 0) return 0;
    length += more;
  }
  return length;
}

// Takes the key out of every string and name, and says in `found` whether it was in one; false where they lie too deep
// to look at them all.
bool redact(Json& json, const Key& key, bool& found, int depth = 0) {
  constexpr int kDeepest = 200;
  if (depth > kDeepest) return false;
  const auto clean = [&](const std::string& text) {
    std::string out = key.redacted(text);
    found |= out != text;
    return out;
  };
  if (json.is_string()) {
    json = clean(json.get<std::string>());
  } else if (json.is_array()) {
    for (Json& value : json) {
      if (!redact(value, key, found, depth + 1)) return false;
    }
  } else if (json.is_object()) {
    Json object = Json::object();
    for (auto member = json.begin(); member != json.end(); ++member) {
      if (!redact(*member, key, found, depth + 1)) return false;
      object[clean(member.key())] = std::move(*member);
    }
    json = std::move(object);
  }
  return true;
}

}  // namespace

std::string Key::redacted(std::string text) const {
  if (value_.size() < kSecret) return text;
  text = base::replace_all(std::move(text), value_, kInstead);
  if (text.find('\\') == std::string::npos) return text;
  std::string out;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t length = length_of_key(value_, rest);
    out += length > 0 ? kInstead : rest.substr(0, 1);
    rest.remove_prefix(std::max<size_t>(1, length));
  }
  return out;
}

std::string Key::redacted_body(std::string body) const {
  if (value_.size() < kSecret) return body;
  Json json = Json::parse(body, nullptr, false);
  bool found = false;
  if (json.is_discarded() || !redact(json, *this, found)) return redacted(std::move(body));
  // Of several members of one name the document has one, the text all of them.
  if (!found && redacted(body) == body) return body;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

namespace {

// An address in its parts; one that cannot be understood has no host.
class Url {
 public:
  explicit Url(const std::string& text) { libcurl().url_set(url_.get(), CURLUPART_URL, text.c_str(), 0); }

  std::string part(CURLUPart which) const {
    char* text = nullptr;
    std::string out;
    if (libcurl().url_get(url_.get(), which, &text, 0) == CURLUE_OK) out = text;
    libcurl().free(text);
    return out;
  }

 private:
  std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_{libcurl().url(), libcurl().url_cleanup};
};

bool is_loopback(const std::string& host) {
  in_addr address;
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24 == 127;
  return host == "localhost" || host == "[::1]";
}

// An address for a message.
std::string shown(const std::string& endpoint) { return quote(endpoint.substr(0, endpoint.find_first_of("?#"))); }

}  // namespace

bool is_loopback_url(const std::string& url) { return is_loopback(Url(url).part(CURLUPART_HOST)); }

std::string chat_url(const std::string& endpoint, bool with_key, bool allow_plain_http) {
  const Url url(endpoint);
  if (url.part(CURLUPART_HOST).empty()) {
    fail_usage(cat("--endpoint: expected an address like https://host/v1, got ", shown(endpoint)));
  }
  const std::string scheme = url.part(CURLUPART_SCHEME);
  // Not repeated: it may hold a password.
  if (!url.part(CURLUPART_USER).empty() || !url.part(CURLUPART_PASSWORD).empty()) {
    fail_usage("--endpoint: expected an address without a name or password in it", "a key comes by --key-env");
  }
  if (scheme != "https" && scheme != "http") {
    fail_usage(cat("--endpoint: expected http or https, got ", shown(endpoint)));
  }
  if (!url.part(CURLUPART_QUERY).empty() || !url.part(CURLUPART_FRAGMENT).empty()) {
    fail_usage(cat("--endpoint: expected an address without ? and #, got more after ", shown(endpoint)),
               "a key comes by --key-env");
  }
  if (scheme == "http" && with_key && !allow_plain_http && !is_loopback(url.part(CURLUPART_HOST))) {
    fail_usage(cat("--endpoint ", shown(endpoint), ": the key would go over the network in plain text"),
               "use https, or say --allow-plain-http");
  }
  std::string address = endpoint;
  while (address.ends_with("/")) address.pop_back();
  return address.ends_with("/chat/completions") ? address : address + "/chat/completions";
}

namespace {
// A server that is there fails now and then; that one cannot be reached four times in a row happens seldom.
constexpr int64_t kFailuresUntilLeft = 12, kUnreachable = 3, kTurnedAwayUntilLost = 8;
constexpr double kFirstRest = 5, kLongestRest = 120, kUntilACallEnds = 1;  // seconds
// Calls that are refused now and then are those questions' matter, not the server's: seven in a row, or most of twenty.
constexpr double kRefusedUntilHeld = 0.6, kWeightOfLast = 0.125, kFirstHold = 1, kLongestHold = 60;

double doubled(double first, int64_t times, double longest) {
  return std::min(longest, first * std::pow(2.0, static_cast<double>(std::min<int64_t>(times, 10))));
}
}  // namespace

Endpoints::Endpoints(std::vector<std::string> urls) {
  for (auto& url : urls) all_.push_back({.url = std::move(url)});
}

bool Endpoints::left_alone(size_t i, double now) const {
  const One& e = all_[i];
  if (e.given_up || now < e.back_at || e.is_limited(now)) return true;
  return e.failures >= kFailuresUntilLeft && e.at_work > 0;  // back, one call asks
}

size_t Endpoints::pick(double now, int64_t but) const {
  size_t best = 0;
  const auto before = [&](size_t a, size_t b) {
    if (all_[a].given_up != all_[b].given_up) return all_[b].given_up;
    const bool rests_a = left_alone(a, now), rests_b = left_alone(b, now);
    if (rests_a != rests_b) return rests_b;
    // When all are left alone there is still one that has failed for the shortest time, and is back first.
    const auto hope = [&](size_t i) { return std::pair(all_[i].rests, all_[i].back_at); };
    if (rests_a && hope(a) != hope(b)) return hope(a) < hope(b);
    const bool unwanted_a = static_cast<int64_t>(a) == but, unwanted_b = static_cast<int64_t>(b) == but;
    if (unwanted_a != unwanted_b) return unwanted_b;
    return std::pair(all_[a].at_work, all_[a].asked) < std::pair(all_[b].at_work, all_[b].asked);
  };
  for (size_t i = 1; i < all_.size(); ++i) {
    if (before(i, best)) best = i;
  }
  return best;
}

double Endpoints::wait(double now) const {
  bool limited = false;
  double least = INFINITY;
  for (size_t i = 0; i < all_.size(); ++i) {
    const One& e = all_[i];
    if (e.given_up) continue;
    limited |= e.is_limited(now);
    const double back = std::max(e.held_until, e.back_at) - now;
    least = std::min(least, back > 0 ? back : left_alone(i, now) ? kUntilACallEnds : 0);
  }
  return limited && std::isfinite(least) ? least : 0;
}

void Endpoints::started(size_t i) {
  ++all_[i].at_work;
  all_[i].asked = ++calls_;
}

void Endpoints::answered(size_t i, double now) {
  One& e = all_[i];
  --e.at_work;
  e.failures = e.rests = e.turned_away = e.waits = 0;
  e.answered_at = now;
  e.refused *= 1 - kWeightOfLast;
  if (e.most > 0) ++e.most;
}

void Endpoints::limited(size_t i, const Failure& failure) {
  One& e = all_[i];
  const int64_t at_work = e.at_work--;
  e.refused += (1 - e.refused) * kWeightOfLast;
  if (failure.started <= e.held_at) {  // it went out before the wait began
    e.held_until = std::max(e.held_until, failure.now + failure.asked_for);
    return;
  }
  if (e.refused < kRefusedUntilHeld && e.waits == 0) return;
  const double usual = doubled(kFirstHold, e.waits++, kLongestHold);
  e.held_at = failure.now;
  e.held_until = failure.now + std::max(failure.asked_for, e.waits > 1 || failure.asked_for == 0 ? usual : 0);
  e.most = std::max<int64_t>(1, (e.most > 0 ? std::min(e.most, at_work) : at_work) / 2);
}

bool Endpoints::answers(size_t i, double now, double seconds) const {
  return all_[i].answered_at >= 0 && all_[i].answered_at >= now - seconds;
}

int64_t Endpoints::waits_in_vain() const {
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const One& e : all_) {
    if (!e.given_up) least = std::min(least, e.waits);
  }
  return least;
}

void Endpoints::failed(size_t i, const Failure& failure) {
  const auto& [started, now, unreachable, again, asked_for] = failure;
  One& e = all_[i];
  --e.at_work;
  e.refused *= 1 - kWeightOfLast;
  // Not of a server that has answered others since, nor twice of one failure: calls that went out before it rested.
  if (started < e.answered_at || now < e.back_at) return;
  if (again && e.failures < kFailuresUntilLeft) return;  // but it counts of the one call that asks whether it is back
  e.failures += unreachable ? kUnreachable : 1;
  if (e.failures < kFailuresUntilLeft) return;
  e.back_at = now + std::max(doubled(kFirstRest, e.rests++, kLongestRest), asked_for);
}

bool Endpoints::turned_away(size_t i) {
  One& e = all_[i];
  if (e.answered_at < 0 || ++e.turned_away >= kTurnedAwayUntilLost) return false;
  --e.at_work;
  return true;
}

void Endpoints::give_up(size_t i) {
  --all_[i].at_work;
  all_[i].given_up = true;
}

bool Endpoints::any_left() const {
  return std::any_of(all_.begin(), all_.end(), [](const One& e) { return !e.given_up; });
}

}  // namespace easel::http
