#include "text/unicode_supplement.h"

#include <algorithm>

#include "text/utf8.h"

namespace easel::text {

namespace {

struct Entry {
  std::string_view property;
  std::vector<CodePointRange> ranges;
};

const std::vector<Entry>& entries() {
  static const std::vector<Entry> table = {
#include "text/unicode_supplement.inc"
  };
  return table;
}

bool is_category(std::string_view property) { return property.size() <= 2; }

}  // namespace

std::vector<CodePointRange> supplement(std::string_view property) {
  std::vector<CodePointRange> out;
  for (const Entry& entry : entries()) {
    // "L" collects "Lu", "Ll" and so on.
    if (entry.property == property ||
        (property.size() == 1 && is_category(entry.property) && entry.property[0] == property[0])) {
      out.insert(out.end(), entry.ranges.begin(), entry.ranges.end());
    }
  }
  return out;
}

const std::vector<CodePointRange>& new_code_points() {
  static const std::vector<CodePointRange> sorted = [] {
    std::vector<CodePointRange> all, merged;
    for (const Entry& entry : entries()) {
      if (is_category(entry.property)) {
        all.insert(all.end(), entry.ranges.begin(), entry.ranges.end());
      }
    }
    std::sort(all.begin(), all.end(), [](auto a, auto b) { return a.first < b.first; });
    for (const CodePointRange& range : all) {
      if (!merged.empty() && merged.back().last + 1 == range.first) {
        merged.back().last = range.last;
      } else {
        merged.push_back(range);
      }
    }
    return merged;
  }();
  return sorted;
}

bool in_ranges(const CodePointRange* ranges, size_t count, char32_t c) {
  const CodePointRange* after =
      std::upper_bound(ranges, ranges + count, c,
                       [](char32_t x, const CodePointRange& range) { return x < range.first; });
  return after != ranges && c <= after[-1].last;
}

bool has_new_code_points(std::string_view utf8) {
  static const std::vector<CodePointRange>& ranges = new_code_points();
  for (size_t at = 0; at < utf8.size();) {
    // The first new code point is U+0897, three bytes long.
    const auto byte = static_cast<unsigned char>(utf8[at]);
    if (byte < 0xE0) {
      ++at;
      continue;
    }
    const char32_t c = next_code_point(utf8, &at);
    if (c >= 0x3200 && c < 0xA000) continue;  // none among the ideographs of the basic plane
    if (in_ranges(ranges.data(), ranges.size(), c)) return true;
  }
  return false;
}

}  // namespace easel::text
