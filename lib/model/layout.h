// The two namings of a Janus checkpoint's tensors: transformers', which is ours, and DeepSeek's.
#pragma once

#include <string>

namespace easel::model {

enum class Layout { kTransformers, kDeepSeek };

// Where a parameter stands in DeepSeek's layout. One tensor holds the rows of q, k and v of a vision layer;
// the position embedding has a leading dimension of 1.
struct DeepSeekPlace {
  std::string name;
  int third = -1;         // 0, 1, 2: q, k, v of a fused tensor; -1: the whole
  bool batched = false;   // [1, ...]
};
DeepSeekPlace deepseek_place(const std::string& transformers_name);

// Tensors of published files that nothing computes with: of DeepSeek's SigLIP's pooling head and the image
// tokenizer's count of used codes; of older ones the rotary frequencies.
bool is_unused(const std::string& stored_name);

}  // namespace easel::model
