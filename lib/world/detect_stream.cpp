#include "world/detect_stream.h"

#include "base/log.h"
#include "base/parallel.h"
#include "base/signals.h"
#include "image/files.h"
#include "image/image.h"
#include "record/image_ref.h"
#include "world/detector.h"

namespace easel::world {

void DetectStream::add_pictures(const std::string& folder) {
  const auto files = image::image_files({folder});
  base::Progress progress("detect", static_cast<int64_t>(files.size()));
  for (const auto& file : files) {
    base::throw_if_stopped();
    add({}, {file.id, file.path}, file.path);
    progress.add();
  }
  flush();
}

void DetectStream::add_records(jsonl::LineReader& reader, const std::string& root) {
  reader.on_wait([this] {
    flush();
    out_.flush();
  });
  try {
    jsonl::for_each(reader, bad_, [&](jsonl::Object& record) {
      auto ref = record::ImageRef::parse(record);
      auto path = record::resolve_path(ref.image, root);
      add(std::move(record), std::move(ref), std::move(path));
    });
  } catch (const base::RecordError&) {
    flush();
    throw;
  }
  flush();
}

void DetectStream::add(jsonl::Object record, record::ImageRef ref, std::string path) {
  constexpr size_t kAtOnce = 256;
  waiting_.push_back({std::move(record), std::move(ref), std::move(path), {}, {}});
  if (waiting_.size() >= kAtOnce) flush();
}

void DetectStream::flush() {
  std::vector<Item> items;
  items.swap(waiting_);
  base::parallel_for(static_cast<int64_t>(items.size()), threads_, [&](int64_t i) { look(items[static_cast<size_t>(i)]); });
  for (auto& item : items) {
    if (item.problem) {
      bad_.add(*item.problem);
      continue;
    }
    item.ref.write(item.record);
    item.found.write(item.record);
    out_.write(item.record);
  }
}

void DetectStream::look(Item& item) {
  try {
    image::require_utf8_name({item.ref.id, item.ref.image});
    item.found = detect(image::read(item.path));
  } catch (const base::RecordError& e) {
    // A listed picture is named by the message itself; a record by its line.
    const auto& at = item.record.at();
    item.problem = at.line == 0 ? e : base::RecordError(base::cat(at.str(), ": ", e.what()), e.hint());
  }
}

}  // namespace easel::world
