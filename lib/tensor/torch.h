// The one way to include LibTorch; also the precompiled header of everything above its line. Not torch/torch.h: what its
// modules, optimizers and loaders leave to be instantiated trebles the time that every file takes. Files with a backward pass
// of their own include torch/csrc/autograd/custom_function.h beside it.
#pragma once

#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>
