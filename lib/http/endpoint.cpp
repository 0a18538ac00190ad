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
    fail(cat("--key-env: the environment has no ", quote(variable)), "export it, and give its name, not the key itself");
  }
  key.value_ = value;
  for (const char c : key.value_) {
    if (c < 0x21 || c > 0x7e) fail(cat("--key-env: ", quote(variable), " holds a space or a character that no key has"));
  }
  return key;
}

std::string Key::redacted(std::string text) const {
  return value_.empty() ? text : base::replace_all(std::move(text), value_, "[key]");
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
constexpr int64_t kFailuresUntilLeft = 3;
constexpr double kFirstRest = 5, kLongestRest = 120;  // seconds
}  // namespace

Endpoints::Endpoints(std::vector<std::string> urls) {
  for (auto& url : urls) all_.push_back({.url = std::move(url)});
}

bool Endpoints::left_alone(size_t i, double now) const {
  const One& e = all_[i];
  if (e.failures < kFailuresUntilLeft) return false;
  return now < e.back_at || e.at_work > 0;  // back, one call asks
}

size_t Endpoints::pick(double now) const {
  size_t best = 0;
  const auto before = [&](size_t a, size_t b) {
    const bool rests_a = left_alone(a, now), rests_b = left_alone(b, now);
    if (rests_a != rests_b) return rests_b;
    // When all are left alone there is still one that is back first.
    if (rests_a && all_[a].back_at != all_[b].back_at) return all_[a].back_at < all_[b].back_at;
    return all_[a].at_work < all_[b].at_work;
  };
  for (size_t i = 1; i < all_.size(); ++i) {
    if (before(i, best)) best = i;
  }
  return best;
}

void Endpoints::ended(size_t i, bool answered, double now) {
  One& e = all_[i];
  --e.at_work;
  if (answered) {
    e.failures = 0;
    return;
  }
  ++e.failures;
  if (e.failures < kFailuresUntilLeft) return;
  const auto times = static_cast<double>(std::min<int64_t>(e.failures - kFailuresUntilLeft, 10));
  e.back_at = now + std::min(kLongestRest, kFirstRest * std::pow(2.0, times));
}

}  // namespace easel::http
