#include "text/regex_syntax.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/strings.h"
#include "text/unicode_supplement.h"
#include "text/utf8.h"

namespace easel::text {

using base::cat;

namespace {

// \s is the property White_Space; PCRE2's own \s adds U+180E.
constexpr std::string_view kSpace =
    R"(\x{9}-\x{d}\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";
constexpr std::string_view kNotSpace =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff})"
    R"(\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff})";
constexpr std::string_view kHex = "0-9A-Fa-f";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";

// Scripts of unicode_supplement.inc, with their codes.
constexpr std::array<std::array<std::string_view, 2>, 15> kGrownScripts = {{
    {"Arabic", "arab"},
    {"Balinese", "bali"},
    {"Common", "zyyy"},
    {"Cyrillic", "cyrl"},
    {"Devanagari", "deva"},
    {"Egyptian_Hieroglyphs", "egyp"},
    {"Han", "hani"},
    {"Hiragana", "hira"},
    {"Kannada", "knda"},
    {"Katakana", "kana"},
    {"Khitan_Small_Script", "kits"},
    {"Khojki", "khoj"},
    {"Lao", "laoo"},
    {"Latin", "latn"},
    {"Myanmar", "mymr"},
}};

std::string hex_escape(char32_t c) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "\\x{%x}", static_cast<unsigned>(c));
  return buffer;
}

std::string literal(char32_t c) {
  if (c < 0x80 && std::isalnum(static_cast<int>(c))) return std::string(1, static_cast<char>(c));
  if (c > 0x20 && c < 0x7F && c != '_') return {'\\', static_cast<char>(c)};
  return hex_escape(c);
}

// One character's worth of pattern, as a union of what may stand between brackets and of whole
// sub-patterns that match one character.
struct CharSet {
  std::string items;
  std::vector<std::string> atoms;

  void add(const CharSet& other) {
    items += other.items;
    atoms.insert(atoms.end(), other.atoms.begin(), other.atoms.end());
  }
  std::string matcher(bool negated) const {
    if (atoms.empty()) {
      if (items.empty()) return negated ? "(?s:.)" : "(?!)";
      return cat(negated ? "[^" : "[", items, "]");
    }
    std::string either = items.empty() ? "" : cat("[", items, "]|");
    either += base::join(atoms, "|");
    return negated ? cat("(?:(?!", either, ")(?s:.))") : cat("(?>", either, ")");
  }
};

std::string fold_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c != '_' && c != '-' && c != ' ') {
      out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return out;
}

// Short names of general categories by folded name.
std::optional<std::string> category(const std::string& folded) {
  static constexpr std::array<std::array<std::string_view, 2>, 38> kCategories = {{
      {"L", "letter"},
      {"Lu", "uppercaseletter"},
      {"Ll", "lowercaseletter"},
      {"Lt", "titlecaseletter"},
      {"Lm", "modifierletter"},
      {"Lo", "otherletter"},
      {"M", "mark"},
      {"M", "combiningmark"},
      {"Mn", "nonspacingmark"},
      {"Mc", "spacingmark"},
      {"Me", "enclosingmark"},
      {"N", "number"},
      {"Nd", "decimalnumber"},
      {"Nl", "letternumber"},
      {"No", "othernumber"},
      {"P", "punctuation"},
      {"P", "punct"},
      {"Pc", "connectorpunctuation"},
      {"Pd", "dashpunctuation"},
      {"Ps", "openpunctuation"},
      {"Pe", "closepunctuation"},
      {"Pi", "initialpunctuation"},
      {"Pf", "finalpunctuation"},
      {"Po", "otherpunctuation"},
      {"S", "symbol"},
      {"Sm", "mathsymbol"},
      {"Sc", "currencysymbol"},
      {"Sk", "modifiersymbol"},
      {"So", "othersymbol"},
      {"Z", "separator"},
      {"Zs", "spaceseparator"},
      {"Zl", "lineseparator"},
      {"Zp", "paragraphseparator"},
      {"C", "other"},
      {"Cc", "control"},
      {"Cf", "format"},
      {"Cn", "unassigned"},
      {"Co", "privateuse"},
  }};
  for (const auto& [name, full] : kCategories) {
    if (folded == full || folded == fold_name(name)) return std::string(name);
  }
  return std::nullopt;
}

bool is_posix_class(std::string_view name) {
  constexpr std::string_view kNames[] = {"alnum", "alpha", "blank", "cntrl", "graph",
                                         "lower", "print", "upper", "xdigit"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool is_script(const std::string& name) {
  const std::string pattern = cat("\\p{sc:", name, "}");
  int error = 0;
  size_t offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern.data()), pattern.size(),
                                   PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr);
  pcre2_code_free(code);
  return code != nullptr;
}

class Translator {
 public:
  Translator(std::string_view pattern, bool extended) : in_(pattern), extended_(extended) {}

  std::string run() {
    while (at_ < in_.size()) term();
    if (!groups_.empty()) fail("missing )");
    return out_ + closers_;
  }

 private:
  [[noreturn]] void fail(const std::string& why) const {
    base::fail(cat("regex ", base::quote(in_, 200), ": ", why, " at byte ", at_));
  }
  [[noreturn]] void refuse(std::string_view what) const { fail(cat(what, " is not supported")); }

  bool peek(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  bool accept(std::string_view text) {
    if (!peek(text)) return false;
    at_ += text.size();
    return true;
  }
  char32_t take() {
    if (at_ >= in_.size()) fail("ends too early");
    return next_code_point(in_, &at_);
  }

  // Something that a quantifier may follow.
  void atom(const std::string& text) {
    atom_begin_ = out_.size();
    out_ += text;
    quantified_ = false;
    last_literal_ = 0;
  }
  // Something that it may not.
  void mark(const std::string& text) {
    out_ += text;
    atom_begin_ = std::string::npos;
    quantified_ = false;
    last_literal_ = 0;
  }
  // One character as it stands. Without regard to case, Oniguruma lets some characters stand for
  // two or three others (sharp s for "ss"); PCRE2 does not.
  void literal_atom(char32_t c) {
    const char32_t before = last_literal_;
    atom(literal(c));
    if (!caseless_) return;
    if (folds_to_several(c)) refuse("a character whose case folds to several");
    last_literal_ = c < 0x80 ? static_cast<char32_t>(std::tolower(static_cast<int>(c))) : 0;
    for (const std::string_view pair : {"ss", "st", "ff", "fi", "fl"}) {
      if (before == static_cast<char32_t>(pair[0]) &&
          last_literal_ == static_cast<char32_t>(pair[1])) {
        refuse(cat("a caseless ", base::quote(pair), ", which one character stands for too,"));
      }
    }
  }
  static bool folds_to_several(char32_t c) {
    return c == 0xDF || c == 0x130 || c == 0x149 || c == 0x1F0 || c == 0x390 || c == 0x3B0 ||
           c == 0x587 || (c >= 0x1E96 && c <= 0x1E9E) || (c >= 0x1F50 && c <= 0x1FFC) ||
           (c >= 0xFB00 && c <= 0xFB17);
  }

  void term() {
    const char c = in_[at_];
    if (c == '\\') {
      escape();
    } else if (c == '[') {
      ++at_;
      atom(bracket());
    } else if (c == '(') {
      open();
    } else if (c == ')') {
      close();
    } else if (c == '|') {
      ++at_;
      mark("|");
    } else if (c == '*' || c == '+' || c == '?') {
      ++at_;
      std::string suffix(1, c);
      if (accept("+")) {
        suffix += "+";
      } else if (accept("?")) {
        suffix += "?";
      }
      quantify(suffix);
    } else if (c == '{' && interval()) {
    } else if (c == '^' || c == '$') {
      ++at_;
      atom(std::string(1, c));
    } else if (c == '.') {
      ++at_;
      atom(".");
    } else {
      literal_atom(take());
    }
  }

  void quantify(const std::string& suffix) {
    last_literal_ = 0;
    if (atom_begin_ == std::string::npos) fail("a quantifier has nothing to repeat");
    // A second quantifier repeats the first one's result: PCRE2 wants that spelt out.
    if (quantified_) out_ = cat(out_.substr(0, atom_begin_), "(?:", out_.substr(atom_begin_), ")");
    out_ += suffix;
    quantified_ = true;
  }

  // {n}, {n,}, {,m}, {n,m}; anything else in braces is text.
  bool interval() {
    size_t end = at_ + 1;
    const auto digits = [&] {
      const size_t begin = end;
      while (end < in_.size() && std::isdigit(static_cast<unsigned char>(in_[end]))) ++end;
      return std::string(in_.substr(begin, end - begin));
    };
    const std::string low = digits();
    std::string high = low;
    const bool comma = end < in_.size() && in_[end] == ',';
    if (comma) {
      ++end;
      high = digits();
    }
    if (end >= in_.size() || in_[end] != '}' || (low.empty() && high.empty())) {
      literal_atom(take());
      return true;
    }
    at_ = end + 1;
    std::string suffix = cat("{", low.empty() ? "0" : low);
    if (comma) suffix += cat(",", high);
    suffix += "}";
    // Ruby: {n}? is optional and not lazy; a plus after braces repeats and is not possessive. Both
    // are second quantifiers, which the next round sees.
    if (comma && accept("?")) suffix += "?";
    quantify(suffix);
    return true;
  }

  void open() {
    const size_t begin = out_.size();
    const bool caseless_before = caseless_;
    ++at_;
    if (peek("*")) refuse("(*");
    std::string head = "(";
    if (accept("?")) {
      if (accept("#")) {
        while (take() != ')') {
        }
        return;
      }
      head = "(?";
      if (accept("<=") || accept("<!") || accept("=") || accept("!") || accept(">") ||
          accept(":")) {
        for (const std::string_view kind : {"<=", "<!", "=", "!", ">", ":"}) {
          if (in_.substr(0, at_).ends_with(kind)) {
            head += kind;
            break;
          }
        }
      } else if (peek("<") || peek("'")) {
        const char closer = in_[at_] == '<' ? '>' : '\'';
        ++at_;
        const size_t name = at_;
        while (at_ < in_.size() &&
               (std::isalnum(static_cast<unsigned char>(in_[at_])) || in_[at_] == '_')) {
          ++at_;
        }
        head += cat("<", in_.substr(name, at_ - name), ">");
        if (!accept(std::string(1, closer))) refuse("this kind of group");
      } else {
        const std::string flags = options();
        if (accept(")")) {
          // Ruby: an option on its own holds to the end of the group, alternatives included.
          mark(cat("(?", flags, ":"));
          (groups_.empty() ? closers_ : groups_.back().closers) += ")";
          return;
        }
        if (!accept(":")) refuse("this kind of group");
        head += cat(flags, ":");
      }
    }
    groups_.push_back({begin, "", caseless_before});
    mark(head);
  }

  // i, m and their negation; Ruby's m lets the dot match a newline, which is s in PCRE2.
  std::string options() {
    std::string flags;
    bool on = true;
    while (at_ < in_.size() && in_[at_] != ')' && in_[at_] != ':') {
      const char c = in_[at_];
      if (c != 'i' && c != 'm' && c != '-') refuse(base::quote(cat("(?", c)));
      if (c == '-') on = false;
      if (c == 'i') caseless_ = on;
      flags += c == 'm' ? 's' : c;
      ++at_;
    }
    return flags;
  }

  void close() {
    if (groups_.empty()) fail("unmatched )");
    ++at_;
    const Group group = groups_.back();
    groups_.pop_back();
    out_ += group.closers + ")";
    caseless_ = group.caseless_before;
    atom_begin_ = group.begin;
    quantified_ = false;
    last_literal_ = 0;
  }

  void escape() {
    ++at_;
    if (at_ >= in_.size()) fail("ends with a backslash");
    CharSet set;
    bool negated = false;
    if (class_escape(false, &set, &negated)) {
      atom(set.matcher(negated));
      return;
    }
    const char c = in_[at_];
    if (c == 'A' || c == 'z' || c == 'Z' || c == 'G') {
      ++at_;
      atom(cat("\\", c));
    } else if (c == 'b' || c == 'B') {
      ++at_;
      const std::string w = word(false).matcher(false);
      atom(c == 'b' ? cat("(?:(?<=", w, ")(?!", w, ")|(?<!", w, ")(?=", w, "))")
                    : cat("(?:(?<=", w, ")(?=", w, ")|(?<!", w, ")(?!", w, "))"));
    } else if (c == 'R') {
      ++at_;
      atom(R"((?>\r\n|[\n-\r\x{85}\x{2028}\x{2029}]))");
    } else if (c >= '1' && c <= '9') {
      if (at_ + 1 < in_.size() && std::isdigit(static_cast<unsigned char>(in_[at_ + 1]))) {
        refuse("a back reference of two digits");
      }
      ++at_;
      atom(cat("\\g{", c, "}"));
    } else {
      literal_atom(escaped_character());
    }
  }

  // \n, \x41, \u0041, \[ and the like, after the backslash.
  char32_t escaped_character() {
    const char32_t c = take();
    switch (c) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'f':
        return '\f';
      case 'v':
        return '\v';
      case 'a':
        return '\a';
      case 'e':
        return 0x1B;
      case '0':
        if (at_ < in_.size() && std::isdigit(static_cast<unsigned char>(in_[at_]))) {
          refuse("an octal escape");
        }
        return 0;
      case 'x': {
        const bool braces = accept("{");
        const char32_t value = hex_digits(1, braces ? 8 : 2);
        if (braces && !accept("}")) fail("\\x{ without }");
        if (!braces && value >= 0x80) refuse("a byte escape above \\x7F");
        return value;
      }
      case 'u':
        return hex_digits(4, 4);
      default:
        if (c < 0x80 && std::isalnum(static_cast<int>(c))) {
          refuse(cat("\\", static_cast<char>(c)));
        }
        return c;
    }
  }

  char32_t hex_digits(int at_least, int at_most) {
    char32_t value = 0;
    int count = 0;
    for (; count < at_most && at_ < in_.size(); ++count, ++at_) {
      const int c = std::tolower(static_cast<unsigned char>(in_[at_]));
      if (!std::isxdigit(c)) break;
      value = value * 16 + static_cast<char32_t>(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    if (count < at_least) fail("too few hexadecimal digits");
    if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) fail("not a code point");
    return value;
  }

  // Outside brackets Oniguruma also counts six superscripts and fractions of Latin-1.
  CharSet word(bool in_bracket) const {
    CharSet set;
    set.items = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})";
    if (!in_bracket) set.items += R"(\x{b2}\x{b3}\x{b9}\x{bc}-\x{be})";
    if (extended_) {
      for (const std::string_view part : {"L", "M", "Nl", "Nd", "Pc"}) {
        set.items += range_items(supplement(part));
      }
    }
    return set;
  }

  // \s, \p{...} and the like, after the backslash.
  bool class_escape(bool in_bracket, CharSet* set, bool* negated) {
    const char c = in_[at_];
    *negated = std::isupper(static_cast<unsigned char>(c)) != 0;
    switch (c) {
      case 's':
      case 'S':
        set->items = kSpace;
        break;
      case 'd':
      case 'D':
        add_property("Nd", in_bracket, *negated, set);
        break;
      case 'w':
      case 'W':
        *set = word(in_bracket);
        break;
      case 'h':
      case 'H':
        set->items = kHex;
        break;
      case 'p':
      case 'P': {
        ++at_;
        if (!accept("{")) fail("\\p without {");
        if (accept("^")) *negated = !*negated;
        const size_t end = in_.find('}', at_);
        if (end == std::string_view::npos) fail("\\p{ without }");
        add_property(std::string(in_.substr(at_, end - at_)), in_bracket, *negated, set);
        at_ = end + 1;
        return true;
      }
      default:
        return false;
    }
    ++at_;
    return true;
  }

  // Without regard to case, Oniguruma adds to a bracket what its members fold to, properties
  // included. Most categories are closed under that; U+0345 is the one mark that is a letter's.
  void add_caseless_members(const std::string& short_name, bool in_bracket, bool negated,
                            CharSet* set) {
    if (!caseless_) return;
    const bool cased = short_name == "Lu" || short_name == "Ll" || short_name == "Lt";
    const bool open = short_name == "M" || short_name == "Mn" || (short_name == "L" && negated);
    if (cased || (in_bracket && open)) refuse(cat("a caseless \\p{", short_name, "}"));
    if (in_bracket && short_name == "L") set->items += R"(\x{345})";
  }

  // Oniguruma's classes that are no category: [[:alpha:]], \p{Alphabetic}. False: none of that name.
  bool add_class(const std::string& folded, CharSet* set) {
    const auto categories = [&](std::initializer_list<const char*> names) {
      for (const char* name : names) add_property(name, true, false, set);
    };
    const auto property = [&](const std::string& name) {
      set->items += cat("\\p{", name, "}", range_items(supplement(name)));
    };
    const bool alphabetic = folded == "alpha" || folded == "alphabetic";
    const bool upper = folded == "upper" || folded == "uppercase", lower = folded == "lower" || folded == "lowercase";
    const bool visible = folded == "graph" || folded == "print";
    if (caseless_ && (alphabetic || upper || lower || visible || folded == "alnum")) {
      refuse(cat("a caseless class ", base::quote(folded)));
    }
    if (alphabetic || folded == "alnum") property("Alphabetic");
    if (folded == "alnum") categories({"Nd"});
    if (upper) property("Uppercase");
    if (lower) property("Lowercase");
    if (visible) categories({"L", "M", "N", "P", "S", "Cf", "Co"});
    if (folded == "print" || folded == "blank") categories({"Zs"});
    if (folded == "blank") set->items += "\\t";
    if (folded == "cntrl") categories({"Cc"});
    if (folded == "xdigit") set->items += kHex;
    return !set->items.empty();
  }

  void add_property(const std::string& name, bool in_bracket, bool negated, CharSet* set) {
    const std::string folded = fold_name(name);
    if (const auto short_name = category(folded)) {
      add_caseless_members(*short_name, in_bracket, negated, set);
      if (extended_ && (*short_name == "C" || *short_name == "Cn")) {
        // What has been assigned is no longer unassigned.
        const std::string format = *short_name == "C" ? range_items(supplement("Cf")) : "";
        set->atoms.push_back(
            cat("(?![", range_items(new_code_points()), "])\\p{", *short_name, "}"));
        set->items += format;
        return;
      }
      set->items += cat("\\p{", *short_name, "}");
      if (extended_) set->items += range_items(supplement(*short_name));
      return;
    }
    if (folded == "any") {
      set->items += R"(\x{0}-\x{10ffff})";
    } else if (folded == "ascii") {
      set->items += R"(\x{0}-\x{7f})";
    } else if (folded == "whitespace" || folded == "space") {
      set->items += kSpace;
    } else if (folded == "digit") {
      add_property("Nd", in_bracket, negated, set);
    } else {
      // A script, or nothing that is known here: few binary properties are offered, as members that
      // are new cannot be told apart. A bare name would mean script extensions.
      if (add_class(folded, set)) return;
      if (caseless_ && in_bracket && folded != "han") {
        refuse(cat("a caseless class with the property ", base::quote(name)));
      }
      if (folded.empty() || folded.find_first_not_of(kLetters) != std::string::npos || !is_script(name)) {
        refuse(cat("the property ", base::quote(name)));
      }
      set->items += cat("\\p{sc:", name, "}");
      if (extended_) {
        for (const auto& [script, code] : kGrownScripts) {
          if (folded == fold_name(script) || folded == code) {
            set->items += range_items(supplement(script));
          }
        }
      }
    }
  }

  // After "[": the whole set up to its "]".
  std::string bracket() {
    if (++depth_ > kMaxDepth) refuse("a class nested so deeply");
    const bool negated = accept("^");
    CharSet members;
    std::string before;  // what earlier parts of an intersection demand, as lookaheads
    bool first = true;
    while (true) {
      if (at_ >= in_.size()) fail("[ without ]");
      if (peek("]") && !(first && in_.find(']', at_ + 1) != std::string_view::npos)) break;
      if (accept("&&")) {
        if (caseless_) refuse("a caseless intersection");
        before += cat("(?=", members.matcher(false), ")");
        members = {};
        first = false;
        continue;
      }
      member(&members);
      first = false;
    }
    --depth_;
    ++at_;
    if (before.empty()) return members.matcher(negated);
    const std::string both = before + members.matcher(false);
    return negated ? cat("(?:(?!", both, ")(?s:.))") : cat("(?:", both, ")");
  }

  void member(CharSet* members) {
    if (peek("[:")) {
      posix_class(members);
      return;
    }
    if (accept("[")) {
      if (caseless_) refuse("a caseless class in a class");
      members->atoms.push_back(bracket());
      return;
    }
    if (peek("\\")) {
      const size_t backslash = at_++;
      if (at_ >= in_.size()) fail("ends with a backslash");
      CharSet set;
      bool negated = false;
      if (class_escape(true, &set, &negated)) {
        if (!negated) {
          members->add(set);
        } else if (set.items == kSpace && set.atoms.empty()) {
          members->items += kNotSpace;
        } else {
          members->atoms.push_back(set.matcher(true));
        }
        return;
      }
      at_ = backslash;
    }
    const char32_t low = member_character();
    if (caseless_ && folds_to_several(low)) refuse("a character whose case folds to several");
    // A hyphen is a range only between two characters.
    if (peek("-") && at_ + 1 < in_.size() && in_[at_ + 1] != ']' && in_[at_ + 1] != '[' &&
        !in_.substr(at_).starts_with("-&&")) {
      const size_t hyphen = at_++;
      if (is_class_escape_ahead()) {
        at_ = hyphen;
        members->items += literal(low);
        return;
      }
      const char32_t high = member_character();
      if (high < low) fail("a range runs backwards");
      members->items += cat(hex_escape(low), "-", hex_escape(high));
      return;
    }
    members->items += literal(low);
  }

  bool is_class_escape_ahead() const {
    return peek("\\") && at_ + 1 < in_.size() &&
           std::string_view("sSdDwWhHpP").find(in_[at_ + 1]) != std::string_view::npos;
  }

  char32_t member_character() {
    if (!accept("\\")) return take();
    if (accept("b")) return '\b';
    return escaped_character();
  }

  void posix_class(CharSet* members) {
    const size_t end = in_.find(":]", at_);
    if (end == std::string_view::npos) fail("[: without :]");
    at_ += 2;
    const bool negated = accept("^");
    const std::string_view name = in_.substr(at_, end - at_);
    CharSet set;
    if (name == "space") {
      set.items = kSpace;
    } else if (name == "digit") {
      add_property("Nd", true, negated, &set);
    } else if (name == "word") {
      set = word(true);
    } else if (name == "ascii") {
      add_property("ascii", true, negated, &set);
    } else if (name == "punct") {  // with symbols, unlike \p{Punct}
      add_property("P", true, negated, &set);
      add_property("S", true, negated, &set);
    } else if (!is_posix_class(name) || !add_class(std::string(name), &set)) {
      refuse(cat("the class ", base::quote(name)));
    }
    at_ = end + 2;
    if (negated) {
      members->atoms.push_back(set.matcher(true));
    } else {
      members->add(set);
    }
  }

  struct Group {
    size_t begin;         // in out_
    std::string closers;  // of options opened inside
    bool caseless_before;
  };

  std::string_view in_;
  bool extended_;
  size_t at_ = 0;
  std::string out_, closers_;
  std::vector<Group> groups_;
  size_t atom_begin_ = std::string::npos;
  bool quantified_ = false;
  bool caseless_ = false;
  char32_t last_literal_ = 0;  // in lower case; 0: what came last was something else
  static constexpr int kMaxDepth = 100;
  int depth_ = 0;
};

}  // namespace

std::string range_items(const std::vector<CodePointRange>& ranges) {
  std::string out;
  for (const CodePointRange& range : ranges) {
    out += hex_escape(range.first);
    if (range.last != range.first) out += "-" + hex_escape(range.last);
  }
  return out;
}

TranslatedPattern translate_regex(std::string_view pattern) {
  return {Translator(pattern, false).run(), Translator(pattern, true).run()};
}

}  // namespace easel::text
