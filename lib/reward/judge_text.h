// What judges write, read as far as it can be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/got_chain.h"

namespace easel::reward {

// What stands in the text's last \boxed{...}, without the spaces around it; braces may be nested. nullopt when there
// is none that is closed.
std::optional<std::string> boxed(std::string_view text);

// A grade from `low` to `high`: the "score" ("grade", "rating") of JSON in the text, else its last \boxed{}, else what follows
// the last of these words that has a number ("Score: 7/10"), else what comes before "out of 10", else a text that is a number
// and nothing more. nullopt when there is none, when JSON begins in the text and has none, or when it is out of range: nobody
// knows what it means.
std::optional<double> grade(std::string_view text, double low, double high);

// Boxes that a judge found: a list of {"label", "bbox_2d": [x1, y1, x2, y2]} in pixels of a picture of that size ("box"
// and "bbox" for the one, "name" and "object" for the other are understood too), alone or as the one list in an object.
// In thousandths, cut to the picture; what has no room is left out. nullopt when the text holds no such list.
std::optional<std::vector<record::PlannedObject>> located_boxes(std::string_view text, int width, int height);

// The mean over planned objects of the best intersection over union with a box found for the same name (in any case, a,
// an and the before it aside), none used twice, best pairs first; one that was not found counts 0.
double mean_overlap(const std::vector<record::PlannedObject>& planned, const std::vector<record::PlannedObject>& found);

}  // namespace easel::reward
