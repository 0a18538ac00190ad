#include "text/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <algorithm>
#include <cstdint>

#include "base/error.h"
#include "base/strings.h"
#include "text/regex_syntax.h"

namespace easel::text {

using base::cat;

namespace {

constexpr size_t kMaxJitStack = size_t{64} << 20;

PCRE2_SPTR bytes(std::string_view text) { return reinterpret_cast<PCRE2_SPTR>(text.data()); }

std::string error_text(int code) {
  PCRE2_UCHAR message[256] = "";
  pcre2_get_error_message(code, message, sizeof message);
  return reinterpret_cast<const char*>(message);
}

}  // namespace

struct Regex::Code {
  pcre2_code* code = nullptr;
  bool jit = false;
  std::string shown;  // as the user wrote it

  ~Code() { pcre2_code_free(code); }

  static std::shared_ptr<const Code> make(std::string_view pattern, std::string_view shown,
                                          uint32_t options) {
    auto made = std::make_shared<Code>();
    made->shown = base::quote(shown, 200);
    int error = 0;
    size_t offset = 0;
    pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    made->code = pcre2_compile(bytes(pattern), pattern.size(),
                               PCRE2_UTF | PCRE2_NO_UTF_CHECK | options, &error, &offset, context);
    pcre2_compile_context_free(context);
    if (made->code == nullptr) {
      base::fail(cat("regex ", made->shown, ": ", error_text(error), ", near ",
                     base::quote(pattern.substr(offset > 10 ? offset - 10 : 0, 20))));
    }
    // Where the system forbids executable memory the interpreter does the work.
    made->jit = pcre2_jit_compile(made->code, PCRE2_JIT_COMPLETE) == 0;
    return made;
  }
};

struct RegexScratch::State {
  // One pair of offsets: groups are never asked for.
  pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = nullptr;  // made when the machine's own 32 KiB do not do
  ~State() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_jit_stack_free(stack);
  }
};

RegexScratch::RegexScratch() : state_(std::make_unique<State>()) {}
RegexScratch::~RegexScratch() = default;

Regex Regex::compile(std::string_view pattern) {
  constexpr uint32_t kOptions = PCRE2_UCP | PCRE2_MULTILINE;
  const TranslatedPattern translated = translate_regex(pattern);
  Regex regex;
  regex.basic_ = Code::make(translated.basic, pattern, kOptions);
  regex.extended_ = translated.extended == translated.basic
                        ? regex.basic_
                        : Code::make(translated.extended, pattern, kOptions);
  return regex;
}

Regex Regex::literal(std::string_view text) {
  Regex regex;
  regex.basic_ = regex.extended_ = Code::make(text, text, PCRE2_LITERAL);
  return regex;
}

bool Regex::find(std::string_view subject, size_t start, RegexScratch& scratch,
                 RegexMatch* match) const {
  const Code& code = scratch.extended_ ? *extended_ : *basic_;
  RegexScratch::State& state = *scratch.state_;
  // A long run of spaces may cost a step for every one of them; more than that is a pattern that
  // explodes.
  constexpr size_t kSteps = 10'000'000;
  pcre2_set_match_limit(state.context, static_cast<uint32_t>(std::min<size_t>(
                                           kSteps + 8 * subject.size(), UINT32_MAX)));
  const auto run = [&](uint32_t options) {
    return pcre2_match(code.code, bytes(subject), subject.size(), start,
                       PCRE2_NO_UTF_CHECK | options, state.data, state.context);
  };
  int result = code.jit ? pcre2_jit_match(code.code, bytes(subject), subject.size(), start, 0,
                                          state.data, state.context)
                        : run(0);
  if (result == PCRE2_ERROR_JIT_STACKLIMIT && state.stack == nullptr) {
    state.stack = pcre2_jit_stack_create(32 << 10, kMaxJitStack, nullptr);
    pcre2_jit_stack_assign(state.context, nullptr, state.stack);
    result = run(0);
  }
  if (result == PCRE2_ERROR_JIT_STACKLIMIT) result = run(PCRE2_NO_JIT);
  if (result == PCRE2_ERROR_NOMATCH) return false;
  if (result < 0) {
    base::fail(cat("regex ", code.shown, " gave up on a text of ", subject.size(),
                   " bytes: ", error_text(result)));
  }
  const size_t* offsets = pcre2_get_ovector_pointer(state.data);
  *match = {offsets[0], offsets[1]};
  return true;
}

}  // namespace easel::text
