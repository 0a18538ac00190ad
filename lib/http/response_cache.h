// Answers on disk, found again by what was asked: a rerun costs nothing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace easel::http {

// A folder of files named by the digest of a request's JSON, ab/cdef....json, each holding the server's body as
// it came, but for a key that it repeats. Which server was asked, and with which key, is no part of either.
class ResponseCache {
 public:
  // An empty folder name: nothing is kept. Makes the folder; throws Error where that fails.
  explicit ResponseCache(std::filesystem::path folder);

  // Of a request's JSON.
  static std::string key(const std::string& request);

  std::optional<std::string> find(const std::string& key) const;
  void keep(const std::string& key, const std::string& body);

 private:
  std::filesystem::path place(const std::string& key) const;
  std::filesystem::path folder_;
};

}  // namespace easel::http
