// Planned layouts in the nano world: chains with boxes (record/got_chain.h) read as objects, and drawn.
#pragma once

#include "image/image.h"
#include "record/detection.h"
#include "record/got_chain.h"

namespace easel::world {

// The planned objects whose names hold one of the world's shapes, with their color where the name has one, as if each
// had been seen where it is planned. Boxes are in thousandths of a side.
record::Detections planned_objects(const record::GotChain& chain);

// Those objects on an empty canvas, each shape filling its box (anti-aliased; later ones in front; dark grey without a
// color): what a drawing with written names is for those who can read it.
image::Image render_layout(const record::Detections& planned);

}  // namespace easel::world
