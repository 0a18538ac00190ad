#include "jsonl/python_json.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace easel::jsonl {

namespace {

void append_unicode(std::string& out, uint32_t code) {
  char text[16];
  if (code >= 0x10000) {  // a surrogate pair
    code -= 0x10000;
    std::snprintf(text, sizeof text, "\\u%04x\\u%04x", 0xD800 + (code >> 10),
                  0xDC00 + (code & 0x3FF));
  } else {
    std::snprintf(text, sizeof text, "\\u%04x", code);
  }
  out += text;
}

// Takes one character off the front of well-formed UTF-8.
uint32_t take_character(std::string_view* text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>((*text)[i]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  uint32_t code = length == 1 ? lead : lead & (0x7F >> length);
  for (size_t i = 1; i < length; ++i) code = code << 6 | (byte(i) & 0x3F);
  text->remove_prefix(length);
  return code;
}

enum class Style { kPython, kPandas };

std::string literal(std::string_view text, Style style) {
  if (!base::is_valid_utf8(text)) return literal(base::repair_utf8(text), style);
  std::string out = "\"";
  while (!text.empty()) {
    const uint32_t code = take_character(&text);
    const char* const short_forms = "\b\t\n\f\r\"\\";
    const char* const letters = "btnfr\"\\";
    const char* found = nullptr;
    for (const char* c = short_forms; *c != 0; ++c) {
      if (code == static_cast<unsigned char>(*c)) found = c;
    }
    if (found != nullptr) {
      out += '\\';
      out += letters[found - short_forms];
    } else if (code == '/' && style == Style::kPandas) {
      out += "\\/";
    } else if (code < 0x20 || code > 0x7F || (code == 0x7F && style == Style::kPython)) {
      append_unicode(out, code);
    } else {
      out += static_cast<char>(code);
    }
  }
  out += '"';
  return out;
}

void dump(const Json& value, std::string& out) {
  if (value.is_object()) {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : value.items()) {
      if (!first) out += ", ";
      first = false;
      out += literal(key, Style::kPython);
      out += ": ";
      dump(member, out);
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ", ";
      dump(value[i], out);
    }
    out += ']';
  } else if (value.is_string()) {
    out += literal(value.get_ref<const std::string&>(), Style::kPython);
  } else if (value.is_number_float()) {
    out += python_float(value.get<double>());
  } else {
    out += value.dump();  // integers, true, false, null
  }
}

}  // namespace

std::string python_float(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  const std::string shortest(text, end.ptr);
  const int exponent = std::atoi(shortest.c_str() + shortest.find('e') + 1);
  if (exponent < -4 || exponent >= 16) return shortest;  // both write at least two digits here
  const auto fixed = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
  std::string out(text, fixed.ptr);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

std::string python_dumps(const Json& value) {
  std::string out;
  dump(value, out);
  return out;
}

std::string pandas_string(std::string_view text) { return literal(text, Style::kPandas); }

}  // namespace easel::jsonl
