// Our matrix product beside LibTorch's own (at::mm), at the nano decoder's shapes and at those of larger ones; `few` is the
// kernel for few rows, whatever matmul_nt would choose; its weights in bfloat16 are beside at::mm's of two such.
//   build/bench/matmul-bench [THREADS]
#include <cstdio>
#include <cstdlib>

#include "base/log.h"
#include "tensor/matmul.h"

namespace {

template <class F>
double gflops(double flop, const F& f) {
  f();
  easel::base::Stopwatch watch;
  int runs = 0;
  while (watch.seconds() < 0.5) {
    f();
    ++runs;
  }
  return flop * runs / watch.seconds() / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
  at::set_num_threads(argc > 1 ? std::atoi(argv[1]) : 1);
  torch::NoGradGuard no_grad;
  const int64_t shapes[][3] = {{2500, 192, 512}, {2500, 512, 192}, {128, 192, 576}, {64, 192, 576}, {32, 192, 576},
                               {16, 192, 576}, {8, 192, 576}, {1, 192, 576}, {64, 768, 2048}, {32, 768, 2048}, {16, 768, 2048},
                               {8, 768, 2048}, {2, 768, 2048}, {1, 768, 2048}, {32, 2048, 5632}, {16, 2048, 5632},
                               {8, 2048, 5632}, {2, 2048, 5632}, {1, 2048, 5632}};
  std::printf("rows x in x out    ours GFLOP/s   at::mm GFLOP/s   ratio     few GFLOP/s   few, bfloat16   at::mm, bfloat16\n");
  for (const auto& [m, k, n] : shapes) {
    const auto a = torch::randn({m, k}), b = torch::randn({n, k});
    const double flop = 2.0 * static_cast<double>(m * k * n);
    const double ours = gflops(flop, [&] { return easel::tensor::matmul_nt(a, b); });
    const double theirs = gflops(flop, [&] { return torch::mm(a, b.t()); });
    auto out = torch::empty({m, n});
    const auto narrow = b.to(torch::kBFloat16);
    const double few = gflops(flop, [&] { easel::tensor::few_rows_matmul_nt(a, b, out); });
    const double half = gflops(flop, [&] { easel::tensor::few_rows_matmul_nt(a, narrow, out); });
    const auto narrow_a = a.to(torch::kBFloat16);
    const double narrow_theirs = gflops(flop, [&] { return torch::mm(narrow_a, narrow.t()); });
    std::printf("%5ld x %ld x %ld   %10.0f   %14.0f   %8.2f   %10.0f   %10.0f   %10.0f\n", static_cast<long>(m), static_cast<long>(k),
                static_cast<long>(n), ours, theirs, ours / theirs, few, half, narrow_theirs);
  }
}
