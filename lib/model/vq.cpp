#include "model/vq.h"

#include <cmath>

#include "base/error.h"
#include "model/ops.h"
#include "tensor/compute.h"

namespace easel::model {

using tensor::unset;
using base::cat;

namespace {

constexpr int64_t kGroups = 32;
constexpr double kNormEps = 1e-6;

Conv make_conv(int64_t in, int64_t out, int64_t kernel) {
  return {unset({out, in, kernel, kernel}), unset({out})};
}
Norm make_norm(int64_t width) { return {unset({width}), unset({width})}; }

VqResBlock make_block(int64_t in, int64_t out) {
  VqResBlock b{make_norm(in), make_norm(out), make_conv(in, out, 3), make_conv(out, out, 3), {}};
  if (in != out) b.shortcut = make_conv(in, out, 1);
  return b;
}
VqAttention make_attention(int64_t width) {
  return {make_norm(width), make_conv(width, width, 1), make_conv(width, width, 1),
          make_conv(width, width, 1), make_conv(width, width, 1)};
}
VqMid make_mid(int64_t width) {
  return {make_block(width, width), make_block(width, width), make_attention(width)};
}

Tensor convolve(const Conv& c, const Tensor& x, int64_t padding, int64_t stride = 1) {
  return torch::conv2d(x, c.weight, c.bias, stride, padding);
}
Tensor normalize(const Norm& n, const Tensor& x) { return group_norm(x, kGroups, n.weight, n.bias, kNormEps, false); }
Tensor normalize_silu(const Norm& n, const Tensor& x) {
  return group_norm(x, kGroups, n.weight, n.bias, kNormEps, true);
}

// A 3 x 3 convolution, plus `residual` where it is defined. The decoder's may be Winograd's: pixels are
// rounded to bytes. The encoder's are LibTorch's, as the reference's are: a latent's last digits can choose
// between two codes.
enum class Half { kEncoder, kDecoder };
Tensor convolve3x3(Half half, const Conv& c, const Tensor& x, const Tensor& residual = {}) {
  if (half == Half::kDecoder) return fast_convolution(x, c.weight, c.bias, false, residual);
  const Tensor y = convolve(c, x, 1);
  return residual.defined() ? y + residual : y;
}

Tensor forward(Half half, const VqResBlock& b, const Tensor& x) {
  const Tensor h = convolve3x3(half, b.conv1, normalize_silu(b.norm1, x));
  return convolve3x3(half, b.conv2, normalize_silu(b.norm2, h),
                     b.shortcut.weight.defined() ? convolve(b.shortcut, x, 0) : x);
}

// One head over all places of the picture.
Tensor forward(const VqAttention& a, const Tensor& x) {
  const auto batch = x.size(0), width = x.size(1), height = x.size(2), columns = x.size(3);
  const Tensor h = normalize(a.norm, x);
  const auto places = [&](const Conv& c) {
    return convolve(c, h, 0).reshape({batch, width, height * columns}).transpose(1, 2);
  };
  const Tensor scores = torch::bmm(places(a.q), places(a.k).transpose(1, 2)) /
                        std::sqrt(static_cast<double>(width));
  const Tensor y = torch::bmm(torch::softmax(scores, -1), places(a.v));
  return x + convolve(a.out, y.transpose(1, 2).reshape({batch, width, height, columns}), 0);
}

Tensor forward(Half half, const VqMid& m, const Tensor& x) {
  return forward(half, m.block2, forward(m.attention, forward(half, m.block1, x)));
}

Tensor forward(Half half, const VqLevel& level, Tensor x) {
  for (size_t b = 0; b < level.blocks.size(); ++b) {
    x = forward(half, level.blocks[b], x);
    if (!level.attentions.empty()) x = forward(level.attentions[b], x);
  }
  return x;
}

Tensor finish(const VqHalf& half, const Tensor& x) {
  return convolve(half.conv_out, normalize_silu(half.norm_out, x), 1);
}

void visit_conv(const ParameterVisitor& v, const std::string& name, Conv& c) {
  v(name + ".weight", c.weight);
  v(name + ".bias", c.bias);
}
void visit_norm(const ParameterVisitor& v, const std::string& name, Norm& n) {
  v(name + ".weight", n.weight);
  v(name + ".bias", n.bias);
}
void visit_block(const ParameterVisitor& v, const std::string& name, VqResBlock& b) {
  visit_norm(v, name + ".norm1", b.norm1);
  visit_conv(v, name + ".conv1", b.conv1);
  visit_norm(v, name + ".norm2", b.norm2);
  visit_conv(v, name + ".conv2", b.conv2);
  if (b.shortcut.weight.defined()) visit_conv(v, name + ".nin_shortcut", b.shortcut);
}
void visit_attention(const ParameterVisitor& v, const std::string& name, VqAttention& a) {
  visit_norm(v, name + ".norm", a.norm);
  visit_conv(v, name + ".q", a.q);
  visit_conv(v, name + ".k", a.k);
  visit_conv(v, name + ".v", a.v);
  visit_conv(v, name + ".proj_out", a.out);
}
void visit_half(const ParameterVisitor& v, const std::string& name, VqHalf& half, bool encoder) {
  visit_conv(v, name + ".conv_in", half.conv_in);
  for (size_t l = 0; l < half.levels.size(); ++l) {
    const std::string level = cat(name, encoder ? ".down." : ".up.", l);
    VqLevel& part = half.levels[l];
    for (size_t b = 0; b < part.blocks.size(); ++b) {
      visit_block(v, cat(level, ".block.", b), part.blocks[b]);
    }
    for (size_t a = 0; a < part.attentions.size(); ++a) {
      visit_attention(v, cat(level, ".attn.", a), part.attentions[a]);
    }
    if (part.resample.weight.defined()) {
      visit_conv(v, level + (encoder ? ".downsample.conv" : ".upsample.conv"), part.resample);
    }
  }
  visit_block(v, name + ".mid.block_1", half.mid.block1);
  visit_attention(v, name + ".mid.attn_1", half.mid.attention);
  visit_block(v, name + ".mid.block_2", half.mid.block2);
  visit_norm(v, name + ".norm_out", half.norm_out);
  visit_conv(v, name + ".conv_out", half.conv_out);
}

}  // namespace

Tensor on_sphere(const Tensor& x, int64_t dim) { return x / x.norm(2, dim, true).clamp_min(1e-12); }

Vq::Vq(const VqConfig& c) : config(c) {
  const auto levels = static_cast<int64_t>(c.channel_multiplier.size());
  const auto width = [&](int64_t l) { return c.base_channels * c.channel_multiplier[l]; };
  int64_t in = c.base_channels;
  encoder.conv_in = make_conv(c.in_channels, in, 3);
  for (int64_t l = 0; l < levels; ++l) {
    VqLevel level;
    for (int64_t b = 0; b < c.num_res_blocks; ++b) {
      level.blocks.push_back(make_block(in, width(l)));
      in = width(l);
      if (l == levels - 1) level.attentions.push_back(make_attention(in));
    }
    if (l < levels - 1) level.resample = make_conv(in, in, 3);
    encoder.levels.push_back(std::move(level));
  }
  encoder.mid = make_mid(in);
  encoder.norm_out = make_norm(in);
  encoder.conv_out = make_conv(in, c.latent_channels, 3);

  decoder.conv_in = make_conv(c.latent_channels, in, 3);
  decoder.mid = make_mid(in);
  for (int64_t l = levels - 1; l >= 0; --l) {
    VqLevel level;
    for (int64_t b = 0; b < c.num_res_blocks + 1; ++b) {
      level.blocks.push_back(make_block(in, width(l)));
      in = width(l);
      if (l == levels - 1) level.attentions.push_back(make_attention(in));
    }
    if (l > 0) level.resample = make_conv(in, in, 3);
    decoder.levels.push_back(std::move(level));
  }
  decoder.norm_out = make_norm(in);
  decoder.conv_out = make_conv(in, c.out_channels, 3);

  quant_conv = make_conv(c.latent_channels, c.embed_dim, 1);
  post_quant_conv = make_conv(c.embed_dim, c.latent_channels, 1);
  codebook = unset({c.num_embeddings, c.embed_dim});
}

void Vq::visit(const ParameterVisitor& v) {
  visit_half(v, "model.vqmodel.encoder", encoder, true);
  visit_half(v, "model.vqmodel.decoder", decoder, false);
  v("model.vqmodel.quantize.embedding.weight", codebook);
  visit_conv(v, "model.vqmodel.quant_conv", quant_conv);
  visit_conv(v, "model.vqmodel.post_quant_conv", post_quant_conv);
}

Tensor Vq::encode_latents(const Tensor& pixels) const {
  Tensor x = convolve(encoder.conv_in, pixels, 1);
  for (const VqLevel& level : encoder.levels) {
    x = forward(Half::kEncoder, level, x);
    if (level.resample.weight.defined()) {
      // One row and column of zeros at the bottom and right only.
      x = convolve(level.resample, torch::constant_pad_nd(x, {0, 1, 0, 1}), 0, 2);
    }
  }
  return convolve(quant_conv, finish(encoder, forward(Half::kEncoder, encoder.mid, x)), 0);
}

Tensor Vq::quantize(const Tensor& latents) const {
  const int64_t batch = latents.size(0), width = latents.size(1);
  const Tensor z = on_sphere(latents.permute({0, 2, 3, 1}).reshape({-1, width}), 1);
  if (!z.isfinite().all().item<bool>()) base::fail("the image tokenizer's output is no number: are its weights damaged?");
  // On the unit sphere the nearest code is the one with the largest cosine.
  return torch::mm(z, on_sphere(codebook, 1).t()).argmax(1).view({batch, -1});
}

Tensor Vq::lookup(const Tensor& indices) const {
  const int64_t batch = indices.size(0);
  const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(indices.size(1)))));
  return on_sphere(codebook, 1)
      .index_select(0, indices.reshape({-1}))
      .view({batch, side, side, -1})
      .permute({0, 3, 1, 2});
}

Tensor Vq::decode_latents(const Tensor& latents) const {
  Tensor x = convolve3x3(Half::kDecoder, decoder.conv_in, convolve(post_quant_conv, latents, 0));
  x = forward(Half::kDecoder, decoder.mid, x);
  for (const VqLevel& level : decoder.levels) {
    x = forward(Half::kDecoder, level, x);
    const Conv& up = level.resample;
    if (up.weight.defined()) x = fast_convolution(x, up.weight, up.bias, /*doubled=*/true);
  }
  return finish(decoder, x);
}

}  // namespace easel::model
