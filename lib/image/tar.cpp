#include "image/tar.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>

#include "base/error.h"
#include "base/file.h"

namespace easel::image {

using base::cat;
using base::quote;
namespace fs = std::filesystem;

namespace {

constexpr const char* kArchiveEndings[] = {".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2"};
constexpr const char* kPictureEndings[] = {".png", ".jpg", ".jpeg"};

// The length of the ending that a name has, in either case, with something before it; 0: none of them.
template <size_t N>
size_t ending_of(const std::string& name, const char* const (&endings)[N]) {
  const std::string lower = base::to_lower(name);
  for (const std::string_view ending : endings) {
    if (lower.size() > ending.size() && lower.ends_with(ending)) return ending.size();
  }
  return 0;
}

// "a/b.png" of "./a//b.png" and of "/a/b.png": how a path through the archive leads to the member.
std::string plain_name(const std::string& name) {
  std::string plain;
  for (const auto& part : base::split(name, '/')) {
    if (part.empty() || part == ".") continue;
    if (!plain.empty()) plain += '/';
    plain += part;
  }
  return plain;
}

// Hidden files are no pictures, as in folders: a Mac puts "._a.png", which is none, beside a.png.
bool is_picture(const std::string& member) {
  const size_t begin = member.rfind('/') + 1;  // 0 where there is none
  return member[begin] != '.' && ending_of(member, kPictureEndings) > 0;
}

// An archive read from its beginning on.
class Reader {
 public:
  explicit Reader(const fs::path& path) : path_(path) {
    struct archive* a = archive_read_new();
    archive_.reset(a);
    if (a == nullptr) base::fail("libarchive has no memory");
    // By name: with "all" libarchive would start programs for formats that it does not know itself.
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_empty(a);
    if (archive_read_open_filename(a, path.c_str(), size_t{1} << 17) != ARCHIVE_OK) damaged();
  }

  const fs::path& path() const { return path_; }

  // The next member that is a file; false at the end.
  bool next() {
    while (true) {
      const int code = archive_read_next_header(archive_.get(), &entry_);
      if (code == ARCHIVE_EOF) return false;
      if (code < ARCHIVE_WARN) damaged();
      if (archive_entry_filetype(entry_) == AE_IFREG && archive_entry_hardlink(entry_) == nullptr) return true;
    }
  }
  std::string name() const {
    const char* name = archive_entry_pathname(entry_);
    return name == nullptr ? "" : plain_name(name);
  }
  std::string bytes(uint64_t most) {
    const auto size = static_cast<uint64_t>(archive_entry_size(entry_));
    if (size > most) {
      throw base::RecordError(cat(path_.string(), ": member ", quote(name()), " has ", size, " bytes; expected at most ", most));
    }
    std::string out(size, '\0');
    for (size_t at = 0; at < out.size();) {
      const la_ssize_t got = archive_read_data(archive_.get(), out.data() + at, out.size() - at);
      if (got < 0) damaged();
      if (got == 0) {
        throw base::RecordError(cat(path_.string(), ": member ", quote(name()), " ends after ", at, " of ", size, " bytes"));
      }
      at += static_cast<size_t>(got);
    }
    return out;
  }

 private:
  [[noreturn]] void damaged() const {
    const char* why = archive_error_string(archive_.get());
    throw base::RecordError(cat(path_.string(), ": ", why == nullptr ? "not a tar archive" : why));
  }
  struct Closer {
    void operator()(struct archive* a) const { archive_read_free(a); }
  };
  fs::path path_;
  std::unique_ptr<struct archive, Closer> archive_;
  struct archive_entry* entry_ = nullptr;
};

}  // namespace

std::optional<std::string> archive_stem(const std::string& name) {
  const size_t ending = ending_of(name, kArchiveEndings);
  return ending == 0 ? std::nullopt : std::optional(name.substr(0, name.size() - ending));
}

std::optional<std::pair<fs::path, std::string>> archive_member(const fs::path& path) {
  fs::path archive;
  for (auto part = path.begin(); part != path.end(); ++part) {
    archive /= *part;
    std::error_code none;
    if (!archive_stem(part->string()) || !fs::is_regular_file(archive, none)) continue;
    fs::path member;
    for (auto rest = std::next(part); rest != path.end(); ++rest) member /= *rest;
    const std::string name = plain_name(member.string());
    if (name.empty()) return std::nullopt;
    return std::pair(archive, name);
  }
  return std::nullopt;
}

std::vector<std::string> archive_pictures(const fs::path& archive) {
  std::vector<std::string> names;
  Reader reader(archive);
  while (reader.next()) {
    std::string name = reader.name();
    if (is_picture(name)) names.push_back(std::move(name));
  }
  return names;
}

std::string read_member(const fs::path& archive, const std::string& member, uint64_t most_bytes) {
  // Each thread goes on where it was.
  thread_local std::unique_ptr<Reader> open;
  for (const bool again : {false, true}) {
    if (again || !open || open->path() != archive) open = std::make_unique<Reader>(archive);
    try {
      while (open->next()) {
        if (open->name() == member) return open->bytes(most_bytes);
      }
    } catch (...) {
      open.reset();
      throw;
    }
  }
  throw base::RecordError(cat(archive.string(), ": no member ", quote(member)));
}

}  // namespace easel::image
