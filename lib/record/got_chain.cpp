#include "record/got_chain.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/strings.h"

namespace easel::record {

using base::cat;

namespace {

constexpr std::string_view kObjectBegin = kGotTokens[0], kObjectEnd = kGotTokens[1];
constexpr std::string_view kBoxBegin = kGotTokens[2], kBoxEnd = kGotTokens[3];

// Reads a chain from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  GotChain read() {
    while (at_ < text_.size()) {
      const size_t mark = next_mark();
      prose(text_.substr(at_, mark - at_));
      at_ = mark;
      if (at_ < text_.size()) object();
    }
    if (out_.objects.empty()) note("it plans no object");
    out_.prose = base::join(base::split_words(out_.prose), " ");
    return std::move(out_);
  }

 private:
  void note(const std::string& problem) {
    if (out_.problem.empty()) out_.problem = cat("byte ", at_, " of the chain: ", problem);
  }
  void prose(std::string_view words) { out_.prose += words; }
  bool take(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  // The nearest mark from here on, or the end.
  size_t next_mark() const {
    size_t nearest = text_.size();
    for (const std::string_view mark : kGotTokens) nearest = std::min(nearest, text_.find(mark, at_));
    return nearest;
  }

  // What stands at a mark. Whatever is wrong, it goes on after at least that mark.
  void object() {
    if (!take(kObjectBegin)) {
      note("a mark without the one that opens it");
      for (const std::string_view mark : kGotTokens) {
        if (take(mark)) return;
      }
    }
    const size_t end = next_mark();
    PlannedObject planned;
    planned.name = std::string(base::trim(text_.substr(at_, end - at_)));
    prose(text_.substr(at_, end - at_));
    at_ = end;
    if (!take(kObjectEnd)) return note("an object's name is not closed");
    if (planned.name.empty()) note("an object without a name");
    skip_space();
    if (!take(kBoxBegin)) return note("an object without a box");
    if (corners(planned) && !planned.name.empty()) out_.objects.push_back(std::move(planned));
  }

  // "(x1,y1),(x2,y2)" and the mark that closes the box.
  bool corners(PlannedObject& p) {
    int64_t* const numbers[] = {&p.x1, &p.y1, &p.x2, &p.y2};
    static constexpr std::string_view kBefore[] = {"(", ",", "),(", ","};
    for (size_t i = 0; i < 4; ++i) {
      if (!punctuation(kBefore[i]) || !number(*numbers[i])) return false;
    }
    if (!punctuation(")")) return false;
    skip_space();
    if (!take(kBoxEnd)) {
      note("a box is not closed");
      return false;
    }
    if (p.x1 >= p.x2 || p.y1 >= p.y2) {
      note(cat("corners are not in order: (", p.x1, ",", p.y1, "),(", p.x2, ",", p.y2, ")"));
      return false;
    }
    return true;
  }
  bool punctuation(std::string_view wanted) {
    for (const char c : wanted) {
      skip_space();
      if (!take(std::string_view(&c, 1))) {
        note(cat("a box is not (x1,y1),(x2,y2): expected ", c));
        return false;
      }
    }
    skip_space();
    return true;
  }
  bool number(int64_t& value) {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    const auto parsed = base::parse_int(text_.substr(begin, at_ - begin));
    if (!parsed || *parsed >= kGotSide) {
      note("a coordinate is no whole number from 0 to 999");
      return false;
    }
    value = *parsed;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  GotChain out_;
};

}  // namespace

GotChain parse_got_chain(std::string_view chain) { return Reader(chain).read(); }

std::string got_chain_of_answer(std::string_view answer) {
  constexpr std::string_view kFence = "```";
  const std::string_view text = base::trim(answer);
  const size_t begin = text.find_first_not_of('`');
  if (!text.starts_with(kFence) || !text.ends_with(kFence) || begin == std::string_view::npos) return std::string(text);
  std::string_view inner = text.substr(begin, text.find_last_not_of('`') + 1 - begin);
  if (inner.find(kFence) != std::string_view::npos) return std::string(text);  // two fenced pieces: none is all of it
  // The fence's own line may name a language.
  const auto end = std::find_if_not(inner.begin(), inner.end(), [](unsigned char c) { return std::isalpha(c) != 0; });
  const bool ends_line = end != inner.end() && (*end == '\n' || *end == '\r');
  if (ends_line) inner.remove_prefix(static_cast<size_t>(end - inner.begin()));
  return std::string(base::trim(inner));
}

std::string got_object(const PlannedObject& o) {
  return cat(kObjectBegin, o.name, kObjectEnd, " ", kBoxBegin, "(", o.x1, ",", o.y1, "),(", o.x2, ",", o.y2, ")", kBoxEnd);
}

double intersection_over_union(const PlannedObject& a, const PlannedObject& b) {
  const auto area = [](int64_t x1, int64_t y1, int64_t x2, int64_t y2) {
    return static_cast<double>(std::max<int64_t>(0, x2 - x1)) * static_cast<double>(std::max<int64_t>(0, y2 - y1));
  };
  const double both = area(std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2), std::min(a.y2, b.y2));
  const double either = area(a.x1, a.y1, a.x2, a.y2) + area(b.x1, b.y1, b.x2, b.y2) - both;
  return either <= 0 ? 0 : both / either;
}

int64_t got_place(double pixel, double side) {
  return std::llround(std::clamp(pixel * static_cast<double>(kGotSide) / side, 0.0, static_cast<double>(kGotSide - 1)));
}

}  // namespace easel::record
