#include "jsonl/parse_ahead.h"

namespace easel::jsonl {

namespace {
// A batch is handed over at so many records or bytes: its cost is then far above that of a lock, and what
// waits stays small beside a buffer of the reader, unless single lines are longer.
constexpr size_t kBatchRecords = 256, kBatchBytes = size_t{256} << 10, kBatches = 3;
}  // namespace

ParseAhead::ParseAhead(std::function<bool(Parsed*)> next)
    : next_(std::move(next)), spent_(kBatches), thread_([this] { work(); }) {}

ParseAhead::~ParseAhead() {
  {
    const std::scoped_lock lock(mutex_);
    unwanted_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ParseAhead::work() {
  bool more = true;
  Batch batch;
  while (more && wait_for_spent(&batch)) {
    batch.records.resize(kBatchRecords);
    for (size_t bytes = 0; more && batch.count < kBatchRecords && bytes < kBatchBytes;) {
      Parsed& parsed = batch.records[batch.count];
      if (!next_(&parsed)) {
        more = false;
        break;
      }
      more = !parsed.last;
      bytes += parsed.record.bytes();
      ++batch.count;
    }
    const std::scoped_lock lock(mutex_);
    ready_.push_back(std::move(batch));
    ended_ = !more;
    changed_.notify_all();
  }
}

bool ParseAhead::wait_for_spent(Batch* batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return unwanted_ || !spent_.empty(); });
  if (unwanted_) return false;
  *batch = std::move(spent_.back());
  spent_.pop_back();
  batch->count = 0;
  return true;
}

Parsed* ParseAhead::take() {
  while (taken_ == current_.count) {
    std::unique_lock lock(mutex_);
    if (!current_.records.empty()) {
      spent_.push_back(std::move(current_));
      changed_.notify_all();
    }
    current_ = {};
    taken_ = 0;
    changed_.wait(lock, [&] { return ended_ || !ready_.empty(); });
    if (ready_.empty()) return nullptr;
    current_ = std::move(ready_.front());
    ready_.pop_front();
  }
  return &current_.records[taken_++];
}

}  // namespace easel::jsonl
