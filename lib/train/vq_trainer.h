// Training of the image tokenizer.
//
// The first part of the run has no quantiser: the latents only lie on the unit sphere. Then k-means
// of latents makes the codebook, and the rest runs with straight-through codes (van den Oord et
// al., 2017), the codebook following its latents by exponential averages, unused codes moved onto
// latents in use.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "image/image.h"
#include "model/vq.h"
#include "record/metrics.h"
#include "train/parameter_set.h"

namespace easel::train {

struct VqTrainOptions {
  int64_t steps = 3000, batch = 32, seed = 0;
  double learning_rate = 2e-3;
  int64_t warmup = 100;
  double continuous_share = 0.4;  // of the steps, before codes
  double commitment = 0.25;
  double foreground_weight = 1;   // of pixels on or near what differs from the median colour
  double edge_weight = 0;         // of the differences between neighbouring pixels
  double codebook_decay = 0.99;
  double max_gradient_norm = 1;
};

// Pictures as bytes [N, 3, S, S], brought to a square of side S.
torch::Tensor load_pictures(const std::vector<image::Image>& images, int64_t side);

// Trains vq in place on pictures (bytes [N, 3, S, S]); report is called after each step.
void train_vq(model::Vq& vq, const torch::Tensor& pictures, const VqTrainOptions& options,
              const std::function<void(const record::VqMetrics&)>& report);

}  // namespace easel::train
