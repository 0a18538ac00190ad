// One function for several instruction sets: loops that the compiler vectorises (EASEL_CLONES), and kernels that hold
// registers of their own (EASEL_FOR_EACH_SET).
#pragma once

#include <cstdint>
#include <cstring>

// GCC compiles each function once per instruction set and picks one at load time.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define EASEL_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define EASEL_CLONES
#endif

#define EASEL_INLINE __attribute__((always_inline)) inline

// Defines NAME by its body NAME_in<W>, a template over the floats of a register that is always inlined: compiled for
// AVX-512 (16), AVX2 (8) and what every processor has (4), and chosen when it is first called. A vector type that is wider
// than the registers is no way to do this: GCC keeps such values in memory and splits them float by float.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define EASEL_FOR_EACH_SET(NAME, PARAMETERS, ARGUMENTS)                                              \
  namespace {                                                                                        \
  __attribute__((target("arch=x86-64-v4"))) void NAME##_v4 PARAMETERS { NAME##_in<16> ARGUMENTS; }   \
  __attribute__((target("arch=x86-64-v3"))) void NAME##_v3 PARAMETERS { NAME##_in<8> ARGUMENTS; }    \
  void NAME##_base PARAMETERS { NAME##_in<4> ARGUMENTS; }                                            \
  }                                                                                                  \
  void NAME PARAMETERS {                                                                             \
    switch (register_floats()) {                                                                     \
      case 16: return NAME##_v4 ARGUMENTS;                                                           \
      case 8: return NAME##_v3 ARGUMENTS;                                                            \
      default: return NAME##_base ARGUMENTS;                                                         \
    }                                                                                                \
  }
#else
#define EASEL_FOR_EACH_SET(NAME, PARAMETERS, ARGUMENTS) \
  void NAME PARAMETERS { NAME##_in<4> ARGUMENTS; }
#endif

namespace easel::tensor::kernels {

// Floats in the widest register that this processor has and a variant is compiled for.
inline int register_floats() {
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
  static const int floats = [] {
    __builtin_cpu_init();
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    const bool v4 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                    __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                    __builtin_cpu_supports("avx512vl");
    return v3 && v4 ? 16 : v3 ? 8 : 4;
  }();
  return floats;
#else
  return 4;
#endif
}

// e^x to about 1 ulp in float, free of calls so that loops around it vectorise: x = n ln 2 + r,
// a degree-6 polynomial in r, then the exponent's bits.
__attribute__((always_inline)) inline float fast_exp(float x) {
  x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
  const float n = static_cast<float>(static_cast<int32_t>(x * 1.44269504f + (x < 0 ? -0.5f : 0.5f)));
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const int32_t bits = (static_cast<int32_t>(n) + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return p * scale;
}

}  // namespace easel::tensor::kernels
