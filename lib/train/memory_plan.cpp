#include "train/memory_plan.h"

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/adapter.h"
#include "model/janus.h"
#include "model/token_logprobs.h"
#include "model/policy.h"
#include "tensor/compute.h"

namespace easel::train {

using base::cat;
using base::format_bytes;

namespace {

// Bytes that autograd keeps of each token in one layer (llama.cpp's layer_forward), H hidden, A heads x D, K
// key-value heads x D, F MLP width. One pass of our own operations in float32 keeps two inputs of norms and two of
// projections (H each), queries and the attention's result (A), keys and values (K), gate, up and their product (F).
// LibTorch's operations keep what is between them as well, norms in float32.
// An adapter's projections keep a float32 copy of what they are given.
int64_t layer_bytes(const model::LlamaConfig& c, bool plain, bool adapts) {
  const int64_t hidden = c.hidden_size, heads = c.num_attention_heads * c.head_dim;
  const int64_t kv = c.num_key_value_heads * c.head_dim, mlp = c.intermediate_size;
  if (plain) return 4 * (4 * hidden + 2 * heads + 2 * kv + 3 * mlp);
  return 16 * hidden + 12 * heads + 8 * kv + 8 * mlp + (adapts ? 18 * hidden + 2 * mlp : 0);
}

// Of one forward and backward pass over `tokens`: what the layers keep, what one layer's backward pass has beside
// that, inputs and outputs of the decoder, and the heads' block of logits with what is made of it
// (token_logprobs.cpp).
int64_t activation_bytes(const MemoryQuestion& q, int64_t tokens) {
  const model::LlamaConfig& c = q.config.text;
  const bool plain = q.device.is_cpu() && q.parts.dtype == torch::kFloat32;
  const int64_t value = static_cast<int64_t>(c10::elementSize(q.parts.dtype));
  const int64_t layer = layer_bytes(c, plain, q.parts.adapter.rank > 0), layers = c.num_hidden_layers;
  const int64_t kept = q.parts.recompute ? layers * value * c.hidden_size + layer : layers * layer;
  const int64_t passing = layer + 6 * 4 * c.hidden_size;
  const int64_t head_blocks = q.device.is_cpu() ? 4 : 8;  // LibTorch's operations leave more between them than kernels
  return tokens * (kept + passing) + head_blocks * model::logprob_block_bytes(q.device);
}

}  // namespace

std::string MemoryPlan::str() const {
  const auto part = [](const char* name, int64_t bytes) { return cat(name, " ", format_bytes(static_cast<double>(bytes))); };
  std::string text = cat(part("weights", weights), ", ", part("gradients", gradients), ", ", part("optimizer", optimizer),
                         ", ", part("activations", activations), ", ", part("cache", cache), " = ",
                         format_bytes(static_cast<double>(total())));
  if (mapped > 0) text += cat("; ", format_bytes(static_cast<double>(mapped)), " more stay in files");
  return text;
}

MemoryPlan plan_memory(const MemoryQuestion& q) {
  MemoryPlan plan;
  const bool adapts = q.parts.adapter.rank > 0;
  const auto value = static_cast<int64_t>(c10::elementSize(q.parts.dtype));
  const bool generates = q.parts.task == Task::kGenerate;
  const auto stays = [&](const std::map<std::string, torch::Dtype>& in_place, const std::string& name) {
    const auto found = in_place.find(name);
    return q.device.is_cpu() && generates && found != in_place.end() && found->second == q.parts.dtype;
  };
  const auto train = [&](int64_t count, bool matrix, torch::Dtype dtype) {
    plan.gradients += ParameterSet::gradient_bytes(count);
    const int64_t state = ParameterSet::state_bytes(count, matrix, dtype, q.parts.state);
    if (q.device.is_cpu() || !q.parts.state.on_host) plan.optimizer += state;
  };
  model::Janus(q.config).visit([&](const std::string& name, Tensor& p) {
    if (generates && !model::Janus::is_generator(name)) return;  // stays in its file
    const int64_t count = p.numel(), bytes = count * value;
    (adapts && stays(q.policy_in_place, name) ? plan.mapped : plan.weights) += bytes;
    if (q.reference) (stays(q.reference_in_place, name) ? plan.mapped : plan.weights) += bytes;
    if (q.parts.trains(name)) train(count, p.dim() > 1, q.parts.dtype);
    if (!q.parts.adapter.targets_name(name)) return;
    for (const int64_t side : {p.size(0), p.size(1)}) {
      plan.weights += 4 * side * q.parts.adapter.rank;
      train(side * q.parts.adapter.rank, true, torch::kFloat32);
    }
  });
  plan.activations = activation_bytes(q, std::max(q.microbatch_tokens, q.longest));
  return plan;
}

MemoryQuestion memory_question(const std::filesystem::path& folder, const std::filesystem::path& reference, const TrainedParts& parts,
                               torch::Device device, int64_t microbatch_tokens) {
  MemoryQuestion q{.config = model::JanusConfig::load(folder), .parts = parts, .device = device,
                   .microbatch_tokens = microbatch_tokens, .longest = 0, .reference = !reference.empty()};
  // A picture, and a chain and a prompt of usual length.
  constexpr int64_t kText = 256;
  q.longest = q.config.image_tokens() + kText;
  q.policy_in_place = model::weights_in_place(folder);
  // An adapter of the policy's is trained beside them, one of the reference's is merged.
  if (q.reference && !model::has_adapter(reference)) q.reference_in_place = model::weights_in_place(reference);
  return q;
}

std::string options_that_fit(const MemoryQuestion& question, int64_t limit) {
  struct Change {
    std::string words;
    std::function<void(MemoryQuestion&)> make;
  };
  std::vector<Change> changes;
  const TrainedParts& parts = question.parts;
  const bool adapts = parts.adapter.rank > 0;
  if (!parts.recompute) changes.push_back({"--recompute", [](MemoryQuestion& q) { q.parts.recompute = true; }});
  if (question.microbatch_tokens > question.longest) {
    changes.push_back({cat("--microbatch-tokens ", question.longest), [](MemoryQuestion& q) { q.microbatch_tokens = q.longest; }});
  }
  if (!question.device.is_cpu() && !parts.state.on_host) {
    changes.push_back({"--optimizer-on-host", [](MemoryQuestion& q) { q.parts.state.on_host = true; }});
  }
  if (!parts.state.eight_bit && !adapts) {
    changes.push_back({"--optimizer-8bit", [](MemoryQuestion& q) { q.parts.state.eight_bit = true; }});
  }
  if (parts.dtype == torch::kFloat32) {
    changes.push_back({"--dtype bfloat16", [](MemoryQuestion& q) { q.parts.dtype = torch::kBFloat16; }});
  }
  // An adapter does without these, and they would be refused beside it.
  if (!adapts && parts.frozen.empty() && !parts.state.stochastic_rounding) {
    changes.push_back({"--lora-rank 32", [](MemoryQuestion& q) {
                         q.parts.adapter = {.rank = 32, .alpha = 32, .targets = model::all_projections()};
                       }});
  }
  const auto fits = [&](const MemoryQuestion& q) { return plan_memory(q).total() <= limit; };
  const auto with = [&](const std::vector<Change>& chosen) {
    MemoryQuestion q = question;
    for (const Change& c : chosen) c.make(q);
    return q;
  };
  for (const Change& c : changes) {
    if (fits(with({c}))) return c.words;
  }
  if (!fits(with(changes))) return "";
  for (size_t i = changes.size(); i-- > 0;) {
    std::vector<Change> fewer = changes;
    fewer.erase(fewer.begin() + static_cast<int64_t>(i));
    if (fits(with(fewer))) changes = fewer;
  }
  std::vector<std::string> words;
  for (const Change& c : changes) words.push_back(c.words);
  return base::join(words, " ");
}

PlannedMemory::PlannedMemory(MemoryQuestion question, std::optional<int64_t> max_memory)
    : question_(std::move(question)),
      stated_(max_memory.has_value()),
      limit_(stated_ ? max_memory : tensor::free_memory(question_.device)) {
  require();
}

void PlannedMemory::require() {
  const MemoryPlan plan = plan_memory(question_);
  const std::string allowed =
      limit_ ? cat(format_bytes(static_cast<double>(*limit_)), stated_ ? " allowed" : " free") : "unknown";
  words_ = cat("memory: ", plan.str(), " of ", allowed);
  if (!limit_ || plan.total() <= *limit_) return;
  const std::string options = options_that_fit(question_, *limit_);
  base::fail(cat("this run needs ", plan.str(), " of memory; expected at most the ", allowed),
             options.empty() ? "no option of this program makes it fit" : cat("it would fit with ", options));
}

void PlannedMemory::make_room_for(int64_t tokens) {
  if (tokens <= question_.longest) return;
  question_.longest = tokens;
  require();
}

}  // namespace easel::train
