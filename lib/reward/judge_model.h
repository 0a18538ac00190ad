// A model that answers questions about pictures: behind an endpoint, or a Janus policy on this machine.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "image/image.h"

namespace easel::reward {

// A question for a judge.
struct Inquiry {
  std::string text;
  // The picture that it is about, made when the question goes out; empty: none. Where a file holds it, its path too.
  std::function<image::Image()> picture;
  std::string path;
  bool yes_or_no = false;  // the probability of yes is wanted, not the text
  int64_t max_tokens = 512;
  std::string schema_name;  // the text is to be JSON of this schema
  std::string schema;
  // Why an answer's text is of no use, or "": such a one is asked for again. `cut`: it ended at max_tokens. May be empty.
  std::function<std::string(const std::string& text, bool cut)> objection;
};

struct JudgeReply {
  std::string text;
  std::optional<double> yes;  // P(yes) / (P(yes) + P(no))
  std::string problem;        // why there is no answer; "": there is one
  bool bad_record = false;    // the rollout's picture is at fault
};

class JudgeModel {
 public:
  virtual ~JudgeModel() = default;
  // One reply an inquiry, in their order. Throws Error when the model itself cannot be asked.
  virtual std::vector<JudgeReply> ask(const std::vector<Inquiry>& inquiries) = 0;
  // What it cost, for the end of a run; "" when there is nothing to say.
  virtual std::string summary() const { return ""; }
};

}  // namespace easel::reward
