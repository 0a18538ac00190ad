// Annotations made by another program: {id, image} lines go in, one annotation record for each id
// comes out, in any order.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "jsonl/object.h"
#include "record/image_ref.h"

namespace easel::record {

// next gives the pictures one by one, as the program reads them (with none it is not started);
// accept gets each record, complete and with its picture's path; refuse what is wrong with a record
// that is no annotation. Throws Error for a program that fails, for an id that was not sent or comes
// twice, and, at the end, for an id left out.
void annotate_externally(
    const std::string& command, const std::function<std::optional<ImageRef>()>& next,
    const std::function<void(const std::string& id, const jsonl::Object&)>& accept,
    const std::function<void(const std::string& id, const base::RecordError&)>& refuse);

}  // namespace easel::record
