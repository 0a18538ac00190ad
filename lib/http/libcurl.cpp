#include "http/libcurl.h"

#include <dlfcn.h>

#include <type_traits>

#include "base/error.h"

namespace easel::http {

using base::cat;

namespace {

constexpr const char* kLibrary = "libcurl.so.4";  // the name of its interface since 2006

Libcurl load() {
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) base::fail(cat("an endpoint needs libcurl: ", ::dlerror()), "Debian's package is libcurl4");
  const auto get = [&](const char* name, auto& function) {
    function = reinterpret_cast<std::decay_t<decltype(function)>>(::dlsym(library, name));
    if (function == nullptr) base::fail(cat(kLibrary, " has no ", name), "it is older than 7.85");
  };
  Libcurl c;
  get("curl_easy_cleanup", c.easy_cleanup);
  get("curl_easy_getinfo", c.easy_getinfo);
  get("curl_easy_header", c.easy_header);
  get("curl_easy_init", c.easy_init);
  get("curl_easy_reset", c.easy_reset);
  get("curl_easy_setopt", c.easy_setopt);
  get("curl_easy_strerror", c.easy_strerror);
  get("curl_free", c.free);
  get("curl_getdate", c.getdate);
  get("curl_multi_add_handle", c.multi_add_handle);
  get("curl_multi_cleanup", c.multi_cleanup);
  get("curl_multi_info_read", c.multi_info_read);
  get("curl_multi_init", c.multi_init);
  get("curl_multi_perform", c.multi_perform);
  get("curl_multi_poll", c.multi_poll);
  get("curl_multi_remove_handle", c.multi_remove_handle);
  get("curl_multi_setopt", c.multi_setopt);
  get("curl_multi_strerror", c.multi_strerror);
  get("curl_slist_append", c.slist_append);
  get("curl_slist_free_all", c.slist_free_all);
  get("curl_url", c.url);
  get("curl_url_cleanup", c.url_cleanup);
  get("curl_url_get", c.url_get);
  get("curl_url_set", c.url_set);
  decltype(&curl_global_init) start;
  get("curl_global_init", start);
  const CURLcode started = start(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) base::fail(cat("libcurl does not start: ", c.easy_strerror(started)));
  return c;
}

}  // namespace

const Libcurl& libcurl() {
  static const Libcurl loaded = load();
  return loaded;
}

}  // namespace easel::http
