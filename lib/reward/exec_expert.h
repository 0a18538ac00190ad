// Any program as an expert: it reads rollout records, a line each, and writes {"id":...,
// "value":...} lines, in any order. It is started once for each batch of rollouts, by /bin/sh -c,
// and ends when its input does. No line for a rollout, or a null value, leaves that rollout
// unscored; everything else that is wrong (an exit code other than 0, a line that is no answer, an
// unknown id, an id answered twice, a value that is no number) is an error.
#pragma once

#include <memory>
#include <string>

#include "reward/expert.h"

namespace easel::reward {

// `name` is for messages.
std::unique_ptr<Expert> make_exec_expert(const std::string& command, const std::string& name);

}  // namespace easel::reward
