// janus-answer: a Janus policy's answers to questions about pictures. stdin JSONL -> stdout JSONL.
#include <optional>

#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "image/image.h"
#include "jsonl/batches.h"
#include "jsonl/stream.h"
#include "model/policy.h"
#include "model/preprocessor.h"
#include "record/image_ref.h"
#include "sample/answerer.h"
#include "tensor/compute.h"

namespace {

using namespace easel;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  sample::AnswerOptions answer;
  std::string policy, root, system = "janus";
  std::vector<std::string> ask, words;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("answer questions about pictures with a Janus policy");
  t.usage("--policy DIR [--ask [FIELD=]TEXT]... [--words WORD]... < records with image");
  t.description(
      "Each record's picture goes through the policy's vision tower, and the decoder answers greedily. --ask puts "
      "the answer to TEXT into the record's FIELD (answer, when none is named) and may be given several times; "
      "without it each record has a question of its own in the field question. A record without an image is asked "
      "without one. answer_finish {FIELD: stop or length} says which answers were cut at --max-tokens. With --words the record gets "
      "word_probabilities {WORD: P}: how probable the answer to the first question is to begin with the word, "
      "capitalised or not.");
  t.example("jq -c '{id, image}' run/rollouts.jsonl | janus-answer --policy run/janus-pro-1b --ask 'What is in the image?'");
  t.example("janus-answer --policy DIR --ask 'Is there a dog? Answer yes or no.' --words yes --words no < pictures.jsonl");
  t.see_also({"caption-gen", "score-reward", "sample-group"});
  t.option("--policy", o.policy, "DIR", "policy folder").required();
  t.option("--ask", o.ask, "[FIELD=]TEXT", "a question for every picture, and the field for its answer");
  t.option("--words", o.words, "WORD", "a word whose probability is wanted; may be given several times");
  t.option("--max-tokens", o.answer.max_tokens, "N", "longest answer").range(1, 65536);
  t.option("--batch", o.answer.batch, "N", "questions at once").range(1, 65536);
  t.option("--system", o.system, "TEXT", "what the policy is told first; janus: what Janus-Pro was told");
  t.option("--chat", o.answer.chat, "FORMAT", "chat roles").choices({"janus", "t2i-r1", "none"});
  t.option("--root", o.root, "DIR", "where relative image paths start");
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

// "FIELD=TEXT", where FIELD is a plain name; a text may hold a '=' of its own.
std::pair<std::string, std::string> field_and_text(const std::string& ask) {
  const size_t at = ask.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789");
  if (at != std::string::npos && at > 0 && ask[at] == '=') return {ask.substr(0, at), ask.substr(at + 1)};
  return {"answer", ask};
}

void run(const Options& o) {
  std::vector<std::pair<std::string, std::string>> asked;
  for (const auto& ask : o.ask) asked.push_back(field_and_text(ask));
  const auto compute = tensor::set_up_compute(o.compute.device, o.compute.dtype, o.compute.threads);
  const model::Policy policy = model::load_policy(o.policy, {compute.device, compute.dtype, model::Use::kRead});
  model::require_usual_preprocessor(o.policy, policy.model.config.vision);
  const auto tokenizer = text::Tokenizer::load(o.policy);
  sample::AnswerOptions answer = o.answer;
  if (o.system != "janus") answer.system = o.system;
  sample::Answerer answerer(policy.model, tokenizer, answer);
  jsonl::LineReader reader(o.stream.input);
  jsonl::Writer writer(o.stream.output);
  base::Progress progress("pictures", 0);
  struct Item {
    std::optional<image::Image> picture;
    std::vector<std::pair<std::string, std::string>> questions;  // field, text
  };
  jsonl::Batches<Item> batches(o.answer.batch, [&](auto& records, auto& items) {
    std::vector<image::Image> pictures;
    std::vector<sample::Question> questions;
    for (auto& item : items) {
      for (const auto& [field, text] : item.questions) {
        questions.push_back({item.picture ? static_cast<int64_t>(pictures.size()) : -1, text});
      }
      if (item.picture) pictures.push_back(std::move(*item.picture));
    }
    const auto answers = answerer.answer(pictures.empty() ? torch::Tensor() : answerer.look(pictures), questions, o.words);
    size_t next = 0;
    for (size_t i = 0; i < records.size(); ++i) {
      jsonl::Object probabilities, finish;
      for (size_t w = 0; w < o.words.size(); ++w) probabilities.set(o.words[w], answers[next].word_probabilities[w]);
      for (const auto& [field, text] : items[i].questions) {
        records[i].set(field, answers[next].text);
        finish.set(field, answers[next++].finish);
      }
      records[i].set("answer_finish", finish);
      if (!o.words.empty()) records[i].set("word_probabilities", probabilities);
      writer.write(records[i]);
    }
    progress.add(static_cast<int64_t>(records.size()));
  });
  reader.on_wait([&] {
    batches.finish();
    writer.flush();
  });
  jsonl::for_each(reader, o.stream.max_bad, [&](jsonl::Object& record) {
    Item item{std::nullopt, asked};
    if (const auto path = record.optional_string("image")) {
      item.picture = jsonl::about(record, [&] { return image::read(record::resolve_path(*path, o.root)); });
    }
    if (asked.empty()) item.questions.emplace_back("answer", record.string("question"));
    batches.add(std::move(record), std::move(item));
  });
  batches.finish();
  writer.close();
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "janus-answer", declare, run); }
