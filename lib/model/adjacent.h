// Matrices whose rows stand one after another in memory, so that one product can take them all.
#pragma once

#include <vector>

#include "tensor/torch.h"

namespace easel::model {

// The rows of all parts as one matrix: a view where they are adjacent, else a copy.
torch::Tensor stacked_rows(const std::vector<torch::Tensor>& parts);

// Makes the matrices adjacent, in this order: each becomes a view of one that holds all. Nothing changes where they
// are adjacent already.
void make_adjacent(const std::vector<torch::Tensor*>& matrices);

}  // namespace easel::model
