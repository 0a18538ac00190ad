// safetensors: every tensor that the header lets through is read to its last byte.
#include <cstring>

#include "base/error.h"
#include "change_json.h"
#include "mutator.h"
#include "tensor/safetensors.h"

// The header changes, and its length goes with it.
std::string easel_change(const std::string& input, int changes, unsigned seed) {
  static constexpr const char* kWords[] = {"dtype", "shape", "data_offsets", "__metadata__", "F64", "F32", "F16", "BF16", "I64",
                                           "I32", "I16", "I8", "U8", "BOOL", "F8_E4M3", "U64", "weight", ""};
  uint64_t length = 0;
  if (input.size() < sizeof length) return input;
  std::memcpy(&length, input.data(), sizeof length);
  if (length > input.size() - sizeof length) return input;
  const std::string header = easel::fuzz::change_json(input.substr(sizeof length, length), kWords, changes, seed);
  const uint64_t changed = header.size();
  return std::string(reinterpret_cast<const char*>(&changed), sizeof changed) + header + input.substr(sizeof length + length);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace easel;
  try {
    const auto file = tensor::Safetensors::parse(std::string(reinterpret_cast<const char*>(data), size), "fuzz.safetensors");
    for (const auto& name : file.names()) {
      const torch::Tensor t = file.get(name);
      const auto* bytes = static_cast<const volatile unsigned char*>(t.data_ptr());
      if (t.nbytes() > 0) (void)(bytes[0] + bytes[t.nbytes() - 1]);
    }
  } catch (const base::Error&) {
  }
  return 0;
}
