// The one way to include LibTorch; also the precompiled header of everything above its line. Not torch/torch.h: what its
// modules, optimizers and loaders leave to be instantiated doubles the time that every file takes.
#pragma once

#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>
