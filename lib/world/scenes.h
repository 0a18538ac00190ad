// Random scenes of the nano world, and sample text for its tokenizer.
#pragma once

#include <string>
#include <vector>

#include "world/scene.h"

namespace easel::world {

struct RandomScene {
  std::string id;  // "scene-00012"
  Scene scene;
  std::string prompt;  // true of the scene; a train prompt
};

// A function of (seed, index) alone. Of 100 scenes about 15 hold one object, 40 two of different
// classes, 30 two to four of one class (half of them of one colour), 15 three to six of any.
RandomScene random_scene(int64_t seed, int64_t index);

// n lines of the text that the world's captions and chains of thought hold.
std::vector<std::string> corpus(int64_t n);

}  // namespace easel::world
