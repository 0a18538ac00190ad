// Small string helpers.
#pragma once

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace easel::base {

// cat("row ", 3, " of ", 4.5): everything streamed into one string.
template <class... Args>
std::string cat(const Args&... args) {
  std::ostringstream out;
  (out << ... << args);
  return out.str();
}

std::vector<std::string> split(std::string_view text, char separator);
std::vector<std::string> split_words(std::string_view text);  // by white space, no empty parts
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string_view trim(std::string_view text);
std::string to_lower(std::string_view ascii);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

// Text from outside made fit for a message: in double quotes, control and non-UTF-8 bytes escaped,
// cut to max_bytes with "...".
std::string quote(std::string_view text, size_t max_bytes = 80);

// Whole-string parses; nullopt for anything else (spaces, trailing text, overflow, "nan" is a
// double here: callers decide).
std::optional<int64_t> parse_int(std::string_view text);
std::optional<double> parse_double(std::string_view text);

// Shortest decimal text that reads back as the same value ("0.1", "1e-05").
std::string format_double(double value);
std::string format_float(float value);
// Fixed number of decimals, for tables.
std::string format_fixed(double value, int decimals);
// "3.2 GiB".
std::string format_bytes(double bytes);
// A number of bytes, or one followed by K, M, G or T (powers of 1,024; "iB" or "B" may follow): "24G", "1.5GiB".
std::optional<int64_t> parse_bytes(std::string_view text);
// "1h02m", "3m20s", "12s".
std::string format_duration(double seconds);

bool is_valid_utf8(std::string_view text);
// Each maximal ill-formed piece becomes U+FFFD.
std::string repair_utf8(std::string_view text);

}  // namespace easel::base
