#include "tensor/matmul.h"

#include <ATen/core/dispatch/Dispatcher.h>

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

torch::Tensor matmul_nt(const torch::Tensor& a, const torch::Tensor& b) {
  const bool plain = a.device().is_cpu() && a.scalar_type() == torch::kFloat32 &&
                     b.scalar_type() == torch::kFloat32 && a.size(0) >= kFewRows && b.size(0) > 1;
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
