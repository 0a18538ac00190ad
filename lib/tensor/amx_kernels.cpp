#include "tensor/amx_kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
#define EASEL_AMX 1
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace easel::tensor::kernels {

namespace {
constexpr int64_t kParts = 3;                    // bfloat16 numbers of a float32
constexpr int64_t kTile = kAmxRows * kAmxDepth;  // numbers of a tile
int64_t tiles_of(int64_t size, int64_t each) { return (size + each - 1) / each; }
}  // namespace

// Tiles of x^T by depth, then part, then rows of x; in a tile numbers of two columns lie beside each other, which is how the
// instruction takes its second operand.
int64_t amx_split_size(int64_t rows, int64_t width) {
  return tiles_of(width, kAmxDepth) * kParts * tiles_of(rows, kAmxRows) * kTile;
}

#ifdef EASEL_AMX

bool has_amx() {
  static const bool has = [] {
    __builtin_cpu_init();
    constexpr long kAskPermission = 0x1023, kTileData = 18;  // Linux: ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
    return __builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           ::syscall(SYS_arch_prctl, kAskPermission, kTileData) == 0;
  }();
  return has;
}

namespace {

#define EASEL_AMX_TARGET __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512vl")))

// The compiler does not see what the instructions of tiles read and write.
#define EASEL_TILES_AND_MEMORY() asm volatile("" ::: "memory")

// Sixteen rows of 64 bytes in each of the eight tiles.
EASEL_AMX_TARGET void take_tiles() {
  struct alignas(64) {
    uint8_t palette = 1, start_row = 0, reserved[14] = {};
    uint16_t row_bytes[16] = {};
    uint8_t rows[16] = {};
  } layout;
  static_assert(sizeof layout == 64);
  std::fill_n(layout.row_bytes, 8, uint16_t{64});
  std::fill_n(layout.rows, 8, uint8_t{16});
  EASEL_TILES_AND_MEMORY();
  _tile_loadconfig(&layout);
}

// Tiles 4 to 6 are the three parts of 16 rows of x; a tile of sums += sixteen rows of weights times each.
#define EASEL_LOAD_PARTS(X)         \
  _tile_loadd(4, (X), 64);          \
  _tile_loadd(5, (X) + part, 64);   \
  _tile_loadd(6, (X) + 2 * part, 64)
#define EASEL_ADD_PRODUCTS(SUM, WEIGHTS)   \
  _tile_loadd(7, (WEIGHTS), stride);       \
  _tile_dpbf16ps(SUM, 7, 4);               \
  _tile_dpbf16ps(SUM, 7, 5);               \
  _tile_dpbf16ps(SUM, 7, 6)

// `Across` tiles of x from `split` on (1 or 2; `across` lie beside each other), times 4 / Across times sixteen rows of w.
// Of these `count` are there, and of x `rows`. Tiles jump from row to row, which the processor's own prefetching does not
// follow from page to page: the weights that come after these, from `next` on, are asked for as they lie in memory.
template <int Across>
EASEL_AMX_TARGET void block(const uint16_t* split, int64_t across, int64_t rows, const uint16_t* w, int64_t count, int64_t width,
                            const uint16_t* next, float* out, int64_t out_stride) {
  constexpr int64_t kBlocks = 4 / Across;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  const int64_t depths = tiles_of(width, kAmxDepth), part = across * kTile;
  alignas(64) uint16_t edge[kBlocks * kTile];
  for (int64_t depth = 0; depth < depths; ++depth) {
    const uint16_t* weights = w + depth * kAmxDepth;
    int64_t below = kAmxRows * width, stride = width * static_cast<int64_t>(sizeof *w);
    const int64_t columns = std::min(kAmxDepth, width - depth * kAmxDepth);
    if (columns < kAmxDepth || count < kBlocks * kAmxRows) {
      std::memset(edge, 0, sizeof edge);
      for (int64_t n = 0; n < count; ++n) {
        std::memcpy(edge + n * kAmxDepth, weights + n * width, static_cast<size_t>(columns) * sizeof *w);
      }
      EASEL_TILES_AND_MEMORY();
      weights = edge;
      below = kTile;
      stride = kAmxDepth * static_cast<int64_t>(sizeof *w);
    }
    if (next != nullptr) {
      constexpr int64_t kLine = 32, kLines = kBlocks * kAmxRows * kAmxDepth / kLine;  // as much as a depth takes
      for (int64_t line = 0; line < kLines; ++line) __builtin_prefetch(next + (depth * kLines + line) * kLine);
    }
    const uint16_t* x = split + depth * kParts * part;
    EASEL_LOAD_PARTS(x);
    EASEL_ADD_PRODUCTS(0, weights);
    EASEL_ADD_PRODUCTS(1, weights + below);
    if constexpr (Across == 1) {
      EASEL_ADD_PRODUCTS(2, weights + 2 * below);
      EASEL_ADD_PRODUCTS(3, weights + 3 * below);
    } else {
      EASEL_LOAD_PARTS(x + kTile);
      EASEL_ADD_PRODUCTS(2, weights);
      EASEL_ADD_PRODUCTS(3, weights + below);
    }
  }
  alignas(64) float sums[4][kAmxRows][kAmxRows];
  _tile_stored(0, sums[0], 64);
  _tile_stored(1, sums[1], 64);
  _tile_stored(2, sums[2], 64);
  _tile_stored(3, sums[3], 64);
  EASEL_TILES_AND_MEMORY();
  for (int64_t r = 0; r < rows; ++r) {
    const auto* first = sums + r / kAmxRows * kBlocks;
    for (int64_t n = 0; n < count; ++n) out[r * out_stride + n] = first[n / kAmxRows][n % kAmxRows][r % kAmxRows];
  }
}

}  // namespace

EASEL_AMX_TARGET void amx_split(const float* x, int64_t rows, int64_t width, int64_t first, int64_t last, uint16_t* out) {
  const int64_t across = tiles_of(rows, kAmxRows), part = across * kTile / 2;  // in pairs
  for (int64_t depth = first; depth < last; ++depth) {
    auto* pairs = reinterpret_cast<uint32_t*>(out) + depth * kParts * part;
    const int64_t columns = std::min(kAmxDepth, width - depth * kAmxDepth);
    if (columns < kAmxDepth || rows % kAmxRows != 0) std::memset(pairs, 0, static_cast<size_t>(kParts * part) * sizeof *pairs);
    for (int64_t begin = 0; begin < rows; begin += kAmxRows) {
      const int64_t some = std::min(kAmxRows, rows - begin);
      for (int64_t k = 0; k < columns; k += 2) {
        const float* from = x + begin * width + depth * kAmxDepth + k;
        uint32_t* to = pairs + begin / kAmxRows * kTile / 2 + k / 2 * kAmxRows;
        const int64_t next = k + 1 < columns ? 1 : 0;
        for (int64_t r = 0; r < some; ++r) {
          float even = from[r * width], odd = next != 0 ? from[r * width + next] : 0.0f;
          // What is cut off of a float32 to make it a bfloat16 is a float32 again, exactly.
          for (int64_t p = 0; p < kParts; ++p) {
            const uint32_t low = std::bit_cast<uint32_t>(even) & 0xffff0000u, high = std::bit_cast<uint32_t>(odd) & 0xffff0000u;
            to[p * part + r] = high | low >> 16;
            even -= std::bit_cast<float>(low);
            odd -= std::bit_cast<float>(high);
          }
        }
      }
    }
  }
}

EASEL_AMX_TARGET void amx_product(const uint16_t* split, int64_t rows, const uint16_t* w, int64_t count, int64_t width, float* out,
                                  int64_t out_stride) {
  take_tiles();
  const int64_t across = tiles_of(rows, kAmxRows);
  for (int64_t n = 0; n < count; n += kAmxTogether) {
    const int64_t end = std::min(count, n + kAmxTogether);
    for (int64_t first = 0; first < rows; first += 2 * kAmxRows) {
      const uint16_t* x = split + first / kAmxRows * kTile;
      const int64_t some = std::min(2 * kAmxRows, rows - first);
      float* to = out + first * out_stride;
      const uint16_t* next = first == 0 && end < count ? w + end * width : nullptr;
      if (some <= kAmxRows) {
        block<1>(x, across, some, w + n * width, end - n, width, next, to + n, out_stride);
        continue;
      }
      for (int64_t half = n; half < end; half += kAmxTogether / 2) {
        block<2>(x, across, some, w + half * width, std::min(kAmxTogether / 2, end - half), width,
                 next != nullptr ? next + (half - n) * width : nullptr, to + half, out_stride);
      }
    }
  }
  _tile_release();
}

#else

bool has_amx() { return false; }
void amx_split(const float*, int64_t, int64_t, int64_t, int64_t, uint16_t*) {}
void amx_product(const uint16_t*, int64_t, const uint16_t*, int64_t, int64_t, float*, int64_t) {}

#endif

}  // namespace easel::tensor::kernels
