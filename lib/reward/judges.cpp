#include "reward/judges.h"

#include "base/error.h"
#include "http/json_in_text.h"
#include "image/draw.h"
#include "record/image_ref.h"
#include "record/t2i_prompt.h"
#include "reward/judge_text.h"
#include "world/layout.h"

namespace easel::reward {

using base::cat;
using base::quote;
using record::GotChain;
using record::PlannedObject;

namespace {

// The picture of a rollout as something to ask about.
void about_picture(Inquiry& inquiry, const Item& item, const std::string& root) {
  if (item.rollout.image.empty()) base::fail("field \"image\" is missing");
  inquiry.path = record::resolve_path(item.rollout.image, root);
  inquiry.picture = [path = inquiry.path] { return image::read(path); };
}

Inquiry yes_or_no(const std::string& question) {
  Inquiry inquiry;
  inquiry.text = question;
  inquiry.yes_or_no = true;
  return inquiry;
}

constexpr double kHighestGrade = 10;

// A question whose answer is {"reason", "score"} with a score of up to 10.
Inquiry graded(const std::string& question, double lowest) {
  Inquiry inquiry;
  inquiry.text = question;
  inquiry.schema_name = "grade";
  inquiry.schema = R"({"type":"object","properties":{"reason":{"type":"string"},"score":{"type":"integer"}},)"
                   R"("required":["reason","score"],"additionalProperties":false})";
  inquiry.objection = [lowest](const std::string& text, bool cut) {
    // Words that were cut off may have gone on to a grade; JSON that has one is whole.
    const bool whole = !cut || http::begins_json(text);
    return whole && grade(text, lowest, kHighestGrade) ? std::string() : cat("no grade from ", lowest, " to 10 in ", quote(text, 60));
  };
  return inquiry;
}

Score graded_score(const std::vector<JudgeReply>& replies, double lowest) {
  return Score::of(*grade(replies[0].text, lowest, kHighestGrade) / kHighestGrade);
}

// ReasonGen-R1's template begins prompts with what the judge should not see.
std::string without_photo_of(const std::string& prompt) {
  for (const std::string_view beginning : {"A photo of ", "a photo of "}) {
    if (prompt.starts_with(beginning)) return prompt.substr(beginning.size());
  }
  return prompt;
}

class JudgeWithPrompt : public Judge {
 public:
  explicit JudgeWithPrompt(const JudgeOptions& options) : options_(options) {}

 protected:
  JudgeOptions options_;
};

class Binary : public JudgeWithPrompt {
 public:
  using JudgeWithPrompt::JudgeWithPrompt;
  std::vector<Inquiry> inquiries(const Item& item) const override {
    Inquiry inquiry;
    inquiry.text = options_.prompts.filled("binary", {{"prompt", without_photo_of(item.rollout.prompt)}});
    inquiry.max_tokens = 2048;
    // A judge that says something else has said no; one that says nothing, or was not done, has not judged.
    inquiry.objection = [](const std::string& text, bool cut) {
      if (base::trim(text).empty()) return std::string("an empty answer");
      return cut && !ends_boxed(text) ? cat("no \\boxed{} at the end of ", quote(text, 60)) : std::string();
    };
    about_picture(inquiry, item, options_.root);
    return {inquiry};
  }
  Score score(const Item&, const std::vector<JudgeReply>& replies) const override {
    return Score::of(boxed(replies[0].text) == "1" ? 1 : 0);
  }
};

class Orm : public JudgeWithPrompt {
 public:
  using JudgeWithPrompt::JudgeWithPrompt;
  std::vector<Inquiry> inquiries(const Item& item) const override {
    Inquiry inquiry = yes_or_no(options_.prompts.filled("orm", {{"prompt", item.rollout.prompt}}));
    about_picture(inquiry, item, options_.root);
    return {inquiry};
  }
  Score score(const Item&, const std::vector<JudgeReply>& replies) const override { return Score::of(*replies[0].yes); }
};

class Vqa : public JudgeWithPrompt {
 public:
  using JudgeWithPrompt::JudgeWithPrompt;
  std::optional<Score> known(const Item& item) const override {
    const auto annotations = record::T2iAnnotations::parse(item.fields);
    if (annotations.kind != record::T2iAnnotations::Kind::kObjects) return Score::of(0);
    if (asked(annotations).empty()) {
      const auto lacks = [&](const char* field) { return item.fields.is_null(field); };
      if (lacks("nouns") && lacks("attr_nouns") && lacks("task_type")) {
        base::fail("fields \"nouns\" and \"attr_nouns\" are missing: there is nothing to ask");
      }
      return Score::of(1);
    }
    return std::nullopt;
  }
  std::vector<Inquiry> inquiries(const Item& item) const override {
    std::vector<Inquiry> out;
    for (const auto& noun : asked(record::T2iAnnotations::parse(item.fields))) {
      out.push_back(yes_or_no(options_.prompts.filled("vqa", {{"question", noun}, {"prompt", item.rollout.prompt}})));
      about_picture(out.back(), item, options_.root);
    }
    return out;
  }
  Score score(const Item&, const std::vector<JudgeReply>& replies) const override {
    double sum = 0;
    for (const auto& reply : replies) sum += *reply.yes;
    return Score::of(sum / static_cast<double>(replies.size()));
  }

 private:
  static std::vector<std::string> asked(const record::T2iAnnotations& a) { return a.attr_nouns.empty() ? a.nouns : a.attr_nouns; }
};

// Judges that read the chain's plan: one that is malformed has 0.
class GotJudge : public JudgeWithPrompt {
 public:
  using JudgeWithPrompt::JudgeWithPrompt;
  std::optional<Score> known(const Item& item) const override {
    const GotChain chain = record::parse_got_chain(item.rollout.cot);
    return chain.problem.empty() ? std::nullopt : std::optional(Score::malformed(chain.problem));
  }
};

class GotSemantics : public GotJudge {
 public:
  using GotJudge::GotJudge;
  std::vector<Inquiry> inquiries(const Item& item) const override {
    const GotChain chain = record::parse_got_chain(item.rollout.cot);
    return {graded(options_.prompts.filled("got-sem", {{"prompt", item.rollout.prompt}, {"chain", chain.prose}}), 0)};
  }
  Score score(const Item&, const std::vector<JudgeReply>& replies) const override { return graded_score(replies, 0); }
};

class GotLayout : public GotJudge {
 public:
  using GotJudge::GotJudge;
  std::vector<Inquiry> inquiries(const Item& item) const override {
    const GotChain chain = record::parse_got_chain(item.rollout.cot);
    std::string layout;
    for (const PlannedObject& o : chain.objects) {
      layout += cat(layout.empty() ? "" : "\n", o.name, ": (", o.x1, ",", o.y1, "),(", o.x2, ",", o.y2, ")");
    }
    const std::string text = options_.prompts.filled(options_.layout == LayoutView::kText ? "got-spa-text" : "got-spa",
                                                     {{"prompt", item.rollout.prompt}, {"layout", layout}});
    Inquiry inquiry = graded(text, 0);
    if (options_.layout == LayoutView::kBoxes) inquiry.picture = [chain] { return draw_layout(chain); };
    if (options_.layout == LayoutView::kShapes) {
      inquiry.picture = [chain] { return world::render_layout(world::planned_objects(chain)); };
    }
    return {inquiry};
  }
  Score score(const Item&, const std::vector<JudgeReply>& replies) const override { return graded_score(replies, 0); }
};

class GotOverlap : public GotJudge {
 public:
  using GotJudge::GotJudge;
  std::vector<Inquiry> inquiries(const Item& item) const override {
    std::string names;
    for (const PlannedObject& o : record::parse_got_chain(item.rollout.cot).objects) names += cat(names.empty() ? "- " : "\n- ", o.name);
    Inquiry inquiry;
    about_picture(inquiry, item, options_.root);
    const auto [width, height] = seen_size(inquiry.picture());
    inquiry.text = options_.prompts.filled("got-ri", {{"names", names}, {"prompt", item.rollout.prompt},
                                                      {"width", cat(width)}, {"height", cat(height)}});
    inquiry.max_tokens = 2048;
    inquiry.objection = [](const std::string& text, bool cut) {
      if (cut) return cat("a list of boxes that may not be whole: ", quote(text, 60));  // one object a line is a list, too
      return located_boxes(text, 1, 1) ? std::string() : cat("no list of boxes in ", quote(text, 60));
    };
    return {inquiry};
  }
  Score score(const Item& item, const std::vector<JudgeReply>& replies) const override {
    const auto [width, height] = seen_size(image::read(record::resolve_path(item.rollout.image, options_.root)));
    const auto found = located_boxes(replies[0].text, width, height);
    return Score::of(mean_overlap(record::parse_got_chain(item.rollout.cot).objects, *found));
  }

 private:
  // Of the picture as the judge sees it: its boxes are in those pixels.
  image::Size seen_size(const image::Image& picture) const {
    return options_.picture_size > 0 ? image::size_within(picture, options_.picture_size) : image::Size{picture.width, picture.height};
  }
};

class GotPicture : public GotJudge {
 public:
  using GotJudge::GotJudge;
  std::optional<Score> known(const Item& item) const override {
    return item.rollout.sampling.mode == "direct" ? std::nullopt : GotJudge::known(item);  // drawn without a plan
  }
  std::vector<Inquiry> inquiries(const Item& item) const override {
    Inquiry inquiry = graded(options_.prompts.filled("got-pi", {{"prompt", item.rollout.prompt}}), 0);
    about_picture(inquiry, item, options_.root);
    return {inquiry};
  }
  Score score(const Item&, const std::vector<JudgeReply>& replies) const override { return graded_score(replies, 0); }
};

}  // namespace

LayoutView parse_layout_view(const std::string& name) {
  return name == "text" ? LayoutView::kText : name == "shapes" ? LayoutView::kShapes : LayoutView::kBoxes;
}

image::Image draw_layout(const GotChain& chain) {
  constexpr int kSide = 512;
  image::Image canvas(kSide, kSide, {255, 255, 255});
  std::vector<image::NamedBox> boxes;
  for (const PlannedObject& o : chain.objects) boxes.push_back({o.name, o.x1, o.y1, o.x2, o.y2});
  image::draw_named_boxes(canvas, boxes);
  return canvas;
}

std::unique_ptr<Judge> make_judge(const std::string& name, const JudgeOptions& options) {
  if (name == "binary") return std::make_unique<Binary>(options);
  if (name == "orm") return std::make_unique<Orm>(options);
  if (name == "vqa") return std::make_unique<Vqa>(options);
  if (name == "got-sem") return std::make_unique<GotSemantics>(options);
  if (name == "got-spa") return std::make_unique<GotLayout>(options);
  if (name == "got-ri") return std::make_unique<GotOverlap>(options);
  if (name == "got-pi") return std::make_unique<GotPicture>(options);
  return nullptr;
}

}  // namespace easel::reward
