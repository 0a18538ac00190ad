// A policy's LoRA adapter on disk, in PEFT's files: adapter_config.json and adapter_model.safetensors.
#pragma once

#include <filesystem>

#include "model/janus.h"

namespace easel::model {

// The settings, and the weights in either format.
inline constexpr const char* kAdapterFiles[] = {"adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"};

bool has_adapter(const std::filesystem::path& folder);
std::string adapter_digest(const std::filesystem::path& folder);

// Gives every projection that `config` targets a pair: A uniform within 1 / sqrt(inputs), drawn by counter from
// (seed, name), B zero, so that the model computes what it did. float32, on the device of the weights.
void add_adapter(Janus& model, const LoraConfig& config, int64_t seed);

// Adds the pairs of a folder's adapter and returns its settings. Pairs may have the names that PEFT gives them for
// transformers' Janus, for DeepSeek's, or for the language model of either. Throws Error naming the file and the tensors:
// one without its other half, of a layer that adapter_config.json targets and that has none, for a matrix that is no
// targeted projection of the decoder, or of the wrong shape.
LoraConfig load_adapter(Janus& model, const std::filesystem::path& folder);

// Puts every pair into its matrix; the model then has no adapter.
void merge_adapter(Janus& model);

// The model without its adapter, the weights shared: what a frozen base computes.
Janus without_adapter(const Janus& model);

// Writes the model's pairs, as float32, into a folder.
void write_adapter(Janus& model, const LoraConfig& config, const std::filesystem::path& folder);

}  // namespace easel::model
