#include "jsonl/stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <vector>

#include "base/log.h"
#include "base/signals.h"
#include "jsonl/parse_ahead.h"

namespace easel::jsonl {

using base::cat;

namespace {
constexpr size_t kMaxLine = size_t{256} << 20;
constexpr size_t kChunk = size_t{256} << 10;
constexpr int64_t kLargeFile = int64_t{1} << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Of zstd (RFC 8878, 3.1.2), which parallel compressors put before the data.
bool is_skippable_frame(const unsigned char magic[4]) {
  return (magic[0] & 0xF0) == 0x50 && magic[1] == 0x2A && magic[2] == 0x4D && magic[3] == 0x18;
}

bool stdout_takes_more() {
  constexpr int kPatience = 1000;  // milliseconds
  pollfd out{1, POLLOUT, 0};
  return ::poll(&out, 1, kPatience) > 0;
}
}  // namespace

// Bytes of the input, decompressed.
struct LineReader::Source {
  std::string path;
  int fd = -1;
  enum { kPlain, kGzip, kZstd } format = kPlain;
  gzFile gzip = nullptr;
  ZSTD_DStream* zstd = nullptr;
  std::vector<char> compressed;
  ZSTD_inBuffer in{nullptr, 0, 0};
  size_t zstd_pending = 0;  // nonzero: the frame is not complete

  explicit Source(const std::string& name) : path(name) {
    fd = name == "-" ? 0 : base::open_file(name, O_RDONLY);
    if (fd < 0) base::fail_errno(cat("cannot open ", name), errno);
    const off_t at = ::lseek(fd, 0, SEEK_CUR);  // a pipe has no place, and is plain
    unsigned char magic[4] = {};
    const ssize_t got = at < 0 ? 0 : ::pread(fd, magic, sizeof magic, at);
    if (got < 0 && errno == EISDIR) base::fail(cat("cannot read ", name, ": it is a folder"));
    if (got >= 2 && magic[0] == 0x1F && magic[1] == 0x8B) {
      format = kGzip;
      gzip = gzdopen(fd, "rb");
      gzbuffer(gzip, 1 << 17);
    } else if (got == 4 && (std::memcmp(magic, "\x28\xB5\x2F\xFD", 4) == 0 || is_skippable_frame(magic))) {
      format = kZstd;
      zstd = ZSTD_createDStream();
      compressed.resize(ZSTD_DStreamInSize());
    }
  }
  ~Source() {
    if (zstd != nullptr) ZSTD_freeDStream(zstd);
    if (gzip != nullptr) {
      gzclose(gzip);
    } else if (fd > 0) {
      ::close(fd);
    }
  }

  size_t read_plain(char* out, size_t size) {
    while (true) {
      const ssize_t got = ::read(fd, out, size);
      if (got >= 0) return static_cast<size_t>(got);
      if (errno != EINTR) base::fail_errno(cat("cannot read ", base::Location{path}.str()), errno);
      base::throw_if_stopped();
    }
  }
  size_t read_gzip(char* out, size_t size) {
    const int got = gzread(gzip, out, static_cast<unsigned>(size));
    int code = Z_OK;
    const char* why = gzerror(gzip, &code);
    if (got < 0 || code == Z_BUF_ERROR) {
      base::fail(cat(path, ": damaged gzip data: ",
                     code == Z_BUF_ERROR ? "the file ends too early" : why));
    }
    return static_cast<size_t>(got);
  }
  size_t read_zstd(char* out, size_t size) {
    ZSTD_outBuffer target{out, size, 0};
    while (target.pos == 0) {
      if (in.pos == in.size) {
        in = {compressed.data(), read_plain(compressed.data(), compressed.size()), 0};
        if (in.size == 0) {
          if (zstd_pending != 0) base::fail(cat(path, ": damaged zstd data: the file ends too early"));
          return 0;
        }
      }
      zstd_pending = ZSTD_decompressStream(zstd, &target, &in);
      if (ZSTD_isError(zstd_pending)) {
        base::fail(cat(path, ": damaged zstd data: ", ZSTD_getErrorName(zstd_pending)));
      }
    }
    return target.pos;
  }
  size_t read(char* out, size_t size) {
    if (format == kGzip) return read_gzip(out, size);
    if (format == kZstd) return read_zstd(out, size);
    return read_plain(out, size);
  }
};

LineReader::LineReader(const std::string& path)
    : source_(std::make_unique<Source>(path)), at_{path} {}
LineReader::~LineReader() = default;

bool LineReader::may_run_ahead() const {
  struct stat file {};
  return !digest_ && ::fstat(source_->fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_size >= kLargeFile;
}

bool LineReader::fill() {
  if (end_) return false;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, filled_ - begin_);
    filled_ -= begin_;
    begin_ = 0;
  }
  if (filled_ > kMaxLine) base::fail_at({at_.file, at_.line + 1}, "a line longer than 256 MiB");
  if (on_wait_ && source_->fd == 0) {
    pollfd ready{0, POLLIN, 0};
    if (::poll(&ready, 1, 0) == 0) on_wait_();
  }
  if (buffer_.size() < filled_ + kChunk) buffer_.resize(std::max(filled_ + kChunk, 2 * buffer_.size()));
  const size_t got = source_->read(buffer_.data() + filled_, buffer_.size() - filled_);
  filled_ += got;
  end_ = got == 0;
  return got > 0;
}

bool LineReader::next(std::string_view* line) {
  size_t searched = begin_;
  while (true) {
    const void* end = std::memchr(buffer_.data() + searched, '\n', filled_ - searched);
    if (end != nullptr) {
      const auto at = static_cast<size_t>(static_cast<const char*>(end) - buffer_.data());
      *line = std::string_view(buffer_).substr(begin_, at - begin_);
      begin_ = at + 1;
      break;
    }
    const size_t pending = filled_ - begin_;
    if (!fill()) {
      if (pending == 0) return false;
      *line = std::string_view(buffer_).substr(begin_, pending);
      begin_ = filled_;
      no_final_newline_ = true;
      break;
    }
    searched = pending;  // fill() moved the unfinished line to the front
  }
  ++at_.line;
  // Some editors put one in front: no part of the text, so none of the digest.
  if (at_.line == 1 && line->starts_with(kByteOrderMark)) line->remove_prefix(kByteOrderMark.size());
  if (line->ends_with('\r')) line->remove_suffix(1);
  if (digest_) {
    digest_->add(*line);
    digest_->add("\n");
  }
  return true;
}

Writer::Writer(const std::string& path) : path_(path) {
  if (path != "-") file_.emplace(path);
}

Writer::~Writer() {
  // Without close() a file does not appear; what was written to stdout is passed on all the same.
  if (!file_) {
    try {
      flush();
    } catch (const base::Error&) {
    }
  }
}

void Writer::write(const Object& record) { write_line(record.str()); }

void Writer::write_line(std::string_view line) {
  if (file_) {
    file_->write(line);
    file_->write("\n");
    return;
  }
  buffer_ += line;
  buffer_ += '\n';
  if (buffer_.size() >= (size_t{1} << 16)) flush();
}

void Writer::flush() {
  if (file_) return;
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    size_t most = rest.size();
    if (base::stop_requested()) {
      // Whoever reads gets whole records if it goes on; it may never.
      if (!stdout_takes_more()) {
        buffer_.clear();
        base::throw_if_stopped();
      }
      most = std::min<size_t>(most, PIPE_BUF);  // which does not block now
    }
    const ssize_t written = ::write(1, rest.data(), most);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      buffer_.clear();
      base::fail_errno("cannot write standard output", error);
    }
    rest.remove_prefix(static_cast<size_t>(written));
  }
  buffer_.clear();
}

void Writer::close() {
  if (file_) {
    file_->commit();
  } else {
    flush();
  }
}

void BadRecords::add(const base::RecordError& error) {
  if (++count_ > max_bad_) throw base::RecordError(error);
  base::warn(cat(error.what(), " (skipped)"));
}

namespace {

// The next record of the reader, or the error in its place; false at the end.
bool parse_next(LineReader& reader, Parsed* parsed) {
  parsed->error = nullptr;
  std::string_view line;
  try {
    do {
      if (!reader.next(&line)) return false;
      base::throw_if_stopped();
    } while (line.find_first_not_of(" \t") == std::string_view::npos);
  } catch (...) {
    parsed->error = std::current_exception();
    parsed->last = true;
    return true;
  }
  try {
    parsed->record.read(line, reader.location());
  } catch (const base::RecordError& e) {
    parsed->error = !reader.ended_without_newline()
                        ? std::current_exception()
                        : std::make_exception_ptr(base::RecordError(
                              e.what(), "the input ends inside a record: was its writer interrupted?"));
  }
  return true;
}

// False when `body` wants no more.
bool visit(Parsed& parsed, BadRecords& bad, const std::function<bool(Object&)>& body) {
  if (parsed.last) std::rethrow_exception(parsed.error);
  base::throw_if_stopped();
  try {
    if (parsed.error) std::rethrow_exception(parsed.error);
    return body(parsed.record);
  } catch (const base::RecordError& e) {
    bad.add(e);
    return true;
  }
}

void read_while(LineReader& reader, BadRecords& bad, const std::function<bool(Object&)>& body) {
  Parsed parsed;
  while (parse_next(reader, &parsed)) {
    if (!visit(parsed, bad, body)) return;
  }
}

}  // namespace

int64_t for_each(LineReader& reader, int64_t max_bad, const std::function<void(Object&)>& body) {
  BadRecords bad(max_bad);
  for_each(reader, bad, body);
  return bad.count();
}

void for_each(LineReader& reader, BadRecords& bad, const std::function<void(Object&)>& body) {
  const auto take = [&](Object& record) {
    body(record);
    return true;
  };
  if (!reader.may_run_ahead()) return read_while(reader, bad, take);
  ParseAhead ahead([&](Parsed* parsed) { return parse_next(reader, parsed); });
  while (Parsed* parsed = ahead.take()) visit(*parsed, bad, take);
}

void for_each_while(LineReader& reader, BadRecords& bad, const std::function<bool(Object&)>& body) {
  read_while(reader, bad, body);
}

std::vector<Object> read_all(const std::string& path) {
  LineReader reader(path);
  std::vector<Object> records;
  for_each(reader, 0, [&](Object& record) { records.push_back(std::move(record)); });
  return records;
}

}  // namespace easel::jsonl
