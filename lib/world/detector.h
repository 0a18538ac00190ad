// The exact detector of the nano world: objects found in pixels alone.
//
// Pixels far from the background colour form components. Each is compared with templates that went
// through the renderer: for every template and small offset the colour that fits best in least
// squares is known in closed form, and so is the share R^2 of the component's energy (squared
// distance from the background) that it explains. The best template gives the class, its fitted
// colour the colour, R^2 the score.
#pragma once

#include "image/image.h"
#include "record/detection.h"

namespace easel::world {

// Objects in reading order, each with class, colour, box and a score in (0, 1): above 0.95 for a
// clean shape, above 0.9 when it is slightly blurred or noisy, below 0.3 for what is no shape.
// A picture of another size than the canvas is resized first; boxes are in the picture's own
// pixels. Any picture will do, and none throws.
record::Detections detect(const image::Image& picture);

}  // namespace easel::world
