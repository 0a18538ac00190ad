// The parameters that are trained, as one flat float32 buffer each for values, gradients and the
// optimizer's two moments: clipping, the update and checkpoints are single passes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tensor/safetensors.h"
#include "tensor/torch.h"

namespace easel::train {

using torch::Tensor;

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.95, eps = 1e-8, weight_decay = 0.01;
  bool decay_vectors = false;  // also decay one-dimensional parameters (norms, biases)
};

class ParameterSet {
 public:
  // Adopts a parameter: its values move into the flat buffer and `parameter` becomes a leaf that
  // requires a gradient. Call for each, then build().
  void add(const std::string& name, Tensor& parameter);
  void build();

  int64_t size() const { return size_; }
  void zero_gradients() { gradients_.zero_(); }
  // L2 norm over all gradients.
  double gradient_norm() const;
  // One AdamW update (Loshchilov and Hutter, 2019) with the gradients times scale.
  void adamw_step(double learning_rate, double gradient_scale, const AdamWOptions& options);

  // Moments and step count, for trainer/optimizer.safetensors.
  tensor::NamedTensors state() const;
  void load_state(const tensor::Safetensors& file);
  int64_t updates() const { return updates_; }

 private:
  struct Entry {
    std::string name;
    Tensor* parameter;
    int64_t begin, count;
    bool matrix;
  };
  std::vector<Entry> entries_;
  Tensor values_, gradients_, first_, second_;
  int64_t size_ = 0, updates_ = 0;
};

// Scale that brings a gradient of `norm` down to max_norm: min(1, max_norm / (norm + 1e-6));
// 1 when max_norm is 0 (off).
double clip_scale(double norm, double max_norm);

// Learning-rate factor in [0, 1] at `step` of `total`: linear warm-up over `warmup` steps, then
// constant, cosine to 0, or linear to 0.
enum class Decay { kConstant, kCosine, kLinear };
Decay parse_decay(const std::string& name);
double schedule(Decay decay, int64_t step, int64_t warmup, int64_t total);

}  // namespace easel::train
