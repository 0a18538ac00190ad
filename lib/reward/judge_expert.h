// Experts that ask a model: what a rollout is asked about, and what the answers are worth.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reward/expert.h"
#include "reward/judge_model.h"

namespace easel::reward {

class Judge {
 public:
  virtual ~Judge() = default;
  virtual Range range() const { return {0, 1}; }
  // A score that needs no question. Throws Error for a record that lacks what is judged.
  virtual std::optional<Score> known(const Item&) const { return std::nullopt; }
  virtual std::vector<Inquiry> inquiries(const Item& item) const = 0;
  // Every inquiry has its reply.
  virtual Score score(const Item& item, const std::vector<JudgeReply>& replies) const = 0;
};

std::unique_ptr<Expert> make_judge_expert(std::unique_ptr<Judge> judge, std::shared_ptr<JudgeModel> model);

}  // namespace easel::reward
