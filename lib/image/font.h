// The built-in bitmap font: 5 x 7 glyphs for ASCII 32 to 126.
#pragma once

#include <array>
#include <cstdint>

namespace easel::image {

struct Glyph {
  std::array<uint8_t, 7> rows;  // top first; bit 4 is the leftmost of the five columns
  int drop;                     // rows below the others' top: 2 for letters with a descender
};

// A hollow box for every code outside 32..126.
const Glyph& glyph(uint32_t code);

}  // namespace easel::image
