#include "http/response_cache.h"

#include "base/digest.h"
#include "base/file.h"

namespace easel::http {

namespace fs = std::filesystem;

ResponseCache::ResponseCache(fs::path folder) : folder_(std::move(folder)) {
  if (!folder_.empty()) base::make_folder(folder_);
}

std::string ResponseCache::key(const std::string& request) { return base::digest_hex(request); }

fs::path ResponseCache::place(const std::string& key) const { return folder_ / key.substr(0, 2) / (key.substr(2) + ".json"); }

std::optional<std::string> ResponseCache::find(const std::string& key) const {
  if (folder_.empty()) return std::nullopt;
  const fs::path file = place(key);
  std::error_code none;
  if (!fs::exists(file, none)) return std::nullopt;
  return base::read_file(file);
}

void ResponseCache::keep(const std::string& key, const std::string& body) {
  if (folder_.empty()) return;
  const fs::path file = place(key);
  base::make_folder(file.parent_path());
  base::AtomicFile out(file);
  out.write(body);
  out.commit(false);  // whole or not there, whatever happens; one that is lost is asked for again
}

}  // namespace easel::http
