#include "base/links.h"

#include "base/file.h"

namespace easel::base {

fs::path with_name(fs::path path) {
  path = without_trailing_slash(std::move(path));
  if (path.filename() != "." && path.filename() != "..") return path;
  std::error_code error;
  fs::path whole = fs::canonical(path, error);
  return error ? path : whole;
}

fs::path follow_links(fs::path path) {
  constexpr int kMostLinks = 40;  // as the kernel: links may go round in a circle
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(path, error); ++i) {
    path = without_trailing_slash(path.parent_path() / fs::read_symlink(path, error));
  }
  return with_name(path);
}

}  // namespace easel::base
