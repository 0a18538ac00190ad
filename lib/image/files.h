// Image files named on a command line, and the ids they get.
#pragma once

#include <string>
#include <vector>

namespace easel::image {

struct ImageFile {
  std::string id;       // the path below its folder argument, or the file's own name; no extension (but see below)
  std::string path;     // as typed: the argument joined with the path below it
  size_t argument = 0;  // number of the argument that named it
};

// Folders are searched for .png, .jpg, .jpeg and tar archives (in either case), each in the order of its paths; of an
// archive (tar.h) such members are taken in its order, with its name before theirs in the id. Hidden files are passed
// over in both. Other files are taken as they are. So is a path through an archive, with the id that the whole archive
// gives its member; whether there is such a member is seen when it is read. Pictures that would have one id get their
// extension ("a.png", "a.jpg"); those that still would get the argument's folder in front, without what leads out of it
// ("p/a.png" of ../p/a.png). Throws Error for what does not exist, for a folder without images, and when two files have
// one id even so: the same one twice.
std::vector<ImageFile> image_files(const std::vector<std::string>& arguments);

// The same where an argument may bring its file's id, which it keeps; one without has an empty id.
std::vector<ImageFile> identified_files(const std::vector<ImageFile>& arguments);

// The pictures' paths alone: without ids nothing can clash.
std::vector<std::string> image_paths(const std::vector<std::string>& arguments);

// Throws RecordError when a name is not UTF-8: no record could hold it.
void require_utf8_name(const ImageFile& file);

}  // namespace easel::image
