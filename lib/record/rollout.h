// Rollouts, scored or not (schemas/rollout.v1.schema.json).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jsonl/object.h"
#include "record/tokens.h"

namespace easel::record {

// What drew a rollout. grpo-step compares it with what it trains for.
struct Sampling {
  std::string mode = "single";  // single, direct, two-pass
  int64_t seed = 0;
  double temperature = 1;
  double cfg_weight = 1;
  int64_t max_cot = 0;
  std::string chat;      // chat format: janus, t2i-r1, none
  std::string template_; // field "template"
  std::string dtype = "float32";
  std::optional<std::string> system = {};  // what stood before the prompt, where the user chose it
};

struct Rollout {
  std::string id, group_id;
  int64_t group_size = 1, index = 0;
  std::string prompt;
  std::string cot;
  std::string image;  // path; empty when no picture was written
  std::optional<TokensRef> tokens;
  int64_t policy_version = 0;
  std::string finish;  // stop, eos, length
  Sampling sampling;
  std::vector<std::pair<std::string, double>> rewards;  // by expert, in order
  std::optional<double> reward;                         // absent: unscored

  static Rollout parse(const jsonl::Object& record);
  // Writes the rollout's own fields into record, which may hold the prompt's others.
  void write(jsonl::Object& record) const;
};

// Adds "rewards", beside those of other experts, and "reward"; an absent reward is written as null and means unscored.
void write_rewards(jsonl::Object& record, const std::vector<std::pair<std::string, double>>& rewards,
                   std::optional<double> reward);

}  // namespace easel::record
