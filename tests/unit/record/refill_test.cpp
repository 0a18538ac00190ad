// What stands beside a policy's folder is the same file by every name of the folder.
#include "record/refill.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "unit/temporary_folder.h"

namespace easel::record {
namespace {

TEST(FileBeside, LinkAndTargetNameOneFile) {
  const testing::TemporaryFolder folder;
  base::make_folder(folder.path() / "policy");
  std::filesystem::create_directory_symlink("policy", folder.file("link"));
  EXPECT_EQ(file_beside(folder.file("policy"), "lock"), folder.path() / ".policy.lock");
  EXPECT_EQ(file_beside(folder.file("link"), "lock"), folder.path() / ".policy.lock");
  EXPECT_EQ(file_beside(folder.file("link") + "/", "lock"), folder.path() / ".policy.lock");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path() / "policy");
  for (const char* here : {".", "./", "../policy", "../link/."}) {
    EXPECT_TRUE(file_beside(here, "lock").filename() == ".policy.lock") << here;
    EXPECT_EQ(std::filesystem::weakly_canonical(file_beside(here, "lock")),
              std::filesystem::canonical(folder.path()) / ".policy.lock") << here;
  }
  std::filesystem::current_path(before);
  RefillRequest{.policy_version = 3, .batches = 2}.write(folder.file("link"));
  EXPECT_EQ(RefillRequest::read(folder.file("policy")).batches, 2);
}

}  // namespace
}  // namespace easel::record
