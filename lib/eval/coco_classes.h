// The 80 classes that GenEval's detector knows, in COCO's order, with GenEval's three renamings.
// Result lines list what was detected in this order.
#pragma once

#include <string>
#include <vector>

namespace easel::eval {

const std::vector<std::string>& coco_classes();

}  // namespace easel::eval
