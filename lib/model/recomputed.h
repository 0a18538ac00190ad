// Activation checkpointing (Chen et al., 2016).
#pragma once

#include <functional>

#include "tensor/torch.h"

namespace easel::model {

// body(x) of which nothing but x is kept: the backward pass calls body again and goes back through that. What body
// refers to must outlive the backward pass; gradients of leaves that it uses are added to theirs as always. The
// gradients have the bits that they have without it.
torch::Tensor recomputed(const torch::Tensor& x, std::function<torch::Tensor(const torch::Tensor&)> body);

}  // namespace easel::model
