#include "jsonl/parse_ahead.h"

namespace easel::jsonl {

namespace {
// A batch is handed over at so many records or bytes: its cost is then far above that of a lock, and what
// waits stays small beside a buffer of the reader, unless single lines are longer.
constexpr size_t kBatchRecords = 256, kBatchBytes = size_t{256} << 10, kBatches = 3;
}  // namespace

ParseAhead::ParseAhead(std::function<std::optional<Parsed>()> next)
    : next_(std::move(next)), thread_([this] { work(); }) {}

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
  while (more) {
    Batch batch;
    batch.reserve(kBatchRecords);
    for (size_t bytes = 0; more && batch.size() < kBatchRecords && bytes < kBatchBytes;) {
      auto parsed = next_();
      more = parsed && !parsed->last;
      if (!parsed) break;
      bytes += parsed->record.bytes();
      batch.push_back(std::move(*parsed));
    }
    if (!hand_over(std::move(batch))) return;
  }
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

bool ParseAhead::hand_over(Batch batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return unwanted_ || ready_.size() < kBatches; });
  if (unwanted_) return false;
  ready_.push_back(std::move(batch));
  changed_.notify_all();
  return true;
}

Parsed* ParseAhead::take() {
  while (taken_ == current_.size()) {
    current_.clear();
    taken_ = 0;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || !ready_.empty(); });
    if (ready_.empty()) return nullptr;
    current_ = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
  }
  return &current_[taken_++];
}

}  // namespace easel::jsonl
