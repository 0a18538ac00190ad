#include "record/eval_result.h"

#include <nlohmann/json.hpp>

#include "jsonl/python_json.h"

namespace easel::record {

using jsonl::Json;
using jsonl::pandas_string;

std::string EvalResult::line() const {
  return base::cat("{\"filename\":", pandas_string(filename), ",\"tag\":", pandas_string(tag),
                   ",\"prompt\":", pandas_string(prompt),
                   ",\"correct\":", correct ? "true" : "false",
                   ",\"reason\":", pandas_string(reason), ",\"metadata\":", pandas_string(metadata),
                   ",\"details\":", pandas_string(details), "}");
}

EvalResult EvalResult::parse(const jsonl::Object& record) {
  EvalResult r;
  r.filename = record.string("filename");
  r.tag = record.string("tag");
  r.prompt = record.string("prompt");
  r.correct = record.boolean("correct");
  r.reason = record.string("reason");
  r.metadata = record.string("metadata");
  r.details = record.string("details");
  return r;
}

std::string metadata_text(const jsonl::Object& record) {
  Json known = Json::object();
  for (const auto& key : record.keys()) {
    if (key == "tag" || key == "include" || key == "exclude" || key == "prompt") {
      known[key] = record.json(key);
    }
  }
  return jsonl::python_dumps(known);
}

std::string details_text(const Detections& selected) {
  Json boxes = Json::object();
  for (const auto& d : selected.items) {
    boxes[d.class_name].push_back({d.box.x1, d.box.y1, d.box.x2, d.box.y2, d.score});
  }
  return jsonl::python_dumps(boxes);
}

ReplayedDetections ReplayedDetections::parse(const jsonl::Object& record) {
  ReplayedDetections r{record.string("filename"), Detections::parse(record)};
  if (r.filename.empty()) record.fail("field \"filename\" is empty");
  return r;
}

}  // namespace easel::record
