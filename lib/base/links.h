// Symbolic links, followed to what they stand for.
#pragma once

#include <filesystem>

namespace easel::base {

// The same folder by a path that ends in its name: "." and ".." are looked up, and a slash at the end is left out.
std::filesystem::path with_name(std::filesystem::path path);

// The path, with a name, at the end of the links that `path` names, whether something is there or not; a path that
// is no link comes back as it is. For what is put in place by a rename, which would replace the link,
// and for names beside a folder, which are then the same with the link and without it.
std::filesystem::path follow_links(std::filesystem::path path);

}  // namespace easel::base
