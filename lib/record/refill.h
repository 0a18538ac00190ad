// How grpo-step asks sample-group --follow for more prompts of one policy version, when too many groups were dropped for
// equal rewards (ReasonGen-R1 draws anew up to eight times): a small file beside the policy's folder.
#pragma once

#include <cstdint>
#include <filesystem>

namespace easel::record {

// So many batches of prompts are wanted, in all, of that version.
struct RefillRequest {
  int64_t policy_version = -1, batches = 1;

  // Of a policy's folder; the default when nothing is asked for.
  static RefillRequest read(const std::filesystem::path& policy);
  void write(const std::filesystem::path& policy) const;
};

}  // namespace easel::record
