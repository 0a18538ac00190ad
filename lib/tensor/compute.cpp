#include "tensor/compute.h"

#include <ATen/Parallel.h>
#include <c10/core/DeviceGuard.h>
#include <dlfcn.h>
#include <omp.h>
#include <sys/mman.h>
#include <torch/version.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <cstdlib>
#include <fstream>
#include <new>
#include <thread>

#include "base/device.h"
#include "base/error.h"

namespace easel::tensor {

using base::cat;

namespace {

// Tensors of every step come and go. By default glibc gives each large one pages of its own and
// returns them at once, and a fifth of a training step went into the kernel's page faults.
void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kLargest = 32 << 20;  // glibc's own upper bound for the threshold
  mallopt(M_MMAP_THRESHOLD, kLargest);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 16 << 20);
#endif
}

// Numbers are a CPU's up to rounding: cuDNN would take 10 bits of float32's mantissa. And its attention makes a plan for
// every length, of which decoding has one a step.
void set_up_cudnn() {
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setSDPUseCuDNN(false);
}

}  // namespace

Compute set_up_compute(const std::string& device, const std::string& dtype, int64_t threads) {
  Compute compute;
  compute.dtype = parse_dtype(dtype);
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  compute.threads = threads > 0 ? static_cast<int>(threads) : static_cast<int>(cores);
  at::set_num_threads(compute.threads);
  omp_set_num_threads(compute.threads);  // where LibTorch brought an OpenMP library of its own
  // The flag is each thread's own.
  at::parallel_for(0, compute.threads, 1,
                   [](int64_t, int64_t) { at::globalContext().setFlushDenormal(true); });
  keep_freed_memory();
  const int number = base::parse_device(device);
  if (number == base::kCpu) return compute;
  const auto devices = static_cast<int64_t>(torch::cuda::device_count());
  if (number >= devices) {
    base::fail(cat("--device ", device, ": this machine has ", devices,
                   " CUDA devices that LibTorch ", libtorch_version(), " can use"));
  }
  compute.device = torch::Device(torch::kCUDA, static_cast<torch::DeviceIndex>(number));
  set_up_cudnn();
  return compute;
}

void return_freed_memory() {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

Compute set_up_training(const std::string& device, const std::string& dtype, int64_t threads) {
  if (parse_dtype(dtype) == torch::kFloat16) {
    base::fail_usage(cat("--dtype: training computes in float32 or bfloat16, got ", base::quote(dtype)));
  }
  Compute compute = set_up_compute(device, dtype, threads);
  if (compute.device.is_cpu()) return compute;
  // A GPU adds in the order in which its threads come, unless it is asked not to: two runs would not give the same
  // weights. Its memory need not be filled for that.
  ::setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/false);
  at::globalContext().setDeterministicFillUninitializedMemory(false);
  return compute;
}

namespace {

// A whole number in a file of one line ("max" is none), or in the line of /proc/meminfo that begins with `key`.
std::optional<int64_t> number_in(const char* path, std::string_view key = {}) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (!std::string_view(line).starts_with(key)) continue;
    for (const auto& word : base::split_words(line)) {
      if (const auto number = base::parse_int(word)) return number;
    }
  }
  return std::nullopt;
}

std::optional<int64_t> free_cuda_memory(torch::Device device) {
  // A program for the CPU is not linked to CUDA's runtime; where LibTorch brought it, it is in the process.
  const auto get = reinterpret_cast<int (*)(size_t*, size_t*)>(dlsym(RTLD_DEFAULT, "cudaMemGetInfo"));
  if (get == nullptr) return std::nullopt;
  const c10::DeviceGuard guard(device);
  size_t free = 0, total = 0;
  if (get(&free, &total) != 0) return std::nullopt;
  return static_cast<int64_t>(free);
}

}  // namespace

std::optional<int64_t> free_memory(torch::Device device) {
  if (!device.is_cpu()) return free_cuda_memory(device);
  auto free = number_in("/proc/meminfo", "MemAvailable:");
  if (!free) return std::nullopt;
  *free *= 1024;
  const auto limit = number_in("/sys/fs/cgroup/memory.max"), used = number_in("/sys/fs/cgroup/memory.current");
  // What the group's files hold in memory goes when it is needed.
  const auto files = number_in("/sys/fs/cgroup/memory.stat", "inactive_file ");
  if (limit && used) *free = std::min(*free, *limit - *used + files.value_or(0));
  return std::max<int64_t>(0, *free);
}

torch::Dtype parse_dtype(const std::string& name) {
  if (name == "float32") return torch::kFloat32;
  if (name == "bfloat16") return torch::kBFloat16;
  if (name == "float16") return torch::kFloat16;
  base::fail_usage(cat("expected float32, bfloat16 or float16, got ", base::quote(name)));
}

std::string dtype_name(torch::Dtype dtype) {
  switch (dtype) {
    case torch::kFloat64: return "float64";
    case torch::kFloat32: return "float32";
    case torch::kBFloat16: return "bfloat16";
    case torch::kFloat16: return "float16";
    case torch::kInt64: return "int64";
    case torch::kInt32: return "int32";
    case torch::kInt16: return "int16";
    case torch::kInt8: return "int8";
    case torch::kUInt8: return "uint8";
    case torch::kBool: return "bool";
    default: return c10::toString(dtype);
  }
}

std::string libtorch_version() { return TORCH_VERSION; }

torch::Tensor aligned_copy(const torch::Tensor& t) {
  torch::Tensor copy = torch::empty(t.sizes(), t.options());
  copy.copy_(t);
  return copy;
}

torch::Tensor unset(torch::IntArrayRef sizes) { return torch::empty(sizes, torch::kMeta); }

torch::Tensor untouched(torch::IntArrayRef sizes) {
  constexpr size_t kHugePage = size_t{2} << 20;
  const auto bytes = static_cast<size_t>(c10::multiply_integers(sizes)) * sizeof(float);
  if (bytes < kHugePage) return torch::empty(sizes, torch::kFloat32);
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  ::madvise(memory, bytes, MADV_HUGEPAGE);  // only a wish: an error changes nothing
  return torch::from_blob(memory, sizes, [bytes](void* at) { ::munmap(at, bytes); }, torch::kFloat32);
}

}  // namespace easel::tensor
