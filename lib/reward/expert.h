// An expert maps a rollout to a number in a range that it knows. One that cannot tell (a call that
// failed, a judge that gave no answer) leaves the rollout unscored; it never says 0 for that.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jsonl/object.h"
#include "record/rollout.h"
#include "reward/endpoint_judge_model.h"

namespace easel::reward {

// A rollout as it was read: its fields go through to the output.
struct Item {
  explicit Item(jsonl::Object record)
      : fields(std::move(record)), rollout(record::Rollout::parse(fields)) {}
  Item(jsonl::Object record, record::Rollout parsed) : fields(std::move(record)), rollout(std::move(parsed)) {}
  jsonl::Object fields;
  record::Rollout rollout;
};

// Both ends included.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool contains(double value) const { return value >= low && value <= high; }
};

struct Score {
  std::optional<double> value;  // absent: unscored, or a bad record
  std::string problem;          // why; of a value: what of the rollout made it 0 before anything was judged
  bool bad_record = false;      // the record itself is at fault (its image is missing or damaged)
  std::string said = {};        // what a judge answered, to be read beside its score

  static Score of(double value) { return {value, ""}; }
  static Score unscored(std::string why) { return {std::nullopt, std::move(why)}; }
  static Score bad(std::string why) { return {std::nullopt, std::move(why), true}; }
  // A chain that does not say what its format says: its rollout has earned 0.
  static Score malformed(std::string why) { return {0.0, std::move(why)}; }
};

class Expert {
 public:
  virtual ~Expert() = default;
  virtual Range range() const = 0;
  // One score per item, in their order. Throws Error when the expert itself is broken.
  virtual std::vector<Score> score(const std::vector<const Item*>& items) = 0;
  // What it cost beside time, for the end of a run; "" when there is nothing to say.
  virtual std::string summary() const { return ""; }
};

struct NamedExpert {
  std::string name;  // key in "rewards" and in the --combine expression
  std::unique_ptr<Expert> expert;
};

struct ExpertOptions {
  std::string root;     // where relative image paths start; empty: the working folder
  int64_t threads = 0;  // 0: one per core
  std::string device = "cpu", dtype = "float32";  // of janus:DIR
  EndpointOptions endpoint = {};                  // of judges without arguments
  std::vector<std::string> judge_prompts = {};    // EXPERT=FILE (judge_prompts.h)
  std::optional<std::string> judge_system = {};   // what a Janus policy that judges is told first
  std::string layout_view = "layout";             // of got-spa (judges.h, LayoutView)
  std::string compat = {};                        // "t2i-r1": the detector's score as in the released code
};

// "EXPERT[:ARGS]" or "NAME=EXPERT[:ARGS]":
//   shapes          1 if the image is right by GenEval's rule, else 0 (exact, built in)
//   shapes:partial  the share of what the prompt asks for that the image has, in [0, 1]
//   exec:COMMAND    any program that reads rollouts and writes {"id":..., "value":...} lines
//   binary, got-sem, got-spa, got-ri, got-pi, vqa, orm      judges behind the endpoint (judges.h)
//   binary:janus:DIR, vqa:janus:DIR, orm:janus:DIR          the same questions for a Janus policy
//   got-ri:shapes, got-ri:exec:COMMAND                      planned boxes against detections
//   got-spa:shapes                                          planned boxes against the prompt, exactly
//   detector:shapes, detector:exec:COMMAND                  T2I-R1's detector expert (detector_expert.h)
// Judges of one model share it. Throws UsageError.
std::vector<NamedExpert> make_experts(const std::vector<std::string>& specs,
                                      const ExpertOptions& options);

}  // namespace easel::reward
