// Records gathered so that work is done for many at once.
#pragma once

#include <functional>
#include <vector>

#include "jsonl/object.h"

namespace easel::jsonl {

// Calls work(records, items) for every `size` of them, and for the rest at finish().
template <class Item>
class Batches {
 public:
  using Work = std::function<void(std::vector<Object>& records, std::vector<Item>& items)>;
  Batches(int64_t size, Work work) : size_(static_cast<size_t>(size)), work_(std::move(work)) {}

  void add(Object record, Item item) {
    records_.push_back(std::move(record));
    items_.push_back(std::move(item));
    if (records_.size() == size_) finish();
  }
  void finish() {
    if (records_.empty()) return;
    work_(records_, items_);
    records_.clear();
    items_.clear();
  }

 private:
  size_t size_;
  Work work_;
  std::vector<Object> records_;
  std::vector<Item> items_;
};

}  // namespace easel::jsonl
