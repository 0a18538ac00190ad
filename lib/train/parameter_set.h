// The parameters that are trained, as one flat buffer each for values, gradients and the optimizer's state:
// clipping, the update and checkpoints are single passes.
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

// How the optimizer's state is held.
struct StateOptions {
  // bfloat16 parameters are rounded up or down by chance, without bias, instead of having a float32 copy that
  // collects what is too small for them.
  bool stochastic_rounding = false;
  int64_t seed = 0;  // of that
  // Moments of matrices in eight bits (tensor/quantize.h). Vectors and parameters of fewer than kFewValues keep
  // float32: they are little memory, and norms and embeddings of few rows suffer most.
  bool eight_bit = false;
  bool on_host = false;  // moments and float32 copy in the CPU's memory, which then computes the update
  bool kernels = true;   // false: by LibTorch's operations on the CPU too, as on another device (for tests)
};

class ParameterSet {
 public:
  static constexpr int64_t kFewValues = 4096;

  explicit ParameterSet(const StateOptions& options = {}) : options_(options) {}
  ParameterSet(const ParameterSet&) = delete;
  ParameterSet& operator=(const ParameterSet&) = delete;

  // Adopts a parameter, float32 or bfloat16 as all are: its values move into the flat buffer and `parameter`
  // becomes a leaf that requires a gradient. Call for each, then build(). Of bfloat16 parameters gradients are
  // summed up in float32, each as it comes: `parameter` itself keeps none.
  void add(const std::string& name, Tensor& parameter);
  void build();

  int64_t size() const { return size_; }
  void zero_gradients() { gradients_.zero_(); }
  // Sum of the gradients of entry `index` since zero_gradients(), float32, flat.
  Tensor gradient(size_t index) const;
  // L2 norm over all gradients.
  double gradient_norm() const;
  // One AdamW update (Loshchilov and Hutter, 2019) with the gradients times scale.
  void adamw_step(double learning_rate, double gradient_scale, const AdamWOptions& options);

  // Moments, float32 copies and step count, for trainer/optimizer.safetensors.
  tensor::NamedTensors state() const;
  // Throws Error naming what the file lacks, or holds in another shape or type.
  void load_state(const tensor::Safetensors& file);
  int64_t updates() const { return updates_; }

  // Bytes that a parameter of `count` values of `dtype` takes: of gradients, and of the optimizer's state.
  static int64_t gradient_bytes(int64_t count) { return count * 4; }
  static int64_t state_bytes(int64_t count, bool matrix, torch::Dtype dtype, const StateOptions& options);

 private:
  struct Entry {
    std::string name;
    Tensor* parameter;
    int64_t begin, count;
    bool matrix, coded;    // coded: moments in eight bits
    int64_t moment_begin;  // in the moments' buffers of its kind
  };
  // One of the two moments of all parameters: float32, and codes with a scale for each block.
  struct Moment {
    Tensor plain, codes, scales;
  };
  static bool is_coded(int64_t count, bool matrix, const StateOptions& options);
  bool half() const { return values_.scalar_type() == torch::kBFloat16; }
  struct Update;
  void update_by_kernels(const Entry& entry, const Update& update, int64_t from, int64_t count, const float* gradients,
                         void* values);
  void update_by_torch(const Entry& entry, const Update& update, int64_t from, int64_t count);
  void for_state(const Entry& entry, const std::function<void(const std::string&, const Tensor&)>& body) const;

  StateOptions options_;
  std::vector<Entry> entries_;
  Tensor values_, gradients_, master_;
  Moment first_, second_;
  int64_t size_ = 0, plain_size_ = 0, coded_size_ = 0, updates_ = 0;
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
