#include "model/decoder.h"

#include <ATen/Parallel.h>
#include <ATen/ops/scaled_dot_product_attention.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/error.h"
#include "model/adjacent.h"
#include "model/ops.h"
#include "tensor/attention_kernels.h"
#include "tensor/compute.h"
#include "tensor/kernels.h"
#include "tensor/matmul.h"

namespace easel::model {

namespace kernels = tensor::kernels;

namespace {

// x weight^T: few rows need no new tensor, and get `buffer`.
Tensor project(const Tensor& buffer, const Tensor& x, const Tensor& weight) {
  if (!tensor::takes_few_rows(x, weight)) return tensor::matmul_nt(x, weight);
  Tensor out = buffer.narrow(0, 0, x.size(0));
  tensor::few_rows_matmul_nt(x, weight, out);
  return out;
}

int64_t grain(int64_t width) { return std::max<int64_t>(1, 16384 / width); }

// x += y unless y is null, then h = rms_norm(x), row by row.
void add_and_normalize(float* x, const float* y, const Tensor& weight, float* h, int64_t rows, float eps) {
  const int64_t width = weight.size(0);
  const float* w = weight.data_ptr<float>();
  at::parallel_for(0, rows, grain(width), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      if (y != nullptr) kernels::add(x + n * width, y + n * width, width);
      kernels::rms_norm(x + n * width, w, h + n * width, nullptr, 1, width, eps);
    }
  });
}

// Keys [length, kv heads, D] of a layer in the blocks of kernels::CachedQuery, [kv heads, blocks * D * 32].
Tensor in_blocks(const Tensor& keys) {
  const Tensor from = keys.contiguous();
  const int64_t length = keys.size(0), kv = keys.size(1), size = keys.size(2);
  const int64_t head = kernels::padded_columns(length) * size;
  Tensor blocks = torch::empty({kv, head});
  for (int64_t t = 0; t < length; ++t) {
    for (int64_t g = 0; g < kv; ++g) {
      kernels::store_key(blocks.data_ptr<float>() + g * head, from.data_ptr<float>() + (t * kv + g) * size, t, size);
    }
  }
  return blocks;
}

bool is_plain(torch::Device device, torch::Dtype dtype) {
  return device.is_cpu() && (dtype == torch::kFloat32 || dtype == torch::kBFloat16);
}

// Rows that a task of the attention takes together: at most four, all with one prefix.
constexpr size_t kRowsTogether = 4;

}  // namespace

// Scratch of the plain step, for as many rows as there are slots.
struct Decoder::Buffers {
  Tensor x, h, qkv, attended, gate_up, mlp, added, scores;
};

Decoder::Decoder(const Janus& model, int64_t slots, const SlotRoom& room)
    : model_(model), room_(room), slots_(static_cast<size_t>(slots)) {
  const LlamaConfig& c = model.config.text;
  if (room.length > c.max_position_embeddings) {
    base::fail(base::cat("sequences of ", room.length, " tokens are asked for, but the model has ",
                         c.max_position_embeddings, " positions"));
  }
  TORCH_CHECK(!model.lm.adapted(), "the decoder takes a model whose adapter is merged");
  torch::NoGradGuard no_grad;
  const auto options = model.lm.embed_tokens.options().requires_grad(false);
  const bool plain = is_plain(options.device(), model.lm.embed_tokens.scalar_type());
  const int64_t kv = c.num_key_value_heads, padded_own = kernels::padded_columns(room.own);
  for (const LlamaLayer& l : model.lm.layers) {
    // The plain step looks at nothing that it did not write; LibTorch's attention multiplies what its
    // mask hides by 0, which must not be NaN.
    const auto whole = [&] { return torch::zeros({slots, kv, room.length, c.head_dim}, options); };
    keys_.push_back(plain ? tensor::untouched({slots, kv, padded_own * c.head_dim}) : whole());
    values_.push_back(plain ? tensor::untouched({slots, kv, room.own, c.head_dim}) : whole());
    qkv_.push_back(stacked_rows({l.q.weight, l.k.weight, l.v.weight}));
    gate_up_.push_back(stacked_rows({l.gate.weight, l.up.weight}));
    if (!plain) continue;
    norms_.push_back(l.input_norm.to(torch::kFloat32));
    norms_.push_back(l.post_norm.to(torch::kFloat32));
  }
  const Tensor positions = torch::arange(room.length, torch::TensorOptions(torch::kInt64).device(options.device()));
  std::tie(cos_, sin_) = model.lm.rope(positions);
  if (plain) {
    norms_.push_back(model.lm.norm.to(torch::kFloat32));
    buffers_ = std::make_unique<Buffers>();
    Buffers& b = *buffers_;
    const int64_t width = (c.num_attention_heads + 2 * c.num_key_value_heads) * c.head_dim;
    b.x = torch::zeros({slots, c.hidden_size});
    b.h = torch::zeros({slots, c.hidden_size});
    b.qkv = torch::zeros({slots, width});
    b.attended = torch::zeros({slots, c.num_attention_heads * c.head_dim});
    b.gate_up = torch::zeros({slots, 2 * c.intermediate_size});
    b.mlp = torch::zeros({slots, c.intermediate_size});
    b.added = torch::zeros({slots, c.hidden_size});
    b.scores = torch::empty({slots * c.num_attention_heads, kernels::padded_columns(room.prefix) + padded_own});
  }
}

Decoder::~Decoder() = default;

int64_t Decoder::slot_bytes(const LlamaConfig& c, int64_t max_length, torch::Device device, torch::Dtype dtype) {
  const auto value = is_plain(device, dtype) ? sizeof(float) : c10::elementSize(dtype);
  return 2 * c.num_hidden_layers * c.num_key_value_heads * c.head_dim * max_length * static_cast<int64_t>(value);
}

std::vector<SharedPrefix> Decoder::prefill(const std::vector<std::vector<int32_t>>& prompts) const {
  torch::NoGradGuard no_grad;
  std::vector<int64_t> lengths, ids;
  for (const auto& prompt : prompts) {
    lengths.push_back(static_cast<int64_t>(prompt.size()));
    ids.insert(ids.end(), prompt.begin(), prompt.end());
  }
  return prefill(model_.lm.embed(torch::tensor(ids, torch::kInt64).to(model_.lm.embed_tokens.device())), lengths);
}

std::vector<SharedPrefix> Decoder::prefill(const Tensor& embeddings, const std::vector<int64_t>& lengths) const {
  torch::NoGradGuard no_grad;
  std::vector<std::shared_ptr<Prefix>> made;
  for (const int64_t length : lengths) {
    made.push_back(std::make_shared<Prefix>());
    made.back()->length = length;
  }
  const Tensor hidden = model_.lm.forward(
      embeddings, Packing::make(lengths, embeddings.device()), [&](const Tensor& k, const Tensor& v) {
        int64_t begin = 0;
        for (const auto& prefix : made) {
          const auto own = [&](const Tensor& t) {
            const Tensor part = t.slice(0, begin, begin + prefix->length);
            return buffers_ ? part.to(torch::kFloat32) : part;
          };
          const auto heads_first = [&](const Tensor& t) { return own(t).transpose(0, 1).contiguous(); };
          prefix->keys.push_back(buffers_ ? in_blocks(own(k)) : heads_first(k));
          prefix->values.push_back(heads_first(v));
          begin += prefix->length;
        }
      });
  int64_t end = 0;
  for (const auto& prefix : made) {
    end += prefix->length;
    prefix->last_hidden = buffers_ ? hidden[end - 1].to(torch::kFloat32) : hidden[end - 1];
  }
  return {made.begin(), made.end()};
}

void Decoder::start(int64_t slot, SharedPrefix prefix, int64_t length) {
  TORCH_CHECK(length <= prefix->length && length <= room_.prefix, "prefix does not fit the slot");
  if (!buffers_) {
    torch::NoGradGuard no_grad;
    for (size_t l = 0; l < keys_.size(); ++l) {
      keys_[l][slot].slice(1, 0, length).copy_(prefix->keys[l].slice(1, 0, length));
      values_[l][slot].slice(1, 0, length).copy_(prefix->values[l].slice(1, 0, length));
    }
  }
  slots_[static_cast<size_t>(slot)] = {std::move(prefix), length, 0};
}

Tensor Decoder::step(const std::vector<int64_t>& slots, const Tensor& embeddings) {
  torch::NoGradGuard no_grad;
  for (const int64_t slot : slots) {
    const Slot& state = slots_[static_cast<size_t>(slot)];
    TORCH_CHECK(state.own < room_.own && state.shared + state.own < room_.length, "slot ", slot, " is full");
  }
  const Tensor hidden = buffers_ ? step_plain(slots, embeddings) : step_general(slots, embeddings);
  for (const int64_t slot : slots) ++slots_[static_cast<size_t>(slot)].own;
  return hidden;
}

std::vector<std::vector<int64_t>> Decoder::rows_by_prefix(const std::vector<int64_t>& slots) const {
  std::vector<std::vector<int64_t>> together;
  std::unordered_map<const Prefix*, size_t> open;  // the set that a prefix's next row joins
  for (size_t n = 0; n < slots.size(); ++n) {
    const Prefix* prefix = slots_[static_cast<size_t>(slots[n])].prefix.get();
    const auto found = open.find(prefix);
    if (found != open.end() && together[found->second].size() < kRowsTogether) {
      together[found->second].push_back(static_cast<int64_t>(n));
      continue;
    }
    open[prefix] = together.size();
    together.push_back({static_cast<int64_t>(n)});
  }
  return together;
}

Tensor Decoder::step_plain(const std::vector<int64_t>& slots, const Tensor& embeddings) {
  const LlamaConfig& c = model_.config.text;
  const auto rows = static_cast<int64_t>(slots.size());
  const int64_t heads = c.num_attention_heads, kv = c.num_key_value_heads;
  const int64_t size = c.head_dim, share = heads / kv, mlp = c.intermediate_size;
  // A task of the attention: some key-value heads, enough for attend's fours and few enough that one row keeps
  // several threads busy, of a few rows that share a prefix.
  const int64_t heads_each = std::max<int64_t>(1, 4 / share), parts = (kv + heads_each - 1) / heads_each;
  const std::vector<std::vector<int64_t>> together = rows_by_prefix(slots);
  const auto tasks = static_cast<int64_t>(together.size()) * parts;
  const auto eps = static_cast<float>(c.rms_norm_eps);
  Buffers& b = *buffers_;
  // Rows past the wanted ones hold an earlier step's values; nothing looks at them.
  const bool narrow = model_.lm.embed_tokens.scalar_type() == torch::kBFloat16;
  const int64_t computed = narrow ? rows : std::min(b.x.size(0), tensor::padded_rows(rows));
  const auto first = [&](const Tensor& t) { return t.narrow(0, 0, computed); };
  const Tensor x = first(b.x), h = first(b.h), attended = first(b.attended), act = first(b.mlp);
  x.narrow(0, 0, rows).copy_(embeddings);
  float *px = x.data_ptr<float>(), *ph = h.data_ptr<float>();
  float *pa = attended.data_ptr<float>(), *ps = b.scores.data_ptr<float>(), *pm = act.data_ptr<float>();
  const float *cos = cos_.data_ptr<float>(), *sin = sin_.data_ptr<float>();
  const int64_t key_room = kernels::padded_columns(room_.own) * size, score_room = b.scores.size(1);

  Tensor added;  // what the residual stream takes next
  const auto normalize = [&](const Tensor& weight) {
    add_and_normalize(px, added.defined() ? added.data_ptr<float>() : nullptr, weight, ph, rows, eps);
  };
  for (size_t l = 0; l < model_.lm.layers.size(); ++l) {
    const LlamaLayer& layer = model_.lm.layers[l];
    normalize(norms_[2 * l]);
    const Tensor qkv = project(b.qkv, h, qkv_[l]);
    const int64_t stride = qkv.size(1);
    auto* pqkv = qkv.data_ptr<float>();
    float *keys = keys_[l].data_ptr<float>(), *values = values_[l].data_ptr<float>();
    // Rotate and store, then the query heads look back.
    at::parallel_for(0, tasks, std::max<int64_t>(1, 2 / (share * heads_each)), [&](int64_t begin, int64_t end) {
      std::vector<kernels::CachedQuery> queries;
      for (int64_t task = begin; task < end; ++task) {
        const auto& members = together[static_cast<size_t>(task / parts)];
        const int64_t first_head = task % parts * heads_each, last_head = std::min(kv, first_head + heads_each);
        const int64_t query_heads = (last_head - first_head) * share;
        const auto count = static_cast<int64_t>(members.size());
        queries.resize(static_cast<size_t>(query_heads * count));
        const Prefix& prefix = *slots_[static_cast<size_t>(slots[static_cast<size_t>(members[0])])].prefix;
        const float *shared_keys = prefix.keys[l].data_ptr<float>(), *shared_values = prefix.values[l].data_ptr<float>();
        const int64_t shared_room = prefix.keys[l].size(1);
        for (int64_t r = 0; r < count; ++r) {
          const int64_t n = members[static_cast<size_t>(r)], slot = slots[static_cast<size_t>(n)];
          const Slot& state = slots_[static_cast<size_t>(slot)];
          const int64_t at = state.shared + state.own;
          const float *ct = cos + at * size / 2, *st = sin + at * size / 2;
          float* row = pqkv + n * stride;
          float *q = row + first_head * share * size, *key = row + (heads + first_head) * size;
          kernels::rope(q, ct, st, q, 1, query_heads, size, 1.0f);
          kernels::rope(key, ct, st, key, 1, last_head - first_head, size, 1.0f);
          for (int64_t g = first_head; g < last_head; ++g, key += size) {
            float* own_keys = keys + (slot * kv + g) * key_room;
            float* own_values = values + (slot * kv + g) * room_.own * size;
            kernels::store_key(own_keys, key, state.own, size);
            std::memcpy(own_values + state.own * size, row + (heads + kv + g) * size,
                        static_cast<size_t>(size) * sizeof(float));
            for (int64_t h = g * share; h < (g + 1) * share; ++h, q += size) {
              queries[static_cast<size_t>((h - first_head * share) * count + r)] = {
                  q, shared_keys + g * shared_room, shared_values + g * prefix.length * size,
                  own_keys, own_values, ps + (n * heads + h) * score_room, pa + (n * heads + h) * size,
                  state.shared, state.own + 1};
            }
          }
        }
        kernels::attend(queries.data(), query_heads, count, size);
      }
    });
    added = project(b.added, attended, layer.o.weight);
    normalize(norms_[2 * l + 1]);
    const Tensor gate_up = project(b.gate_up, h, gate_up_[l]);
    const auto* pgu = gate_up.data_ptr<float>();
    at::parallel_for(0, rows, grain(mlp), [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        kernels::swiglu(pgu + 2 * n * mlp, pgu + (2 * n + 1) * mlp, pm + n * mlp, mlp);
      }
    });
    added = project(b.added, act, layer.down.weight);
  }
  normalize(norms_.back());
  return h.narrow(0, 0, rows);
}

Tensor Decoder::step_general(const std::vector<int64_t>& slots, const Tensor& embeddings) {
  const LlamaConfig& c = model_.config.text;
  const auto rows = static_cast<int64_t>(slots.size());
  const int64_t heads = c.num_attention_heads, kv = c.num_key_value_heads, size = c.head_dim;
  const torch::Device device = embeddings.device();
  std::vector<int64_t> at;
  bool adjacent = true;  // the rows' slots follow one another: their caches are read where they stand
  for (size_t n = 0; n < slots.size(); ++n) {
    at.push_back(slots_[static_cast<size_t>(slots[n])].shared + slots_[static_cast<size_t>(slots[n])].own);
    adjacent &= slots[n] == slots[0] + static_cast<int64_t>(n);
  }
  const auto [lowest, highest] = std::minmax_element(at.begin(), at.end());
  const bool level = *lowest == *highest;  // no row has a key that is hidden from it
  const auto list = [&](const std::vector<int64_t>& v) { return torch::tensor(v, torch::kInt64).to(device); };
  const Tensor slot_T = list(slots), at_T = list(at);
  const Rotation rotation(cos_.index_select(0, at_T), sin_.index_select(0, at_T), embeddings);
  // Fused attention takes masks whose rows are whole vectors. Keys past a row's own token are hidden from it.
  constexpr int64_t kVector = 8;
  const int64_t seen = level ? *highest + 1 : std::min(room_.length, (*highest + kVector) / kVector * kVector);
  std::optional<Tensor> mask;
  if (!level) {
    mask = (torch::arange(seen, at_T.options()).unsqueeze(0) <= at_T.unsqueeze(1)).view({rows, 1, 1, seen});
  }
  const auto of_rows = [&](const Tensor& cache) {
    return adjacent ? cache.narrow(0, slots[0], rows) : cache.index_select(0, slot_T);
  };
  const auto store = [&](Tensor& cache, const Tensor& x) {
    if (adjacent && level) {
      of_rows(cache).select(2, at[0]).copy_(x);
    } else {
      cache.index_put_({slot_T, torch::indexing::Slice(), at_T}, x);
    }
  };
  const auto cached = [&](const Tensor& cache) {
    const Tensor own = of_rows(cache.slice(2, 0, seen));
    return heads == kv ? own : own.repeat_interleave(heads / kv, 1);
  };
  Tensor x = embeddings;
  for (size_t l = 0; l < model_.lm.layers.size(); ++l) {
    const LlamaLayer& layer = model_.lm.layers[l];
    const Tensor h = rms_norm(x, layer.input_norm, c.rms_norm_eps);
    const Tensor qkv = torch::mm(h, qkv_[l].t()).view({rows, heads + 2 * kv, size});
    const Tensor turned = rotation(qkv.narrow(1, 0, heads + kv));
    store(keys_[l], turned.narrow(1, heads, kv));
    store(values_[l], qkv.narrow(1, heads + kv, kv));
    const Tensor y = at::scaled_dot_product_attention(turned.narrow(1, 0, heads).unsqueeze(2), cached(keys_[l]),
                                                      cached(values_[l]), mask);
    x = torch::addmm(x, y.reshape({rows, heads * size}), layer.o.weight.t());
    const auto halves = torch::mm(rms_norm(x, layer.post_norm, c.rms_norm_eps), gate_up_[l].t()).chunk(2, 1);
    x = torch::addmm(x, swiglu(halves[0], halves[1]), layer.down.weight.t());
  }
  return rms_norm(x, model_.lm.norm, c.rms_norm_eps);
}

}  // namespace easel::model
