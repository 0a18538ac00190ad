#include "record/refill.h"

#include "base/file.h"
#include "base/links.h"
#include "jsonl/object.h"

namespace easel::record {

std::filesystem::path file_beside(const std::filesystem::path& policy, const std::string& ending) {
  const std::filesystem::path folder = base::follow_links(base::without_trailing_slash(policy));
  return folder.parent_path() / ("." + folder.filename().string() + "." + ending);
}

RefillRequest RefillRequest::read(const std::filesystem::path& policy) {
  const auto file = file_beside(policy, "refill");
  if (!std::filesystem::exists(file)) return {};
  const auto object = jsonl::Object::parse(base::trim(base::read_file(file, 4096)), {file.string(), 0});
  return {object.integer("policy_version"), object.integer("batches"), object.optional_string("finished").value_or("")};
}

void RefillRequest::write(const std::filesystem::path& policy) const {
  jsonl::Object object;
  object.set("policy_version", policy_version);
  object.set("batches", batches);
  if (!finished.empty()) object.set("finished", finished);
  base::write_file(file_beside(policy, "refill"), object.str() + "\n");
}

}  // namespace easel::record
