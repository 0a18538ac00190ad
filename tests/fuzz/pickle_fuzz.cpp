// The pickle machine alone: no archive whose checks a changed byte has to pass first.
#include "base/error.h"
#include "tensor/pickle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace easel;
  try {
    for (const auto& t : tensor::read_state_dict({reinterpret_cast<const char*>(data), size}, "fuzz.pkl")) {
      // What it let through must lie inside the storage.
      int64_t last = t.offset;
      bool empty = false;
      for (size_t i = 0; i < t.shape.size(); ++i) {
        empty |= t.shape[i] == 0;
        if (!empty) last += (t.shape[i] - 1) * t.strides[i];
      }
      if (!empty && (last < 0 || last >= t.storage_size)) __builtin_trap();
    }
  } catch (const base::Error&) {
  }
  return 0;
}
