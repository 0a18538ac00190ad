#include "reward/judge_expert.h"

#include "base/error.h"

namespace easel::reward {

namespace {

class JudgeExpert : public Expert {
 public:
  JudgeExpert(std::unique_ptr<Judge> judge, std::shared_ptr<JudgeModel> model)
      : judge_(std::move(judge)), model_(std::move(model)) {}

  Range range() const override { return judge_->range(); }

  std::vector<Score> score(const std::vector<const Item*>& items) override {
    std::vector<Score> scores(items.size());
    std::vector<Inquiry> inquiries;
    std::vector<size_t> first(items.size() + 1, 0);  // of each item's inquiries
    std::vector<bool> asked(items.size(), false);
    for (size_t i = 0; i < items.size(); ++i) {
      first[i] = inquiries.size();
      try {
        if (const auto known = judge_->known(*items[i])) {
          scores[i] = *known;
        } else {
          for (auto& inquiry : judge_->inquiries(*items[i])) inquiries.push_back(std::move(inquiry));
          asked[i] = true;
        }
      } catch (const base::Error& e) {  // of this record alone
        scores[i] = Score::bad(e.what());
      }
    }
    first[items.size()] = inquiries.size();
    const auto replies = model_->ask(inquiries);
    for (size_t i = 0; i < items.size(); ++i) {
      if (!asked[i]) continue;
      const std::vector<JudgeReply> own(replies.begin() + static_cast<std::ptrdiff_t>(first[i]),
                                        replies.begin() + static_cast<std::ptrdiff_t>(first[i + 1]));
      scores[i] = judged(*items[i], own);
    }
    return scores;
  }

  std::string summary() const override { return model_->summary(); }

 private:
  Score judged(const Item& item, const std::vector<JudgeReply>& replies) const {
    for (const JudgeReply& reply : replies) {
      if (reply.bad_record) return Score::bad(reply.problem);
      if (!reply.problem.empty()) return Score::unscored(reply.problem);
    }
    Score score = judge_->score(item, replies);
    for (const JudgeReply& reply : replies) {
      if (!score.said.empty()) score.said += "\n";
      score.said += reply.text;
    }
    return score;
  }

  std::unique_ptr<Judge> judge_;
  std::shared_ptr<JudgeModel> model_;
};

}  // namespace

std::unique_ptr<Expert> make_judge_expert(std::unique_ptr<Judge> judge, std::shared_ptr<JudgeModel> model) {
  return std::make_unique<JudgeExpert>(std::move(judge), std::move(model));
}

}  // namespace easel::reward
