#include "record/t2i_prompt.h"

#include <nlohmann/json.hpp>

#include "jsonl/whole_number.h"

namespace easel::record {

T2iAnnotations T2iAnnotations::parse(const jsonl::Object& record) {
  T2iAnnotations out;
  out.nouns = record.strings("nouns");
  out.attr_nouns = record.strings("attr_nouns");
  out.has_nouns = !record.is_null("nouns");
  const bool has_spatial = !record.is_null("spatial_info") && !record.object("spatial_info").keys().empty();
  if (has_spatial) {
    const auto info = record.object("spatial_info");
    out.spatial = Spatial{info.string("obj1"), info.string("obj2"), info.string("locality")};
  }
  const auto counts = record.json("numeracy_info");
  if (!counts.is_null() && !counts.is_array()) record.fail("field \"numeracy_info\": expected an array");
  for (const auto& item : counts) {
    if (!item.is_object() || !item.contains("obj_name") || !item["obj_name"].is_string() || !item.contains("num") ||
        jsonl::whole_number(item["num"]).value_or(-1) < 0 || item["num"] > 1000000) {
      record.fail("field \"numeracy_info\": expected items {\"obj_name\", \"num\"}");
    }
    out.numeracy.emplace_back(item["obj_name"].get<std::string>(), *jsonl::whole_number(item["num"]));
  }
  const auto task = record.optional_string("task_type");
  const bool spatial = task ? *task == "spatial" : out.spatial.has_value();
  const bool numeracy = task ? *task == "numeracy" : !out.numeracy.empty();
  out.kind = spatial ? Kind::kSpatial : numeracy ? Kind::kNumeracy : Kind::kObjects;
  return out;
}

}  // namespace easel::record
