#include "reward/combine.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"

namespace easel::reward {

using base::cat;
using base::quote;

struct Combine::Node {
  enum Kind { kNumber, kExpert, kNegate, kAdd, kSubtract, kMultiply, kDivide, kCall } kind;
  double number = 0;
  size_t expert = 0;
  std::string function;
  std::vector<std::unique_ptr<Node>> children;

  double value(const std::vector<std::optional<double>>& values, std::string* problem) const;
};

namespace {

constexpr int kMaxDepth = 200;
const char* const kFunctions[] = {"mean", "min", "max", "sum", "product", "clip"};

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_function(const std::string& name) {
  return std::find(std::begin(kFunctions), std::end(kFunctions), name) != std::end(kFunctions);
}

}  // namespace

class ExpressionParser {
 public:
  ExpressionParser(const std::string& text, const std::vector<std::string>& experts,
                   std::vector<bool>& needed)
      : text_(text), experts_(experts), needed_(needed) {}

  std::unique_ptr<Combine::Node> parse() {
    auto root = expression();
    skip_space();
    if (at_ < text_.size()) problem("expected an operator or the end");
    return root;
  }

 private:
  using Node = Combine::Node;
  using NodePtr = std::unique_ptr<Node>;

  [[noreturn]] void problem(const std::string& what) const {
    const std::string rest = text_.substr(std::min(at_, text_.size()));
    base::fail_usage(cat("--combine ", quote(text_), ": ", what, ", got ",
                         rest.empty() ? "the end" : quote(rest, 20)),
                     cat("experts: ", base::join(experts_, ", ")));
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  static NodePtr make(Node::Kind kind, NodePtr a = nullptr, NodePtr b = nullptr) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    if (a) node->children.push_back(std::move(a));
    if (b) node->children.push_back(std::move(b));
    return node;
  }

  NodePtr expression() {
    if (++depth_ > kMaxDepth) problem("nested too deeply");
    NodePtr left = term();
    while (true) {
      if (take('+')) {
        left = make(Node::kAdd, std::move(left), term());
      } else if (take('-')) {
        left = make(Node::kSubtract, std::move(left), term());
      } else {
        --depth_;
        return left;
      }
    }
  }

  NodePtr term() {
    NodePtr left = factor();
    while (true) {
      if (take('*')) {
        left = make(Node::kMultiply, std::move(left), factor());
      } else if (take('/')) {
        left = make(Node::kDivide, std::move(left), factor());
      } else {
        return left;
      }
    }
  }

  NodePtr factor() {
    if (take('-')) {
      if (++depth_ > kMaxDepth) problem("nested too deeply");
      NodePtr node = make(Node::kNegate, factor());
      --depth_;
      return node;
    }
    if (take('(')) {
      NodePtr inner = expression();
      if (!take(')')) problem("expected )");
      return inner;
    }
    skip_space();
    if (at_ < text_.size() && ((text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '.')) {
      return number();
    }
    return name();
  }

  NodePtr number() {
    size_t end = at_;
    while (end < text_.size() &&
           (std::isdigit(static_cast<unsigned char>(text_[end])) || text_[end] == '.' ||
            text_[end] == 'e' || text_[end] == 'E' ||
            ((text_[end] == '-' || text_[end] == '+') && std::tolower(text_[end - 1]) == 'e'))) {
      ++end;
    }
    const auto value = base::parse_double(text_.substr(at_, end - at_));
    if (!value || !std::isfinite(*value)) problem("expected a number");
    at_ = end;
    NodePtr node = make(Node::kNumber);
    node->number = *value;
    return node;
  }

  NodePtr name() {
    size_t end = at_;
    while (end < text_.size() && is_name_character(text_[end])) ++end;
    if (end == at_) problem("expected a number, an expert or a function");
    // The longest expert name here that ends where a name can end: at a character that no name
    // holds, or at a '-', which may be a minus sign.
    size_t best = experts_.size();
    for (size_t i = 0; i < experts_.size(); ++i) {
      const std::string& expert = experts_[i];
      const size_t stop = at_ + expert.size();
      if (stop > end || text_.compare(at_, expert.size(), expert) != 0) continue;
      if (stop < end && text_[stop] != '-') continue;
      if (best == experts_.size() || expert.size() > experts_[best].size()) best = i;
    }
    const std::string word = text_.substr(at_, end - at_);
    const std::string function = word.substr(0, word.find('-'));
    const size_t after = at_ + function.size();
    const bool called = is_function(function) && after < text_.size() && text_[after] == '(';
    if (best < experts_.size() && !called) {
      at_ += experts_[best].size();
      needed_[best] = true;
      NodePtr node = make(Node::kExpert);
      node->expert = best;
      return node;
    }
    if (!is_function(function)) {
      base::fail_usage(
          cat("--combine ", quote(text_), ": ", quote(word), " is no expert of this run"),
          cat("experts: ", base::join(experts_, ", ")));
    }
    at_ += function.size();
    return call(function);
  }

  NodePtr call(const std::string& function) {
    NodePtr node = make(Node::kCall);
    node->function = function;
    if (take('(') && !take(')')) {
      do {
        node->children.push_back(expression());
      } while (take(','));
      if (!take(')')) problem("expected , or )");
    }
    if (function == "clip" && node->children.size() != 3) {
      base::fail_usage(cat("--combine ", quote(text_), ": clip takes (x, low, high), got ",
                           node->children.size(), " arguments"));
    }
    if (node->children.empty()) {
      for (size_t i = 0; i < experts_.size(); ++i) {
        needed_[i] = true;
        node->children.push_back(make(Node::kExpert));
        node->children.back()->expert = i;
      }
    }
    return node;
  }

  const std::string& text_;
  const std::vector<std::string>& experts_;
  std::vector<bool>& needed_;
  size_t at_ = 0;
  int depth_ = 0;
};

std::string named_total(const std::string& name) {
  if (name == "reasongen-r1") return "binary";
  if (name == "got-r1") return "got-pi * (got-sem + got-spa) * got-ri";
  if (name == "got-r1-hps") return "got-pi * (got-sem + got-spa) / 2 * got-ri * hps";
  if (name == "t2i-r1") return "mean";
  if (name == "t2i-r1-sum") return "sum";
  return name;
}

Combine::Combine(const std::string& expression, const std::vector<std::string>& experts)
    : needed_(experts.size(), false) {
  root_ = ExpressionParser(expression, experts, needed_).parse();
}
Combine::~Combine() = default;
Combine::Combine(Combine&&) noexcept = default;

namespace {

double call_function(const std::string& function, const std::vector<double>& args,
                     std::string* problem) {
  if (function == "min") return *std::min_element(args.begin(), args.end());
  if (function == "max") return *std::max_element(args.begin(), args.end());
  if (function == "product") {
    return std::accumulate(args.begin(), args.end(), 1.0, std::multiplies<>());
  }
  if (function == "clip") {
    if (args[1] > args[2]) *problem = cat("clip: low ", args[1], " is above high ", args[2]);
    return std::max(args[1], std::min(args[0], args[2]));
  }
  const double sum = std::accumulate(args.begin(), args.end(), 0.0);
  return function == "mean" ? sum / static_cast<double>(args.size()) : sum;
}

}  // namespace

// Every expert in the tree has a value here: evaluate() has looked.
double Combine::Node::value(const std::vector<std::optional<double>>& values,
                            std::string* problem) const {
  if (kind == kNumber) return number;
  if (kind == kExpert) return *values[expert];
  std::vector<double> args;
  for (const auto& child : children) args.push_back(child->value(values, problem));
  switch (kind) {
    case kNegate:
      return -args[0];
    case kAdd:
      return args[0] + args[1];
    case kSubtract:
      return args[0] - args[1];
    case kMultiply:
      return args[0] * args[1];
    case kDivide:
      if (args[1] == 0) *problem = "division by zero";
      return args[1] == 0 ? 0 : args[0] / args[1];
    default:
      return call_function(function, args, problem);
  }
}

std::optional<double> Combine::evaluate(const std::vector<std::optional<double>>& values,
                                        std::string* problem) const {
  problem->clear();
  for (size_t i = 0; i < needed_.size(); ++i) {
    if (needed_[i] && !values[i]) return std::nullopt;
  }
  const double result = root_->value(values, problem);
  if (problem->empty() && !std::isfinite(result)) *problem = cat("the reward would be ", result);
  if (!problem->empty()) return std::nullopt;
  return result;
}

}  // namespace easel::reward
