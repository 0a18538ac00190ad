// The nano world's exact judge as an expert: the rollout's image against what its prompt asks for.
#pragma once

#include <memory>
#include <string>

#include "reward/expert.h"

namespace easel::reward {

// args "": 1 if GenEval's rule holds, else 0. "partial": the share of its clauses that hold.
// What is asked for comes from the record's tag, include and exclude, or from its prompt where it
// has none. A record without either, or whose image is missing or damaged, is bad.
std::unique_ptr<Expert> make_shapes_expert(const std::string& args, const ExpertOptions& options);

// The same of a planned layout (GoT-R1's R_spa with an exact judge): the share of the prompt's clauses that hold for the
// chain's boxes, taken for detections of what they name ("a red circle"); other names are nothing. A malformed chain
// has 0.
std::unique_ptr<Expert> make_layout_expert();

}  // namespace easel::reward
