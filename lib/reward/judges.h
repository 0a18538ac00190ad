// The vision-language judges of the three papers, whatever model answers.
#pragma once

#include <memory>
#include <string>

#include "record/got_chain.h"
#include "reward/judge_expert.h"
#include "reward/judge_prompts.h"

namespace easel::reward {

// What got-spa judges a layout by: a drawing of its boxes with the names written at them; one of the nano world's shapes in
// the places of its boxes, for judges too small to read; its coordinates as text, with no picture (GoT-R1's ablation).
enum class LayoutView { kBoxes, kShapes, kText };
LayoutView parse_layout_view(const std::string& name);  // layout, shapes, text

struct JudgeOptions {
  std::string root;             // where relative image paths start; empty: the working folder
  http::PromptTexts prompts = judge_prompts();
  LayoutView layout = LayoutView::kBoxes;
  int picture_size = 0;  // pictures are shown at most so wide and high; 0: as they are
};

// binary   ReasonGen-R1 (arXiv 2505.24875, section 3): 1 if the judge ends with \boxed{1}, else 0
// got-sem  GoT-R1 (2505.17022, section 3): the chain without its boxes against the prompt, 0 to 10, over 10
// got-spa  the planned boxes, drawn on a blank canvas with their names, against the prompt, 0 to 10, over 10
// got-ri   mean overlap of planned boxes and those that the judge finds in the picture
// got-pi   the picture against the prompt, 0 to 10, over 10
// vqa      T2I-R1 (2505.00703, section 3.3): mean P(yes) / (P(yes) + P(no)) over attr_nouns, or nouns where there are
//          none; 0 for rows about space and number, 1 where there is nothing to ask
// orm      P(yes) / (P(yes) + P(no)) that the picture is what the prompt asks for
// A chain that is malformed has 0 from the got-experts; got-pi judges a picture without a chain. nullptr for another name.
std::unique_ptr<Judge> make_judge(const std::string& name, const JudgeOptions& options);

// The planned boxes on a white canvas, each outlined in a color of its own, its name at its top left corner.
image::Image draw_layout(const record::GotChain& chain);

}  // namespace easel::reward
