#include "model/config_section.h"

#include "base/error.h"
#include "base/file.h"

namespace easel::model {

using base::cat;
using base::fail;
using Json = nlohmann::ordered_json;

ConfigSection::ConfigSection(Json json, std::string where) : json_(std::move(json)), where_(std::move(where)) {
  if (!json_.is_object()) fail(cat(where_, ": expected a JSON object"));
}

ConfigSection ConfigSection::file(const std::filesystem::path& path) {
  return {Json::parse(base::read_file(path, 64 << 20), nullptr, false), path.string()};
}

ConfigSection ConfigSection::section(const char* key) const {
  return {has(key) ? json_[key] : Json::object(), cat(where_, ": ", key)};
}

void ConfigSection::read(const char* key, int64_t& value, int64_t low, int64_t high) const {
  if (!has(key)) return;
  if (!json_[key].is_number_integer()) bad(key, "a whole number");
  value = json_[key];
  if (value < low || value > high) bad(key, cat("a whole number from ", low, " to ", high));
}

void ConfigSection::read(const char* key, double& value) const {
  if (!has(key)) return;
  if (!json_[key].is_number()) bad(key, "a number");
  value = json_[key];
}

void ConfigSection::read(const char* key, bool& value) const {
  if (!has(key)) return;
  if (!json_[key].is_boolean()) bad(key, "true or false");
  value = json_[key];
}

void ConfigSection::read(const char* key, std::vector<int64_t>& values) const {
  if (!has(key)) return;
  if (!json_[key].is_array() || json_[key].empty()) bad(key, "a list of whole numbers");
  values.clear();
  for (const auto& item : json_[key]) {
    if (!item.is_number_integer() || item < 1 || item > 64) bad(key, "whole numbers from 1 to 64");
    values.push_back(item);
  }
}

void ConfigSection::read_id(const char* key, int64_t& id) const {
  if (!has(key)) return;
  const Json& given = json_[key];
  const Json& first = given.is_array() && !given.empty() ? given[0] : given;
  if (!first.is_number_integer() || first < -1 || first > 1 << 24) bad(key, "a token's id, or a list of them");
  if (first >= 0) id = first;
}

std::vector<int64_t> ConfigSection::ids(const char* key) const {
  if (!has(key)) return {};
  std::vector<int64_t> ids;
  for (const Json& id : json_[key].is_array() ? json_[key] : Json::array({json_[key]})) {
    if (!id.is_number_integer() || id < -1 || id > 1 << 24) bad(key, "a token's id, or a list of them");
    if (id >= 0) ids.push_back(id);
  }
  return ids;
}

std::string ConfigSection::text(const char* key, const std::string& fallback) const {
  if (!has(key)) return fallback;
  if (!json_[key].is_string()) bad(key, "a string");
  return json_[key];
}

void ConfigSection::refuse_unless(const char* key, const Json& only) const {
  if (has(key) && json_[key] != only) bad(key, only.dump());
}

void ConfigSection::bad(const char* key, const std::string& expected) const {
  fail(cat(where_, ": ", base::quote(key), ": expected ", expected, ", got ", json_[key].dump().substr(0, 60)));
}

}  // namespace easel::model
