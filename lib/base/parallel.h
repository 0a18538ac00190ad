// A loop over independent items on several threads.
#pragma once

#include <cstdint>
#include <functional>

namespace easel::base {

// Calls body(i) once for every i in [0, n); threads 0 is one per core. The first exception that a
// call throws is rethrown here when all threads have stopped.
void parallel_for(int64_t n, int64_t threads, const std::function<void(int64_t)>& body);

}  // namespace easel::base
