#include "http/chat.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "jsonl/object.h"

namespace easel::http {

using base::cat;
using base::fail;
using base::quote;
using jsonl::Json;

std::string data_url(std::string_view bytes, std::string_view mime) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = cat("data:", mime, ";base64,");
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t have = std::min<size_t>(3, bytes.size() - i);
    uint32_t word = 0;
    for (size_t k = 0; k < 3; ++k) word = word << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0);
    for (size_t k = 0; k < 4; ++k) out += k <= have ? kDigits[word >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::string ChatRequest::json(const Dialect& dialect) const {
  Json body;
  body["model"] = model;
  body["messages"] = Json::array();
  if (!system.empty()) body["messages"].push_back({{"role", "system"}, {"content", system}});
  // Servers of text models take nothing but a string.
  Json content = Json::array();
  std::string text;
  bool pictures = false;
  for (const Part& part : parts) {
    if (part.mime.empty()) {
      content.push_back({{"type", "text"}, {"text", part.text}});
      text += part.text;
    } else {
      pictures = true;
      content.push_back({{"type", "image_url"}, {"image_url", {{"url", data_url(part.picture, part.mime)}}}});
    }
  }
  body["messages"].push_back({{"role", "user"}, {"content", pictures ? content : Json(text)}});
  if (dialect.temperature) body["temperature"] = temperature;
  body[dialect.max_completion_tokens ? "max_completion_tokens" : "max_tokens"] = max_tokens;
  if (seed) body["seed"] = *seed;
  if (top_logprobs > 0) {
    body["logprobs"] = true;
    body["top_logprobs"] = top_logprobs;
  }
  if (!schema_name.empty() && dialect.schemas) {
    Json format;
    format["type"] = "json_schema";
    format["json_schema"]["name"] = schema_name;
    format["json_schema"]["strict"] = true;
    format["json_schema"]["schema"] = Json::parse(schema);
    body["response_format"] = std::move(format);
  }
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

namespace {

Json parsed(std::string_view body) { return Json::parse(body.begin(), body.end(), nullptr, false); }

// A member of an object, or null.
const Json& member(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : ""; }

int64_t count_of(const Json& value) {
  return value.is_number_unsigned() && value.get<uint64_t>() < (uint64_t{1} << 40) ? value.get<int64_t>() : 0;
}

// A log-prob that is one: servers write -9999 or null for what they do not know.
std::optional<double> logprob_of(const Json& value) {
  if (!value.is_number()) return std::nullopt;
  const double x = value.get<double>();
  return std::isfinite(x) && x <= 1e-3 ? std::optional(x) : std::nullopt;
}

std::vector<TokenChoices> read_tokens(const Json& list) {
  std::vector<TokenChoices> tokens;
  if (!list.is_array()) return tokens;
  for (const Json& item : list) {
    TokenChoices t;
    t.token = text_of(member(item, "token"));
    t.logprob = logprob_of(member(item, "logprob")).value_or(-INFINITY);
    const Json& top = member(item, "top_logprobs");
    if (top.is_array()) {
      for (const Json& choice : top) {
        const auto logprob = logprob_of(member(choice, "logprob"));
        if (logprob) t.top.push_back({text_of(member(choice, "token")), *logprob});
      }
    }
    tokens.push_back(std::move(t));
  }
  return tokens;
}

// What an error says, or what holds one, in one short line; "": nothing.
std::string said_by(const Json& json) {
  for (const Json* at : {&member(json, "error"), &json}) {
    if (at->is_string()) return quote(at->get<std::string>(), 200);
    for (const char* key : {"message", "detail"}) {
      const std::string text = text_of(member(*at, key));
      if (!text.empty()) return quote(text, 200);
    }
    if (const Json& faults = member(*at, "detail"); faults.is_array() && !faults.empty()) return quote(faults[0].dump(), 200);
  }
  return "";
}

// Gateways say 200 and put into the choice what went wrong behind them.
void require_success(const Json& choice) {
  if (!member(choice, "error").is_object() && text_of(member(choice, "finish_reason")) != "error") return;
  const std::string said = said_by(choice);
  fail(said.empty() ? std::string("the answer's first choice is an error") : cat("the server says: ", said));
}

// Servers have reasons of their own for an end that is one.
bool is_cut(const std::string& reason) {
  static constexpr std::string_view kCut[] = {"length", "max_tokens", "content_filter", "abort"};
  return std::find(std::begin(kCut), std::end(kCut), reason) != std::end(kCut);
}

void leave_out_reasoning(ChatReply& reply) {
  constexpr std::string_view kBegin = "<think>", kEnd = "</think>";
  // Templates write <think> into the question: the answer may have its end alone.
  if (const size_t end = reply.text.rfind(kEnd); end != std::string::npos) {
    reply.text.erase(0, std::min(reply.text.find_first_not_of(" \t\r\n", end + kEnd.size()), reply.text.size()));
  }
  if (reply.text.find(kBegin) == std::string::npos) return;
  reply.text.clear();
  reply.cut = true;
}

}  // namespace

ChatReply ChatReply::parse(std::string_view body) {
  const Json json = parsed(body);
  if (!json.is_object()) fail(cat("the answer is no JSON object: ", quote(body, 60)));
  const Json& choices = member(json, "choices");
  if (!choices.is_array() || choices.empty()) {
    const std::string said = error_message(body);
    fail(said.empty() ? std::string("the answer has no choices") : cat("the server says: ", said));
  }
  const Json& choice = choices[0];
  require_success(choice);
  const Json& content = member(member(choice, "message"), "content");
  ChatReply reply;
  if (content.is_string()) {
    reply.text = content.get<std::string>();
  } else if (content.is_array()) {  // some servers give parts here as well
    for (const Json& part : content) reply.text += text_of(member(part, "text"));
  }
  if (reply.text.empty()) reply.refusal = text_of(member(member(choice, "message"), "refusal"));
  if (reply.refusal.empty() && !content.is_string() && !content.is_array()) fail("the answer's first choice has no text");
  reply.cut = is_cut(text_of(member(choice, "finish_reason")));
  leave_out_reasoning(reply);
  reply.tokens = read_tokens(member(member(choice, "logprobs"), "content"));
  const Json& usage = member(json, "usage");
  reply.prompt_tokens = count_of(member(usage, "prompt_tokens"));
  reply.completion_tokens = count_of(member(usage, "completion_tokens"));
  return reply;
}

std::string error_message(std::string_view body) { return said_by(parsed(body)); }

std::optional<double> share_of_yes(double yes, double no) {
  return yes + no >= kLeastYesOrNo ? std::optional(yes / (yes + no)) : std::nullopt;
}

namespace {

std::string without(std::string text, std::initializer_list<std::string_view> marks) {
  for (const std::string_view mark : marks) text = base::replace_all(std::move(text), mark, "");
  return text;
}

// Some servers give tokens as vocabularies write them: SentencePiece a space as U+2581, byte-level BPE as U+0120.
std::string without_spaces(const std::string& token) {
  std::string text = without(token, {"\u2581", "\u0120"});
  std::erase_if(text, [](unsigned char c) { return std::isspace(c) != 0; });
  return text;
}

// The word that a token is, whatever it has around it.
std::string word_of(const std::string& token) {
  std::string text = without(without_spaces(token), {"\u3002", "\uFF0C", "\uFF01"});  // Chinese for . , !
  text = without(std::move(text), {"\u201C", "\u201D", "\u2018", "\u2019"});         // quotes
  std::erase_if(text, [](unsigned char c) { return std::ispunct(c) != 0; });
  return base::to_lower(text);
}

}  // namespace

std::optional<double> probability_of_yes(const ChatReply& reply) {
  for (const TokenChoices& token : reply.tokens) {
    if (without_spaces(token.token).empty()) continue;
    double yes = 0, no = 0;
    const auto add = [&](const std::string& text, double logprob) {
      const std::string word = word_of(text);
      if (word == "yes") yes += std::exp(logprob);
      if (word == "no") no += std::exp(logprob);
    };
    bool drawn_is_there = false;
    for (const auto& choice : token.top) {
      add(choice.token, choice.logprob);
      drawn_is_there |= choice.token == token.token;
    }
    // What was drawn stands beside the likeliest, where it is not one of them.
    if (!drawn_is_there) add(token.token, token.logprob);
    return share_of_yes(yes, no);
  }
  return std::nullopt;
}

}  // namespace easel::http
