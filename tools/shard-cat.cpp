// shard-cat: look inside a shard or any safetensors file.
#include "base/error.h"
#include "base/file.h"
#include "cli/run_tool.h"
#include "jsonl/stream.h"
#include "tensor/print.h"
#include "tensor/shard.h"

namespace {

using namespace easel;
using base::cat;

struct Options {
  std::vector<std::string> files, tensors;
  std::string rows, out;
  bool json = false;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("look inside shards and other safetensors files, slice and merge them");
  t.usage("FILE [--tensor NAME] [--rows A:B] [--json]");
  t.usage("FILE... --out FILE");
  t.description(
      "Without --tensor: a table of the file's tensors. With it: values, a row a line. NAME may be a ragged "
      "field without its ending (cot_ids, prompt_ids, cot_sampling_logprobs): its rows are then cut by the "
      "offsets that belong to it. --json prints the table, or each row, as JSON.\n\n"
      "With --out, shards with the same tensors are joined row by row into one file (.safetensors or "
      ".safetensors.zst); --rows then keeps a part of the result.");
  t.example("shard-cat run/rollouts-000000.safetensors.zst --tensor image_tokens --rows 0:2 --json");
  t.see_also({"sample-group", "policy-logprobs", "vq-encode", "easel-shard"});
  t.positional(o.files, "FILE", ".safetensors or .safetensors.zst").required();
  t.option("--tensor", o.tensors, "NAME", "print this tensor's values");
  t.option("--rows", o.rows, "A:B", "rows A to B - 1; either may be left out");
  t.option("--out", o.out, "FILE", "write the joined rows here");
  t.toggle("--json", o.json, "print JSON");
}

void run(const Options& o) {
  if (!o.rows.empty() && o.tensors.empty() && o.out.empty()) base::fail_usage("--rows needs --tensor or --out");
  if (!o.out.empty() && (!o.tensors.empty() || o.json)) {
    base::fail_usage("--out writes all tensors, in their own form: it goes without --tensor and --json");
  }
  jsonl::Writer writer("-");
  if (!o.out.empty()) {
    std::vector<tensor::Safetensors> shards;
    for (const auto& file : o.files) shards.push_back(tensor::read_shard(file));
    const auto joined = tensor::join_shards(shards);
    tensor::write_shard(o.out, o.rows.empty() ? joined : tensor::slice_rows(joined, o.rows),
                        tensor::common_metadata(shards));
    return;
  }
  for (const auto& file : o.files) {
    const auto shard = tensor::read_shard(file);
    if (o.tensors.empty()) {
      for (const auto& line : tensor::describe(shard, o.json)) writer.write_line(line);
    }
    for (const auto& name : o.tensors) {
      for (const auto& line : tensor::print_rows(shard, name, o.rows, o.json)) writer.write_line(line);
    }
  }
  writer.close();
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "shard-cat", declare, run); }
