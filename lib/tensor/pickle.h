// The pickles of torch.save: a machine that builds tables of tensors and nothing else.
// Opcodes: Lib/pickletools.py of CPython; what torch puts in them: torch/serialization.py, torch/_utils.py.
//
// A pickle is a program, and may name any Python function to be called. This machine knows dictionaries,
// lists, tuples, texts, numbers and the few names that rebuild a tensor; any other name is refused by that name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace easel::tensor {

// Where a pickled tensor's elements stand.
struct PickledTensor {
  std::string name;          // its key
  std::string storage_type;  // "BFloat16Storage"
  std::string storage;       // the archive's member data/STORAGE
  int64_t storage_size = 0;  // elements
  int64_t offset = 0;        // in elements
  std::vector<int64_t> shape, strides;  // strides in elements
};

// The tensors of a pickled state dict, in its order. Values that are no tensors are passed over, except
// dictionaries of tensors: those are the state dict when the whole is a training checkpoint
// ({"state_dict": {...}, "epoch": 3}). Checked: offsets, shapes and strides stay inside the storage.
// Throws Error that begins with `where` and names the byte; of more values than any checkpoint has, too.
std::vector<PickledTensor> read_state_dict(std::string_view pickle, const std::string& where);

}  // namespace easel::tensor
