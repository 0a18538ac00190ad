// How the experts' values become one reward: an arithmetic expression over expert names, or a paper's total by its name.
//
//   expression = term { ("+" | "-") term }        term = factor { ("*" | "/") factor }
//   factor     = "-" factor | "(" expression ")" | number | call | expert | "mean" (and the like)
//   call       = ("mean" | "min" | "max" | "sum" | "product") "(" [expression {"," expression}] ")"
//              | "clip" "(" x "," low "," high ")"
//
// A function without arguments, or named without parentheses, is over all experts: "mean" is the
// default reward. Expert names may hold a '-': where a name is expected the longest known expert
// name is taken ("got-sem" is the expert, if there is one of that name, and otherwise the expert
// "got" less the expert "sem"); spaces around a minus sign say it plainly.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace easel::reward {

// reasongen-r1: binary (arXiv 2505.24875, section 3.3). got-r1: got-pi * (got-sem + got-spa) * got-ri (2505.17022, version
// 1, section 3.3); got-r1-hps: got-pi * (got-sem + got-spa) / 2 * got-ri * hps (its camera-ready version). t2i-r1: the mean
// of all experts (2505.00703, section 3.3); t2i-r1-sum: their sum, as its released code has it. Another text is
// returned as it is.
std::string named_total(const std::string& name);

class Combine {
 public:
  // Throws UsageError: an expression that does not parse, or a name that is no expert's.
  Combine(const std::string& expression, const std::vector<std::string>& experts);
  ~Combine();
  Combine(Combine&&) noexcept;

  // values[i] is experts[i]'s. nullopt if an expert that the expression names is unscored. Where
  // the result is no number (a division by zero, an overflow) *problem says why.
  std::optional<double> evaluate(const std::vector<std::optional<double>>& values,
                                 std::string* problem) const;
  // Whether the reward depends on experts[i].
  const std::vector<bool>& needed() const { return needed_; }

 private:
  friend class ExpressionParser;
  struct Node;
  std::unique_ptr<Node> root_;
  std::vector<bool> needed_;
};

}  // namespace easel::reward
