#include "tensor/matmul.h"

#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include "tensor/amx_kernels.h"
#include "tensor/few_rows_kernels.h"

namespace easel::tensor {

namespace {

// LibTorch's oneDNN linear, where this build has it. It is no public function, so it is looked up
// by name, and called by boxed values because its C++ signature differs between versions.
const c10::OperatorHandle* onednn_linear() {
  static const auto handle = at::hasMKLDNN()
                                 ? c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""})
                                 : std::optional<c10::OperatorHandle>();
  return handle ? &*handle : nullptr;
}

}  // namespace

bool takes_widening(const torch::Tensor& a, const torch::Tensor& b) {
  static const bool has_avx512 = [] {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#else
    return true;  // others' paths are not known here
#endif
  }();
  const auto type = a.scalar_type();
  return !has_avx512 && a.device().is_cpu() && b.device().is_cpu() && type == b.scalar_type() &&
         (type == torch::kBFloat16 || type == torch::kHalf);
}

torch::Tensor widened_matmul_nt(const torch::Tensor& a, const torch::Tensor& b) {
  constexpr int64_t kBlock = 1 << 20;  // floats of b at a time: they stay in a cache
  const int64_t count = b.size(0), rows = std::max<int64_t>(kFewRows, kBlock / std::max<int64_t>(1, b.size(1)));
  const torch::Tensor x = a.to(torch::kFloat32).contiguous();
  torch::Tensor out = torch::empty({a.size(0), count}, a.options().requires_grad(false));
  for (int64_t begin = 0; begin < count; begin += rows) {
    const int64_t end = std::min(count, begin + rows);
    out.slice(1, begin, end).copy_(matmul_nt(x, b.slice(0, begin, end).to(torch::kFloat32).contiguous()));
  }
  return out;
}

bool takes_few_rows(const torch::Tensor& a, const torch::Tensor& b) {
  if (!a.device().is_cpu() || !b.device().is_cpu() || a.scalar_type() != torch::kFloat32) return false;
  if (b.scalar_type() == torch::kBFloat16) return true;
  return b.scalar_type() == torch::kFloat32 && a.size(0) < kFewRows && b.is_contiguous();
}

namespace {

void amx_matmul_nt(const torch::Tensor& x, const torch::Tensor& w, torch::Tensor& out) {
  const int64_t rows = x.size(0), width = x.size(1), count = w.size(0);
  const auto split = torch::empty({kernels::amx_split_size(rows, width)}, torch::kInt16);
  auto* parts = reinterpret_cast<uint16_t*>(split.data_ptr<int16_t>());
  at::parallel_for(0, at::divup(width, kernels::kAmxDepth), 16, [&](int64_t begin, int64_t end) {
    kernels::amx_split(x.data_ptr<float>(), rows, width, begin, end, parts);
  });
  const auto* weights = reinterpret_cast<const uint16_t*>(w.data_ptr<at::BFloat16>());
  at::parallel_for(0, at::divup(count, kernels::kAmxTogether), 1, [&](int64_t begin, int64_t end) {
    const int64_t first = begin * kernels::kAmxTogether, last = std::min(count, end * kernels::kAmxTogether);
    kernels::amx_product(parts, rows, weights + first * width, last - first, width, out.data_ptr<float>() + first, count);
  });
}

}  // namespace

void few_rows_matmul_nt(const torch::Tensor& a, const torch::Tensor& b, torch::Tensor& out) {
  const torch::Tensor x = a.contiguous(), w = b.contiguous();
  const int64_t rows = x.size(0), width = x.size(1), count = w.size(0);
  TORCH_CHECK(w.size(1) == width && out.is_contiguous() && out.size(0) == rows && out.size(1) == count);
  if (w.scalar_type() == torch::kBFloat16 && kernels::has_amx()) return amx_matmul_nt(x, w, out);
  constexpr int64_t kLeast = 1 << 16;  // products worth a thread's start
  const int64_t grain = std::max<int64_t>(16, kLeast / std::max<int64_t>(1, rows * width));
  const auto run = [&](const auto* weights) {
    at::parallel_for(0, count, grain, [&](int64_t begin, int64_t end) {
      kernels::few_rows_product(x.data_ptr<float>(), rows, weights + begin * width, end - begin, width,
                                out.data_ptr<float>() + begin, count);
    });
  };
  if (w.scalar_type() == torch::kBFloat16) {
    run(reinterpret_cast<const uint16_t*>(w.data_ptr<at::BFloat16>()));
  } else {
    run(w.data_ptr<float>());
  }
}

torch::Tensor matmul_nt(const torch::Tensor& a, const torch::Tensor& b) {
  if (takes_few_rows(a, b)) {
    torch::Tensor out = torch::empty({a.size(0), b.size(0)}, a.options().requires_grad(false));
    few_rows_matmul_nt(a, b, out);
    return out;
  }
  if (takes_widening(a, b)) return widened_matmul_nt(a, b);
  const bool plain = a.device().is_cpu() && a.scalar_type() == torch::kFloat32 &&
                     b.scalar_type() == torch::kFloat32 && b.size(0) > 1;
  const c10::OperatorHandle* op = plain ? onednn_linear() : nullptr;
  if (op == nullptr) return torch::mm(a, b.t());
  at::AutoDispatchBelowADInplaceOrView below_autograd;
  torch::jit::Stack stack = {a, b, c10::IValue(), std::string("none"),
                             c10::List<std::optional<at::Scalar>>(), std::string()};
  op->callBoxed(stack);
  return stack[0].toTensor();
}

int64_t padded_rows(int64_t rows) {
  if (rows < kFewRows) return rows;
  const int64_t step = rows < 128 ? 16 : rows < 1024 ? 64 : 256;
  return (rows + step - 1) / step * step;
}

}  // namespace easel::tensor
