#include "text/normalizer.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>

#include "base/error.h"
#include "base/strings.h"
#include "text/byte_alphabet.h"
#include "text/json_node.h"
#include "text/unicode_supplement.h"
#include "text/utf8.h"

namespace easel::text {

using base::cat;

namespace {

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

// The reference normalizes by tables of Unicode 9: these and whatever is newer than our other table
// it leaves as they are, as starters that combine with nothing.
constexpr CodePointRange kInert[] = {
    {0x7fd, 0x7fd},     {0x898, 0x89f},     {0x8ca, 0x8d3},     {0x9fe, 0x9fe},
    {0xc3c, 0xc3c},     {0xd3b, 0xd3c},     {0xeba, 0xeba},     {0x1715, 0x1715},
    {0x1abf, 0x1ace},   {0x1df6, 0x1dfa},   {0x32ff, 0x32ff},   {0xa7f2, 0xa7f4},
    {0xa82c, 0xa82c},   {0xab69, 0xab69},   {0x10781, 0x10785}, {0x10787, 0x107b0},
    {0x107b2, 0x107ba}, {0x10d24, 0x10d27}, {0x10eab, 0x10eac}, {0x10efd, 0x10eff},
    {0x10f46, 0x10f50}, {0x10f82, 0x10f85}, {0x11070, 0x11070}, {0x1133b, 0x1133b},
    {0x1145e, 0x1145e}, {0x11839, 0x1183a}, {0x11930, 0x11930}, {0x11935, 0x11935},
    {0x11938, 0x11938}, {0x1193d, 0x1193e}, {0x11943, 0x11943}, {0x119e0, 0x119e0},
    {0x11a34, 0x11a34}, {0x11a47, 0x11a47}, {0x11a99, 0x11a99}, {0x11d42, 0x11d42},
    {0x11d44, 0x11d45}, {0x11d97, 0x11d97}, {0x11f41, 0x11f42}, {0x16ff0, 0x16ff1},
    {0x1e030, 0x1e06d}, {0x1e08f, 0x1e08f}, {0x1e130, 0x1e136}, {0x1e2ae, 0x1e2ae},
    {0x1e2ec, 0x1e2ef}, {0x1e4ec, 0x1e4ef}, {0x1f16c, 0x1f16c}, {0x1fbf0, 0x1fbf9},
};

bool is_inert(char32_t c) {
  return c >= kInert[0].first && (in_ranges(kInert, std::size(kInert), c) ||
                                  in_ranges(new_code_points().data(), new_code_points().size(), c));
}

void append_form(std::string_view text, int options, std::string* out) {
  if (is_ascii(text)) {
    out->append(text);
    return;
  }
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, std::free);
  if (size < 0) {
    base::fail(cat("cannot normalize a text of ", text.size(), " bytes: ", utf8proc_errmsg(size)));
  }
  out->append(reinterpret_cast<const char*>(mapped), static_cast<size_t>(size));
}

void normalize_form(std::string* text, int options) {
  if (is_ascii(*text)) return;
  std::string out;
  size_t done = 0;
  for (size_t at = 0; at < text->size();) {
    const size_t begin = at;
    if (!is_inert(next_code_point(*text, &at))) continue;
    append_form(std::string_view(*text).substr(done, begin - done), options, &out);
    out.append(*text, begin, at - begin);
    done = at;
  }
  append_form(std::string_view(*text).substr(done), options, &out);
  *text = std::move(out);
}

// Lower case that the reference (Unicode 17) knows and utf8proc may not: from `first` to `last`,
// `to` being the first one's.
struct NewLowercase {
  char32_t first, last, to;
};
constexpr NewLowercase kNewLowercase[] = {
    {0x1c89, 0x1c89, 0x1c8a},    {0xa7cb, 0xa7cb, 0x264},  {0xa7cc, 0xa7cc, 0xa7cd},
    {0xa7ce, 0xa7ce, 0xa7cf},    {0xa7d2, 0xa7d2, 0xa7d3}, {0xa7d4, 0xa7d4, 0xa7d5},
    {0xa7da, 0xa7da, 0xa7db},    {0xa7dc, 0xa7dc, 0x19b},  {0x10d50, 0x10d65, 0x10d70},
    {0x16ea0, 0x16eb8, 0x16ebb},
};

char32_t lowercase_of(char32_t c) {
  if (c >= kNewLowercase[0].first) {
    for (const NewLowercase& range : kNewLowercase) {
      if (c >= range.first && c <= range.last) return range.to + (c - range.first);
    }
  }
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

void lowercase(std::string* text) {
  std::string out;
  out.reserve(text->size());
  for (size_t at = 0; at < text->size();) {
    const char32_t c = next_code_point(*text, &at);
    if (c == 0x130) {  // the one character whose lower case is two
      out += "i\xCC\x87";
    } else {
      append_utf8(lowercase_of(c), &out);
    }
  }
  *text = std::move(out);
}

void strip(std::string* text, bool left, bool right) {
  size_t begin = 0, end = text->size();
  while (left && begin < end) {
    size_t next = begin;
    if (!is_white_space(next_code_point(*text, &next))) break;
    begin = next;
  }
  while (right && end > begin) {
    size_t previous = end - 1;
    while (previous > begin && ((*text)[previous] & 0xC0) == 0x80) --previous;
    size_t at = previous;
    if (!is_white_space(next_code_point(*text, &at))) break;
    end = previous;
  }
  *text = text->substr(begin, end - begin);
}

}  // namespace

bool is_white_space(char32_t c) {
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

Regex parse_pattern(const JsonNode& node) {
  const auto text = node.find("String"), regex = node.find("Regex");
  if (text.has_value() == regex.has_value()) {
    node.fail(R"(expected {"String": ...} or {"Regex": ...})");
  }
  try {
    return text ? Regex::literal(text->string()) : Regex::compile(regex->string());
  } catch (const base::Error& error) {
    node.fail(error.what());
  }
}

std::string replace_matches(std::string_view text, const Regex& regex, std::string_view content,
                            RegexScratch& scratch) {
  std::string out;
  size_t copied = 0;
  // The reference leaves an empty text alone, even where the pattern matches nothing.
  if (text.empty()) return out;
  regex.for_each(text, scratch, [&](RegexMatch match) {
    out.append(text.substr(copied, match.begin - copied)).append(content);
    copied = match.end;
  });
  out.append(text.substr(copied));
  return out;
}

Normalizer Normalizer::parse(const JsonNode& node) {
  Normalizer normalizer;
  normalizer.add(node);
  return normalizer;
}

void Normalizer::add(const JsonNode& node) {
  const std::string type = node.type();
  const auto form = [&](int options) {
    node.only({});
    steps_.push_back([=](std::string* text, RegexScratch&) { normalize_form(text, options); });
  };
  if (type == "Sequence") {
    node.only({"normalizers"});
    for (const JsonNode& part : node.at("normalizers").items()) add(part);
  } else if (type == "NFC") {
    form(UTF8PROC_COMPOSE);
  } else if (type == "NFD") {
    form(UTF8PROC_DECOMPOSE);
  } else if (type == "NFKC") {
    form(UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
  } else if (type == "NFKD") {
    form(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT);
  } else if (type == "Lowercase") {
    node.only({});
    steps_.push_back([](std::string* text, RegexScratch&) { lowercase(text); });
  } else if (type == "Replace") {
    node.only({"pattern", "content"});
    const auto text = node.at("pattern").find("String");
    const bool one = text && !text->string().empty() &&
                     utf8_length(static_cast<unsigned char>(text->string()[0])) == text->string().size();
    keeps_beginning_ &= one && !node.at("content").string().empty();
    steps_.push_back([regex = parse_pattern(node.at("pattern")),
                      content = std::string(node.at("content").string())](std::string* text,
                                                                          RegexScratch& scratch) {
      *text = replace_matches(*text, regex, content, scratch);
    });
  } else if (type == "Prepend") {
    node.only({"prepend"});
    steps_.push_back(
        [prefix = std::string(node.at("prepend").string())](std::string* text, RegexScratch&) {
          if (!text->empty()) text->insert(0, prefix);
        });
  } else if (type == "Strip") {
    node.only({"strip_left", "strip_right"});
    const bool left = node.at("strip_left").boolean(), right = node.at("strip_right").boolean();
    keeps_beginning_ &= !left;
    steps_.push_back([=](std::string* text, RegexScratch&) { strip(text, left, right); });
  } else if (type == "ByteLevel") {
    node.only({});
    steps_.push_back([](std::string* text, RegexScratch&) { *text = to_byte_alphabet(*text); });
  } else {
    node.fail(cat("the normalizer ", base::quote(type), " is not supported"));
  }
}

void Normalizer::run(std::string* text, RegexScratch& scratch) const {
  for (const Step& step : steps_) step(text, scratch);
}

}  // namespace easel::text
