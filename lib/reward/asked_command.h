// Rollouts in, answers out: a program that is asked about a batch, a line a rollout and a line an answer.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "reward/expert.h"

namespace easel::reward {

// Starts `command` by /bin/sh -c for every run of rollouts whose ids differ (the same prompt, drawn again by a later
// policy, goes to a run of its own), and calls take(i, answer) for the answer to items[i]. An answer is an object with
// an id. Throws Error for a line that is none, for an unknown id and for one that is answered twice, naming `name`;
// `expected` is the hint then.
void ask_command(const std::string& command, const std::string& name, const std::string& expected,
                 const std::vector<const Item*>& items,
                 const std::function<void(size_t i, const jsonl::Object& answer)>& take);

}  // namespace easel::reward
