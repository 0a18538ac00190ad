// A Janus policy of this machine as a judge, by the program janus-answer: no server, and no tensors in this program.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "reward/judge_model.h"

namespace easel::reward {

struct JanusJudgeOptions {
  std::string policy;  // folder
  std::string device = "cpu", dtype = "float32";
  int64_t threads = 0;
  std::optional<std::string> system = {};  // goes before the question; without it what Janus-Pro was told
};

std::unique_ptr<JudgeModel> make_janus_judge_model(const JanusJudgeOptions& options);

}  // namespace easel::reward
