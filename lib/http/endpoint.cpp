#include "http/endpoint.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "base/error.h"

namespace easel::http {

using base::cat;
using base::fail;
using base::fail_usage;
using base::quote;

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

std::string Key::redacted(std::string text) const {
  constexpr size_t kSecret = 4;  // shorter ones stand for "no key", and in the middle of words
  return value_.size() < kSecret ? text : base::replace_all(std::move(text), value_, "[key]");
}

namespace {

bool is_loopback(const std::string& host) {
  in_addr address;
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return ntohl(address.s_addr) >> 24 == 127;
  return host == "localhost" || host == "[::1]";
}

}  // namespace

std::string chat_url(const std::string& endpoint, bool with_key, bool allow_plain_http) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), &curl_url_cleanup);
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    std::string out;
    if (curl_url_get(url.get(), which, &text, 0) == CURLUE_OK) out = text;
    curl_free(text);
    return out;
  };
  if (curl_url_set(url.get(), CURLUPART_URL, endpoint.c_str(), 0) != CURLUE_OK || part(CURLUPART_HOST).empty()) {
    fail_usage(cat("--endpoint: expected an address like https://host/v1, got ", quote(endpoint)));
  }
  const std::string scheme = part(CURLUPART_SCHEME);
  // Not repeated: it may hold a password.
  if (!part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()) {
    fail_usage("--endpoint: expected an address without a name or password in it", "a key comes by --key-env");
  }
  if (scheme != "https" && scheme != "http") {
    fail_usage(cat("--endpoint: expected http or https, got ", quote(endpoint)));
  }
  if (!part(CURLUPART_QUERY).empty() || !part(CURLUPART_FRAGMENT).empty()) {
    fail_usage(cat("--endpoint: expected an address without ? and #, got ", quote(endpoint)));
  }
  if (scheme == "http" && with_key && !allow_plain_http && !is_loopback(part(CURLUPART_HOST))) {
    fail_usage(cat("--endpoint ", quote(endpoint), ": the key would go over the network in plain text"),
               "use https, or say --allow-plain-http");
  }
  std::string address = endpoint;
  while (address.ends_with("/")) address.pop_back();
  return address.ends_with("/chat/completions") ? address : address + "/chat/completions";
}

namespace {
// A server that is there fails now and then; that one cannot be reached four times in a row happens seldom.
constexpr int64_t kFailuresUntilLeft = 12, kUnreachable = 3;
constexpr double kFirstRest = 5, kLongestRest = 120;  // seconds
}  // namespace

Endpoints::Endpoints(std::vector<std::string> urls) {
  for (auto& url : urls) all_.push_back({.url = std::move(url)});
}

bool Endpoints::left_alone(size_t i, double now) const {
  const One& e = all_[i];
  if (e.given_up || now < e.back_at) return true;
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

void Endpoints::started(size_t i) {
  ++all_[i].at_work;
  all_[i].asked = ++calls_;
}

void Endpoints::answered(size_t i, double now) {
  --all_[i].at_work;
  all_[i].failures = all_[i].rests = 0;
  all_[i].answered_at = now;
}

void Endpoints::failed(size_t i, const Failure& failure) {
  const auto& [started, now, unreachable, again, asked_for] = failure;
  One& e = all_[i];
  --e.at_work;
  // Not of a server that has answered others since, nor twice of one failure: calls that went out before it rested.
  if (started < e.answered_at || now < e.back_at) return;
  if (again && e.failures < kFailuresUntilLeft) return;  // but it counts of the one call that asks whether it is back
  e.failures += unreachable ? kUnreachable : 1;
  if (e.failures < kFailuresUntilLeft) return;
  const double rest = kFirstRest * std::pow(2.0, static_cast<double>(std::min<int64_t>(e.rests++, 10)));
  e.back_at = now + std::max(std::min(kLongestRest, rest), asked_for);
}

void Endpoints::give_up(size_t i) {
  --all_[i].at_work;
  all_[i].given_up = true;
}

bool Endpoints::any_left() const {
  return std::any_of(all_.begin(), all_.end(), [](const One& e) { return !e.given_up; });
}

}  // namespace easel::http
