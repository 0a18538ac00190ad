// Image tokens as PNG files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/vq.h"

namespace easel::sample {

// Decodes each row of codebook indices (all of the grid's length) and writes it to the path of the same
// place. Rows decode together; files are written by several threads.
void write_pictures(const model::Vq& vq, const std::vector<const std::vector<int32_t>*>& rows,
                    const std::vector<std::string>& paths);

}  // namespace easel::sample
