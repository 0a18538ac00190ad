#include "base/links.h"

#include "base/file.h"

namespace easel::base {

fs::path follow_links(fs::path path) {
  constexpr int kMostLinks = 40;  // as the kernel: links may go round in a circle
  std::error_code error;
  for (int i = 0; i < kMostLinks && fs::is_symlink(path, error); ++i) {
    path = without_trailing_slash(path.parent_path() / fs::read_symlink(path, error));
  }
  return path;
}

}  // namespace easel::base
