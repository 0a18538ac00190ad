#include "annotate/endpoint_annotator.h"

#include <deque>
#include <memory>
#include <nlohmann/json.hpp>

#include "annotator_texts.inc"  // made of share/annotator when the build is configured: kAnnotatorTexts
#include "base/error.h"
#include "http/json_in_text.h"
#include "http/prompt_texts.h"
#include "image/draw.h"
#include "record/annotation.h"
#include "record/got_chain.h"

namespace easel::annotate {

using base::cat;

namespace {

bool is_annotation(const jsonl::Json& value, const std::vector<record::AnnotationStyle>& styles) {
  try {
    record::read_annotation(value.dump(), styles);
    return true;
  } catch (const base::Error&) {
    return false;
  }
}

jsonl::Object captions_of(const std::string& text, const std::vector<record::AnnotationStyle>& styles) {
  // Brackets in prose ("fields [1] and [2]") are no answer, nor is a draft of a part of it.
  auto json = http::json_in_text(text, [&](const jsonl::Json& value) { return is_annotation(value, styles); });
  if (!json) json = http::json_in_text(text, record::is_meant_annotation);  // which lacks something: that is then said
  return record::read_annotation(json ? json->dump() : text, styles);
}

// A picture on its way: one question or two.
struct Pending {
  record::ImageRef ref;
  image::Image pixels;  // when they are to be kept
  std::string captions, got, problem;
  int open = 0;  // questions
};

class Annotator {
 public:
  Annotator(const EndpointOptions& options, const Accept& accept,
            const std::function<void(const record::ImageRef&, const std::string&)>& refuse)
      : options_(options), prompts_(kAnnotatorTexts, "--annotator-prompt", options.prompts), accept_(accept), refuse_(refuse) {}

  // Puts a picture's questions into the queue.
  void take(Picture picture) {
    const std::string png = image::encode_png(image::fit_within(picture.pixels, static_cast<int>(options_.picture_size)));
    auto pending = std::make_shared<Pending>();
    pending->ref = picture.ref;
    if (options_.keep_pictures) pending->pixels = std::move(picture.pixels);
    http::ChatRequest request;
    request.model = options_.model;
    request.temperature = options_.temperature;
    request.max_tokens = 4096;
    const auto ask = [&](const std::string& text, std::string Pending::*into, Objection objection) {
      http::Question q;
      q.request = request;
      q.request.parts = {http::Part::of_picture(png, "image/png"), http::Part::of_text(text)};
      q.objection = [this, objection](const http::ChatReply& reply) {
        const std::string problem = (this->*objection)(reply);
        return !problem.empty() && reply.cut ? problem + " (it was cut at max_tokens)" : problem;
      };
      q.done = [this, pending, into](std::optional<http::ChatReply> reply, const std::string& problem) {
        if (reply) (*pending).*into = std::move(reply->text);
        if (pending->problem.empty()) pending->problem = problem;
        if (--pending->open == 0) finish(*pending);
      };
      ++pending->open;
      questions.push_back(std::move(q));
    };
    ask(prompts_.filled("captions", {{"fields", record::annotation_wishes(options_.styles)}}), &Pending::captions,
        &Annotator::objection_to_captions);
    questions.back().request.schema_name = "annotation";
    questions.back().request.schema = record::annotation_schema(options_.styles);
    if (options_.got) ask(prompts_.filled("got", {}), &Pending::got, &Annotator::objection_to_plan);
  }

  std::deque<http::Question> questions;

 private:
  // Why a reply is of no use, or "".
  using Objection = std::string (Annotator::*)(const http::ChatReply&) const;

  std::string objection_to_captions(const http::ChatReply& reply) const {
    try {
      captions_of(reply.text, options_.styles);
      return "";
    } catch (const base::Error& e) {
      return e.what();
    }
  }

  std::string objection_to_plan(const http::ChatReply& reply) const {
    const std::string problem = record::parse_got_chain(record::got_chain_of_answer(reply.text)).problem;
    // One that was cut between two objects reads as a whole one.
    return problem.empty() && reply.cut ? "the plan is not whole" : problem;
  }

  void finish(Pending& p) const {
    if (!p.problem.empty()) return refuse_(p.ref, p.problem);
    jsonl::Object record;
    p.ref.write(record);
    const jsonl::Object captions = captions_of(p.captions, options_.styles);
    for (const auto& key : captions.keys()) record.set_raw(key, std::string(captions.raw(key)));
    if (options_.got) record.set("got", record::got_chain_of_answer(p.got));
    accept_(p.ref.id, std::move(record), std::move(p.pixels));
  }

  const EndpointOptions& options_;
  http::PromptTexts prompts_;
  const Accept& accept_;
  const std::function<void(const record::ImageRef&, const std::string&)>& refuse_;
};

}  // namespace

std::string annotate_by_endpoint(const EndpointOptions& options, const std::function<std::optional<Picture>()>& next,
                                 const Accept& accept,
                                 const std::function<void(const record::ImageRef&, const std::string&)>& refuse) {
  if (options.model.empty()) base::fail_usage("--model: expected the name of a model that the endpoint serves");
  http::ChatClient client(options.client);
  Annotator annotator(options, accept, refuse);
  client.run([&]() -> std::optional<http::Question> {
    if (annotator.questions.empty()) {
      auto picture = next();
      if (!picture) return std::nullopt;
      annotator.take(std::move(*picture));
    }
    http::Question question = std::move(annotator.questions.front());
    annotator.questions.pop_front();
    return question;
  });
  return client.usage().line();
}

}  // namespace easel::annotate
