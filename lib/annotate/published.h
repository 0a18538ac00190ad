// Annotations that were published, ReasonGen-R1's SFT data among them, as records of caption-gen: nobody is asked.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "jsonl/stream.h"

namespace easel::annotate {

// Every record of JSON files (a list of objects, .json) and JSONL files (compressed or not), in their order, with
//   id     its own, or its picture's path without extension, below the file's folder
//   image  a path that leads there from where we are: relative ones start at the file's folder; a data set's
//          {"path": ...} is read as well
//   augmented_prompts, augmented_cots   objects, also where the file holds their JSON as text
// and all else as it is. Throws RecordError (by `bad`) for one without a picture or a caption, whose picture is not
// there, or whose id came before.
void read_published(const std::vector<std::string>& files, jsonl::BadRecords& bad,
                    const std::function<void(const jsonl::Object&)>& accept);

}  // namespace easel::annotate
