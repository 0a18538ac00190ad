// Shards as text, in parts and joined (shard-cat).
#pragma once

#include <string>
#include <vector>

#include "tensor/shard.h"

namespace easel::tensor {

// A line a tensor: name, dtype, shape, bytes; then the metadata. As JSON: one line. A type that we have no name for is
// named as the file names it (U16).
std::vector<std::string> describe(const Safetensors& shard, bool json);

// Values of a tensor, a row (first dimension, or ragged row) a line. rows is "A:B", "A:", ":B" or
// empty. Throws Error for an unknown tensor, UsageError for rows that cannot be meant.
std::vector<std::string> print_rows(const Safetensors& shard, const std::string& name,
                                    const std::string& rows, bool json);

// The offsets tensor that cuts a flat tensor into rows; empty when it is no ragged field.
std::string offsets_of(const Safetensors& shard, const std::string& name);

// All shards' rows one after another; offsets are shifted. Throws Error, naming the file, unless all have the same
// tensors of the same types and row shapes, and offsets that cut what they belong to.
NamedTensors join_shards(const std::vector<Safetensors>& shards);
// What all of them say alike: rows of two policies have no one policy.
Metadata common_metadata(const std::vector<Safetensors>& shards);
NamedTensors slice_rows(const NamedTensors& tensors, const std::string& rows);

}  // namespace easel::tensor
