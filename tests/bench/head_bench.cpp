// Log-probs and entropies of tokens with their gradients: the chunked head beside dense logits.
//   build/bench/head-bench chunked|dense POSITIONS CLASSES HIDDEN [THREADS]
// Prints seconds, the peak of resident memory above what inputs and gradients take, and two sums
// that tell whether both sides computed the same.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/log.h"
#include "model/token_logprobs.h"
#include "resident_memory.h"
#include "tensor/compute.h"

namespace {

using torch::Tensor;

easel::model::TokenLogprobs dense(const Tensor& features, const Tensor& weight, const Tensor& targets) {
  const Tensor log_p = torch::log_softmax(torch::linear(features, weight), -1);
  return {log_p.gather(1, targets.unsqueeze(1)).squeeze(1), -(log_p.exp() * log_p).sum(-1)};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: head-bench chunked|dense POSITIONS CLASSES HIDDEN [THREADS]\n");
    return 2;
  }
  const bool chunked = std::string(argv[1]) == "chunked";
  const int64_t positions = std::atoll(argv[2]), classes = std::atoll(argv[3]), hidden = std::atoll(argv[4]);
  easel::tensor::set_up_compute("cpu", "float32", argc > 5 ? std::atoll(argv[5]) : 0);
  torch::manual_seed(1);
  Tensor features = torch::randn({positions, hidden}).requires_grad_();
  Tensor weight = (torch::randn({classes, hidden}) / std::sqrt(static_cast<double>(hidden))).requires_grad_();
  const Tensor targets = torch::randint(classes, {positions}, torch::kInt64);
  const Tensor g_logprob = torch::randn({positions}), g_entropy = torch::randn({positions});
  features.mutable_grad() = torch::zeros_like(features);
  weight.mutable_grad() = torch::zeros_like(weight);
  const double before = easel::bench::resident_mib("VmRSS");
  easel::base::Stopwatch watch;
  const auto out = chunked ? easel::model::token_logprobs(features, weight, {}, targets)
                           : dense(features, weight, targets);
  ((out.logprobs * g_logprob).sum() + (out.entropy * g_entropy).sum()).backward();
  const double seconds = watch.seconds();
  std::printf("%s %ld x %ld: %.2f s, peak %.0f MiB, log-prob %.6f entropy %.6f gradient %.6f\n", argv[1],
              static_cast<long>(positions), static_cast<long>(classes), seconds, easel::bench::resident_mib("VmHWM") - before,
              out.logprobs.mean().item<double>(), out.entropy.mean().item<double>(),
              weight.grad().norm().item<double>());
}
