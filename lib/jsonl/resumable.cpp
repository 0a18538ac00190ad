#include "jsonl/resumable.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"

namespace easel::jsonl {

using base::cat;

namespace {

void write_whole(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) base::fail_errno(cat("cannot write ", path), errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

bool is_stream(const std::string& path) {
  struct stat info {};
  if (path == "-") return true;
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

ResumableOutput::ResumableOutput(const std::string& path, const std::vector<std::string>& ids,
                                 bool resume,
                                 const std::function<std::string(const Object&)>& id_of)
    : path_(path), partial_(path + ".partial") {
  for (const auto& id : ids) {
    const auto [place, added] = items_.emplace(id, Item{order_.size()});
    if (!added) base::fail(cat("id ", base::quote(id), " comes twice; ids must be distinct"));
    order_.push_back(&place->second);  // elements of an unordered_map stay where they are
  }
  if (is_stream(path)) {
    if (resume) base::fail_usage(cat("only a file can be resumed, and ", path, " is a stream"));
    stream_ = std::make_unique<Writer>(path);
    return;
  }
  if (base::fs::is_directory(path)) base::fail(cat("cannot write ", path, ": it is a folder"));
  std::error_code error;
  if (!resume && base::fs::exists(partial_) && base::fs::file_size(partial_, error) > 0) {
    base::fail(cat(partial_, " holds the records of a run that was stopped"),
               "add --resume to go on with it, or remove it");
  }
  const bool copy = resume && !base::fs::exists(partial_) && base::fs::exists(path_);
  if (copy) base::write_file(partial_, base::MappedFile(path_).bytes());
  try {
    load(id_of);
  } catch (...) {
    if (copy) ::unlink(partial_.c_str());  // nothing was stopped: the file itself is whole
    if (fd_ >= 0) ::close(fd_);
    throw;
  }
}

ResumableOutput::~ResumableOutput() {
  if (fd_ < 0) return;
  if (size_ == 0) ::unlink(partial_.c_str());  // nothing to go on with
  ::close(fd_);
}

void ResumableOutput::load(const std::function<std::string(const Object&)>& id_of) {
  fd_ = ::open(partial_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (fd_ < 0) base::fail_errno(cat("cannot create ", partial_), errno);
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) base::fail(cat(partial_, ": another process is writing it"));
    base::fail_errno(cat("cannot lock ", partial_), errno);
  }
  const base::MappedFile file(partial_);
  std::string_view rest = file.bytes();
  for (int64_t line = 1;; ++line) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) break;  // what follows was cut while it was written
    const Object record = Object::parse(rest.substr(0, end), {partial_, line});
    const std::string id = id_of(record);
    const auto found = items_.find(id);
    if (found == items_.end()) {
      record.fail(cat("id ", base::quote(id), " is not among this run's"),
                  "all that it was written from are to be named again, with or without more");
    }
    if (found->second.done) record.fail(cat("id ", base::quote(id), " comes twice"));
    found->second.done = true;
    found->second.offset = size_;
    found->second.bytes = end + 1;
    size_ += end + 1;
    ++resumed_;
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty() && ::ftruncate(fd_, static_cast<off_t>(size_)) != 0) {
    base::fail_errno(cat("cannot write ", partial_), errno);
  }
}

ResumableOutput::Item& ResumableOutput::item(const std::string& id) {
  const auto found = items_.find(id);
  if (found == items_.end()) base::fail(cat("id ", base::quote(id), " was not asked for"));
  if (found->second.done) base::fail(cat("id ", base::quote(id), " comes twice"));
  return found->second;
}

bool ResumableOutput::done(const std::string& id) const {
  const auto found = items_.find(id);
  return found != items_.end() && found->second.done;
}

void ResumableOutput::finish(Item& item, std::string line) {
  item.done = true;
  if (stream_) {
    waiting_[item.index] = std::move(line);
    for (auto next = waiting_.find(next_); next != waiting_.end(); next = waiting_.find(++next_)) {
      if (!next->second.empty()) stream_->write_line(next->second);
      waiting_.erase(next);
    }
    stream_->flush();
    return;
  }
  if (line.empty()) return;
  line += '\n';
  write_whole(fd_, line, partial_);
  item.offset = size_;
  item.bytes = line.size();
  size_ += line.size();
}

void ResumableOutput::write(const std::string& id, const Object& record) {
  finish(item(id), record.str());
}

void ResumableOutput::skip(const std::string& id) { finish(item(id), ""); }

void ResumableOutput::close() {
  if (stream_) {
    stream_->close();
    return;
  }
  {
    const base::MappedFile lines(partial_);
    base::AtomicFile file(path_);
    for (const Item* item : order_) {
      if (item->bytes > 0) file.write(lines.bytes().substr(item->offset, item->bytes));
    }
    file.commit();
  }
  if (::unlink(partial_.c_str()) != 0) base::fail_errno(cat("cannot remove ", partial_), errno);
  ::close(fd_);
  fd_ = -1;
}

}  // namespace easel::jsonl
