// The annotator `shapes`: captions and a chain of thought for what is in a picture.
//
// Captions are phrased as prompts of GenEval's six tasks, say all that is in the picture, and are
// never test prompts. With noise P, each sentence of the chain errs with probability P as a
// vision-language model does (a wrong colour, place or class, an object missed or seen twice), and
// so does each caption in a colour, a count or a relation.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "record/annotation.h"
#include "record/detection.h"
#include "world/prompts.h"
#include "world/scene.h"

namespace easel::world {

struct SeenObject {
  int shape = 0, color = 0, cell = 0;
  record::Box box;  // any unit: only relations are read from it
};

// What a picture of width x height pixels shows: detections above score 0.5 with a known class and
// colour, in reading order.
std::vector<SeenObject> seen_objects(const record::Detections& detections, int width, int height);
std::vector<SeenObject> seen_objects(const Scene& scene);

// One sentence an object in reading order of the cells, "a red circle at the top left.", joined by
// spaces.
std::string chain_of_thought(const std::vector<SeenObject>& objects, double noise,
                             base::RandomStream& random);

// Captions of a picture with at least one object, by style. All strings differ.
struct Captions {
  std::string brief, short_caption;
  std::vector<std::string> paraphrases, tags, varied, object_prompts;
};
Captions make_captions(const std::vector<SeenObject>& objects, double noise,
                       base::RandomStream& random);

// The whole record, with `got` its chain with boxes too, which says what the other says; every draw is a function of (seed, id). Throws RecordError when there is no
// object.
record::Annotation annotate(const std::vector<SeenObject>& objects, const std::string& id,
                            const std::string& image, double noise, int64_t seed, bool got = false);

}  // namespace easel::world
