// Symbolic links, followed to what they stand for.
#pragma once

#include <filesystem>

namespace easel::base {

// The path at the end of the links that `path` names, whether something is there or not; a path that
// is no link comes back as it is. For what is put in place by a rename, which would replace the link,
// and for names beside a folder, which are then the same with the link and without it.
std::filesystem::path follow_links(std::filesystem::path path);

}  // namespace easel::base
