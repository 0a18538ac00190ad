// Streaming JSONL: a reader (plain, gzip or zstd) and a writer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/file.h"
#include "jsonl/object.h"

namespace easel::jsonl {

// Lines of FILE, or of stdin for "-". Memory is bounded by the longest line (at most 256 MiB).
class LineReader {
 public:
  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  // The view is valid until the next call. False at the end. Throws Error for unreadable,
  // truncated or corrupt compressed input, Interrupted when a stop was asked for.
  bool next(std::string_view* line);
  const base::Location& location() const { return at_; }
  // From here on, a digest of every line that next() gives out, for manifests.
  void keep_digest() { digest_.emplace(); }
  std::string digest() const { return digest_ ? digest_->hex() : ""; }
  bool ended_without_newline() const { return no_final_newline_; }
  // Whether a thread may read ahead of who takes the records: a large file, which cannot keep anybody
  // waiting, and no digest, which is of what was given out.
  bool may_run_ahead() const;
  // Called before a read that would block: a filter in a live pipe flushes its output here.
  void on_wait(std::function<void()> flush) { on_wait_ = std::move(flush); }

 private:
  bool fill();
  struct Source;
  std::unique_ptr<Source> source_;
  base::Location at_;
  // Bytes begin_ to filled_ of the buffer are not yet given out; what follows is room to read into.
  std::string buffer_;
  size_t begin_ = 0, filled_ = 0;
  bool end_ = false, no_final_newline_ = false;
  std::optional<base::Digest> digest_;
  std::function<void()> on_wait_;
};

class Writer {
 public:
  explicit Writer(const std::string& path);  // "-" is stdout; a file appears whole at close()
  ~Writer();
  void write(const Object& record);
  void write_line(std::string_view line);
  void flush();
  void close();

 private:
  std::string path_;
  std::string buffer_;
  std::optional<base::AtomicFile> file_;
};

// The bad records of a run: reported and counted while no more than max_bad have come.
class BadRecords {
 public:
  explicit BadRecords(int64_t max_bad) : max_bad_(max_bad) {}
  void add(const base::RecordError& error);  // throws it when that is one too many
  int64_t count() const { return count_; }

 private:
  int64_t max_bad_, count_ = 0;
};

// Calls `body` for every record; blank lines are passed over. A RecordError (of parsing or of body)
// is reported and counted while no more than max_bad have come, and rethrown after that.
// Returns the number of bad records.
int64_t for_each(LineReader& reader, int64_t max_bad, const std::function<void(Object&)>& body);
void for_each(LineReader& reader, BadRecords& bad, const std::function<void(Object&)>& body);
// The same until `body` returns false: nothing is read after that.
void for_each_while(LineReader& reader, BadRecords& bad, const std::function<bool(Object&)>& body);

// What `body` returns. An Error in what the record names, a damaged shard or a picture that is missing,
// is an error of the record: it gets the record's place and --max-bad may pass over it.
template <class Body>
auto about(const Object& record, const Body& body) {
  try {
    return body();
  } catch (const base::Interrupted&) {
    throw;
  } catch (const base::RecordError& e) {
    if (std::string_view(e.what()).starts_with(record.at().str())) throw;  // it has the record's place
    record.fail(e.what(), e.hint());
  } catch (const base::Error& e) {
    record.fail(e.what(), e.hint());
  }
}

// The same for a file or stdin, with every record kept.
std::vector<Object> read_all(const std::string& path);

}  // namespace easel::jsonl
