#include "cli/common_options.h"

#include <limits>

#include "base/error.h"
#include "base/strings.h"

namespace easel::cli {

void add_input_option(OptionTable& table, StreamOptions& o) {
  table.begin_common();
  table.option("--input", o.input, "FILE", "read records from FILE (.gz and .zst too); - is stdin");
  table.option("--max-bad", o.max_bad, "N", "go on past N bad records, each reported on stderr")
      .range(0, std::numeric_limits<double>::infinity());
  table.end_common();
}

void add_stream_options(OptionTable& table, StreamOptions& o) {
  add_input_option(table, o);
  table.begin_common();
  table.option("--output", o.output, "FILE", "write records to FILE, whole or not at all; - is stdout");
  table.end_common();
}

void add_seed_option(OptionTable& table, int64_t& seed) {
  table.begin_common();
  table.option("--seed", seed, "N", "every random draw is a function of this seed and the record");
  table.end_common();
}

void add_compute_options(OptionTable& table, ComputeOptions& o) {
  table.begin_common();
  table.option("--threads", o.threads, "N", "processor threads; 0 is one per core").range(0, 4096);
  table.option("--device", o.device, "DEVICE", "cpu, cuda or cuda:N");
  table.option("--dtype", o.dtype, "TYPE", "arithmetic")
      .choices({"float32", "bfloat16", "float16"});
  table.end_common();
}

void add_trained_options(OptionTable& table, TrainedOptions& o) {
  table.option("--freeze", o.freeze, "PART",
               "leave a part as it is: embeddings, decoder, text_head, generation_embeddings, generation_aligner or "
               "generation_head; may be given several times");
  table.option("--lora-rank", o.lora_rank, "R", "train a low-rank adapter of the decoder alone; 0 trains the weights")
      .range(0, 65536);
  table.option("--lora-alpha", o.lora_alpha, "A", "scale of the adapter: A / R").range(0, 1e6);
  table.option("--lora-target", o.lora_targets, "NAME",
               "a projection that gets an adapter: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj or down_proj; may "
               "be given several times (without it: all)");
  table.toggle("--recompute", o.recompute,
               "keep only each layer's input for the backward pass and compute the layer again there: much less memory, "
               "a third more work, the same bits");
}

void require_plain_cpu(const ComputeOptions& o) {
  if (o.dtype != "float32") base::fail_usage(base::cat("--dtype: this program computes in float32, got ", o.dtype));
  if (o.device != "cpu") base::fail(base::cat("--device: this program computes on the CPU, got ", base::quote(o.device)));
}

}  // namespace easel::cli
