#include "train/sft_run.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/digest.h"
#include "base/error.h"
#include "base/log.h"
#include "record/refill.h"
#include "train/checkpoint.h"
#include "train/new_policy.h"

namespace easel::train {

namespace {
// In the order in which errors should come: the folders are looked at before anything is loaded.
MemoryQuestion checked_question(const SftRunOptions& o) {
  // A run that goes on after a kill starts from the same policy.
  std::error_code error;
  if (std::filesystem::equivalent(o.out, o.policy, error)) {
    base::fail_usage(base::cat("--out ", base::quote(o.out), " is the policy that training starts from; expected another folder"));
  }
  require_replaceable(o.out);
  return memory_question(o.policy, "", o.train.parts, o.device, o.train.microbatch_tokens);
}
}  // namespace

SftRun::SftRun(const SftRunOptions& o, record::Manifest& manifest)
    : options_(o),
      manifest_(manifest),
      memory_(checked_question(o), o.max_memory),
      lock_(record::file_beside(o.out, "lock")),
      tokenizer_(text::Tokenizer::load(o.policy)),
      policy_(model::load_policy(o.policy, load_options(o.train.parts, o.device))) {
  adopt_tokenizer(policy_.model.config, tokenizer_);
  config_ = policy_.model.config;
}

void SftRun::train(int64_t examples, int64_t longest, SftVisits visits, const std::string& digest, jsonl::Writer& writer) {
  if (examples == 0) base::fail("no annotations came in");
  memory_.make_room_for(longest);
  SftOptions options = options_.train;
  if (options.steps == 0) {
    // Nobody is left out: the last batch of the last epoch is filled up with the next one's first.
    const double batches = options_.epochs * static_cast<double>(examples) / static_cast<double>(options.batch);
    options.steps = std::max<int64_t>(1, static_cast<int64_t>(std::ceil(batches)));
  }
  base::Digest run;
  for (const auto& word : options_.settings) run.add(word);
  run.add(policy_.digest());
  run.add(digest);

  TrainerState state{.program = options_.program, .run = run.hex(), .step = 0, .done = false, .extra = {}, .metrics = {}};
  if (!take_up(options_.out, read_trainer(options_.out, options_.program), state, writer)) return writer.close();
  if (state.step > 0) {
    auto stopped = model::load_policy(options_.out, load_options(options.parts, options_.device));
    policy_.model = std::move(stopped.model);
    policy_.adapter = stopped.adapter;
  }
  prepare(policy_, options.parts);
  SftTrainer trainer(policy_.model, examples, std::move(visits), options);
  if (state.step > 0) trainer.parameters().load_state(trainer_tensors(options_.out));

  manifest_.input("policy", policy_.digest());
  manifest_.input("annotations", digest);
  manifest_.count("annotations", examples);
  const auto checkpoint = [&] {
    publish_policy(options_.out, policy_.model,
                   {.version = policy_.version + 1, .lineage = policy_.lineage, .tokenizer_folder = options_.policy,
                    .dtype = state.done ? options_.weights_dtype : std::nullopt, .adapter = policy_.adapter},
                   manifest_, [&](const std::filesystem::path& folder) {
                     write_trainer(folder, state, trainer.parameters().state());
                   });
  };
  const auto step = [&](int64_t number) {
    jsonl::Object metrics;
    trainer.step(number).write(metrics);
    metrics.set("program", options_.program);
    return metrics;
  };
  base::note(memory_.words());
  train_to_end(state, options.steps, options_.checkpoint_every, writer, step, checkpoint);
  writer.close();
}

}  // namespace easel::train
