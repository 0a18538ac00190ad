#define VALIJSON_USE_EXCEPTIONS 1  // without it a schema that is none ends the program

#include "jsonl/schema.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "base/error.h"
#include "base/file.h"
#include "jsonl/schema_check.h"

namespace easel::jsonl {

namespace fs = std::filesystem;
using base::cat;
using base::quote;
using nlohmann::json;

namespace {

constexpr std::string_view kEnding = ".schema.json";

// Beside an installed program, or in the source tree that a build folder lies in.
fs::path schema_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path bin = program.parent_path();
  for (const fs::path& folder : {bin / "../share/easel/schemas", bin / "../../schemas"}) {
    if (fs::is_directory(folder, error)) return folder;
  }
  return {};
}

std::string find_schema(const std::string& name) {
  std::error_code error;
  if (fs::is_regular_file(name, error)) return name;
  const std::string file = name + (name.ends_with(".v1") ? "" : ".v1") + std::string(kEnding);
  const fs::path folder = schema_folder();
  if (name.find('/') == std::string::npos && fs::is_regular_file(folder / file, error)) {
    return (folder / file).string();
  }
  const auto known = Schema::names();
  base::fail(cat("no schema ", quote(name)),
             known.empty() ? "give the file: schemas/rollout.v1.schema.json"
                           : cat("a file, or one of ", base::join(known, ", ")));
}

// In draft-07 a number without a fraction is an integer, however it is written; the library looks at how it was. What 64
// bits do not hold becomes the largest that they do.
void use_integers(json& value) {
  if (value.is_structured()) {
    for (json& part : value) use_integers(part);
  } else if (value.is_number_float() || value.is_number_unsigned()) {
    const double number = value.get<double>();
    constexpr double kLargest = 9223372036854774784.0;  // that a double has below 2^63
    if (value.is_number_unsigned() && number <= kLargest) return;
    if (std::floor(number) == number) value = static_cast<int64_t>(std::clamp(number, -kLargest, kLargest));
  }
}

}  // namespace

struct Schema::State {
  std::string path;
  std::optional<bool> verdict;  // of a schema that is true or false alone
  valijson::Schema schema;
};

Schema::Schema(const std::string& name_or_file) : state_(std::make_unique<State>()) {
  const std::string path = find_schema(name_or_file);
  const std::string text = base::read_file(path);
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) base::fail(cat(path, ": not a JSON Schema: it is not JSON"));
  state_->path = path;
  if (document.is_boolean()) {
    state_->verdict = document.get<bool>();
    return;
  }
  check_schema(document, path);
  try {
    const valijson::adapters::NlohmannJsonAdapter adapter(document);
    valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(adapter, state_->schema);
  } catch (const std::exception& e) {
    base::fail(cat(path, ": not a JSON Schema: ", e.what()));
  }
}
Schema::~Schema() = default;

std::vector<std::string> Schema::violations(std::string_view json_text) const {
  if (state_->verdict && *state_->verdict) return {};
  if (state_->verdict) return {"the schema is false: no record fits"};
  json document = json::parse(json_text);
  use_integers(document);
  const valijson::adapters::NlohmannJsonAdapter adapter(document);
  valijson::Validator validator;
  valijson::ValidationResults results;
  try {
    if (validator.validate(state_->schema, adapter, &results)) return {};
  } catch (const std::regex_error& e) {  // a pattern that takes too long or too much
    base::fail(cat(state_->path, ": a pattern: ", e.what()));
  }
  // The library reports from the innermost value outwards: the first is the most to the point.
  std::vector<std::string> problems;
  for (const auto& error : results) {
    std::string place;
    for (const auto& part : error.context) {
      if (part == "<root>") continue;
      // "[name]" of an object's member or "[3]" of an array's element.
      place += "/" + (part.size() > 2 ? part.substr(1, part.size() - 2) : part);
    }
    std::string why = error.description;
    if (why.ends_with('.')) why.pop_back();
    problems.push_back(cat(place.empty() ? "the record" : place, ": ", why));
  }
  return problems;
}

std::vector<std::string> Schema::names() {
  std::vector<std::string> names;
  const fs::path folder = schema_folder();
  if (folder.empty()) return names;
  for (const auto& file : base::list_files(folder, {std::string(kEnding)})) {
    const std::string name = file.filename().string();
    names.push_back(name.substr(0, name.size() - kEnding.size()));
  }
  return names;
}

}  // namespace easel::jsonl
