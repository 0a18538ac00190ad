// vq-encode: pictures to image tokens. Records with image -> the records with tokens.
#include <cstdlib>

#include "base/error.h"
#include "base/log.h"
#include "base/random.h"
#include "cli/common_options.h"
#include "cli/run_tool.h"
#include "image/draw.h"
#include "image/image.h"
#include "jsonl/batches.h"
#include "jsonl/stream.h"
#include "model/pixels.h"
#include "model/policy.h"
#include "record/image_ref.h"
#include "record/manifest.h"
#include "sample/sharded_records.h"
#include "tensor/compute.h"
#include "train/vq_trainer.h"

namespace {

using namespace easel;

struct Options {
  cli::StreamOptions stream;
  cli::ComputeOptions compute;
  std::string policy, out, root, crop = "center";
  int64_t batch = 64, seed = 0;
};

void declare(cli::OptionTable& t, Options& o) {
  t.purpose("turn pictures into image tokens");
  t.usage("--policy DIR --out DIR < records with image > records with tokens");
  t.description("Pictures are cut to a square, as long as their short side, and brought to the tokenizer's size. Tokens go to "
                "shards in --out (tensor image_tokens); each record gets tokens {shard, row}.");
  t.example("shapes-world scenes --count 100 --out run/scenes | vq-encode --policy share/nano/base --out run/tokens");
  t.see_also({"vq-decode", "vq-train", "cot-sft", "easel-shard"});
  t.option("--policy", o.policy, "DIR", "policy folder whose image tokenizer is used").required();
  t.option("--out", o.out, "DIR", "folder for shards").required();
  t.option("--root", o.root, "DIR", "where relative image paths start");
  t.option("--crop", o.crop, "PLACE", "of the square: in the middle, or drawn by --seed and the record's id, as ReasonGen-R1's "
           "fine-tuning has it").choices({"center", "random"});
  t.option("--batch", o.batch, "N", "pictures at a time").range(1, 65536);
  cli::add_seed_option(t, o.seed);
  cli::add_stream_options(t, o.stream);
  cli::add_compute_options(t, o.compute);
}

void run(const Options& o) {
  const auto compute = tensor::set_up_compute(o.compute.device, o.compute.dtype, o.compute.threads);
  record::Manifest manifest("vq-encode", cli::command_line());
  manifest.ran_on(tensor::libtorch_version(), o.compute.device);
  manifest.seed(o.seed);
  const model::Policy policy = model::load_policy(o.policy, {compute.device, compute.dtype, model::Use::kRead});
  manifest.input("policy", policy.digest());
  record::make_output_folder(o.out);
  jsonl::LineReader reader(o.stream.input);
  reader.keep_digest();
  jsonl::Writer writer(o.stream.output);
  sample::ShardedRecords<tensor::ImageTokensRow> out(
      {o.out, "tokens",
       {{"format", "easel-rollouts"}, {"version", "1"}, {"created_by", base::cat("easel ", EASEL_VERSION)},
        {"policy_digest", policy.digest()}},
       8192},
      "tokens", [&](const jsonl::Object& record) { writer.write(record); });
  base::Progress progress("pictures", 0);
  torch::NoGradGuard no_grad;
  jsonl::Batches<image::Image> batches(o.batch, [&](auto& records, auto& images) {
    const auto bytes = train::load_pictures(images, policy.model.config.picture_size());
    const auto tokens = policy.model.vq.encode(model::to_pixels(bytes).to(compute.device, compute.dtype))
                            .to(torch::kCPU, torch::kInt32).contiguous();
    for (size_t i = 0; i < records.size(); ++i) {
      const auto* row = tokens.template data_ptr<int32_t>() + static_cast<int64_t>(i) * tokens.size(1);
      out.add(std::move(records[i]), {{row, row + tokens.size(1)}});
    }
    progress.add(static_cast<int64_t>(records.size()));
  });
  jsonl::for_each(reader, o.stream.max_bad, [&](jsonl::Object& record) {
    const auto ref = record::ImageRef::parse(record);
    if (record.is_null("id")) record.set("id", ref.id);  // vq-decode names its picture so
    auto picture = jsonl::about(record, [&] { return image::read(record::resolve_path(ref.image, o.root)); });
    if (o.crop == "random") {
      const auto rest = static_cast<uint64_t>(std::abs(picture.width - picture.height));
      const base::CounterRng draws(static_cast<uint64_t>(o.seed), "crop", ref.id);
      picture = image::square_at(picture, static_cast<int>(draws.below(rest + 1, 0)));
    }
    batches.add(std::move(record), std::move(picture));
  });
  batches.finish();
  out.flush();
  manifest.input("records", reader.digest());
  manifest.count("images", out.emitted());
  manifest.write(o.out);
  writer.close();
}

}  // namespace

int main(int argc, char** argv) { return cli::run_tool<Options>(argc, argv, "vq-encode", declare, run); }
