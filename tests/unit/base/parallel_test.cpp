#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "base/error.h"

namespace easel::base {
namespace {

TEST(ParallelFor, VisitsEveryIndexOnce) {
  for (const int64_t threads : {0, 1, 2, 7}) {
    std::vector<std::atomic<int>> visits(100);
    parallel_for(100, threads, [&](int64_t i) { ++visits[static_cast<size_t>(i)]; });
    for (const auto& n : visits) EXPECT_EQ(n, 1);
  }
  parallel_for(0, 4, [](int64_t) { FAIL(); });
}

TEST(ParallelFor, PassesAnExceptionOn) {
  for (const int64_t threads : {1, 3}) {
    EXPECT_THROW(parallel_for(50, threads,
                              [](int64_t i) {
                                if (i == 7) fail("seven");
                              }),
                 Error);
  }
}

}  // namespace
}  // namespace easel::base
