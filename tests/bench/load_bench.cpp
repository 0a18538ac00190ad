// Seconds until a checkpoint's weights can be used, and the resident memory that this takes.
//   build/bench/load-bench FOLDER [float32|bfloat16] [score|read|train]
#include <cstdio>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "model/policy.h"
#include "resident_memory.h"
#include "tensor/compute.h"

using namespace easel;

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: load-bench FOLDER [float32|bfloat16] [score|read|train]\n");
    return 2;
  }
  try {
    const std::string dtype = argc > 2 ? argv[2] : "float32", use = argc > 3 ? argv[3] : "score";
    const auto compute = tensor::set_up_compute("cpu", dtype, 0);
    const double before = bench::resident_mib("RssAnon");
    const base::Stopwatch watch;
    const auto policy = model::load_policy(
        argv[1], {compute.device, compute.dtype,
                  use == "train" ? model::Use::kTrain : use == "read" ? model::Use::kRead : model::Use::kScore});
    const double seconds = watch.seconds();
    std::printf("%s as %s to %s: %.3f s, %.0f MiB of memory for %.0f MiB of weights\n", argv[1], dtype.c_str(), use.c_str(),
                seconds, bench::resident_mib("RssAnon") - before, static_cast<double>(policy.model.bytes()) / (1 << 20));
  } catch (const base::Error& e) {
    std::fprintf(stderr, "load-bench: %s\n", e.what());
    return 1;
  }
}
