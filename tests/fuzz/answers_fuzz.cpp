// What models write, and servers around it: every reader of answers takes any bytes.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "change_json.h"
#include "http/chat.h"
#include "http/json_in_text.h"
#include "mutator.h"
#include "record/annotation_styles.h"
#include "record/got_chain.h"
#include "reward/judge_text.h"

std::string easel_change(const std::string& input, int changes, unsigned seed) {
  static constexpr const char* kWords[] = {
      "choices", "message", "content", "finish_reason", "logprobs", "top_logprobs", "token", "logprob", "usage", "prompt_tokens",
      "completion_tokens", "error", "detail", "refusal", "text", "yes", "No", " yes", "score", "grade", "7/10", "bbox_2d", "bbox",
      "box", "label", "name", "object", "brief_caption", "detailed_caption", "augmented_prompts", "augmented_cots", "paraphrases",
      "step_by_step", "\\boxed{1}", "\\boxed{", "<|obj_start|>", "<|obj_end|>", "<|box_start|>", "<|box_end|>", "(1,2),(3,4)"};
  return easel::fuzz::change_json(input, kWords, changes, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace easel;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const auto reply = http::ChatReply::parse(text);
    const auto yes = http::probability_of_yes(reply);
    if (yes && !(*yes >= 0 && *yes <= 1)) __builtin_trap();
  } catch (const base::Error&) {
  }
  try {
    record::read_annotation(text, record::annotation_styles());
  } catch (const base::Error&) {
  }
  http::error_message(text);
  http::json_in_text(text);
  reward::boxed(text);
  const auto grade = reward::grade(text, 0, 10);
  if (grade && !(*grade >= 0 && *grade <= 10)) __builtin_trap();
  const auto chain = record::parse_got_chain(text);
  for (const auto& o : chain.objects) {
    if (o.x1 < 0 || o.x1 >= o.x2 || o.x2 >= record::kGotSide || o.y1 < 0 || o.y1 >= o.y2 || o.y2 >= record::kGotSide) __builtin_trap();
  }
  if (const auto boxes = reward::located_boxes(text, 640, 480)) {
    const double overlap = reward::mean_overlap(chain.objects, *boxes);
    if (!(overlap >= 0 && overlap <= 1)) __builtin_trap();
  }
  return 0;
}
