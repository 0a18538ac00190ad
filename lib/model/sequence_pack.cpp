#include "model/sequence_pack.h"

#include "tensor/matmul.h"

namespace easel::model {

SequencePack SequencePack::make(const std::vector<Sequence>& sequences, torch::Device device) {
  std::vector<int64_t> lengths, positions, text_ids, image_ids;
  std::vector<int64_t> text_rows, text_targets, image_rows, image_targets;
  std::vector<std::pair<bool, int64_t>> order;  // (is image, index in its list)
  int64_t row = 0;  // of the sequence's first token
  for (const Sequence& s : sequences) {
    TORCH_CHECK(s.first_target >= 1, "the first token of a sequence cannot be predicted");
    const auto text = static_cast<int64_t>(s.text.size());
    const auto image = static_cast<int64_t>(s.image.size());
    const int64_t length = s.length();
    lengths.push_back(length);
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
  return p;
}

Tensor pack_hidden(const Janus& m, const SequencePack& p) {
  Tensor inputs = m.lm.embed(p.text_ids);
  if (p.image_ids.size(0) > 0) inputs = torch::cat({inputs, m.embed_image(p.image_ids)}, 0);
  return m.lm.forward(inputs.index_select(0, p.order), p.packing);
}

PackLogprobs pack_logprobs(const Janus& m, const SequencePack& p, double temperature, double clamp) {
  return pack_logprobs(m, p, pack_hidden(m, p), temperature, clamp);
}

PackLogprobs pack_logprobs(const Janus& m, const SequencePack& p, const Tensor& hidden, double temperature,
                           double clamp) {
  const auto values = [&](const Tensor& rows, const Tensor& targets, auto&& head) -> TokenLogprobs {
    const int64_t wanted = rows.size(0);
    if (wanted == 0) {
      const Tensor empty = torch::zeros({0}, hidden.options().dtype(torch::kFloat32));
      return {empty, empty};
    }
    const auto padded = [&](const Tensor& t) { return torch::constant_pad_nd(t, {0, tensor::padded_rows(wanted) - wanted}); };
    const TokenLogprobs all = head(hidden.index_select(0, padded(rows)), padded(targets));
    return {all.logprobs.slice(0, 0, wanted), all.entropy.slice(0, 0, wanted)};
  };
  return {.text = values(p.text_rows, p.text_targets,
                         [&](const Tensor& h, const Tensor& targets) {
                           return token_logprobs(h, m.text_head(), {}, targets, temperature, clamp);
                         }),
          .image = values(p.image_rows, p.image_targets, [&](const Tensor& h, const Tensor& targets) {
            return token_logprobs(m.image_features(h), m.image_head.weight, m.image_head.bias, targets,
                                  temperature, clamp);
          })};
}

}  // namespace easel::model
