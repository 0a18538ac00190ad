// The output of a long run over a known list of items: in the list's order, whole or not at all,
// and resumable when the run is killed.
//
// While the run goes on, finished records stand in FILE.partial, one whole line each in the order
// they came. close() writes FILE in the list's order and removes FILE.partial. With path "-", or a
// device or pipe, records stream out in order as soon as those before them are there.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "jsonl/stream.h"

namespace easel::jsonl {

// "-", a device or a pipe: nothing that could be gone on with.
bool is_stream(const std::string& path);

class ResumableOutput {
 public:
  // id_of reads a stored record's id, and may throw when the record is not of this run. resume:
  // goes on with FILE.partial, or with a finished FILE whose records are then kept. Without it an
  // existing FILE.partial is an error. Throws Error for that, for a partial file that another
  // process writes, for stored ids that are not in the list; UsageError for resume with a stream.
  ResumableOutput(const std::string& path, const std::vector<std::string>& ids, bool resume,
                  const std::function<std::string(const Object&)>& id_of);
  ~ResumableOutput();
  ResumableOutput(const ResumableOutput&) = delete;
  ResumableOutput& operator=(const ResumableOutput&) = delete;

  bool done(const std::string& id) const;
  int64_t resumed() const { return resumed_; }  // records found from an earlier run
  void write(const std::string& id, const Object& record);
  void skip(const std::string& id);  // this item has no record
  void close();

 private:
  struct Item {
    size_t index = 0;
    bool done = false;
    uint64_t offset = 0, bytes = 0;  // its line in the partial file; bytes 0: none
  };
  void load(const std::function<std::string(const Object&)>& id_of);
  void finish(Item& item, std::string line);
  Item& item(const std::string& id);

  std::string path_, partial_;
  std::unordered_map<std::string, Item> items_;
  std::vector<const Item*> order_;
  int64_t resumed_ = 0;
  // A file:
  int fd_ = -1;
  uint64_t size_ = 0;
  // A stream: lines that wait for those before them; an empty one is a skipped item.
  std::unique_ptr<Writer> stream_;
  std::unordered_map<size_t, std::string> waiting_;
  size_t next_ = 0;
};

}  // namespace easel::jsonl
