#include "train/sft_sequences.h"

#include <algorithm>

#include "base/error.h"
#include "base/random.h"

namespace easel::train {

using base::cat;
using base::quote;

std::vector<int32_t> SftSequences::prompt_ids(const std::string& prompt) const {
  return tokenizer_.encode(
      text::wrap_chat(options_.chat, text::apply_template(options_.prompt_template, prompt), options_.system));
}

std::vector<int32_t> SftSequences::second_ids(const std::string& prompt, const SftExample& example) const {
  return tokenizer_.encode(text::wrap_chat(options_.chat, text::second_prompt(prompt, example.chain)));
}

std::vector<int32_t> SftSequences::chain_ids(const SftExample& example) const {
  return tokenizer_.encode(" " + example.chain, false);
}

void SftSequences::require_usable(const SftExample& example) const {
  const std::string who = cat("annotation ", quote(example.id), ": ");
  const int64_t codes = config_.vq.num_embeddings, wanted = config_.image_tokens();
  if (static_cast<int64_t>(example.image_tokens.size()) != wanted) {
    base::fail(cat(who, "expected ", wanted, " image tokens, got ", example.image_tokens.size()));
  }
  for (const int32_t t : example.image_tokens) {
    if (t < 0 || t >= codes) base::fail(cat(who, "image token ", t, " is outside the codebook of ", codes));
  }
  if (is_written() && example.chain.empty()) {
    base::fail(cat(who, "its chain is empty; expected a ", options_.direct ? "document" : "chain of thought"),
               options_.direct ? "--documents 0 trains without" : "--mode direct trains without chains");
  }
  // A byte makes at most a few tokens: only texts that come near the limit are tokenized for this.
  constexpr int64_t kTokensPerByte = 3;
  const auto text = static_cast<int64_t>(bytes(example) + options_.prompt_template.size() + options_.system.size()) + 64;
  if (frame() + kTokensPerByte * text <= options_.max_length) return;
  if (const int64_t longest = length(example); longest > options_.max_length) {
    base::fail(cat(who, longest, " tokens; expected at most ", options_.max_length, " (--max-length)"));
  }
}

// The picture, <begin_of_image>, <end_of_image>, EOS.
int64_t SftSequences::frame() const { return config_.image_tokens() + 2 + (config_.ids.end_of_image >= 0); }

bool SftSequences::is_written() const { return !options_.direct || options_.documents > 0; }

size_t SftSequences::bytes(const SftExample& example) const {
  size_t longest = 0;
  for (const auto& style : example.styles) {
    for (const auto& prompt : style) longest = std::max(longest, prompt.size());
  }
  return longest + (is_written() ? example.chain.size() : 0);
}

int64_t SftSequences::length(const SftExample& example) const {
  size_t longest = 0;
  for (const auto& style : example.styles) {
    for (const auto& prompt : style) longest = std::max(longest, prompt_ids(prompt).size());
  }
  return static_cast<int64_t>(longest + (is_written() ? chain_ids(example).size() : 0)) + frame();
}

SftVisit SftSequences::visit_half(const SftExample& example, const std::string& prompt, bool drop,
                                  base::RandomStream& random) const {
  SftVisit v;
  model::Sequence& s = v.sequence;
  if (random.chance(options_.text_share)) {
    s.text = prompt_ids(prompt);
    s.first_target = static_cast<int64_t>(s.text.size());
    const auto chain = chain_ids(example);
    s.text.insert(s.text.end(), chain.begin(), chain.end());
    s.text.push_back(static_cast<int32_t>(config_.ids.eos));
  } else {
    s.text = second_ids(prompt, example);
    s.text.push_back(static_cast<int32_t>(config_.ids.begin_of_image));
    if (drop) {
      s.second_position = static_cast<int64_t>(s.text.size()) - 1;
      s.text = {s.text.front(), s.text.back()};
    }
    s.first_target = static_cast<int64_t>(s.text.size());
    s.image = example.image_tokens;
    if (config_.ids.end_of_image >= 0) s.tail.push_back(static_cast<int32_t>(config_.ids.end_of_image));
    s.tail.push_back(static_cast<int32_t>(config_.ids.eos));
  }
  v.text_weights.assign(static_cast<size_t>(s.text_targets()), static_cast<float>(options_.text_weight));
  return v;
}

SftVisit SftSequences::visit(const SftExample& example, int64_t number) const {
  base::RandomStream random(static_cast<uint64_t>(options_.seed), "sft-visit", cat(number));
  const std::string& prompt = random.pick(random.pick(example.styles));
  const bool drop = random.chance(options_.drop_prompt);
  if (options_.two_pass) return visit_half(example, prompt, drop, random);
  const bool document = options_.direct && random.chance(options_.documents);

  SftVisit v;
  model::Sequence& s = v.sequence;
  s.text = document ? tokenizer_.encode("") : prompt_ids(prompt);
  s.first_target = static_cast<int64_t>(s.text.size());
  const auto chain = document || !options_.direct ? chain_ids(example) : std::vector<int32_t>();
  s.text.insert(s.text.end(), chain.begin(), chain.end());
  s.text.push_back(static_cast<int32_t>(config_.ids.begin_of_image));
  s.image = example.image_tokens;
  if (config_.ids.end_of_image >= 0) s.tail.push_back(static_cast<int32_t>(config_.ids.end_of_image));
  s.tail.push_back(static_cast<int32_t>(config_.ids.eos));
  if (drop) {
    s.second_position = static_cast<int64_t>(s.text.size()) - 1;
    s.text = {s.text.front(), s.text.back()};
  }
  // Without a text before it <begin_of_image> is given, not chosen.
  if (drop || chain.empty()) s.first_target = static_cast<int64_t>(s.text.size());
  const int64_t chain_targets = static_cast<int64_t>(s.text.size()) - s.first_target;
  v.text_weights.assign(static_cast<size_t>(s.text_targets()), static_cast<float>(options_.text_weight));
  if (chain_targets > 0) {
    v.text_weights[static_cast<size_t>(chain_targets - 1)] = static_cast<float>(options_.begin_weight);
  }
  return v;
}

}  // namespace easel::train
