// Ids of image files.
#include "image/files.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "unit/temporary_folder.h"

namespace easel::image {
namespace {

class ImageFiles : public ::testing::Test {
 protected:
  void touch(const std::string& name) {
    const auto path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    base::write_file(path, "x");
  }
  std::vector<std::string> ids(const std::vector<std::string>& names) {
    std::vector<std::string> arguments, out;
    for (const auto& name : names) arguments.push_back(folder_.file(name));
    for (const auto& file : image_files(arguments)) out.push_back(file.id);
    return out;
  }
  testing::TemporaryFolder folder_;
};

TEST_F(ImageFiles, FolderGivesPathsBelowIt) {
  touch("d/b.PNG");
  touch("d/sub/a b.jpeg");
  touch("d/a.x.jpg");
  touch("d/note.txt");
  EXPECT_EQ(ids({"d"}), (std::vector<std::string>{"a.x", "b", "sub/a b"}));
  EXPECT_EQ(ids({"d/"}), (std::vector<std::string>{"a.x", "b", "sub/a b"}));
  EXPECT_EQ(image_files({folder_.file("d")})[1].path, folder_.file("d/b.PNG"));
}

TEST_F(ImageFiles, FileGivesItsName) {
  touch("d/a.png");
  touch("e/b");
  EXPECT_EQ(ids({"e/b", "d/a.png"}), (std::vector<std::string>{"b", "a"}));
}

TEST_F(ImageFiles, SameIdIsAnError) {
  touch("d/a.png");
  touch("e/a.jpg");
  EXPECT_THROW(ids({"d", "e"}), base::Error);
  EXPECT_THROW(ids({"d/a.png", "d/a.png"}), base::Error);
  EXPECT_EQ(ids({"."}), (std::vector<std::string>{"d/a", "e/a"}));
}

TEST_F(ImageFiles, MissingAndEmptyAreErrors) {
  touch("d/note.txt");
  EXPECT_THROW(ids({"d"}), base::Error);
  EXPECT_THROW(ids({"none"}), base::Error);
}

TEST(RequireUtf8Name, RefusesOtherBytes) {
  EXPECT_NO_THROW(require_utf8_name({"a", "b\xC3\xA9.png"}));
  EXPECT_THROW(require_utf8_name({"a", "b\xE9.png"}), base::RecordError);
}

}  // namespace
}  // namespace easel::image
