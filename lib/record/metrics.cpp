#include "record/metrics.h"

#include <cmath>

namespace easel::record {

using base::cat;
using jsonl::Object;

namespace {

// One list of names per record serves reading and writing.
template <class Self, class Visit>
void each_field(Self& m, Visit visit, const SftMetrics*) {
  visit("epoch", m.epoch);
  visit("loss", m.loss);
  visit("text_loss", m.text_loss);
  visit("image_loss", m.image_loss);
  visit("tokens", m.tokens);
  visit("sequences", m.sequences);
  visit("learning_rate", m.learning_rate);
  visit("grad_norm", m.grad_norm);
  visit("seconds", m.seconds);
  visit("seconds_load", m.seconds_load);
  visit("seconds_forward", m.seconds_forward);
  visit("seconds_backward", m.seconds_backward);
  visit("seconds_optimizer", m.seconds_optimizer);
}

template <class Self, class Visit>
void each_field(Self& m, Visit visit, const GrpoMetrics*) {
  visit("policy_version", m.policy_version);
  visit("loss", m.loss);
  visit("policy_loss", m.policy_loss);
  visit("kl", m.kl);
  visit("text_entropy", m.text_entropy);
  visit("image_entropy", m.image_entropy);
  visit("text_entropy_coefficient", m.text_entropy_coefficient);
  visit("image_entropy_coefficient", m.image_entropy_coefficient);
  visit("clip_fraction", m.clip_fraction);
  visit("clamp_fraction", m.clamp_fraction);
  visit("ratio_mean", m.ratio_mean);
  visit("logprob_difference_max", m.logprob_difference_max);
  visit("reward_mean", m.reward_mean);
  visit("reward_std", m.reward_std);
  visit("rewards", m.rewards);
  visit("groups_kept", m.groups_kept);
  visit("groups_dropped", m.groups_dropped);
  visit("rollouts", m.rollouts);
  visit("cot_length_mean", m.cot_length_mean);
  visit("finish_stop", m.finish_stop);
  visit("finish_eos", m.finish_eos);
  visit("finish_length", m.finish_length);
  visit("grad_norm", m.grad_norm);
  visit("learning_rate", m.learning_rate);
  visit("staleness", m.staleness);
  visit("seconds", m.seconds);
  visit("seconds_load", m.seconds_load);
  visit("seconds_forward", m.seconds_forward);
  visit("seconds_backward", m.seconds_backward);
  visit("seconds_optimizer", m.seconds_optimizer);
}

template <class Self, class Visit>
void each_field(Self& m, Visit visit, const VqMetrics*) {
  visit("loss", m.loss);
  visit("reconstruction_loss", m.reconstruction_loss);
  visit("codebook_loss", m.codebook_loss);
  visit("codes_used", m.codes_used);
  visit("learning_rate", m.learning_rate);
  visit("seconds", m.seconds);
}

void set_number(Object& record, std::string_view key, double value) {
  if (std::isfinite(value)) {
    record.set(key, value);
  } else {
    record.set_raw(key, "null");
  }
}

struct FieldWriter {
  Object& record;
  void operator()(const char* key, const Number& value) const {
    if (value) set_number(record, key, *value);
  }
  void operator()(const char* key, const Count& value) const {
    if (value) record.set(key, *value);
  }
  void operator()(const char* key, const NamedNumbers& values) const {
    if (values.empty()) return;
    Object fields;
    for (const auto& [name, value] : values) set_number(fields, name, value);
    record.set(key, fields);
  }
};

struct FieldReader {
  const Object& record;
  void operator()(const char* key, Number& value) const { value = record.optional_number(key); }
  void operator()(const char* key, Count& value) const { value = record.optional_integer(key); }
  void operator()(const char* key, NamedNumbers& values) const {
    if (record.is_null(key)) return;
    const Object fields = record.object(key);
    for (const auto& name : fields.keys()) {
      if (!fields.is_null(name)) values.emplace_back(name, fields.number(name));
    }
  }
};

template <class T>
T parse_as(const Object& record) {
  T m;
  m.step = record.integer("step");
  if (m.step < 0) record.fail(cat("field \"step\": expected 0 or more, got ", m.step));
  each_field(m, FieldReader{record}, &m);
  return m;
}

template <class T>
void write_as(const T& m, Object& record) {
  record.set("program", T::kProgram);
  record.set("step", m.step);
  each_field(m, FieldWriter{record}, &m);
}

}  // namespace

SftMetrics SftMetrics::parse(const Object& record) { return parse_as<SftMetrics>(record); }
void SftMetrics::write(Object& record) const { write_as(*this, record); }
GrpoMetrics GrpoMetrics::parse(const Object& record) { return parse_as<GrpoMetrics>(record); }
void GrpoMetrics::write(Object& record) const { write_as(*this, record); }
VqMetrics VqMetrics::parse(const Object& record) { return parse_as<VqMetrics>(record); }
void VqMetrics::write(Object& record) const { write_as(*this, record); }

Metrics parse_metrics(const Object& record) {
  const std::string program = record.optional_string("program").value_or("");
  if (program == GrpoMetrics::kProgram) return GrpoMetrics::parse(record);
  if (program == VqMetrics::kProgram) return VqMetrics::parse(record);
  if (program == SftMetrics::kProgram) return SftMetrics::parse(record);
  for (const char* key : {"reward_mean", "policy_version", "groups_kept", "policy_loss", "kl",
                          "text_entropy", "image_entropy", "clip_fraction"}) {
    if (record.has(key)) return GrpoMetrics::parse(record);
  }
  for (const char* key : {"reconstruction_loss", "codebook_loss", "codes_used"}) {
    if (record.has(key)) return VqMetrics::parse(record);
  }
  return SftMetrics::parse(record);
}

NamedNumbers stage_seconds(const Object& record) {
  constexpr std::string_view kPrefix = "seconds_";
  NamedNumbers stages;
  for (const auto& key : record.keys()) {
    if (!key.starts_with(kPrefix) || key.size() == kPrefix.size() || record.is_null(key)) continue;
    stages.emplace_back(key.substr(kPrefix.size()), record.number(key));
  }
  return stages;
}

EvalSummary EvalSummary::parse(const Object& record) {
  EvalSummary s;
  const auto count = [](const Object& from, const char* key) {
    const int64_t n = from.integer(key);
    if (n < 0) from.fail(cat("field \"", key, "\": expected 0 or more, got ", n));
    return n;
  };
  s.images = count(record, "images");
  s.prompts = count(record, "prompts");
  s.correct_images = count(record, "correct_images");
  s.correct_prompts = count(record, "correct_prompts");
  const Object tasks = record.object("tasks");
  for (const auto& tag : tasks.keys()) {
    const Object fields = tasks.object(tag);
    Task task{tag, count(fields, "correct"), count(fields, "total")};
    if (task.correct > task.total) {
      record.fail(cat("task ", base::quote(tag), ": ", task.correct, " correct of ", task.total));
    }
    s.tasks.push_back(std::move(task));
  }
  s.overall = record.number("overall");
  return s;
}

void EvalSummary::write(Object& record) const {
  record.set("images", images);
  record.set("prompts", prompts);
  record.set("correct_images", correct_images);
  record.set("correct_prompts", correct_prompts);
  Object by_tag;
  for (const auto& task : tasks) {
    Object fields;
    fields.set("correct", task.correct);
    fields.set("total", task.total);
    fields.set("score", task.score());
    by_tag.set(task.tag, fields);
  }
  record.set("tasks", by_tag);
  record.set("overall", overall);
}

}  // namespace easel::record
