// Image files named on a command line, and the ids they get.
#pragma once

#include <string>
#include <vector>

namespace easel::image {

struct ImageFile {
  std::string id;    // the path below its folder argument, or the file's own name; no extension
  std::string path;  // as typed: the argument joined with the path below it
};

// Folders are searched for .png, .jpg and .jpeg (in either case), each in the order of its paths; of a tar archive
// (tar.h) such members are taken in its order, with its name before theirs in the id; other
// files are taken as they are. Throws Error for what does not exist, for a folder without images,
// and when two files would have one id.
std::vector<ImageFile> image_files(const std::vector<std::string>& arguments);

// Throws RecordError when a name is not UTF-8: no record could hold it.
void require_utf8_name(const ImageFile& file);

}  // namespace easel::image
