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

  // All pictures below a folder, in the order of their paths.
  void add_pictures(const std::string& folder);
  // The picture of each record, relative paths from `root`; the record goes through. What has come is written before the
  // reader waits, and before a record that ends the run.
  void add_records(jsonl::LineReader& reader, const std::string& root);
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
  void add(jsonl::Object record, record::ImageRef ref, std::string path);
  static void look(Item& item);

  int64_t threads_;
  jsonl::Writer& out_;
  jsonl::BadRecords& bad_;
  std::vector<Item> waiting_;
};

}  // namespace easel::world
