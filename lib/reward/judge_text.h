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
// Whether the text has one with no word behind it: an answer that was cut off there had come to its end.
bool ends_boxed(std::string_view text);

// A grade from `low` to `high`, which is where it stands first of:
// - the last JSON in the text that has a "score" ("grade", "rating", in any case): {"score": 7}, [{"score": 7}], or
//   {"result": {"score": 7}} where that is the only one; text in which JSON begins has its grade there or nowhere
// - the last \boxed{}
// - the last line like "Overall: 6" (or total, final; "score", "grade" or "rating" may follow). "Total: 6" may count
//   something else: it has to be what the next says, if that says anything
// - the last of these words that ':', '=' or "is" joins to a number: "Score: 7"
// - the other such words with a number ("a score of 7"), and "7/10" and "7 out of 10", where they all agree
// - a text that is a number and nothing more
// Of N/D, with N up to D, the grade is that share of `high`. nullopt when there is none, when it is out of range, and
// when nobody knows what it means: "7%", "-3/10", "8,5", "7-8", "6/5", "Score (1-5): 3".
std::optional<double> grade(std::string_view text, double low, double high);

// Boxes that a judge found: a list of {"label", "bbox_2d": [x1, y1, x2, y2]} in pixels of a picture of that size ("box"
// and "bbox" for the one, "name" and "object" for the other are understood too), alone or as the one list in an object.
// In thousandths, cut to the picture; what has no room in it, or no box (null, []), was not found. Objects one after
// another, and a list for each name, are one list; but a list that names again what stands before it is that written anew,
// and counts alone. nullopt when the text holds no such list, ends in the middle of one, or has one with an item that
// cannot be read.
std::optional<std::vector<record::PlannedObject>> located_boxes(std::string_view text, int width, int height);

// The mean over planned objects of the best intersection over union with a box found for the same name (in any case, a,
// an and the before it aside), none used twice, best pairs first; one that was not found counts 0.
double mean_overlap(const std::vector<record::PlannedObject>& planned, const std::vector<record::PlannedObject>& found);

}  // namespace easel::reward
