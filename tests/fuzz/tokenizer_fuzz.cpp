// tokenizer.json: what loads must encode and decode, whatever it says.
#include "base/error.h"
#include "text/tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace easel;
  try {
    const auto tokenizer = text::Tokenizer::parse({reinterpret_cast<const char*>(data), size}, "fuzz.json");
    const auto ids = tokenizer.encode("a red circle, 12 \xE2\x98\x83\xFF<begin_of_image>\n\n x's");
    tokenizer.decode(ids, false);
  } catch (const base::Error&) {
  }
  return 0;
}
