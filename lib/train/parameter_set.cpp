#include "train/parameter_set.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/function_hook.h>

#include <array>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "base/random.h"
#include "tensor/compute.h"
#include "tensor/kernels.h"
#include "tensor/quantize.h"

namespace easel::train {

namespace kernels = tensor::kernels;
using base::cat;
using tensor::DynamicMap;
using tensor::kQuantBlock;

namespace {

constexpr int64_t kAlign = 16;       // floats: 64 bytes
constexpr int64_t kBlock = 1 << 16;  // floats a thread takes at a time; fixes the order of sums
constexpr int64_t kStretch = 2048;   // floats whose state is unpacked at a time: it stays in the first cache
constexpr int64_t kPiece = 1 << 24;  // floats that a device hands over, or works on, at a time
static_assert(kBlock % kStretch == 0 && kStretch % kQuantBlock == 0 && kPiece % kBlock == 0);

int64_t rounded_up(int64_t count, int64_t step) { return (count + step - 1) / step * step; }

// Adds a parameter's gradient to `sum` and takes it away, so that no two exist at a time.
class SumUp : public torch::autograd::PostAccumulateGradHook {
 public:
  explicit SumUp(Tensor sum) : sum_(std::move(sum)) {}
  void operator()(const torch::autograd::Variable& parameter) override {
    const torch::NoGradGuard no_grad;
    sum_.add_(parameter.grad());
    parameter.mutable_grad().reset();
  }

 private:
  Tensor sum_;
};

// Decode and encode whole blocks of codes, for devices that the kernels do not serve.
Tensor map_values(const DynamicMap& map, const Tensor& like) {
  return torch::from_blob(const_cast<float*>(map.values().data()), {256}, torch::kFloat32).to(like.device());
}
Tensor decoded(const DynamicMap& map, const Tensor& codes, const Tensor& scales) {
  return (map_values(map, codes).index_select(0, codes.to(torch::kInt32)).view({-1, kQuantBlock}) * scales.unsqueeze(1))
      .view(-1);
}
void encode(const DynamicMap& map, const Tensor& x, Tensor codes, Tensor scales, bool keep_nonzero) {
  const Tensor blocks = x.view({-1, kQuantBlock}), values = map_values(map, x);
  const Tensor scale = std::get<0>(blocks.abs().max(1));
  const Tensor inverse = torch::where(scale > 0, 1 / scale, torch::zeros_like(scale));
  const Tensor middle = (values.slice(0, 0, 255) + values.slice(0, 1, 256)) / 2;
  Tensor nearest = torch::bucketize(blocks * inverse.unsqueeze(1), middle, true);
  if (keep_nonzero) nearest = nearest + ((nearest == map.zero()) & (blocks > 0)).to(nearest.scalar_type());
  codes.copy_(nearest.view(-1));
  scales.copy_(scale);
}

// The random half-words of kernels::round_stochastically for values `first` and on.
Tensor random_halves(int64_t first, int64_t count, uint32_t key, torch::Device device) {
  constexpr int64_t kLow = 0xFFFFFFFF;
  Tensor h = (torch::arange(first, first + count, torch::TensorOptions().dtype(torch::kInt64).device(device)) *
                  int64_t{0x9E3779B1} & kLow) ^ static_cast<int64_t>(key);
  const auto folded = [&](int64_t shift) { return h ^ torch::bitwise_right_shift(h, shift); };
  h = (folded(16) * int64_t{0x21F0AAAD}) & kLow;
  h = (folded(15) * int64_t{0x735A2D97}) & kLow;
  return folded(15) & 0xFFFF;
}

}  // namespace

// One optimizer step's constants.
struct ParameterSet::Update {
  kernels::AdamWStep step;
  double correction1, correction2, learning_rate;
  uint32_t key;  // of the rounding
};

bool ParameterSet::is_coded(int64_t count, bool matrix, const StateOptions& o) {
  return o.eight_bit && matrix && count >= kFewValues;
}

int64_t ParameterSet::state_bytes(int64_t count, bool matrix, torch::Dtype dtype, const StateOptions& o) {
  const int64_t master = dtype != torch::kFloat32 && !o.stochastic_rounding ? 4 * count : 0;
  const int64_t blocks = (count + kQuantBlock - 1) / kQuantBlock;
  return master + 2 * (is_coded(count, matrix, o) ? count + 4 * blocks : 4 * count);
}

void ParameterSet::add(const std::string& name, Tensor& parameter) {
  const auto dtype = parameter.scalar_type();
  TORCH_CHECK(dtype == torch::kFloat32 || dtype == torch::kBFloat16, "trained parameters are float32 or bfloat16");
  TORCH_CHECK(entries_.empty() || dtype == entries_[0].parameter->scalar_type(), "trained parameters have one type");
  const int64_t count = parameter.numel();
  const bool matrix = parameter.dim() > 1, coded = is_coded(count, matrix, options_);
  entries_.push_back({name, &parameter, size_, count, matrix, coded, coded ? coded_size_ : plain_size_});
  size_ += rounded_up(count, kAlign);
  if (coded) {
    coded_size_ += rounded_up(count, kQuantBlock);
  } else {
    plain_size_ += rounded_up(count, kAlign);
  }
}

void ParameterSet::build() {
  torch::NoGradGuard no_grad;
  if (entries_.empty()) base::fail("no parameter is left to train");
  const auto options = entries_[0].parameter->options().requires_grad(false);
  const auto floats = options.dtype(torch::kFloat32);
  const auto state = options_.on_host ? floats.device(torch::kCPU) : floats;
  // One by one, before anything else is allocated: where a parameter came from is free again behind it.
  values_ = torch::zeros({size_}, options);
  for (Entry& e : entries_) {
    Tensor view = values_.narrow(0, e.begin, e.count).view(e.parameter->sizes());
    view.copy_(*e.parameter);
    *e.parameter = view.detach();
    e.parameter->requires_grad_(true);
  }
  tensor::return_freed_memory();
  gradients_ = torch::zeros({size_}, floats);
  for (const auto& [moment, map] : {std::pair(&first_, &DynamicMap::of_signed()), std::pair(&second_, &DynamicMap::of_unsigned())}) {
    moment->plain = torch::zeros({plain_size_}, state);
    moment->codes = torch::full({coded_size_}, map->zero(), state.dtype(torch::kUInt8));
    moment->scales = torch::zeros({coded_size_ / kQuantBlock}, state);
  }
  for (Entry& e : entries_) {
    Tensor sum = gradients_.narrow(0, e.begin, e.count).view(e.parameter->sizes());
    if (half()) {
      torch::autograd::impl::set_post_acc_grad_hooks(*e.parameter, std::make_unique<SumUp>(sum));
    } else {
      e.parameter->mutable_grad() = sum;
    }
  }
  if (half() && !options_.stochastic_rounding) master_ = values_.to(state);
}

Tensor ParameterSet::gradient(size_t index) const {
  return gradients_.narrow(0, entries_[index].begin, entries_[index].count);
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

void ParameterSet::adamw_step(double learning_rate, double gradient_scale, const AdamWOptions& o) {
  torch::NoGradGuard no_grad;
  ++updates_;
  Update u{};
  u.learning_rate = learning_rate;
  u.correction1 = 1 - std::pow(o.beta1, static_cast<double>(updates_));
  u.correction2 = 1 - std::pow(o.beta2, static_cast<double>(updates_));
  u.key = static_cast<uint32_t>(
      base::CounterRng(static_cast<uint64_t>(options_.seed), "stochastic-rounding").bits(static_cast<uint64_t>(updates_)));
  u.step.beta1 = static_cast<float>(o.beta1);
  u.step.beta2 = static_cast<float>(o.beta2);
  u.step.eps = static_cast<float>(o.eps);
  u.step.step_size = static_cast<float>(learning_rate / u.correction1);
  u.step.inverse_sqrt_correction2 = static_cast<float>(1 / std::sqrt(u.correction2));
  u.step.grad_scale = static_cast<float>(gradient_scale);
  const bool on_cpu = values_.device().is_cpu();
  for (const Entry& e : entries_) {
    u.step.decay = e.matrix || o.decay_vectors ? static_cast<float>(learning_rate * o.weight_decay) : 0.0f;
    if (on_cpu && options_.kernels) {
      auto* values = static_cast<char*>(values_.data_ptr()) + e.begin * static_cast<int64_t>(values_.element_size());
      update_by_kernels(e, u, 0, e.count, gradients_.data_ptr<float>() + e.begin, values);
      continue;
    }
    for (int64_t from = 0; from < e.count; from += kPiece) {
      const int64_t count = std::min(kPiece, e.count - from);
      if (!options_.on_host) {
        update_by_torch(e, u, from, count);
        continue;
      }
      const Tensor gradients = gradients_.narrow(0, e.begin + from, count).to(torch::kCPU);
      Tensor there = values_.narrow(0, e.begin + from, count);
      // With a float32 copy values are only written, but float32 parameters are their own.
      Tensor values = torch::empty({count}, there.options().device(torch::kCPU));
      if (!master_.defined()) values.copy_(there);
      update_by_kernels(e, u, from, count, gradients.data_ptr<float>(), values.data_ptr());
      there.copy_(values);
    }
  }
}

// Values [from, from + count) of a parameter; `gradients` and `values` are theirs.
void ParameterSet::update_by_kernels(const Entry& e, const Update& u, int64_t from, int64_t count,
                                     const float* gradients, void* values) {
  const bool narrow = half();
  auto* const wide_values = narrow ? nullptr : static_cast<float*>(values);
  auto* const narrow_values = narrow ? static_cast<uint16_t*>(values) : nullptr;
  float* const master = master_.defined() ? master_.data_ptr<float>() + e.begin + from : wide_values;
  const auto moment_at = [&](const Moment& m, int64_t at, int64_t n, const DynamicMap& map, float* unpacked) {
    const int64_t place = e.moment_begin + from + at;
    if (!e.coded) return m.plain.data_ptr<float>() + place;
    for (int64_t i = 0; i < n; i += kQuantBlock) {
      map.dequantize(m.codes.data_ptr<uint8_t>() + place + i, std::min(kQuantBlock, n - i),
                     m.scales.data_ptr<float>()[(place + i) / kQuantBlock], unpacked + i);
    }
    return unpacked;
  };
  const auto pack = [&](const Moment& m, int64_t at, int64_t n, const DynamicMap& map, const float* unpacked,
                        bool keep_nonzero) {
    const int64_t place = e.moment_begin + from + at;
    for (int64_t i = 0; i < n; i += kQuantBlock) {
      m.scales.data_ptr<float>()[(place + i) / kQuantBlock] =
          map.quantize(unpacked + i, std::min(kQuantBlock, n - i), m.codes.data_ptr<uint8_t>() + place + i, keep_nonzero);
    }
  };
  const DynamicMap &signs = DynamicMap::of_signed(), &squares = DynamicMap::of_unsigned();
  at::parallel_for(0, (count + kBlock - 1) / kBlock, 1, [&](int64_t first_block, int64_t last_block) {
    std::array<float, kStretch> p_wide, m_wide, v_wide;
    const int64_t end = std::min(count, last_block * kBlock);
    for (int64_t at = first_block * kBlock; at < end; at += kStretch) {
      const int64_t n = std::min(kStretch, end - at);
      float* p = master != nullptr ? master + at : p_wide.data();
      if (master == nullptr) kernels::widen(narrow_values + at, p, n);
      float* const m = moment_at(first_, at, n, signs, m_wide.data());
      float* const v = moment_at(second_, at, n, squares, v_wide.data());
      kernels::adamw(p, gradients + at, m, v, n, u.step);
      if (narrow && master != nullptr) kernels::round_to_nearest(p, narrow_values + at, n);
      if (narrow && master == nullptr) {
        kernels::round_stochastically(p, narrow_values + at, n, static_cast<uint32_t>(e.begin + from + at), u.key);
      }
      if (!e.coded) continue;
      pack(first_, at, n, signs, m, false);
      // A second moment of zero beside a first one that is not would divide by eps alone.
      pack(second_, at, n, squares, v, true);
    }
  });
}

void ParameterSet::update_by_torch(const Entry& e, const Update& u, int64_t from, int64_t count) {
  const int64_t padded = e.coded ? rounded_up(count, kQuantBlock) : count, place = e.moment_begin + from;
  const int64_t block = place / kQuantBlock, blocks = padded / kQuantBlock;
  const auto moment = [&](const Moment& m, const DynamicMap& map) {
    if (!e.coded) return m.plain.narrow(0, place, count);
    return decoded(map, m.codes.narrow(0, place, padded), m.scales.narrow(0, block, blocks));
  };
  const Tensor g = torch::constant_pad_nd(gradients_.narrow(0, e.begin + from, count) * u.step.grad_scale, {0, padded - count});
  Tensor m = moment(first_, DynamicMap::of_signed()), v = moment(second_, DynamicMap::of_unsigned());
  m.mul_(u.step.beta1).add_(g, 1 - u.step.beta1);
  v.mul_(u.step.beta2).addcmul_(g, g, 1 - u.step.beta2);
  Tensor values = values_.narrow(0, e.begin + from, count);
  Tensor p = master_.defined() ? master_.narrow(0, e.begin + from, count) : values.to(torch::kFloat32);
  p.mul_(1 - u.step.decay);
  p.addcdiv_(m.narrow(0, 0, count), v.narrow(0, 0, count).sqrt().div_(std::sqrt(u.correction2)).add_(u.step.eps),
             -u.learning_rate / u.correction1);
  if (half() && !master_.defined()) {
    const Tensor halves = random_halves(e.begin + from, count, u.key, values.device()).to(torch::kInt32);
    p = ((p.view(torch::kInt32) + halves) & static_cast<int32_t>(0xFFFF0000)).view(torch::kFloat32);
  }
  if (!values.is_same(p)) values.copy_(p);
  if (!e.coded) return;
  encode(DynamicMap::of_signed(), m, first_.codes.narrow(0, place, padded), first_.scales.narrow(0, block, blocks), false);
  encode(DynamicMap::of_unsigned(), v, second_.codes.narrow(0, place, padded), second_.scales.narrow(0, block, blocks), true);
}

// Calls body(name, view) for each part of a parameter's state, in the parameter's shape where it has its size.
void ParameterSet::for_state(const Entry& e, const std::function<void(const std::string&, const Tensor&)>& body) const {
  const auto shape = e.parameter->sizes();
  for (const auto& [what, m] : {std::pair(".first_moment", &first_), std::pair(".second_moment", &second_)}) {
    if (!e.coded) {
      body(e.name + what, m->plain.narrow(0, e.moment_begin, e.count).view(shape));
      continue;
    }
    const int64_t blocks = (e.count + kQuantBlock - 1) / kQuantBlock;
    body(e.name + what, m->codes.narrow(0, e.moment_begin, e.count).view(shape));
    body(e.name + what + "_scales", m->scales.narrow(0, e.moment_begin / kQuantBlock, blocks));
  }
  if (master_.defined()) body(e.name + ".float32", master_.narrow(0, e.begin, e.count).view(shape));
}

tensor::NamedTensors ParameterSet::state() const {
  tensor::NamedTensors out;
  for (const Entry& e : entries_) {
    for_state(e, [&](const std::string& name, const Tensor& view) { out.emplace_back(name, view.to(torch::kCPU)); });
  }
  out.emplace_back("updates", torch::tensor({updates_}, torch::kInt64));
  return out;
}

void ParameterSet::load_state(const tensor::Safetensors& file) {
  torch::NoGradGuard no_grad;
  for (const Entry& e : entries_) {
    for_state(e, [&](const std::string& name, const Tensor& view) {
      const Tensor stored = file.get(name, view.scalar_type(), view.dim());
      if (stored.sizes() != view.sizes()) base::fail(cat(file.file(), ": ", name, ": the shape is not the parameter's"));
      view.copy_(stored);
    });
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
