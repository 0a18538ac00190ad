#include "http/transport.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "base/error.h"
#include "http/endpoint.h"
#include "http/libcurl.h"

namespace easel::http {

using base::cat;

namespace {

struct ListDeleter {
  void operator()(curl_slist* list) const { libcurl().slist_free_all(list); }
};
struct EasyDeleter {
  void operator()(CURL* easy) const { libcurl().easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

int64_t unix_time() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

std::optional<double> parse_retry_after(const std::string& value, int64_t now) {
  const std::string text(base::trim(value));
  if (const auto seconds = base::parse_double(text)) {
    if (*seconds >= 0 && *seconds < 1e9) return seconds;
    return std::nullopt;
  }
  const time_t at = libcurl().getdate(text.c_str(), nullptr);
  if (at < 0) return std::nullopt;
  return static_cast<double>(std::max<int64_t>(0, static_cast<int64_t>(at) - now));
}

struct Transport::Running {
  Easy easy;
  std::unique_ptr<curl_slist, ListDeleter> headers;
  Call call;
  Answer answer;
  std::function<void(Answer)> done;
  size_t most_bytes = 0;
  bool too_large = false;
  char error[CURL_ERROR_SIZE] = "";
};

struct Transport::State {
  TransportOptions options;
  CURLM* multi = nullptr;
  std::map<CURL*, std::unique_ptr<Running>> running;
  std::vector<Easy> idle;  // handles that were used before

  static size_t take_body(char* data, size_t size, size_t count, void* to) {
    auto& r = *static_cast<Running*>(to);
    const size_t bytes = size * count;
    if (r.answer.body.size() + bytes > r.most_bytes) {
      r.too_large = true;
      return 0;
    }
    r.answer.body.append(data, bytes);
    return bytes;
  }
};

Transport::Transport(const TransportOptions& options) : state_(std::make_unique<State>()) {
  state_->options = options;
  state_->multi = libcurl().multi_init();
  if (state_->multi == nullptr) base::fail("libcurl has no memory");
  if (options.most_connections > 0) {
    libcurl().multi_setopt(state_->multi, CURLMOPT_MAXCONNECTS, static_cast<long>(options.most_connections));
  }
}

Transport::~Transport() {
  for (auto& [easy, running] : state_->running) libcurl().multi_remove_handle(state_->multi, easy);
  state_->running.clear();
  state_->idle.clear();
  libcurl().multi_cleanup(state_->multi);
}

size_t Transport::at_work() const { return state_->running.size(); }

void Transport::start(Call call, std::function<void(Answer)> done) {
  auto r = std::make_unique<Running>();
  if (state_->idle.empty()) {
    r->easy.reset(libcurl().easy_init());
    if (!r->easy) base::fail("libcurl has no memory");
  } else {
    r->easy = std::move(state_->idle.back());
    state_->idle.pop_back();
    libcurl().easy_reset(r->easy.get());
  }
  r->call = std::move(call);
  r->done = std::move(done);
  r->most_bytes = state_->options.most_bytes;
  CURL* easy = r->easy.get();
  const auto add_header = [&](const std::string& line) {
    curl_slist* longer = libcurl().slist_append(r->headers.get(), line.c_str());
    if (longer == nullptr) base::fail("libcurl has no memory");
    (void)r->headers.release();
    r->headers.reset(longer);
  };
  add_header("Content-Type: application/json");
  add_header("Accept: application/json");
  add_header("Expect:");  // a question is small: no round trip to ask whether it may be sent
  for (const auto& line : r->call.headers) add_header(line);
  const auto milliseconds = [](double seconds) { return static_cast<long>(std::max(1.0, seconds * 1000)); };
  libcurl().easy_setopt(easy, CURLOPT_URL, r->call.url.c_str());
  libcurl().easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  libcurl().easy_setopt(easy, CURLOPT_HTTPHEADER, r->headers.get());
  libcurl().easy_setopt(easy, CURLOPT_POST, 1L);
  libcurl().easy_setopt(easy, CURLOPT_POSTFIELDS, r->call.body.data());
  libcurl().easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(r->call.body.size()));
  libcurl().easy_setopt(easy, CURLOPT_WRITEFUNCTION, &State::take_body);
  libcurl().easy_setopt(easy, CURLOPT_WRITEDATA, r.get());
  libcurl().easy_setopt(easy, CURLOPT_ERRORBUFFER, r->error);
  libcurl().easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // every one that libcurl can undo
  libcurl().easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(state_->options.connect_timeout));
  libcurl().easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds(state_->options.timeout));
  libcurl().easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  libcurl().easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  libcurl().easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  libcurl().easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  libcurl().easy_setopt(easy, CURLOPT_USERAGENT, "easel/" EASEL_VERSION);
  libcurl().easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  // A key may go to this machine in plain text, so not by way of a proxy that the environment names.
  if (is_loopback_url(r->call.url)) libcurl().easy_setopt(easy, CURLOPT_NOPROXY, "*");
  const CURLMcode added = libcurl().multi_add_handle(state_->multi, easy);
  if (added != CURLM_OK) base::fail(cat("libcurl: ", libcurl().multi_strerror(added)));
  state_->running.emplace(easy, std::move(r));
}

void Transport::run(double seconds) {
  int left = 0;
  const auto perform = [&] {
    const CURLMcode code = libcurl().multi_perform(state_->multi, &left);
    if (code != CURLM_OK) base::fail(cat("libcurl: ", libcurl().multi_strerror(code)));
  };
  perform();
  if (left == static_cast<int>(state_->running.size())) {  // nothing has ended yet
    const int wait = static_cast<int>(std::clamp(seconds * 1000, 0.0, 60000.0));
    const CURLMcode code = libcurl().multi_poll(state_->multi, nullptr, 0, wait, nullptr);
    if (code != CURLM_OK) base::fail(cat("libcurl: ", libcurl().multi_strerror(code)));
    perform();
  }
  std::vector<std::unique_ptr<Running>> ended;
  int queued = 0;
  while (const CURLMsg* message = libcurl().multi_info_read(state_->multi, &queued)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;
    const auto found = state_->running.find(message->easy_handle);
    Running& r = *found->second;
    CURL* easy = r.easy.get();
    if (result == CURLE_OK) {
      long status = 0;
      char* type = nullptr;
      libcurl().easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      libcurl().easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
      r.answer.status = static_cast<int>(status);
      if (type != nullptr) r.answer.content_type = type;
      curl_header* asked = nullptr;
      if (libcurl().easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &asked) == CURLHE_OK) {
        r.answer.retry_after = parse_retry_after(asked->value, unix_time());
      }
    } else {
      r.answer.body.clear();
      r.answer.problem = r.too_large ? cat("the answer has more than ", r.most_bytes, " bytes")
                                     : (r.error[0] != '\0' ? r.error : libcurl().easy_strerror(result));
    }
    libcurl().multi_remove_handle(state_->multi, easy);
    ended.push_back(std::move(found->second));
    state_->running.erase(found);
  }
  // What `done` does, another start() say, finds nothing half done.
  for (auto& r : ended) {
    state_->idle.push_back(std::move(r->easy));
    r->done(std::move(r->answer));
  }
}

}  // namespace easel::http
