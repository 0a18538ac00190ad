#include "record/tokens.h"

namespace easel::record {

std::optional<TokensRef> TokensRef::parse(const jsonl::Object& record, std::string_view key) {
  if (record.is_null(key)) return std::nullopt;
  const jsonl::Object fields = record.object(key);
  TokensRef ref{fields.string("shard"), fields.integer("row"), fields.optional_string("digest").value_or("")};
  if (ref.row < 0) record.fail(base::cat("field \"", key, "\": row must not be negative, got ", ref.row));
  return ref;
}

void TokensRef::write(jsonl::Object& record, std::string_view key) const {
  jsonl::Object fields;
  fields.set("shard", shard);
  fields.set("row", row);
  if (!digest.empty()) fields.set("digest", digest);
  record.set(key, fields);
}

}  // namespace easel::record
