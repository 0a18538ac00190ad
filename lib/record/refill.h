// What grpo-step tells sample-group --follow, in a small file beside the policy's folder: that it wants more prompts of one
// policy version, when too many groups were dropped for equal rewards (ReasonGen-R1 draws anew up to eight times), or that
// it has had all its batches.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace easel::record {

// The hidden file .NAME.ENDING beside a policy's folder NAME: what programs tell each other about a policy does not
// belong into the folder, which is exchanged whole. "lock" is held by the program that trains it (base::FileLock).
// Beside a symbolic link's target, so that who names the link and who names the target mean one file.
std::filesystem::path file_beside(const std::filesystem::path& policy, const std::string& ending);

// So many batches of prompts are wanted, in all, of that version.
struct RefillRequest {
  int64_t policy_version = -1, batches = 1;
  std::string finished = {};  // names the run that wants no more, and differs from every other's name

  // Of a policy's folder; the default when nothing is asked for.
  static RefillRequest read(const std::filesystem::path& policy);
  void write(const std::filesystem::path& policy) const;
};

}  // namespace easel::record
