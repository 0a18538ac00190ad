#include "sample/group_sampler.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/random.h"
#include "base/signals.h"
#include "tensor/kernels.h"
#include "tensor/matmul.h"

namespace easel::sample {

using torch::Tensor;

namespace {
// Image positions of a rollout's random stream start far above any text position.
constexpr uint64_t kImagePositions = uint64_t{1} << 32;
}  // namespace

// <begin_of_image> is a row's own token, after a chain or without one. A guiding row begins with its image
// phase: its prefix is as long as prompt and chain together.
model::SlotRoom slot_room(const SampleOptions& o, int64_t image_tokens) {
  if (o.two_pass) {
    const int64_t prefix = std::max(o.max_prompt, o.max_image_prompt), own = std::max(o.max_cot, 1 + image_tokens);
    return {.prefix = prefix, .own = own, .length = prefix + own};
  }
  const int64_t chain = o.direct ? 0 : o.max_cot, own = chain + 1 + image_tokens;
  const int64_t prompt = o.max_prompt - (o.direct ? 1 : 0);
  return {.prefix = prompt + (o.cfg_weight == 1 ? 0 : chain), .own = own, .length = prompt + own};
}

// A prompt's prefix, shared by its rollouts.
struct GroupSampler::Group {
  SampleJob job;
  model::SharedPrefix prefix;
  size_t next = 0;  // rollouts already admitted
};

struct GroupSampler::Row {
  std::shared_ptr<Group> group;
  base::CounterRng random;
  SampledRollout out;
  int64_t slot = -1, guide_slot = -1;
  int64_t length = 0;         // tokens of prompt and chain so far
  bool image_phase = false;
  bool has_hidden = false;    // a hidden state waits to be drawn from
  bool second_pass = false;   // its chain is whole, and its image's prompt is to be prefilled
  bool has_image_prompt = false;  // that has been done: in a chain <begin_of_image> is a token like others
  int64_t hidden_row = -1;    // in the last step's result; -1: the prefix's own
  int64_t guide_hidden_row = -1;
  int64_t next_token = -1;    // to be fed
  bool finished = false;

  Row(std::shared_ptr<Group> g, int64_t seed, size_t index)
      : group(std::move(g)),
        random(static_cast<uint64_t>(seed), "sample", group->job.rollout_ids[index]) {
    out.tag = group->job.tag;
    out.index = static_cast<int64_t>(index);
  }
};

std::pair<int64_t, float> draw_token(const float* logits, int64_t n, double temperature, double u,
                                     float* scratch) {
  namespace kernels = tensor::kernels;
  if (temperature == 0) return {std::max_element(logits, logits + n) - logits, 0.0f};
  const float highest = kernels::maximum(logits, n);
  const auto scale = static_cast<float>(1 / temperature);
  const double total = kernels::exp_shifted(logits, scratch, n, highest, scale);
  if (!std::isfinite(total)) base::fail("the policy's logits are no numbers: are its weights damaged?");
  const double target = u * total;
  double sum = 0;
  int64_t token = n - 1;
  for (int64_t i = 0; i < n; ++i) {
    sum += static_cast<double>(scratch[i]);
    if (sum >= target) {
      token = i;
      break;
    }
  }
  const double logprob =
      (static_cast<double>(logits[token]) - static_cast<double>(highest)) / temperature - std::log(total);
  return {token, static_cast<float>(logprob)};
}

GroupSampler::GroupSampler(const model::Janus& model, const model::SpecialIds& ids,
                           const SampleOptions& o)
    : model_(model),
      ids_(ids),
      options_(o),
      decoder_(model, o.rows, slot_room(o, model.config.image_tokens())) {
  torch::NoGradGuard no_grad;
  if (o.cfg_weight != 1 && o.rows < 2) base::fail_usage("--rows: guidance needs two rows");
  if (o.cfg_weight != 1 && (ids.pad < 0 || ids.bos < 0)) {
    base::fail("guidance needs a BOS and a pad token, which this tokenizer lacks");
  }
  const Tensor all = torch::arange(model.config.vq.num_embeddings,
                                   torch::TensorOptions(torch::kInt64).device(model.lm.norm.device()));
  image_table_ = model.embed_image(all);
  for (int64_t slot = o.rows; slot > 0; --slot) free_.push_back(slot - 1);
}

GroupSampler::~GroupSampler() = default;

// BOS and pads, at least `length` tokens of them; every shorter prefix is a slice of it.
const model::SharedPrefix& GroupSampler::unconditional(int64_t length) {
  if (!unconditional_ || unconditional_->length < length) {
    std::vector<int32_t> ids(static_cast<size_t>(std::max<int64_t>(length, 64)),
                             static_cast<int32_t>(ids_.pad));
    ids[0] = static_cast<int32_t>(ids_.bos);
    unconditional_ = decoder_.prefill({ids})[0];
  }
  return unconditional_;
}

void GroupSampler::admit(const std::function<std::optional<SampleJob>()>& next_job) {
  const size_t slots_each = options_.cfg_weight == 1 ? 1 : 2;
  // Groups are prefilled together: as many as the free slots can take at once.
  std::vector<std::shared_ptr<Group>> fresh;
  size_t room = free_.size() / slots_each;
  std::vector<std::pair<std::shared_ptr<Group>, size_t>> entering;
  while (entering.size() < room) {
    if (!waiting_) {
      if (no_more_jobs_) break;
      // Look for a new prompt only when its whole prefill pays: never while rows could run instead.
      auto job = next_job();
      if (!job) {
        no_more_jobs_ = true;
        break;
      }
      waiting_ = std::make_shared<Group>();
      waiting_->job = std::move(*job);
      fresh.push_back(waiting_);
    }
    entering.emplace_back(waiting_, waiting_->next++);
    if (waiting_->next == waiting_->job.rollout_ids.size()) waiting_.reset();
  }
  if (!fresh.empty()) {
    std::vector<std::vector<int32_t>> prompts;
    for (const auto& group : fresh) {
      prompts.push_back(group->job.prompt_ids);
      // <begin_of_image> is fed as a step of its own, as it is after a chain.
      if (options_.direct) prompts.back().pop_back();
    }
    auto prefixes = decoder_.prefill(prompts);
    for (size_t i = 0; i < fresh.size(); ++i) fresh[i]->prefix = std::move(prefixes[i]);
  }
  const auto take_slot = [&] {
    const int64_t slot = free_.back();
    free_.pop_back();
    return slot;
  };
  for (auto& [group, index] : entering) {
    auto row = std::make_unique<Row>(group, options_.seed, index);
    row->slot = take_slot();
    if (slots_each == 2) row->guide_slot = take_slot();
    decoder_.start(row->slot, group->prefix, group->prefix->length);
    row->length = group->prefix->length;
    if (options_.direct) {
      row->next_token = ids_.begin_of_image;
    } else {
      row->has_hidden = true;
    }
    rows_.push_back(std::move(row));
  }
}

// Draws a token for every row that has a hidden state.
void GroupSampler::draw(const Tensor& hidden) {
  std::vector<Row*> text, image;
  for (const auto& row : rows_) {
    if (row->has_hidden) (row->image_phase ? image : text).push_back(row.get());
  }
  // Their hidden states, with guidance those of the guiding rows after them, padded to a shape that
  // recurs.
  const auto gather = [&](const std::vector<Row*>& rows, bool guided) {
    std::vector<Tensor> fresh;
    std::vector<int64_t> picks;
    for (Row* row : rows) {
      if (row->hidden_row < 0) {
        picks.push_back((hidden.defined() ? hidden.size(0) : 0) + static_cast<int64_t>(fresh.size()));
        fresh.push_back(row->group->prefix->last_hidden);
      } else {
        picks.push_back(row->hidden_row);
      }
    }
    if (guided) {
      for (Row* row : rows) picks.push_back(row->guide_hidden_row);
    }
    picks.resize(static_cast<size_t>(tensor::padded_rows(static_cast<int64_t>(picks.size()))), picks[0]);
    Tensor all = hidden;
    if (!fresh.empty()) {
      const Tensor stacked = torch::stack(fresh);
      all = hidden.defined() ? torch::cat({hidden, stacked}) : stacked;
    }
    return all.index_select(0, torch::tensor(picks, torch::kInt64).to(all.device()));
  };
  // take(row, logits, classes, scratch) for every row, the logits guided by those of the second half.
  const auto draw_rows = [&](const std::vector<Row*>& rows, Tensor logits, bool guided, auto&& take) {
    const auto count = static_cast<int64_t>(rows.size());
    if (guided && !logits.is_cpu()) {  // half as many then leave the device
      const Tensor c = logits.narrow(0, 0, count).to(torch::kFloat32), u = logits.narrow(0, count, count).to(torch::kFloat32);
      logits = u + options_.cfg_weight * (c - u);
      guided = false;
    }
    logits = logits.to(torch::kCPU, torch::kFloat32).contiguous();
    const int64_t classes = logits.size(1);
    auto* data = logits.data_ptr<float>();
    at::parallel_for(0, count, 4, [&](int64_t begin, int64_t end) {
      std::vector<float> scratch(static_cast<size_t>(classes));
      for (int64_t i = begin; i < end; ++i) {
        float* l = data + i * classes;
        if (guided) {
          tensor::kernels::guide(l, l + count * classes, static_cast<float>(options_.cfg_weight), classes);
        }
        take(rows[static_cast<size_t>(i)], l, classes, scratch.data());
      }
    });
  };
  if (!text.empty()) {
    const Tensor logits = tensor::matmul_nt(gather(text, false), model_.text_head());
    draw_rows(text, logits, false, [&](Row* row, const float* l, int64_t n, float* scratch) {
      SampledRollout& r = row->out;
      const auto drawn = static_cast<int64_t>(r.cot_ids.size());
      const auto closing = options_.two_pass ? ids_.eos : ids_.begin_of_image;
      auto token = closing;
      float logprob = 0;
      if (drawn >= options_.max_cot) {
        r.finish = "length";
      } else {
        const double u = row->random.uniform(static_cast<uint64_t>(drawn));
        std::tie(token, logprob) = draw_token(l, n, options_.temperature, u, scratch);
        if (token == ids_.eos && !options_.two_pass) {
          r.finish = "eos";
          token = ids_.begin_of_image;
          logprob = 0;
        }
      }
      r.cot_ids.push_back(static_cast<int32_t>(token));
      r.cot_logprobs.push_back(logprob);
      row->next_token = token;
      row->second_pass = options_.two_pass && token == closing;
    });
  }
  if (!image.empty()) {
    const bool guided = options_.cfg_weight != 1;
    const Tensor logits = model_.image_head(model_.image_features(gather(image, guided)));
    draw_rows(image, logits, guided, [&](Row* row, const float* l, int64_t n, float* scratch) {
      SampledRollout& r = row->out;
      const double u = row->random.uniform(kImagePositions + r.image_tokens.size());
      const auto [token, logprob] = draw_token(l, n, options_.temperature, u, scratch);
      r.image_tokens.push_back(static_cast<int32_t>(token));
      r.image_logprobs.push_back(logprob);
      row->next_token = token;
      row->finished = static_cast<int64_t>(r.image_tokens.size()) == model_.config.image_tokens();
    });
  }
}

// Rows whose chain is whole begin anew with their image's prompt, prefilled together.
void GroupSampler::begin_second_pass() {
  std::vector<Row*> rows;
  std::vector<std::vector<int32_t>> prompts;
  for (const auto& row : rows_) {
    if (!row->second_pass) continue;
    row->second_pass = false;
    SampledRollout& r = row->out;
    r.image_prompt_ids = row->group->job.image_prompt({r.cot_ids.begin(), r.cot_ids.end() - 1});
    TORCH_CHECK(static_cast<int64_t>(r.image_prompt_ids.size()) <= options_.max_image_prompt, "an image's prompt is too long");
    rows.push_back(row.get());
    prompts.emplace_back(r.image_prompt_ids.begin(), r.image_prompt_ids.end() - 1);  // <begin_of_image> is a step of its own
  }
  if (rows.empty()) return;
  auto prefixes = decoder_.prefill(prompts);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i]->length = prefixes[i]->length;
    decoder_.start(rows[i]->slot, std::move(prefixes[i]), rows[i]->length);
    rows[i]->next_token = ids_.begin_of_image;
    rows[i]->has_image_prompt = true;
  }
}

void GroupSampler::run(const std::function<std::optional<SampleJob>()>& next_job,
                       const std::function<void(SampledRollout)>& done) {
  torch::NoGradGuard no_grad;
  no_more_jobs_ = false;
  Tensor hidden;
  while (true) {
    base::throw_if_stopped();
    admit(next_job);
    if (rows_.empty()) return;
    draw(hidden);
    for (auto& row : rows_) {
      if (!row->finished) continue;
      free_.push_back(row->slot);
      if (row->guide_slot >= 0) free_.push_back(row->guide_slot);
      done(std::move(row->out));
      row.reset();
    }
    std::erase(rows_, nullptr);
    begin_second_pass();

    // Feed every row's token; a row that enters its image phase brings its guide along.
    std::vector<int64_t> slots, tokens;
    std::vector<bool> from_image;
    const auto feed = [&](int64_t slot, int64_t token, bool image) {
      slots.push_back(slot);
      tokens.push_back(token);
      from_image.push_back(image);
      return static_cast<int64_t>(slots.size()) - 1;
    };
    for (const auto& row : rows_) {
      const bool enters = !row->image_phase && row->next_token == ids_.begin_of_image && (!options_.two_pass || row->has_image_prompt);
      row->hidden_row = feed(row->slot, row->next_token, row->image_phase);
      if (row->guide_slot >= 0 && (enters || row->image_phase)) {
        if (enters) decoder_.start(row->guide_slot, unconditional(row->length), row->length);
        row->guide_hidden_row = feed(row->guide_slot, row->next_token, row->image_phase);
      }
      row->has_hidden = true;
      if (!row->image_phase) ++row->length;
      row->image_phase |= enters;
    }
    if (slots.empty()) {
      hidden = Tensor();
      continue;
    }
    std::vector<int64_t> text_at, text_ids, image_at, image_ids;
    for (size_t i = 0; i < slots.size(); ++i) {
      (from_image[i] ? image_at : text_at).push_back(static_cast<int64_t>(i));
      (from_image[i] ? image_ids : text_ids).push_back(tokens[i]);
    }
    const torch::Device device = image_table_.device();
    const auto list = [&](const std::vector<int64_t>& v) {
      return torch::tensor(v, torch::kInt64).to(device);
    };
    Tensor inputs = torch::empty({static_cast<int64_t>(slots.size()), image_table_.size(1)},
                                 image_table_.options());
    if (!text_at.empty()) inputs.index_copy_(0, list(text_at), model_.lm.embed(list(text_ids)));
    if (!image_at.empty()) {
      inputs.index_copy_(0, list(image_at), image_table_.index_select(0, list(image_ids)));
    }
    hidden = decoder_.step(slots, inputs);
  }
}

}  // namespace easel::sample
