// Files that are no regular files stay what they are, and so do links; nobody takes another's temporary names.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

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

TEST(AtomicFile, TwoOfOneNameDoNotMeet) {
  const testing::TemporaryFolder folder;
  AtomicFile first(folder.file("a")), second(folder.file("a"));
  first.write("first");
  second.write("2");
  first.commit();
  second.commit();
  EXPECT_EQ(read_file(folder.file("a")), "2");
}

TEST(AtomicFile, NothingAppearsWithoutCommit) {
  const testing::TemporaryFolder folder;
  {
    AtomicFile file(folder.file("a"));
    file.write("x");
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

void put_folder(const std::string& path, const std::string& name) {
  AtomicFolder folder(path);
  write_file(folder.path() / name, "x");
  folder.commit();
}

TEST(AtomicFolder, SymbolicLinkStaysOne) {
  const testing::TemporaryFolder folder;
  put_folder(folder.file("target"), "old");
  fs::create_directory_symlink("target", folder.file("near"));
  fs::create_directory_symlink("near", folder.file("far"));
  put_folder(folder.file("far") + "/", "new");
  EXPECT_TRUE(fs::is_symlink(folder.file("far")));
  EXPECT_TRUE(fs::is_symlink(folder.file("near")));
  EXPECT_FALSE(fs::is_symlink(folder.file("target")));
  EXPECT_TRUE(fs::exists(folder.file("target/new")));
  EXPECT_FALSE(fs::exists(folder.file("target/old")));
}

TEST(AtomicFolder, SymbolicLinkToNothingGetsItsFolder) {
  const testing::TemporaryFolder folder;
  fs::create_directory_symlink("runs/1", folder.file("link"));
  put_folder(folder.file("link"), "new");
  EXPECT_TRUE(fs::is_symlink(folder.file("link")));
  EXPECT_TRUE(fs::exists(folder.file("runs/1/new")));
}

TEST(AtomicFolder, TwoOfOneNameDoNotMeet) {
  const testing::TemporaryFolder folder;
  const AtomicFolder first(folder.file("q"));
  put_folder(folder.file("q"), "second");
  EXPECT_TRUE(fs::is_directory(first.path()));
}

TEST(AtomicFolder, WhereWeStandIsNotReplaced) {
  const testing::TemporaryFolder folder;
  make_folder(folder.path() / "q/inner");
  const fs::path before = fs::current_path();
  fs::current_path(folder.path() / "q/inner");
  for (const std::string path : {".", "./", "..", "../..", "../inner", "../../q", "/"}) {
    EXPECT_THROW(AtomicFolder(path).path(), Error) << path;
  }
  EXPECT_THROW(AtomicFolder("").path(), Error);
  put_folder("../other", "new");
  put_folder("new", "new");
  fs::current_path(before);
  EXPECT_TRUE(fs::exists(folder.file("q/other/new")));
  EXPECT_TRUE(fs::exists(folder.file("q/inner/new/new")));
}

TEST(AtomicFolder, LeftoversOfTheDeadAreRemoved) {
  const testing::TemporaryFolder folder;
  const std::string mark = ".q.tmp-easel.";
  const std::string none = std::to_string(int64_t{1} << 40), own = std::to_string(::getpid());
  const std::vector<std::string> dead = {none, none + ".0", none + ".0.old", own, own + ".999999"};
  for (const auto& ending : dead) make_folder(folder.path() / (mark + ending));
  make_folder(folder.path() / (mark + "1.0"));  // of a process that runs
  put_folder(folder.file("q"), "new");
  for (const auto& ending : dead) EXPECT_FALSE(fs::exists(folder.path() / (mark + ending))) << ending;
  EXPECT_TRUE(fs::exists(folder.path() / (mark + "1.0")));
}

}  // namespace
}  // namespace easel::base
