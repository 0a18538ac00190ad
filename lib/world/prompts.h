// What can be said of the nano world, in GenEval's six tasks and a little beyond them.
//
//   prompt  := [lead " "] content [ending]        "a photo of" / "" ... " on grey" / ""
//   content := term (", " term)* [" and " term] | term relation term
//   term    := "a" [color] shape | number [color] shapes
//
// Every content comes in 13 x 4 wordings. A prompt string is test or train by its own hash, so no
// seed, caption or scene can put a test prompt into training.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/prompt.h"

namespace easel::world {

constexpr int kMaxSpokenCount = 9;

struct Term {
  int shape = 0;
  int count = 1;
  int color = -1;  // -1: not said
  bool operator==(const Term&) const = default;
};

// One term, a list of them, or two in a relation ("left of", "right of", "above", "below").
struct Content {
  std::vector<Term> terms;
  std::string relation;
  bool operator==(const Content&) const = default;
};

// "a red circle left of a blue star".
std::string phrase(const Content& content);
std::string phrase(const Term& term);

int wording_count();
// 0 <= wording < wording_count().
std::string worded(const Content& content, int wording);

// GenEval's metadata: a relation gives tag "position" with the reference object first; a count
// gives "counting" and excludes one more; then "color_attr", "two_object", "colors",
// "single_object".
record::GenevalMetadata metadata_of(const Content& content);

// The reverse of worded(), for test and train prompts alike; upper case, a final full stop and
// surrounding space do not matter. nullopt for anything else.
std::optional<Content> parse_content(std::string_view prompt);
std::optional<record::GenevalMetadata> parse_prompt(std::string_view prompt);

// A fifth of all strings.
bool is_test_prompt(std::string_view prompt);

// GenEval's six tasks in its order.
const std::vector<std::string>& task_tags();

struct WorldPrompt {
  std::string id;  // "test-00012"
  std::string prompt;
  record::GenevalMetadata metadata;
};

// `count` distinct prompts of split "train" or "test", the tasks taken in turn (all six when `tags`
// is empty; a task named twice has two turns in a round); a task that has no more is passed over. A
// smaller count gives a prefix of a larger one. Throws UsageError for an unknown tag or split, and
// when there are fewer prompts than asked for, saying how many.
std::vector<WorldPrompt> draw_prompts(const std::string& split, int64_t count, int64_t seed,
                                      std::vector<std::string> tags);

// Every word that prompts, captions and chains of thought can hold, and "." and ",", sorted.
const std::vector<std::string>& vocabulary();

}  // namespace easel::world
