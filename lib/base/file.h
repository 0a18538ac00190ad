// Files that appear whole or not at all, memory-mapped reading, and names that are safe to create.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace easel::base {

namespace fs = std::filesystem;

// open(2) with O_CLOEXEC: -1 and errno where it fails. A pipe without its other end makes it wait; when a stop is asked
// for meanwhile, it throws Interrupted.
int open_file(const fs::path& path, int flags);

// A file written beside its final name, synced, and renamed by commit(). Destroyed before commit,
// it leaves nothing. Throws Error on every failure (full disk included). A device or pipe is written
// directly, and a symbolic link stays one.
class AtomicFile {
 public:
  explicit AtomicFile(fs::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  void write(const void* data, size_t bytes) {
    write(std::string_view(static_cast<const char*>(data), bytes));
  }
  uint64_t size() const { return size_; }
  // durable false does not wait for the disk: for many small files that can be made again.
  void commit(bool durable = true);
  const fs::path& path() const { return path_; }

 private:
  void flush();
  void write_through(std::string_view bytes);
  fs::path path_, temporary_;
  int fd_ = -1;
  uint64_t size_ = 0;
  std::string buffer_;
};

void write_file(const fs::path& path, std::string_view bytes);  // atomically
std::string read_file(const fs::path& path, uint64_t max_bytes = uint64_t{1} << 32);
fs::path without_trailing_slash(fs::path path);
void make_folder(const fs::path& path);  // with parents; throws Error
// A number that tells a folder from the one that AtomicFolder puts in its place; 0 when there is none.
uint64_t folder_identity(const fs::path& path);
void sync_folder(const fs::path& path);  // so that renames in it survive a power cut

// A folder written beside its final name and swapped in whole by commit(): readers see the old one
// or the new one. Leftovers of a killed run are removed when the next one starts. Throws Error for a folder that this
// process stands in, or above it.
class AtomicFolder {
 public:
  explicit AtomicFolder(fs::path path);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;
  const fs::path& path() const { return temporary_; }  // write the contents here
  void commit();

 private:
  fs::path path_, temporary_;
  bool committed_ = false;
};

// A read-only mapping of a whole file. Pages are read when they are touched.
class MappedFile {
 public:
  explicit MappedFile(const fs::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  const char* data() const { return data_; }
  size_t size() const { return size_; }
  std::string_view bytes() const { return {data_, size_}; }
  // Gives back the memory of the pages that were read; they are read again when they are touched.
  void release_pages() const;

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
};

// An exclusive lock held on FILE (created, never removed) while this object lives; throws Error
// when another process holds it.
class FileLock {
 public:
  explicit FileLock(const fs::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  // Whether some process holds it now (a file that is missing or closed to us: nobody). Takes no lock itself.
  static bool is_held(const fs::path& path);

 private:
  int fd_ = -1;
};

// A record's id as one path component: letters, digits, '.', '_', '-' and other printable
// characters stay; '/', control characters, a leading dot and over-long names are replaced, with a
// hash of the id appended so that two ids never share a file.
std::string safe_file_name(std::string_view id);

// The files below the folders (and the files themselves), sorted by path, whose names end in one
// of the endings (".png"), in either case. Throws Error where a path does not exist.
std::vector<fs::path> list_files(const fs::path& folder, const std::vector<std::string>& endings);

}  // namespace easel::base
