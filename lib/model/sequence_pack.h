// Token sequences with a text part and an image part, packed for one forward pass, and the
// log-probabilities of the tokens that are looked at.
#pragma once

#include <cstdint>
#include <vector>

#include "model/janus.h"
#include "model/token_logprobs.h"

namespace easel::model {

// text, then image tokens, then more text (<end_of_image>, EOS in fine-tuning).
struct Sequence {
  std::vector<int32_t> text;
  int64_t first_target = 0;  // text[first_target...] are looked at; at least 1
  std::vector<int32_t> image;
  std::vector<int32_t> tail;  // all looked at
  // Rotary position of text[1]; text[0] is at 0. More than 1 where dropped tokens left a hole.
  int64_t second_position = 1;
  // A picture to look at, [3, side, side] in [-1, 1]: its patches stand in for the ids from text[pixels_at] on.
  Tensor pixels;
  int64_t pixels_at = 0;

  int64_t text_targets() const {
    return static_cast<int64_t>(text.size()) - first_target + static_cast<int64_t>(tail.size());
  }
  int64_t image_targets() const { return static_cast<int64_t>(image.size()); }
  // Tokens that go into the decoder: all but the last.
  int64_t length() const {
    return static_cast<int64_t>(text.size() + image.size() + tail.size()) - 1;
  }
};

// Targets stand in the order of the sequences; within one, `text` before `tail`.
struct SequencePack {
  Packing packing;             // with some rows of padding at the end
  Tensor text_ids, image_ids;  // embedded, int64
  Tensor order;                // place of each packed token in cat(text, image) embeddings
  Tensor text_rows, text_targets, image_rows, image_targets;  // int64: hidden row, token
  Tensor pixels;          // [B, 3, side, side], or undefined
  Tensor pixel_places;    // [B * patches]: what their patches stand in for, in text_ids

  // patches: of a picture to look at.
  static SequencePack make(const std::vector<Sequence>& sequences, torch::Device device, int64_t patches = 0);
};

struct PackLogprobs {
  TokenLogprobs text, image;
};

struct HeadOptions {
  double temperature = 1;
  double clamp = 0;  // logits to +-clamp; 0: off
  // Classifier-free guidance of image logits, u + weight (c - u), the unconditional branch held constant.
  double cfg_weight = 1;
  Tensor unconditional;  // its image features of every image target, from unconditional_features; weight 1: none
};

// Values of every target, differentiable. Logits of a head that nothing asks for are not computed.
PackLogprobs pack_logprobs(const Janus& model, const SequencePack& pack, const HeadOptions& options = {});

// The same in two parts: final hidden states [T, H] of the packed tokens, then the heads.
Tensor pack_hidden(const Janus& model, const SequencePack& pack);
PackLogprobs pack_logprobs(const Janus& model, const SequencePack& pack, const Tensor& hidden,
                           const HeadOptions& options = {});

// Image features of the unconditional branch of guided sequences, without a gradient: BOS, pads and
// <begin_of_image> in place of all text before the image. Throws Error when the model has no pad token.
Tensor unconditional_features(const Janus& model, std::vector<Sequence> sequences);

}  // namespace easel::model
