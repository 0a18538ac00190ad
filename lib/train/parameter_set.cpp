#include "train/parameter_set.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <numbers>

#include "base/error.h"
#include "tensor/kernels.h"

namespace easel::train {

namespace kernels = tensor::kernels;
using base::cat;

namespace {
constexpr int64_t kAlign = 16;        // floats: 64 bytes
constexpr int64_t kBlock = 1 << 16;   // floats a thread takes at a time; fixes the order of sums
}  // namespace

void ParameterSet::add(const std::string& name, Tensor& parameter) {
  TORCH_CHECK(parameter.scalar_type() == torch::kFloat32, "trained parameters are float32");
  const int64_t count = parameter.numel();
  entries_.push_back({name, &parameter, size_, count, parameter.dim() > 1});
  size_ += (count + kAlign - 1) / kAlign * kAlign;
}

void ParameterSet::build() {
  torch::NoGradGuard no_grad;
  if (entries_.empty()) base::fail("no parameter is left to train");
  const auto options = entries_[0].parameter->options().requires_grad(false);
  values_ = torch::zeros({size_}, options);
  gradients_ = torch::zeros({size_}, options);
  first_ = torch::zeros({size_}, options);
  second_ = torch::zeros({size_}, options);
  for (Entry& e : entries_) {
    Tensor view = values_.narrow(0, e.begin, e.count).view(e.parameter->sizes());
    view.copy_(*e.parameter);
    *e.parameter = view.detach();
    e.parameter->requires_grad_(true);
    e.parameter->mutable_grad() = gradients_.narrow(0, e.begin, e.count).view(view.sizes());
  }
}

double ParameterSet::gradient_norm() const {
  if (!gradients_.device().is_cpu()) return gradients_.norm().item<double>();
  const float* g = gradients_.data_ptr<float>();
  const int64_t blocks = (size_ + kBlock - 1) / kBlock;
  std::vector<double> sums(static_cast<size_t>(blocks));
  at::parallel_for(0, blocks, 1, [&](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; ++b) {
      sums[static_cast<size_t>(b)] =
          kernels::sum_of_squares(g + b * kBlock, std::min(kBlock, size_ - b * kBlock));
    }
  });
  double total = 0;
  for (const double s : sums) total += s;
  return std::sqrt(total);
}

void ParameterSet::adamw_step(double learning_rate, double gradient_scale,
                              const AdamWOptions& o) {
  torch::NoGradGuard no_grad;
  ++updates_;
  const double correction1 = 1 - std::pow(o.beta1, static_cast<double>(updates_));
  const double correction2 = 1 - std::pow(o.beta2, static_cast<double>(updates_));
  if (!values_.device().is_cpu()) {
    const Tensor g = gradients_ * gradient_scale;
    first_.mul_(o.beta1).add_(g, 1 - o.beta1);
    second_.mul_(o.beta2).addcmul_(g, g, 1 - o.beta2);
    for (const Entry& e : entries_) {
      Tensor p = values_.narrow(0, e.begin, e.count);
      if (e.matrix || o.decay_vectors) p.mul_(1 - learning_rate * o.weight_decay);
      const Tensor denominator =
          second_.narrow(0, e.begin, e.count).sqrt().div_(std::sqrt(correction2)).add_(o.eps);
      p.addcdiv_(first_.narrow(0, e.begin, e.count), denominator, -learning_rate / correction1);
    }
    return;
  }
  kernels::AdamWStep step{};
  step.beta1 = static_cast<float>(o.beta1);
  step.beta2 = static_cast<float>(o.beta2);
  step.eps = static_cast<float>(o.eps);
  step.step_size = static_cast<float>(learning_rate / correction1);
  step.inverse_sqrt_correction2 = static_cast<float>(1 / std::sqrt(correction2));
  step.grad_scale = static_cast<float>(gradient_scale);
  float *p = values_.data_ptr<float>(), *g = gradients_.data_ptr<float>();
  float *m = first_.data_ptr<float>(), *v = second_.data_ptr<float>();
  for (const Entry& e : entries_) {
    const bool decays = e.matrix || o.decay_vectors;
    step.decay = decays ? static_cast<float>(learning_rate * o.weight_decay) : 0.0f;
    at::parallel_for(0, e.count, kBlock, [&](int64_t begin, int64_t end) {
      const int64_t at = e.begin + begin;
      kernels::adamw(p + at, g + at, m + at, v + at, end - begin, step);
    });
  }
}

tensor::NamedTensors ParameterSet::state() const {
  tensor::NamedTensors out;
  for (const Entry& e : entries_) {
    const auto shape = e.parameter->sizes();
    out.emplace_back(e.name + ".first_moment", first_.narrow(0, e.begin, e.count).view(shape));
    out.emplace_back(e.name + ".second_moment", second_.narrow(0, e.begin, e.count).view(shape));
  }
  out.emplace_back("updates", torch::tensor({updates_}, torch::kInt64));
  return out;
}

void ParameterSet::load_state(const tensor::Safetensors& file) {
  torch::NoGradGuard no_grad;
  for (const Entry& e : entries_) {
    const auto restore = [&](const std::string& what, Tensor& flat) {
      const Tensor stored = file.get(e.name + what, torch::kFloat32, e.parameter->dim());
      if (stored.sizes() != e.parameter->sizes()) {
        base::fail(cat(file.file(), ": ", e.name, what, ": the shape is not the parameter's"));
      }
      flat.narrow(0, e.begin, e.count).view(stored.sizes()).copy_(stored);
    };
    restore(".first_moment", first_);
    restore(".second_moment", second_);
  }
  updates_ = file.get("updates", torch::kInt64, 1).item<int64_t>();
}

double clip_scale(double norm, double max_norm) {
  return max_norm > 0 ? std::min(1.0, max_norm / (norm + 1e-6)) : 1.0;
}

Decay parse_decay(const std::string& name) {
  if (name == "constant") return Decay::kConstant;
  if (name == "cosine") return Decay::kCosine;
  if (name == "linear") return Decay::kLinear;
  base::fail_usage(cat("expected constant, cosine or linear, got ", base::quote(name)));
}

double schedule(Decay decay, int64_t step, int64_t warmup, int64_t total) {
  if (step < warmup) return static_cast<double>(step + 1) / static_cast<double>(warmup);
  if (decay == Decay::kConstant || total <= warmup) return 1;
  const double done = std::min(1.0, static_cast<double>(step - warmup) /
                                        static_cast<double>(total - warmup));
  return decay == Decay::kLinear ? 1 - done : 0.5 * (1 + std::cos(std::numbers::pi * done));
}

}  // namespace easel::train
