#include "record/rollout.h"

#include <cmath>

namespace easel::record {

using base::cat;
using jsonl::Object;

namespace {

Sampling parse_sampling(const Object& record) {
  Sampling s;
  if (record.is_null("sampling")) return s;
  const Object f = record.object("sampling");
  s.mode = f.optional_string("mode").value_or(s.mode);
  s.seed = f.optional_integer("seed").value_or(s.seed);
  s.temperature = f.optional_number("temperature").value_or(s.temperature);
  s.cfg_weight = f.optional_number("cfg_weight").value_or(s.cfg_weight);
  s.max_cot = f.optional_integer("max_cot").value_or(s.max_cot);
  s.chat = f.optional_string("chat").value_or(s.chat);
  s.template_ = f.optional_string("template").value_or(s.template_);
  s.dtype = f.optional_string("dtype").value_or(s.dtype);
  s.system = f.optional_string("system");
  if (s.mode != "single" && s.mode != "direct" && s.mode != "two-pass") {
    record.fail(cat("sampling mode: expected single, direct or two-pass, got ", base::quote(s.mode)));
  }
  return s;
}

}  // namespace

Rollout Rollout::parse(const Object& record) {
  Rollout r;
  r.id = record.string("id");
  r.group_id = record.optional_string("group_id").value_or(r.id);
  r.group_size = record.optional_integer("group_size").value_or(1);
  r.index = record.optional_integer("index").value_or(0);
  if (r.group_size < 1 || r.index < 0 || r.index >= r.group_size) {
    record.fail(cat("rollout ", base::quote(r.id), ": expected 0 <= index < group_size, got index ",
                    r.index, " of ", r.group_size));
  }
  r.prompt = record.string("prompt");
  r.cot = record.optional_string("cot").value_or("");
  r.image = record.optional_string("image").value_or("");
  r.tokens = TokensRef::parse(record);
  r.policy_version = record.optional_integer("policy_version").value_or(0);
  r.finish = record.optional_string("finish").value_or("stop");
  if (r.finish != "stop" && r.finish != "eos" && r.finish != "length") {
    record.fail(cat("field \"finish\": expected stop, eos or length, got ", base::quote(r.finish)));
  }
  r.sampling = parse_sampling(record);
  if (!record.is_null("rewards")) {
    const Object rewards = record.object("rewards");
    for (const auto& name : rewards.keys()) {
      if (!rewards.is_null(name)) r.rewards.emplace_back(name, rewards.number(name));
    }
  }
  r.reward = record.optional_number("reward");
  return r;
}

void Rollout::write(Object& record) const {
  record.set("id", id);
  record.set("group_id", group_id);
  record.set("group_size", group_size);
  record.set("index", index);
  record.set("prompt", prompt);
  record.set("cot", cot);
  if (!image.empty()) record.set("image", image);
  if (tokens) tokens->write(record);
  record.set("policy_version", policy_version);
  record.set("finish", finish);
  Object s;
  s.set("mode", sampling.mode);
  s.set("seed", sampling.seed);
  s.set("temperature", sampling.temperature);
  s.set("cfg_weight", sampling.cfg_weight);
  s.set("max_cot", sampling.max_cot);
  s.set("chat", sampling.chat);
  s.set("template", sampling.template_);
  s.set("dtype", sampling.dtype);
  if (sampling.system) s.set("system", *sampling.system);
  record.set("sampling", s);
}

void write_rewards(Object& record, const std::vector<std::pair<std::string, double>>& rewards,
                   std::optional<double> reward) {
  // What stands there already keeps its place; another expert's null is no reward of the list.
  Object values = record.is_null("rewards") ? Object() : record.object("rewards");
  for (const auto& [name, value] : rewards) {
    if (std::isfinite(value)) {
      values.set(name, value);
    } else {
      values.set_raw(name, "null");
    }
  }
  record.set("rewards", values);
  if (reward) {
    record.set("reward", *reward);
  } else {
    record.set_raw("reward", "null");
  }
}

}  // namespace easel::record
