// A question about a picture as a policy reads it (JANUS.md: understanding input).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "text/templates.h"
#include "text/tokenizer.h"

namespace easel::text {

// What Janus-Pro was told before every conversation about a picture.
extern const char* const kVisionSystem;

// Throws base::Error when the tokenizer lacks EOS or a token that a picture needs.
void require_picture_tokens(const Tokenizer& tokenizer);

struct PictureQuestionIds {
  std::vector<int32_t> ids;
  int64_t picture = 0;  // place of the first of the `patches` ids that the picture's patches stand in for
};

// `system`, then as the user's words the picture, between <begin_of_image> and <end_of_image>, and on a line of its own
// the question; the answer is what follows. Without patches there is no picture, and the user's words are the question. A
// question that spells a picture's token itself: Error.
PictureQuestionIds picture_question_ids(const Tokenizer& tokenizer, ChatFormat chat, const std::string& system,
                                        const std::string& question, int64_t patches);

}  // namespace easel::text
