#include "world/scenes.h"

#include "base/random.h"
#include "record/prompt.h"
#include "world/captions.h"

namespace easel::world {

using base::cat;
using base::RandomStream;

namespace {

int draw(RandomStream& random, int n) {
  return static_cast<int>(random.below(static_cast<uint64_t>(n)));
}

Scene random_objects(RandomStream& random) {
  std::vector<int> cells(kCells);
  for (int i = 0; i < kCells; ++i) cells[static_cast<size_t>(i)] = i;
  random.shuffle(cells);
  Scene scene;
  const auto add = [&](int shape, int color) {
    scene.objects.push_back({shape, color, cells[scene.objects.size()]});
  };
  const double kind = random.uniform();
  if (kind < 0.15) {
    const int shape = draw(random, kShapes);
    add(shape, draw(random, kColors));
  } else if (kind < 0.55) {
    const int first = draw(random, kShapes);
    const int second = (first + 1 + draw(random, kShapes - 1)) % kShapes;
    add(first, draw(random, kColors));
    add(second, draw(random, kColors));
  } else if (kind < 0.85) {
    const int count = 2 + draw(random, 3), shape = draw(random, kShapes);
    const bool one_color = random.chance(0.5);
    const int color = draw(random, kColors);
    for (int i = 0; i < count; ++i) {
      const int own = draw(random, kColors);
      add(shape, one_color ? color : own);
    }
  } else {
    const int count = 3 + draw(random, 4);
    for (int i = 0; i < count; ++i) {
      const int shape = draw(random, kShapes);
      add(shape, draw(random, kColors));
    }
  }
  return scene;
}

}  // namespace

RandomScene random_scene(int64_t seed, int64_t index) {
  RandomScene out;
  out.id = cat("scene-", record::default_id(index));
  RandomStream random(static_cast<uint64_t>(seed), "scene", cat(index));
  out.scene = random_objects(random);
  const Captions captions = make_captions(seen_objects(out.scene), 0, random);
  const std::vector<std::string> choices = {captions.brief,
                                            captions.short_caption,
                                            captions.paraphrases[0],
                                            captions.paraphrases[1],
                                            captions.varied[0],
                                            captions.varied[1],
                                            captions.object_prompts[0]};
  out.prompt = random.pick(choices);
  return out;
}

std::vector<std::string> corpus(int64_t n) {
  std::vector<std::string> lines;
  for (int64_t i = 0; static_cast<int64_t>(lines.size()) < n; ++i) {
    const RandomScene sample = random_scene(0, i);
    RandomStream random(0, "corpus", cat(i));
    lines.push_back(sample.prompt);
    if (static_cast<int64_t>(lines.size()) == n) break;
    lines.push_back(chain_of_thought(seen_objects(sample.scene), 0, random));
  }
  return lines;
}

}  // namespace easel::world
