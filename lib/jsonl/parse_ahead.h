// Records of a file, parsed by a thread of its own while the program works on those before them.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
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
  // `next` gives the record after the one before, nullopt at the end; it is called by the thread only.
  explicit ParseAhead(std::function<std::optional<Parsed>()> next);
  // Stops the thread, whatever it has parsed.
  ~ParseAhead();
  ParseAhead(const ParseAhead&) = delete;
  ParseAhead& operator=(const ParseAhead&) = delete;

  // The next record, valid until the call after; nullptr at the end.
  Parsed* take();

 private:
  using Batch = std::vector<Parsed>;
  void work();
  bool hand_over(Batch batch);  // false: nobody wants it

  std::function<std::optional<Parsed>()> next_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> ready_;
  bool ended_ = false, unwanted_ = false;
  Batch current_;
  size_t taken_ = 0;
  std::thread thread_;
};

}  // namespace easel::jsonl
