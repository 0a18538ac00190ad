// torch.save's archives: the zip directory, then the pickle in it.
#include "base/error.h"
#include "tensor/pickle.h"
#include "tensor/zip_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace easel;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const tensor::ZipFile zip(bytes, "fuzz.bin");
    const std::string pickle = zip.find_ending("data.pkl");
    if (pickle.empty()) return 0;
    for (const auto& t : tensor::read_state_dict(zip.get(pickle), "fuzz.bin")) {
      const std::string member = pickle.substr(0, pickle.size() - 8) + "data/" + t.storage;
      if (zip.has(member)) zip.check(member);
    }
  } catch (const base::Error&) {
  }
  return 0;
}
