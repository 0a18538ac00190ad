// Device, arithmetic type and threads, from the command line's words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tensor/torch.h"

namespace easel::tensor {

struct Compute {
  torch::Device device = torch::kCPU;
  torch::Dtype dtype = torch::kFloat32;
  int threads = 1;
};

// "cpu", "cuda", "cuda:1"; "float32", "bfloat16", "float16"; threads 0 is one per core.
// Sets LibTorch's thread count and turns on flush-to-zero. Throws UsageError for unknown words and
// Error for a device that this machine or this LibTorch lacks.
Compute set_up_compute(const std::string& device, const std::string& dtype, int64_t threads);

// The same for a program that trains: in float32 or bfloat16. Throws UsageError for another type.
Compute set_up_training(const std::string& device, const std::string& dtype, int64_t threads);

// To the system, what was freed and is kept for later: after something large that does not come again.
void return_freed_memory();

// Bytes that can still be had on the device: on the CPU without swapping, within the limit of a control group;
// nullopt where nobody says.
std::optional<int64_t> free_memory(torch::Device device);

torch::Dtype parse_dtype(const std::string& name);
std::string dtype_name(torch::Dtype dtype);
std::string libtorch_version();

// A copy whose data starts at a 64-byte boundary. Kernels choose their path by alignment, so
// weights that stood in a mapped file must be moved before results can be the same to the bit.
torch::Tensor aligned_copy(const torch::Tensor& t);

// A float32 tensor that has a shape but no values and no memory: for parameters before they are loaded or drawn.
torch::Tensor unset(torch::IntArrayRef sizes);

// A float32 tensor on the CPU whose values nobody has set: memory comes with the first touch of each
// part, in huge pages where the system has them. For caches of which a run may use little.
torch::Tensor untouched(torch::IntArrayRef sizes);

}  // namespace easel::tensor
