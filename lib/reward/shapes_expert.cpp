#include "reward/shapes_expert.h"

#include "base/error.h"
#include "base/parallel.h"
#include "image/image.h"
#include "record/got_chain.h"
#include "record/image_ref.h"
#include "record/prompt.h"
#include "world/detector.h"
#include "world/judge.h"
#include "world/layout.h"
#include "world/prompts.h"

namespace easel::reward {

using base::cat;
using base::quote;

namespace {

record::GenevalMetadata asked_for(const Item& item) {
  if (record::GenevalMetadata::present(item.fields)) return record::GenevalMetadata::parse(item.fields);
  const auto metadata = world::parse_prompt(item.rollout.prompt);
  if (!metadata) {
    base::fail(cat("no fields \"tag\" and \"include\", and the prompt ",
                   quote(item.rollout.prompt), " is none of the nano world's"));
  }
  return *metadata;
}

class LayoutExpert : public Expert {
 public:
  Range range() const override { return {0, 1}; }

  std::vector<Score> score(const std::vector<const Item*>& items) override {
    std::vector<Score> scores(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      try {
        const auto metadata = asked_for(*items[i]);
        const auto chain = record::parse_got_chain(items[i]->rollout.cot);
        scores[i] = chain.problem.empty() ? Score::of(world::judge(world::planned_objects(chain), metadata, {.colorless = true}).partial)
                                          : Score::malformed(chain.problem);
      } catch (const base::Error& e) {
        scores[i] = Score::bad(e.what());
      }
    }
    return scores;
  }
};

class ShapesExpert : public Expert {
 public:
  ShapesExpert(bool partial, const ExpertOptions& options) : partial_(partial), options_(options) {}

  Range range() const override { return {0, 1}; }

  std::vector<Score> score(const std::vector<const Item*>& items) override {
    std::vector<Score> scores(items.size());
    base::parallel_for(static_cast<int64_t>(items.size()), options_.threads, [&](int64_t i) {
      const auto at = static_cast<size_t>(i);
      try {
        scores[at] = Score::of(judge(*items[at]));
      } catch (const base::Error& e) {  // of this record alone: its metadata or its image
        scores[at] = Score::bad(e.what());
      }
    });
    return scores;
  }

 private:
  double judge(const Item& item) const {
    const record::GenevalMetadata metadata = asked_for(item);
    if (item.rollout.image.empty()) base::fail("field \"image\" is missing");
    const image::Image picture =
        image::read(record::resolve_path(item.rollout.image, options_.root));
    const world::Judgement judgement = world::judge(world::detect(picture), metadata);
    return partial_ ? judgement.partial : judgement.correct ? 1 : 0;
  }

  bool partial_;
  ExpertOptions options_;
};

}  // namespace

std::unique_ptr<Expert> make_layout_expert() { return std::make_unique<LayoutExpert>(); }

std::unique_ptr<Expert> make_shapes_expert(const std::string& args, const ExpertOptions& options) {
  if (!args.empty() && args != "partial") {
    base::fail_usage(
        cat("--expert shapes: expected shapes or shapes:partial, got ", quote("shapes:" + args)));
  }
  return std::make_unique<ShapesExpert>(args == "partial", options);
}

}  // namespace easel::reward
