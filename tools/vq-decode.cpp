// vq-decode: image tokens to pictures. Records with tokens -> the records with image.
#include <unordered_set>

#include "base/error.h"
#include "base/log.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "jsonl/batches.h"
#include "jsonl/stream.h"
#include "model/policy.h"
#include "record/manifest.h"
#include "record/tokens.h"
#include "sample/picture_writer.h"
#include "tensor/compute.h"
#include "tensor/rollout_shard.h"

namespace {

using namespace easel;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  std::string policy, out, root;
  int64_t batch = 64;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("turn image tokens into pictures");
  t.usage("--policy DIR --out DIR < records with tokens > records with image");
  t.description("Reads tensor image_tokens of the shard that each record names and writes OUT/ID.png.");
  t.example("vq-decode --policy share/nano/base --out run/decoded < run/tokens.jsonl");
  t.see_also({"vq-encode", "sample-group", "contact-sheet", "easel-shard"});
  t.option("--policy", o.policy, "DIR", "policy folder whose image tokenizer is used").required();
  t.option("--out", o.out, "DIR", "folder for pictures").required();
  t.option("--root", o.root, "DIR", "where relative shard paths start");
  t.option("--batch", o.batch, "N", "pictures at a time").range(1, 65536);
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

void run(const Options& o) {
  const auto compute = tensor::set_up_compute(o.compute.device, o.compute.dtype, o.compute.threads);
  record::Manifest manifest("vq-decode", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), o.compute.device);
  const model::Policy policy = model::load_policy(o.policy, {compute.device, compute.dtype, model::Use::kRead});
  manifest.input("policy", policy.digest());
  record::make_output_folder(o.out);
  tensor::ShardCache shards(o.root);
  jsonl::LineReader reader(o.stream.input);
  reader.keep_digest();
  jsonl::Writer writer(o.stream.output);
  base::Progress progress("pictures", 0);
  int64_t count = 0;
  jsonl::Batches<std::vector<int32_t>> batches(o.batch, [&](auto& records, auto& rows) {
    std::vector<std::string> paths;
    std::vector<const std::vector<int32_t>*> tokens;
    for (size_t i = 0; i < records.size(); ++i) {
      paths.push_back((base::fs::path(o.out) / (base::safe_file_name(records[i].string("id")) + ".png")).string());
      tokens.push_back(&rows[i]);
    }
    sample::write_pictures(policy.model.vq, tokens, paths);
    for (size_t i = 0; i < records.size(); ++i) {
      records[i].set("image", paths[i]);
      writer.write(records[i]);
    }
    const auto n = static_cast<int64_t>(records.size());
    count += n;
    progress.add(n);
  });
  std::unordered_set<std::string> seen;
  const int64_t wanted = policy.model.config.image_tokens(), codes = policy.model.config.vq.num_embeddings;
  jsonl::for_each(reader, o.stream.max_bad, [&](jsonl::Object& record) {
    const auto ref = record::TokensRef::parse(record);
    if (!ref) record.fail("field \"tokens\" is missing");
    const std::string id = record.string("id");  // names the picture
    auto row = jsonl::about(record, [&] { return tensor::read_image_tokens(shards.open(ref->shard), ref->row, ref->digest); });
    if (static_cast<int64_t>(row.size()) != wanted) {
      record.fail(base::cat(ref->shard, ": expected ", wanted, " image tokens, got ", row.size()));
    }
    for (const int32_t token : row) {
      if (token < 0 || token >= codes) {
        record.fail(base::cat(ref->shard, ": image token ", token, " is outside the codebook of ", codes));
      }
    }
    if (!seen.insert(id).second) record.fail(base::cat("id ", base::quote(id), " came before; ids must be distinct"));
    batches.add(std::move(record), std::move(row));
  });
  batches.finish();
  manifest.input("records", reader.digest());
  manifest.count("images", count);
  manifest.write(o.out);
  writer.close();
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "vq-decode", declare, run); }
