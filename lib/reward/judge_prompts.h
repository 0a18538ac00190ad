// What judges are asked: the texts of share/judges.
#pragma once

#include <string>
#include <vector>

#include "http/prompt_texts.h"

namespace easel::reward {

// `replaced`: words of --judge-prompt, EXPERT=FILE. Places: {prompt}, {chain}, {layout}, {names}, {width}, {height},
// {question}.
http::PromptTexts judge_prompts(const std::vector<std::string>& replaced = {});

}  // namespace easel::reward
