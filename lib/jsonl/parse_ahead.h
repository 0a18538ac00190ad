// Records of a file, parsed by a thread of its own while the program works on those before them.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "jsonl/object.h"

namespace easel::jsonl {

// A record, or why there is none.
struct Parsed {
  Object record;
  std::exception_ptr error;
  bool last = false;  // the error ends the input
};

class ParseAhead {
 public:
  // `next` puts the record after the one before where it is told to; false at the end. The thread calls it.
  // It gets records that are done with: their memory serves again, and none goes from thread to thread.
  explicit ParseAhead(std::function<bool(Parsed*)> next);
  // Stops the thread, whatever it has parsed.
  ~ParseAhead();
  ParseAhead(const ParseAhead&) = delete;
  ParseAhead& operator=(const ParseAhead&) = delete;

  // The next record, valid until the call after; nullptr at the end.
  Parsed* take();

 private:
  struct Batch {
    std::vector<Parsed> records;
    size_t count = 0;  // of the records that are of this batch
  };
  void work();
  bool wait_for_spent(Batch* batch);  // false: nobody wants more

  std::function<bool(Parsed*)> next_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> ready_;
  std::vector<Batch> spent_;
  bool ended_ = false, unwanted_ = false;
  Batch current_;
  size_t taken_ = 0;
  std::thread thread_;
};

}  // namespace easel::jsonl
