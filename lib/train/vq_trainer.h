// Training of the image tokenizer.
//
// The first part of the run has no quantiser: the latents only lie on the unit sphere. Then k-means
// of latents makes the codebook, and the rest runs with straight-through codes (van den Oord et
// al., 2017), the codebook following its latents by exponential averages, unused codes moved onto
// latents in use.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
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

// Trains vq in place on pictures (bytes [N, 3, S, S]); both must outlive the trainer.
class VqTrainer {
 public:
  VqTrainer(model::Vq& vq, const torch::Tensor& pictures, const VqTrainOptions& options);
  ~VqTrainer();
  // Step `step` (from 0); steps follow one another.
  record::VqMetrics step(int64_t step);

  // What a run that is to go on after its last step needs beside vq's weights.
  tensor::NamedTensors tensors() const;
  jsonl::Object state() const;
  void restore(const tensor::Safetensors& tensors, const jsonl::Object& state);

 private:
  class Codebook;
  model::Vq& vq_;
  torch::Tensor pictures_;
  VqTrainOptions options_;
  int64_t continuous_steps_;
  ParameterSet parameters_;
  std::unique_ptr<Codebook> codebook_;
  base::CounterRng order_;
  base::RandomStream revive_;
  torch::Tensor seen_;  // latents for k-means [N, E]
};

}  // namespace easel::train
