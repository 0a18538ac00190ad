#include "model/sequence_pack.h"

#include <algorithm>

#include "base/error.h"
#include "tensor/matmul.h"

namespace easel::model {

SequencePack SequencePack::make(const std::vector<Sequence>& sequences, torch::Device device, int64_t patches) {
  std::vector<int64_t> lengths, positions, text_ids, image_ids, pixel_places;
  std::vector<Tensor> pictures;
  std::vector<int64_t> text_rows, text_targets, image_rows, image_targets;
  std::vector<std::pair<bool, int64_t>> order;  // (is image, index in its list)
  int64_t row = 0;  // of the sequence's first token
  for (const Sequence& s : sequences) {
    TORCH_CHECK(s.first_target >= 1, "the first token of a sequence cannot be predicted");
    const auto text = static_cast<int64_t>(s.text.size());
    const auto image = static_cast<int64_t>(s.image.size());
    const int64_t length = s.length();
    lengths.push_back(length);
    if (s.pixels.defined()) {
      pictures.push_back(s.pixels);
      const auto first = static_cast<int64_t>(text_ids.size()) + s.pixels_at;
      TORCH_CHECK(s.pixels_at + patches < text, "a picture stands before the last text");
      for (int64_t i = 0; i < patches; ++i) pixel_places.push_back(first + i);
    }
    for (int64_t i = 0; i < length; ++i) {
      positions.push_back(i == 0 ? 0 : i - 1 + s.second_position);
      if (i >= text && i < text + image) {
        order.emplace_back(true, static_cast<int64_t>(image_ids.size()));
        image_ids.push_back(s.image[static_cast<size_t>(i - text)]);
      } else {
        order.emplace_back(false, static_cast<int64_t>(text_ids.size()));
        text_ids.push_back(i < text ? s.text[static_cast<size_t>(i)]
                                    : s.tail[static_cast<size_t>(i - text - image)]);
      }
    }
    for (int64_t i = s.first_target; i < text; ++i) {
      text_rows.push_back(row + i - 1);
      text_targets.push_back(s.text[static_cast<size_t>(i)]);
    }
    for (int64_t i = 0; i < image; ++i) {
      image_rows.push_back(row + text + i - 1);
      image_targets.push_back(s.image[static_cast<size_t>(i)]);
    }
    for (size_t i = 0; i < s.tail.size(); ++i) {
      text_rows.push_back(row + text + image + static_cast<int64_t>(i) - 1);
      text_targets.push_back(s.tail[i]);
    }
    row += length;
  }
  std::vector<int64_t> place;
  for (const auto& [is_image, index] : order) {
    place.push_back(is_image ? static_cast<int64_t>(text_ids.size()) + index : index);
  }
  place.resize(static_cast<size_t>(tensor::padded_rows(row)), 0);
  positions.resize(place.size(), 0);
  const auto list = [&](const std::vector<int64_t>& v) {
    return torch::tensor(v, torch::kInt64).to(device);
  };
  SequencePack p;
  p.packing = {lengths, list(positions)};
  p.text_ids = list(text_ids);
  p.image_ids = list(image_ids);
  p.order = list(place);
  p.text_rows = list(text_rows);
  p.text_targets = list(text_targets);
  p.image_rows = list(image_rows);
  p.image_targets = list(image_targets);
  if (!pictures.empty()) {
    p.pixels = torch::stack(pictures).to(device);
    p.pixel_places = list(pixel_places);
  }
  return p;
}

Tensor pack_hidden(const Janus& m, const SequencePack& p) {
  Tensor inputs = m.lm.embed(p.text_ids);
  if (p.pixels.defined()) {
    const Tensor seen = m.embed_pixels(p.pixels.to(m.vision.patch_embedding.weight.scalar_type())).flatten(0, 1);
    inputs = inputs.index_copy(0, p.pixel_places, seen.to(inputs.scalar_type()));
  }
  if (p.image_ids.size(0) > 0) inputs = torch::cat({inputs, m.embed_image(p.image_ids)}, 0);
  return m.lm.forward(inputs.index_select(0, p.order), p.packing);
}

PackLogprobs pack_logprobs(const Janus& m, const SequencePack& p, const HeadOptions& options) {
  return pack_logprobs(m, p, pack_hidden(m, p), options);
}

PackLogprobs pack_logprobs(const Janus& m, const SequencePack& p, const Tensor& hidden, const HeadOptions& o) {
  const auto values = [&](const Tensor& rows, const Tensor& targets, auto&& head) -> TokenLogprobs {
    const int64_t wanted = rows.size(0), padding = tensor::padded_rows(wanted) - wanted;
    if (wanted == 0) {
      const Tensor empty = torch::zeros({0}, hidden.options().dtype(torch::kFloat32));
      return {empty, empty};
    }
    const auto padded = [&](const Tensor& t) { return torch::constant_pad_nd(t, {0, padding}); };
    const TokenLogprobs all = head(hidden.index_select(0, padded(rows)), padded(targets), padding);
    return {all.logprobs.slice(0, 0, wanted), all.entropy.slice(0, 0, wanted)};
  };
  const auto text_head = [&](const Tensor& h, const Tensor& targets, int64_t) {
    return token_logprobs(h, m.text_head(), {}, targets, o.temperature, o.clamp);
  };
  const auto image_head = [&](const Tensor& h, const Tensor& targets, int64_t padding) {
    const Tensor features = m.image_features(h), &weight = m.image_head.weight, &bias = m.image_head.bias;
    if (o.cfg_weight == 1) return token_logprobs(features, weight, bias, targets, o.temperature, o.clamp);
    // The head is linear: guided logits are those of guided features.
    const Tensor u = torch::constant_pad_nd(o.unconditional, {0, 0, 0, padding}) * (1 - o.cfg_weight);
    return token_logprobs(features * o.cfg_weight, weight, bias, targets, o.temperature, o.clamp, 0, {u, o.cfg_weight});
  };
  return {.text = values(p.text_rows, p.text_targets, text_head),
          .image = values(p.image_rows, p.image_targets, image_head)};
}

Tensor unconditional_features(const Janus& m, std::vector<Sequence> sequences) {
  torch::NoGradGuard no_grad;
  const int64_t pad = m.config.ids.pad;
  if (pad < 0) base::fail("guidance needs a pad token, which this policy lacks");
  std::erase_if(sequences, [](const Sequence& s) { return s.image.empty(); });  // the first of two passes: text alone
  for (auto& s : sequences) std::fill(s.text.begin() + 1, s.text.end() - 1, static_cast<int32_t>(pad));
  const auto pack = SequencePack::make(sequences, m.lm.norm.device());
  return m.image_features(pack_hidden(m, pack).index_select(0, pack.image_rows));
}

}  // namespace easel::model
