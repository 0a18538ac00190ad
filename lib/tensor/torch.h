// The one way to include LibTorch; also the precompiled header of everything above its line.
#pragma once

#include <torch/torch.h>
