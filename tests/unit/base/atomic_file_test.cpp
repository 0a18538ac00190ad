// Files that are no regular files stay what they are.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/file.h"
#include "unit/temporary_folder.h"

namespace easel::base {
namespace {

TEST(AtomicFile, DevicesAreWrittenDirectly) {
  write_file("/dev/null", "x");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_THROW(write_file("/dev/full", "x"), Error);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST(AtomicFile, SymbolicLinkStaysOne) {
  const testing::TemporaryFolder folder;
  write_file(folder.file("target"), "old");
  fs::create_symlink("target", folder.file("link"));
  write_file(folder.file("link"), "new");
  EXPECT_TRUE(fs::is_symlink(folder.file("link")));
  EXPECT_EQ(read_file(folder.file("target")), "new");
}

TEST(AtomicFile, FolderIsAnError) {
  const testing::TemporaryFolder folder;
  EXPECT_THROW(write_file(folder.path(), "x"), Error);
}

TEST(AtomicFile, NothingAppearsWithoutCommit) {
  const testing::TemporaryFolder folder;
  {
    AtomicFile file(folder.file("a"));
    file.write("x");
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace easel::base
