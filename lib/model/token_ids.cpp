#include "model/token_ids.h"

namespace easel::model {

void adopt_token_ids(SpecialIds& ids, const text::Tokenizer& tokenizer) {
  const text::SpecialIds& s = tokenizer.special();
  const auto adopt = [](int64_t& id, int32_t known) {
    if (known >= 0) id = known;
  };
  adopt(ids.bos, s.bos);
  adopt(ids.eos, s.eos);
  adopt(ids.pad, s.pad);
  adopt(ids.begin_of_image, s.begin_of_image);
  adopt(ids.end_of_image, s.end_of_image);
  adopt(ids.image_placeholder, s.image_placeholder);
}

void adopt_token_ids(SpecialIds& ids, const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder / "tokenizer.json")) adopt_token_ids(ids, text::Tokenizer::load(folder));
}

}  // namespace easel::model
