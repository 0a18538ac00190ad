#include "record/prompt.h"

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/log.h"
#include "jsonl/whole_number.h"

namespace easel::record {

using base::cat;
using jsonl::Json;
using jsonl::Object;

namespace {

constexpr int64_t kMaxIdBytes = 4096;

std::vector<ObjectClause> parse_clauses(const Object& record, std::string_view key) {
  std::vector<ObjectClause> clauses;
  if (record.is_null(key)) return clauses;
  const auto bad = [&](const std::string& what) {
    record.fail(cat("field \"", key, "\": ", what));
  };
  const Json array = record.json(key);
  if (!array.is_array()) bad("expected an array of objects");
  for (const Json& item : array) {
    ObjectClause clause;
    if (!item.is_object() || !item.contains("class") || !item["class"].is_string()) {
      bad("every entry needs a \"class\"");
    }
    clause.class_name = item["class"];
    if (item.contains("count")) {
      clause.count = jsonl::whole_number(item["count"]).value_or(-1);
      if (clause.count < 0) bad("\"count\" must be a whole number");
    }
    if (item.contains("color") && !item["color"].is_null()) {
      if (!item["color"].is_string()) bad("\"color\" must be a string");
      clause.color = item["color"];
    }
    if (item.contains("position") && !item["position"].is_null()) {
      const Json& p = item["position"];
      const auto index = p.is_array() && p.size() == 2 && p[0].is_string() ? jsonl::whole_number(p[1]) : std::nullopt;
      if (!index) bad("\"position\" must be [relation, index]");
      clause.position = {p[0].get<std::string>(), *index};
      if (*index < 0 || *index >= static_cast<int64_t>(array.size())) {
        bad("\"position\" points outside the list");
      }
    }
    clauses.push_back(std::move(clause));
  }
  return clauses;
}

Json clauses_json(const std::vector<ObjectClause>& clauses) {
  Json array = Json::array();
  for (const auto& clause : clauses) {
    Json item = {{"class", clause.class_name}, {"count", clause.count}};
    if (clause.color) item["color"] = *clause.color;
    if (clause.position) item["position"] = {clause.position->first, clause.position->second};
    array.push_back(std::move(item));
  }
  return array;
}

}  // namespace

bool GenevalMetadata::present(const Object& record) {
  return !record.is_null("include") && !record.is_null("tag");
}

GenevalMetadata GenevalMetadata::parse(const Object& record) {
  GenevalMetadata m;
  m.tag = record.string("tag");
  m.include = parse_clauses(record, "include");
  m.exclude = parse_clauses(record, "exclude");
  return m;
}

void GenevalMetadata::write(Object& record) const {
  record.set("tag", tag);
  record.set_json("include", clauses_json(include));
  if (!exclude.empty()) record.set_json("exclude", clauses_json(exclude));
}

std::string default_id(int64_t index) {
  std::string digits = cat(index);
  return digits.size() < 5 ? std::string(5 - digits.size(), '0') + digits : digits;
}

Prompt Prompt::parse(Object record, int64_t index) {
  Prompt p;
  p.prompt = record.string("prompt");
  if (record.is_null("id")) {
    p.id = default_id(index);
    record.set("id", p.id);
  } else {
    p.id = record.string("id");
    if (p.id.empty() || static_cast<int64_t>(p.id.size()) > kMaxIdBytes) {
      record.fail("field \"id\": expected 1 to 4096 bytes");
    }
  }
  if (base::trim(p.prompt).empty()) record.fail("field \"prompt\" is empty");
  p.fields = std::move(record);
  return p;
}

int64_t for_each_prompt(jsonl::LineReader& reader, bool text, int64_t max_bad,
                        const std::function<bool(Prompt&)>& body) {
  std::unordered_set<std::string> seen;
  int64_t index = 0;
  const auto take = [&](Object record) {
    Prompt prompt = Prompt::parse(std::move(record), index++);
    if (!seen.insert(prompt.id).second) {
      prompt.fields.fail(cat("id ", base::quote(prompt.id), " came before; ids must be distinct"));
    }
    return body(prompt);
  };
  jsonl::BadRecords bad(max_bad);
  if (!text) {
    jsonl::for_each_while(reader, bad, [&](Object& r) { return take(std::move(r)); });
    return bad.count();
  }
  std::string_view line;
  while (reader.next(&line)) {
    try {
      if (base::trim(line).empty()) continue;
      if (!base::is_valid_utf8(line)) {
        base::fail_at(reader.location(), cat("not UTF-8 text: ", base::quote(line, 40)));
      }
      const std::string json = cat("{\"prompt\":", jsonl::escape(base::trim(line)), "}");
      if (!take(Object::parse(json, reader.location()))) break;
    } catch (const base::RecordError& e) {
      bad.add(e);
    }
  }
  return bad.count();
}

}  // namespace easel::record
