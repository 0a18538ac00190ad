#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <set>

#include "base/digest.h"
#include "base/error.h"
#include "base/links.h"
#include "base/signals.h"

namespace easel::base {

namespace {

// Temporary names carry this mark so that leftovers can be told from a user's files.
constexpr const char* kTemporaryMark = ".tmp-easel";

// Ends in the process's number and a count, so that no two threads share a name.
fs::path temporary_beside(const fs::path& path) {
  static std::atomic<uint64_t> count = 0;
  return path.parent_path() /
         cat(".", path.filename().string(), kTemporaryMark, ".", ::getpid(), ".", count++);
}

// The temporary folders that this process has open, by name: what stands under another of its names
// was left by an earlier process of the same number.
std::mutex open_mutex_;
std::set<std::string> open_names_;

void note_opened(const fs::path& temporary) {
  const std::lock_guard lock(open_mutex_);
  open_names_.insert(temporary.filename().string());
}

void note_closed(const fs::path& temporary) {
  const std::lock_guard lock(open_mutex_);
  open_names_.erase(temporary.filename().string());
}

// `ending` is what follows the mark: "4711.0".
bool is_at_work(const std::string& name, std::string_view ending) {
  const auto pid = parse_int(ending.substr(0, ending.find('.')));
  if (!pid) return false;
  if (*pid != ::getpid()) return fs::exists(cat("/proc/", *pid));
  const std::lock_guard lock(open_mutex_);
  return open_names_.count(name) > 0;
}

}  // namespace

fs::path without_trailing_slash(fs::path path) {
  return path.has_filename() ? path : path.parent_path();
}

int open_file(const fs::path& path, int flags) {
  while (true) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EINTR) return fd;
    throw_if_stopped();
  }
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
  struct stat info {};
  const bool exists = ::stat(path_.c_str(), &info) == 0;
  if (exists && S_ISDIR(info.st_mode)) fail(cat("cannot write ", path_.string(), ": it is a folder"));
  if (exists && !S_ISREG(info.st_mode)) {
    // A device or pipe cannot be renamed over: "--output /dev/null" must leave it what it is.
    fd_ = open_file(path_, O_WRONLY);
    if (fd_ < 0) fail_errno(cat("cannot open ", path_.string()), errno);
    return;
  }
  std::error_code error;
  if (exists && fs::is_symlink(path_, error)) path_ = fs::canonical(path_);
  temporary_ = temporary_beside(path_);
  fd_ = open_file(temporary_, O_WRONLY | O_CREAT | O_TRUNC);
  if (fd_ < 0) fail_errno(cat("cannot create ", path_.string()), errno);
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) {
    ::close(fd_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
  }
}

void AtomicFile::write(std::string_view bytes) {
  constexpr size_t kBuffer = size_t{1} << 20;
  size_ += bytes.size();
  if (bytes.size() >= kBuffer) {  // no second copy of a large piece
    flush();
    write_through(bytes);
    return;
  }
  buffer_ += bytes;
  if (buffer_.size() >= kBuffer) flush();
}

void AtomicFile::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void AtomicFile::write_through(std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) fail_errno(cat("cannot write ", path_.string()), errno);
    if (written > 0) rest.remove_prefix(static_cast<size_t>(written));
    // What goes to a pipe or device waits for whoever takes it; a stop does not.
    if (!rest.empty() && temporary_.empty()) throw_if_stopped();
  }
}

void AtomicFile::commit(bool durable) {
  flush();
  const bool direct = temporary_.empty();
  if (durable && !direct && ::fsync(fd_) != 0) fail_errno(cat("cannot write ", path_.string()), errno);
  const int closed = ::close(fd_);
  fd_ = -1;
  if (closed != 0) fail_errno(cat("cannot write ", path_.string()), errno);
  if (direct) return;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary_.c_str());
    fail_errno(cat("cannot write ", path_.string()), error);
  }
}

void write_file(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

std::string read_file(const fs::path& path, uint64_t max_bytes) {
  const int fd = open_file(path, O_RDONLY);
  if (fd < 0) fail_errno(cat("cannot open ", path.string()), errno);
  std::string bytes;
  struct stat info {};
  const auto too_large = [&] {
    ::close(fd);
    fail(cat(path.string(), ": larger than ", format_bytes(static_cast<double>(max_bytes))));
  };
  if (::fstat(fd, &info) == 0 && info.st_size > 0) {
    if (static_cast<uint64_t>(info.st_size) > max_bytes) too_large();
    bytes.reserve(static_cast<size_t>(info.st_size));
  }
  char buffer[1 << 16];
  while (true) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0) {
      const int error = errno;
      if (error == EINTR && !stop_requested()) continue;
      ::close(fd);
      throw_if_stopped();
      fail_errno(cat("cannot read ", path.string()), error);
    }
    if (got == 0) break;
    bytes.append(buffer, static_cast<size_t>(got));
    if (bytes.size() > max_bytes) too_large();
  }
  ::close(fd);
  return bytes;
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path)) {
    fail(cat("cannot create folder ", path.string(), ": ",
             error ? error.message() : std::string("a file of that name is in the way")));
  }
}

uint64_t folder_identity(const fs::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

void sync_folder(const fs::path& path) {
  const int fd = ::open(path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

namespace {
// Through a symbolic link its target is replaced, and the link stays. The folder that we stand in is not replaced: it
// would be removed under us, and under the shell that started us.
fs::path place_of_folder(const fs::path& named) {
  const fs::path path = follow_links(without_trailing_slash(named));
  if (path.empty()) fail("cannot create a folder without a name");
  std::error_code error;
  const fs::path place = fs::weakly_canonical(path, error), here = fs::current_path(error);
  if (!place.empty() && std::mismatch(place.begin(), place.end(), here.begin(), here.end()).first == place.end()) {
    fail(cat("cannot replace ", named.string(), ": it is, or holds, the current folder"),
         "run this from another folder");
  }
  return path;
}
}  // namespace

AtomicFolder::AtomicFolder(fs::path path) : path_(place_of_folder(path)) {
  const fs::path parent = path_.parent_path();
  if (!parent.empty()) make_folder(parent);
  // What a killed run left: ours by its mark, and nobody's who is still at work.
  const std::string prefix = cat(".", path_.filename().string(), kTemporaryMark, ".");
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent.empty() ? "." : parent, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const bool alive = is_at_work(name, std::string_view(name).substr(prefix.size()));
    if (!alive) fs::remove_all(entry.path(), error);
  }
  temporary_ = temporary_beside(path_);
  make_folder(temporary_);
  note_opened(temporary_);
}

AtomicFolder::~AtomicFolder() {
  note_closed(temporary_);
  if (committed_) return;
  std::error_code error;
  fs::remove_all(temporary_, error);
}

void AtomicFolder::commit() {
  sync_folder(temporary_);
  if (fs::exists(path_)) {
    // Exchange the two names in one system call, so that the path is never without a folder.
    if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_EXCHANGE) != 0) {
      const fs::path old = cat(temporary_.string(), ".old");
      if (::rename(path_.c_str(), old.c_str()) != 0 ||
          ::rename(temporary_.c_str(), path_.c_str()) != 0) {
        fail_errno(cat("cannot replace ", path_.string()), errno);
      }
      std::error_code error;
      fs::remove_all(old, error);
    }
  } else if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    fail_errno(cat("cannot create ", path_.string()), errno);
  }
  committed_ = true;
  sync_folder(path_.parent_path());
  std::error_code error;
  fs::remove_all(temporary_, error);  // after an exchange this is the old folder
}

MappedFile::MappedFile(const fs::path& path) {
  const int fd = open_file(path, O_RDONLY);
  if (fd < 0) fail_errno(cat("cannot open ", path.string()), errno);
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(fd);
    fail(cat("cannot map ", path.string(), ": not a regular file"));
  }
  size_ = static_cast<size_t>(info.st_size);
  if (size_ > 0) {
    void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
    const int error = errno;
    ::close(fd);
    if (mapped == MAP_FAILED) fail_errno(cat("cannot map ", path.string()), error);
    data_ = static_cast<const char*>(mapped);
  } else {
    ::close(fd);
  }
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
}

void MappedFile::release_pages() const {
  // Only a wish: an error changes nothing.
  if (data_ != nullptr) ::madvise(const_cast<char*>(data_), size_, MADV_DONTNEED);
}

namespace {
// A lock of the open file description: unlike flock's it can be asked for without being taken, and unlike fcntl's
// classic one it is not lost when any other descriptor of the file is closed.
struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}
}  // namespace

FileLock::FileLock(const fs::path& path) {
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) fail_errno(cat("cannot create ", path.string()), errno);
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(fd_, F_OFD_SETLK, &lock) != 0) {
    const int error = errno;
    ::close(fd_);
    if (error == EAGAIN || error == EACCES) {
      fail(cat(path.string(), ": another process holds it, and is writing here"));
    }
    fail_errno(cat("cannot lock ", path.string()), error);
  }
}

FileLock::~FileLock() { ::close(fd_); }

bool FileLock::is_held(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock lock = whole_file(F_WRLCK);
  const bool held = ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(fd);
  return held;
}

std::string safe_file_name(std::string_view id) {
  constexpr size_t kMaxBytes = 120;
  std::string name;
  for (const char c : id) {
    const auto u = static_cast<unsigned char>(c);
    const bool keep = u >= 0x20 && u != 0x7F && c != '/' && c != '\\' && c != ':';
    name += keep ? c : '_';
  }
  bool changed = name != id || name.empty() || !is_valid_utf8(id);
  if (!name.empty() && name[0] == '.') {
    name[0] = '_';
    changed = true;
  }
  if (name.size() > kMaxBytes) {
    name.resize(kMaxBytes);
    changed = true;
  }
  if (!changed) return name;
  return cat(repair_utf8(name), "-", digest_hex(id).substr(0, 12));
}

std::vector<fs::path> list_files(const fs::path& folder, const std::vector<std::string>& endings) {
  std::error_code error;
  if (!fs::exists(folder, error)) fail(cat(folder.string(), ": no such file or folder"));
  if (!fs::is_directory(folder, error)) return {folder};
  std::vector<fs::path> files;
  const auto options = fs::directory_options::follow_directory_symlink;
  auto walk = fs::recursive_directory_iterator(folder, options, error);
  if (error) fail(cat("cannot read folder ", folder.string(), ": ", error.message()));
  for (auto end = fs::recursive_directory_iterator(); walk != end; walk.increment(error)) {
    if (error) fail(cat("cannot read folder ", folder.string(), ": ", error.message()));
    if (!walk->is_regular_file(error)) continue;
    const std::string name = to_lower(walk->path().filename().string());
    const bool wanted = std::any_of(endings.begin(), endings.end(),
                                    [&](const std::string& e) { return name.ends_with(e); });
    if (wanted && name[0] != '.') files.push_back(walk->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace easel::base
