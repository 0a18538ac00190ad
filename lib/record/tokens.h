// Where a record's tensors stand: a shard file and the row in it.
#pragma once

#include <optional>
#include <string>

#include "jsonl/object.h"

namespace easel::record {

struct TokensRef {
  std::string shard;  // path as the user typed the folder
  int64_t row = 0;
  std::string digest = {};  // of the row's tokens; "" where the record has none

  // From field "tokens", or from another of the same form ("logprobs"); nullopt when absent.
  static std::optional<TokensRef> parse(const jsonl::Object& record,
                                        std::string_view key = "tokens");
  void write(jsonl::Object& record, std::string_view key = "tokens") const;
};

}  // namespace easel::record
