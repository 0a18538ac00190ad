#include "model/recomputed.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

namespace easel::model {

using torch::Tensor;

namespace {

using Body = std::function<Tensor(const Tensor&)>;

struct BodyHolder : torch::CustomClassHolder {
  explicit BodyHolder(Body b) : body(std::move(b)) {}
  Body body;
};

struct Recomputed : torch::autograd::Function<Recomputed> {
  // `anchor` wants a gradient even where x, behind frozen weights, does not.
  static Tensor forward(torch::autograd::AutogradContext* ctx, Tensor x, Tensor /*anchor*/,
                        c10::intrusive_ptr<BodyHolder> holder) {
    ctx->save_for_backward({x});
    ctx->saved_data["body"] = c10::IValue::make_capsule(holder);
    return holder->body(x);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx,
                                                 torch::autograd::variable_list grads) {
    const auto holder = c10::static_intrusive_pointer_cast<BodyHolder>(ctx->saved_data["body"].toCapsule());
    const torch::AutoGradMode with_gradients(true);
    const Tensor x = ctx->get_saved_variables()[0].detach().requires_grad_(true);
    torch::autograd::backward({holder->body(x)}, {grads[0]});
    return {x.grad(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor recomputed(const Tensor& x, Body body) {
  const Tensor anchor = torch::empty({0}, x.options().requires_grad(true));
  return Recomputed::apply(x, anchor, c10::make_intrusive<BodyHolder>(std::move(body)));
}

}  // namespace easel::model
