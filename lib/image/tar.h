// Pictures in tar archives, as WebDataset keeps them: "shards/000.tar/000123.jpg" is the member 000123.jpg of the archive
// shards/000.tar. Archives may be compressed (.tar.gz, .tgz, .tar.zst, .tar.xz, .tar.bz2). Nothing is ever unpacked to disk.
// A member's name is taken as a path leads to it: "a/b.png" of "/a/b.png", "./a/b.png" and "a//b.png".
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace easel::image {

// A file's name without what an archive's ends in; nullopt for another name.
std::optional<std::string> archive_stem(const std::string& name);

// A path through an archive that is a file: the archive, and the member in it. nullopt for any other path.
std::optional<std::pair<std::filesystem::path, std::string>> archive_member(const std::filesystem::path& path);

// Names of the members that are files and end as pictures do, hidden ones aside, in the archive's order. Throws Error
// for an archive that cannot be read to its end.
std::vector<std::string> archive_pictures(const std::filesystem::path& archive);

// A member's bytes. Members that are asked for in the archive's order are read in one pass; another order starts again
// from the beginning each time. Throws RecordError when there is none of that name, it is larger than most_bytes, or
// the archive is damaged there.
std::string read_member(const std::filesystem::path& archive, const std::string& member, uint64_t most_bytes);

}  // namespace easel::image
