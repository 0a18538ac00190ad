#include "record/detection.h"

#include <nlohmann/json.hpp>

namespace easel::record {

using base::cat;
using jsonl::Json;

Detections Detections::parse(const jsonl::Object& record) {
  Detections out;
  const Json boxes = record.json("detections");
  if (!boxes.is_object()) record.fail("field \"detections\": expected {class: [[x1,y1,x2,y2,score]]}");
  const Json colors = record.json("colors");
  for (const auto& [name, list] : boxes.items()) {
    if (!list.is_array()) record.fail(cat("detections of ", base::quote(name), ": expected a list"));
    const Json names = colors.is_object() && colors.contains(name) ? colors[name] : Json();
    if (!names.is_null() && (!names.is_array() || names.size() != list.size())) {
      record.fail(cat("colors of ", base::quote(name), ": expected ", list.size(), " names"));
    }
    for (size_t i = 0; i < list.size(); ++i) {
      const Json& row = list[i];
      if (!row.is_array() || row.size() != 5) {
        record.fail(cat("detections of ", base::quote(name), ": expected [x1,y1,x2,y2,score]"));
      }
      double v[5];
      for (size_t k = 0; k < 5; ++k) {
        if (!row[k].is_number()) {
          record.fail(cat("detections of ", base::quote(name), ": expected five numbers"));
        }
        v[k] = row[k];
      }
      Detection d{name, {v[0], v[1], v[2], v[3]}, v[4], ""};
      if (!names.is_null()) {
        if (!names[i].is_string() && !names[i].is_null()) {
          record.fail(cat("colors of ", base::quote(name), ": expected names"));
        }
        if (names[i].is_string()) d.color = names[i];
      }
      out.items.push_back(std::move(d));
    }
  }
  return out;
}

void Detections::write(jsonl::Object& record) const {
  Json boxes = Json::object(), colors = Json::object();
  for (const auto& d : items) {
    if (!boxes.contains(d.class_name)) {
      boxes[d.class_name] = Json::array();
      colors[d.class_name] = Json::array();
    }
    boxes[d.class_name].push_back({d.box.x1, d.box.y1, d.box.x2, d.box.y2, d.score});
    colors[d.class_name].push_back(d.color);
  }
  record.set_json("detections", boxes);
  record.set_json("colors", colors);
}

}  // namespace easel::record
