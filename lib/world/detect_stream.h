// Detections of many pictures, as records in the order in which they came.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "jsonl/stream.h"
#include "record/detection.h"
#include "record/image_ref.h"

namespace easel::world {

// Looks at pictures side by side, on `threads` threads (0: one per core). A picture that cannot be read is a bad record.
class DetectStream {
 public:
  DetectStream(int64_t threads, jsonl::Writer& out, jsonl::BadRecords& bad) : threads_(threads), out_(out), bad_(bad) {}

  // The record goes through with id, image and what is in the picture at `path`.
  void add(jsonl::Object record, record::ImageRef ref, std::string path);
  // Writes what has come. Throws RecordError for one bad record too many.
  void flush();

 private:
  struct Item {
    jsonl::Object record;
    record::ImageRef ref;
    std::string path;
    record::Detections found;
    std::optional<base::RecordError> problem;
  };
  static void look(Item& item);

  int64_t threads_;
  jsonl::Writer& out_;
  jsonl::BadRecords& bad_;
  std::vector<Item> waiting_;
};

}  // namespace easel::world
