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
  // The id of a picture that has its folder in front.
  std::string whole(const std::string& name) { return folder_.file(name).substr(1); }
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
  touch("d/._b.PNG");  // a Mac's, and no picture
  EXPECT_EQ(ids({"d"}), (std::vector<std::string>{"a.x", "b", "sub/a b"}));
  EXPECT_EQ(ids({"d/"}), (std::vector<std::string>{"a.x", "b", "sub/a b"}));
  EXPECT_EQ(image_files({folder_.file("d")})[1].path, folder_.file("d/b.PNG"));
}

TEST_F(ImageFiles, FileGivesItsName) {
  touch("d/a.png");
  touch("e/b");
  EXPECT_EQ(ids({"e/b", "d/a.png"}), (std::vector<std::string>{"b", "a"}));
}

TEST_F(ImageFiles, IdsThatClashGetTheExtension) {
  touch("d/a.png");
  touch("d/b.png");
  touch("e/a.jpg");
  EXPECT_EQ(ids({"d", "e"}), (std::vector<std::string>{"a.png", "b", "a.jpg"}));
  EXPECT_EQ(ids({"e", "d"}), (std::vector<std::string>{"a.jpg", "a.png", "b"}));
  EXPECT_EQ(ids({"."}), (std::vector<std::string>{"d/a", "d/b", "e/a"}));
}

TEST_F(ImageFiles, IdsThatStillClashGetTheFolder) {
  touch("p1/a.png");
  touch("p2/a.png");
  touch("p2/a.jpg");
  touch("p2/c.png");
  EXPECT_EQ(ids({"p1", "p1/../p2/"}), (std::vector<std::string>{whole("p1/a.png"), "a.jpg", whole("p2/a.png"), "c"}));
  EXPECT_EQ(ids({"p2", "p1/a.png"}), (std::vector<std::string>{"a.jpg", whole("p2/a.png"), "c", whole("p1/a.png")}));
}

TEST_F(ImageFiles, TheFolderLeadsOutOfNothing) {
  touch("p1/a.png");
  touch("p2/a.png");
  const std::string here = base::fs::relative(folder_.path()).string();
  const auto files = image_files({here + "/p1", here + "/p2"});
  EXPECT_EQ(files[0].id.find(".."), std::string::npos) << files[0].id;
  EXPECT_NE(files[0].id[0], '/');
  EXPECT_TRUE(files[0].id.ends_with("p1/a.png")) << files[0].id;
}

TEST_F(ImageFiles, AnIdOfItsOwnStays) {
  touch("d/a.png.jpg");
  touch("e/a.png");
  touch("e/a.jpg");
  EXPECT_EQ(ids({"d", "e"}), (std::vector<std::string>{"a.png", "a.jpg", whole("e/a.png")}));
  EXPECT_EQ(ids({"e", "d"}), (std::vector<std::string>{"a.jpg", whole("e/a.png"), "a.png"}));
}

TEST_F(ImageFiles, TheSameFileTwiceIsAnError) {
  touch("d/a.png");
  EXPECT_THROW(ids({"d/a.png", "d/a.png"}), base::Error);
  EXPECT_THROW(ids({"d", "d/a.png"}), base::Error);
  EXPECT_EQ(image_paths({folder_.file("d"), folder_.file("d/a.png")}),
            (std::vector<std::string>{folder_.file("d/a.png"), folder_.file("d/a.png")}));
}

TEST_F(ImageFiles, AGivenIdIsKept) {
  touch("d/a.png");
  touch("d/b.png");
  const auto files = identified_files({{"b", folder_.file("d/a.png")}, {"", folder_.file("d/b.png")}});
  EXPECT_EQ(files[0].id, "b");
  EXPECT_EQ(files[1].id, "b.png");
  EXPECT_THROW(identified_files({{"b", folder_.file("d/a.png")}, {"b", folder_.file("d/b.png")}}), base::Error);
}

TEST_F(ImageFiles, AFileKnowsWhichArgumentNamedIt) {
  touch("d/a.png");
  touch("e/b.png");
  touch("e/c.png");
  std::vector<size_t> arguments;
  for (const auto& file : image_files({folder_.file("d/a.png"), folder_.file("e")})) arguments.push_back(file.argument);
  EXPECT_EQ(arguments, (std::vector<size_t>{0, 1, 1}));
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
