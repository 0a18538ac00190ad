// Code points in and out of well-formed UTF-8. Callers repair text from outside first
// (base::repair_utf8); nothing here checks again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace easel::text {

// Bytes of the character that begins with this byte.
inline size_t utf8_length(unsigned char first) {
  return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

// The code point at `at`, which moves past it.
inline char32_t next_code_point(std::string_view text, size_t* at) {
  const auto byte = [&](size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[*at + i]));
  };
  const char32_t first = byte(0);
  char32_t c = first;
  const size_t length = utf8_length(static_cast<unsigned char>(first));
  if (length == 2) {
    c = (first & 0x1F) << 6 | (byte(1) & 0x3F);
  } else if (length == 3) {
    c = (first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
  } else if (length == 4) {
    c = (first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F);
  }
  *at += length;
  return c;
}

inline void append_utf8(char32_t c, std::string* out) {
  const auto put = [&](char32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

}  // namespace easel::text
