// The chat completions interface that OpenAI, vLLM, SGLang and llama.cpp's server speak: a question with pictures, its
// JSON, and what an answer says. https://platform.openai.com/docs/api-reference/chat
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace easel::http {

// A part of the user's message: a text, or a picture's bytes.
struct Part {
  std::string text;
  std::string picture, mime;  // a picture when mime is set: "image/jpeg"

  static Part of_text(std::string words) { return {std::move(words), "", ""}; }
  static Part of_picture(std::string bytes, std::string type) { return {"", std::move(bytes), std::move(type)}; }
};

// What a server does not know and is asked without.
struct Dialect {
  bool schemas = true;                // response_format
  bool max_completion_tokens = false;  // OpenAI's newer name of max_tokens, which its newer models insist on
  bool temperature = true;             // models that reason have one of their own
  bool operator==(const Dialect&) const = default;
};

struct ChatRequest {
  std::string model, system;  // no system message when empty
  std::vector<Part> parts;
  double temperature = 0;
  int64_t max_tokens = 1024;
  std::optional<int64_t> seed;
  int64_t top_logprobs = 0;  // 0: no log-probs
  std::string schema_name;   // with it the answer is to be JSON of this schema
  std::string schema;        // JSON

  // The request's JSON. Pictures become data URLs.
  std::string json(const Dialect& dialect = {}) const;
};

// A token of an answer and what else was likely there, most likely first.
struct TokenChoices {
  struct Choice {
    std::string token;
    double logprob;
  };
  std::string token;
  double logprob = 0;
  std::vector<Choice> top;
};

struct ChatReply {
  // What the model says after its reasoning: what follows the last </think>, where there is one. A <think> that is not
  // closed is reasoning that did not end: the text is then empty, and cut.
  std::string text;
  std::string refusal;  // that it will not answer, in its words; the text is then empty
  bool cut = false;  // it ended before its end: at max_tokens, by a filter, by the server
  std::vector<TokenChoices> tokens;
  int64_t prompt_tokens = 0, completion_tokens = 0;

  // Throws Error saying what is wrong with a body that is no answer: no JSON, no choices, a failed one, no text.
  static ChatReply parse(std::string_view body);
};

// What an error's body says, in one short line; "" when it says nothing that can be understood.
std::string error_message(std::string_view body);

// "data:image/png;base64,...."
std::string data_url(std::string_view bytes, std::string_view mime);

// What yes and no have at least together, of a model that answers with one of them: of less their share says nothing.
constexpr double kLeastYesOrNo = 0.01;

// P(yes) / (P(yes) + P(no)); nullopt where they have less than that.
std::optional<double> share_of_yes(double yes, double no);

// share_of_yes at an answer's first token that is not white space, out of the likeliest tokens there: each is taken
// without spaces, quotes and punctuation, and in any case ("Yes", " yes", "**YES**"), and those of one word add up. A
// word that is not among them counts nothing; nullopt also when the answer has no log-probs.
std::optional<double> probability_of_yes(const ChatReply& reply);

}  // namespace easel::http
