#include "reward/judge_prompts.h"

#include "judge_texts.inc"  // made of share/judges when the build is configured: kJudgeTexts

namespace easel::reward {

http::PromptTexts judge_prompts(const std::vector<std::string>& replaced) {
  return {kJudgeTexts, "--judge-prompt", replaced};
}

}  // namespace easel::reward
