#include "annotate/published.h"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/error.h"
#include "base/file.h"
#include "record/annotation.h"

namespace easel::annotate {

using base::cat;
using base::fs::path;
using jsonl::Object;

namespace {

// A picture in a tar archive is there when the archive is.
bool picture_exists(const path& picture) {
  std::error_code error;
  for (path p = picture; !p.empty() && p != p.parent_path(); p = p.parent_path()) {
    if (base::fs::is_regular_file(p, error)) return true;
  }
  return false;
}

std::string image_of(const Object& record) {
  const std::string_view raw = record.raw("image");
  const std::string image = raw.starts_with('{') ? record.object("image").string("path") : record.string("image");
  if (image.empty()) record.fail("field \"image\" is empty");
  return image;
}

std::string id_of(const Object& record, const std::string& image) {
  if (record.is_null("id")) return path(image).replace_extension().string();
  return record.raw("id").starts_with('"') ? record.string("id") : std::string(record.raw("id"));
}

// Fields that some converters write as text.
void unfold(Object& record, const char* name) {
  if (!record.raw(name).starts_with('"')) return;
  const std::string text = record.string(name);
  if (base::trim(text).empty()) {
    record.erase(name);
    return;
  }
  record.set(name, Object::parse(base::trim(text), record.at()));
}

Object completed(Object record, const path& folder) {
  const std::string image = image_of(record);
  record.set("id", id_of(record, image));
  const path at = path(image).is_absolute() || folder.empty() ? path(image) : folder / image;
  if (!picture_exists(at)) record.fail(cat("its picture ", at.string(), " is not there"));
  record.set("image", at.string());
  unfold(record, "augmented_prompts");
  unfold(record, "augmented_cots");
  if (record::Annotation::parse(record).detailed_caption.empty()) record.fail("field \"detailed_caption\" is missing or empty");
  return record;
}

// Converters write into a .json file one list, or one record a line.
bool is_list(const std::string& file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  const base::MappedFile mapped(file);
  std::string_view text = mapped.bytes();
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return base::trim(text).starts_with('[');
}

// The records of a list, as if each stood on a line; one of them is in memory at a time.
void each_of_list(const std::string& file, const std::function<void(std::string_view line, const base::Location&)>& body) {
  using List = nlohmann::ordered_json;
  const base::MappedFile mapped(file);
  int64_t number = 0;
  const auto take = [&](int depth, List::parse_event_t event, List& parsed) {
    const bool ends = event == List::parse_event_t::object_end || event == List::parse_event_t::array_end ||
                      event == List::parse_event_t::value;
    if (depth != 1 || !ends) return true;
    body(parsed.dump(), {file, ++number});
    return false;  // done with
  };
  const auto list = List::parse(mapped.bytes().begin(), mapped.bytes().end(), take, false);
  if (list.is_discarded()) base::fail(cat(file, ": the list is no JSON after its record ", number));
}

}  // namespace

void read_published(const std::vector<std::string>& files, jsonl::BadRecords& bad,
                    const std::function<void(const Object&)>& accept) {
  std::unordered_set<std::string> seen;
  for (const auto& file : files) {
    const path folder = path(file).parent_path();
    const auto take = [&](std::string_view line, const base::Location& at) {
      if (base::trim(line).empty()) return;
      try {
        const Object record = completed(Object::parse(line, at), folder);
        const std::string id = record.string("id");
        if (!seen.insert(id).second) record.fail(cat("id ", base::quote(id), " came before; ids must be distinct"));
        accept(record);
      } catch (const base::RecordError& e) {
        bad.add(e);
      }
    };
    if (path(file).extension() == ".json" && is_list(file)) {
      each_of_list(file, take);
      continue;
    }
    jsonl::LineReader reader(file);
    std::string_view line;
    while (reader.next(&line)) take(line, reader.location());
  }
}

}  // namespace easel::annotate
