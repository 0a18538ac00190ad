#include "model/sequence_pack.h"

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
  SequencePack p;
  p.packing = Packing::make(lengths, device, &positions);
  std::vector<int64_t> place;
  for (const auto& [is_image, index] : order) {
    place.push_back(is_image ? static_cast<int64_t>(text_ids.size()) + index : index);
  }
  const auto list = [&](const std::vector<int64_t>& v) {
    return torch::tensor(v, torch::kInt64).to(device);
  };
  p.text_ids = list(text_ids);
  p.image_ids = list(image_ids);
  p.order = list(place);
  p.text_rows = list(text_rows);
  p.text_targets = list(text_targets);
  p.image_rows = list(image_rows);
  p.image_targets = list(image_targets);
  return p;
}

PackLogprobs pack_logprobs(const Janus& m, const SequencePack& p, double temperature,
                           double clamp) {
  Tensor inputs = m.lm.embed(p.text_ids);
  if (p.image_ids.size(0) > 0) inputs = torch::cat({inputs, m.embed_image(p.image_ids)}, 0);
  const Tensor hidden = m.lm.forward(inputs.index_select(0, p.order), p.packing);
  PackLogprobs out;
  const auto none = [&] {
    const Tensor empty = torch::zeros({0}, hidden.options().dtype(torch::kFloat32));
    return TokenLogprobs{empty, empty};
  };
  out.text = p.text_rows.size(0) == 0
                 ? none()
                 : token_logprobs(hidden.index_select(0, p.text_rows), m.text_head(), {},
                                  p.text_targets, temperature, clamp);
  out.image = p.image_rows.size(0) == 0
                  ? none()
                  : token_logprobs(m.image_features(hidden.index_select(0, p.image_rows)),
                                   m.image_head.weight, m.image_head.bias, p.image_targets,
                                   temperature, clamp);
  return out;
}

}  // namespace easel::model
