// Where a decode step's time goes: rows that share a prefix of 184 tokens, image tokens one after the other.
//   build/bench/decode-bench FOLDER ROWS STEPS [cpu|cuda] [float32|bfloat16] [TRACE.json]
// Prints medians of milliseconds: asking for the decoder's step (on a GPU, until the last operation is enqueued), until it is
// done, the head, and the logits' way to the processor. TRACE receives the last steps' operations and kernels, for a browser's
// trace viewer.
#include <torch/csrc/autograd/profiler_kineto.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "model/decoder.h"
#include "model/policy.h"
#include "tensor/compute.h"

using namespace easel;
using torch::Tensor;

namespace {

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<int64_t>(values.size() / 2), values.end());
  return values[values.size() / 2] * 1e3;
}

void record() {
  namespace profiler = torch::profiler::impl;
  const profiler::ProfilerConfig config(profiler::ProfilerState::KINETO);
  const std::set<profiler::ActivityType> activities = {profiler::ActivityType::CPU, profiler::ActivityType::CUDA};
  torch::autograd::profiler::prepareProfiler(config, activities);
  torch::autograd::profiler::enableProfiler(config, activities);
}

void run(const std::string& folder, int64_t rows, int64_t steps, const std::string& device, const std::string& dtype,
         const std::string& trace) {
  torch::NoGradGuard no_grad;
  const auto compute = tensor::set_up_compute(device, dtype, 0);
  const auto policy = model::load_policy(folder, {compute.device, compute.dtype, model::Use::kRead});
  const model::Janus& m = policy.model;
  constexpr int64_t kPrefix = 184;
  model::Decoder decoder(m, rows, {.prefix = kPrefix, .own = steps, .length = kPrefix + steps});
  const auto prefix = decoder.prefill({std::vector<int32_t>(kPrefix, 5)})[0];
  std::vector<int64_t> slots;
  for (int64_t i = 0; i < rows; ++i) {
    decoder.start(i, prefix, kPrefix);
    slots.push_back(i);
  }
  const auto done = [&](const Tensor& t) { return t.flatten()[0].item<double>(); };
  std::vector<double> asked, stepped, headed, fetched;
  Tensor tokens = torch::zeros({rows}, torch::TensorOptions(torch::kInt64).device(compute.device));
  for (int64_t i = 0; i < steps; ++i) {
    if (!trace.empty() && i == steps - 4) record();
    const Tensor inputs = m.embed_image(tokens);
    done(inputs);
    base::Stopwatch lap;
    const Tensor hidden = decoder.step(slots, inputs);
    asked.push_back(lap.seconds());
    done(hidden);
    stepped.push_back(lap.lap());
    const Tensor logits = m.image_head(m.image_features(hidden));
    done(logits);
    headed.push_back(lap.lap());
    const Tensor here = logits.to(torch::kCPU, torch::kFloat32);
    fetched.push_back(lap.lap());
    tokens = here.argmax(1).to(compute.device);
  }
  if (!trace.empty()) torch::autograd::profiler::disableProfiler()->save(trace);
  std::printf("%s, %s, %s, %ld rows: a step %.3f ms (asked for in %.3f), head %.3f, logits fetched %.3f\n", folder.c_str(),
              device.c_str(), dtype.c_str(), static_cast<long>(rows), median(stepped), median(asked), median(headed), median(fetched));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: decode-bench FOLDER ROWS STEPS [cpu|cuda] [float32|bfloat16] [TRACE.json]\n");
    return 2;
  }
  try {
    run(argv[1], std::atoll(argv[2]), std::atoll(argv[3]), argc > 4 ? argv[4] : "cpu", argc > 5 ? argv[5] : "float32",
        argc > 6 ? argv[6] : "");
  } catch (const base::Error& e) {
    std::fprintf(stderr, "decode-bench: %s\n", e.what());
    return 1;
  }
}
