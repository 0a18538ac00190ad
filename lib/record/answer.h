// What programs that judge are asked and answer. One that scores rollouts writes for each {"id": "p0042-3", "value": 0.75}
// (schemas/answer.v1.schema.json).
#pragma once

#include <optional>
#include <string>

#include "jsonl/object.h"

namespace easel::record {

struct ExpertAnswer {
  std::string id;               // of a rollout
  std::optional<double> value;  // null or absent: unscored

  static ExpertAnswer parse(const jsonl::Object& record) {
    return {record.string("id"), record.optional_number("value")};
  }
};

// A question about a picture (schemas/question.v1.schema.json), for answer-sft with the answer that is right, and what
// janus-answer --words yes --words no makes of it.
struct PictureQuestion {
  std::string id, image, question;  // image: empty for a question about none
  std::string answer = "";

  static PictureQuestion parse(const jsonl::Object& record) {
    return {record.string("id"), record.optional_string("image").value_or(""), record.string("question"), record.string("answer")};
  }

  std::string str() const {
    jsonl::Object record;
    record.set("id", id);
    if (!image.empty()) record.set("image", image);
    record.set("question", question);
    return record.str();
  }
};
struct PictureAnswer {
  std::string id, text;
  bool cut = false;        // at its limit of tokens
  double yes = 0, no = 0;  // how probable it is that the answer begins so; 0 where nobody asked

  static PictureAnswer parse(const jsonl::Object& record) {
    PictureAnswer answer{record.string("id"), record.string("answer")};
    answer.cut = record.object("answer_finish").string("answer") == "length";
    if (record.is_null("word_probabilities")) return answer;
    const jsonl::Object words = record.object("word_probabilities");
    answer.yes = words.number("yes");
    answer.no = words.number("no");
    return answer;
  }
};

}  // namespace easel::record
