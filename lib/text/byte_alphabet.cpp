#include "text/byte_alphabet.h"

#include "text/utf8.h"

namespace easel::text {

const ByteAlphabet& byte_alphabet() {
  static const ByteAlphabet alphabet = [] {
    ByteAlphabet made;
    made.byte_of.fill(-1);
    char32_t next = 0x100;
    for (int b = 0; b < 256; ++b) {
      const bool printable = (b > 0x20 && b < 0x7F) || (b > 0xA0 && b != 0xAD);
      const char32_t c = printable ? static_cast<char32_t>(b) : next++;
      made.character[b] = c;
      made.byte_of[c] = static_cast<int16_t>(b);
      append_utf8(c, &made.utf8[b]);
    }
    return made;
  }();
  return alphabet;
}

std::string to_byte_alphabet(std::string_view bytes) {
  const ByteAlphabet& alphabet = byte_alphabet();
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) out += alphabet.utf8[static_cast<unsigned char>(c)];
  return out;
}

void append_from_byte_alphabet(std::string_view text, std::string* out) {
  const ByteAlphabet& alphabet = byte_alphabet();
  const size_t before = out->size();
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, &at);
    const int byte = c < alphabet.byte_of.size() ? alphabet.byte_of[c] : -1;
    if (byte < 0) {
      out->resize(before);
      out->append(text);
      return;
    }
    out->push_back(static_cast<char>(byte));
  }
}

}  // namespace easel::text
