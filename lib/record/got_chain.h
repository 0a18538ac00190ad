// A generation chain of thought with a plan (GoT; GoT-R1, arXiv 2505.17022, section 3.1): prose in which objects are
// marked and followed by the box that each is to have,
//   <|obj_start|>a red circle<|obj_end|> <|box_start|>(100,200),(400,500)<|box_end|>
// whole numbers from 0 to 999 of the picture's width and height, top left corner, then bottom right.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace easel::record {

inline constexpr const char* kGotTokens[] = {"<|obj_start|>", "<|obj_end|>", "<|box_start|>", "<|box_end|>"};
inline constexpr int64_t kGotSide = 1000;  // boxes are in thousandths
// Where a pixel of a side of so many lies: 0..999, what is outside at the edge.
int64_t got_place(double pixel, double side);

struct PlannedObject {
  std::string name;
  int64_t x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};

struct GotChain {
  std::vector<PlannedObject> objects;
  std::string prose;    // the chain without its boxes and marks
  std::string problem;  // the first thing that is wrong, and where; "" for a chain that is well formed
};

// What a model wrote, however damaged. A chain is well formed when it plans one object or more, each mark has its
// partner in turn, every name is followed by a box (white space between), every number is from 0 to 999, and corners
// are in order with room between them. `objects` holds those that are, whatever is wrong elsewhere.
GotChain parse_got_chain(std::string_view chain);

// The chain in what a model answered: without white space around it, and without a fence (```) around all of it.
std::string got_chain_of_answer(std::string_view answer);

// The marked text of one object.
std::string got_object(const PlannedObject& object);

// Intersection over union of two boxes, whose units are the same.
double intersection_over_union(const PlannedObject& a, const PlannedObject& b);

}  // namespace easel::record
