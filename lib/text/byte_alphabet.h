// The byte-level alphabet of GPT-2: every byte stands for one printable character, so that any
// byte string is a text over 256 characters. Printable Latin-1 bytes stand for themselves, the
// others for U+0100 and up in order.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace easel::text {

struct ByteAlphabet {
  std::array<char32_t, 256> character;
  std::array<std::string, 256> utf8;   // the same as UTF-8
  std::array<int16_t, 0x144> byte_of;  // by character; -1 where it stands for no byte
};

const ByteAlphabet& byte_alphabet();

// Bytes written in the alphabet.
std::string to_byte_alphabet(std::string_view bytes);
// Appends the bytes that `text` stands for; where a character is none of the alphabet's, the text
// as it is.
void append_from_byte_alphabet(std::string_view text, std::string* out);

}  // namespace easel::text
