// Pictures in tar archives.
#include "image/tar.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "image/files.h"
#include "image/image.h"
#include "unit/temporary_folder.h"

namespace easel::image {
namespace {

class TarTest : public ::testing::Test {
 protected:
  void SetUp() override {
    base::make_folder(folder_.path() / "in" / "sub");
    for (const char* name : {"b.png", "a.png", "sub/c.png"}) {
      write_png(folder_.path() / "in" / name, Image(4, 4, {static_cast<uint8_t>(name[0]), 0, 0}));
    }
    base::write_file(folder_.path() / "in" / "a.txt", "a caption");
    shell("tar -C in -cf plain.tar b.png a.png a.txt sub/c.png");
    shell("tar -C in -czf packed.tgz ./b.png ./a.png");
  }
  void shell(const std::string& command) {
    ASSERT_EQ(std::system(("cd '" + folder_.path().string() + "' && " + command).c_str()), 0) << command;
  }
  std::string file(const std::string& name) { return folder_.file(name); }
  easel::testing::TemporaryFolder folder_;
};

TEST_F(TarTest, ListsPicturesInTheArchivesOrder) {
  EXPECT_EQ(archive_pictures(file("plain.tar")), (std::vector<std::string>{"b.png", "a.png", "sub/c.png"}));
  EXPECT_EQ(archive_pictures(file("packed.tgz")), (std::vector<std::string>{"b.png", "a.png"}));
}

TEST_F(TarTest, ReadsMembersInAnyOrder) {
  for (const char* name : {"b.png", "sub/c.png", "a.png", "a.png", "b.png"}) {
    EXPECT_EQ(read(folder_.path() / "plain.tar" / name).at(0, 0).r, name[0]) << name;
  }
  EXPECT_EQ(read(folder_.path() / "packed.tgz" / "a.png").at(0, 0).r, 'a');
}

TEST_F(TarTest, FilesOfAnArchiveHaveIdsBelowItsName) {
  const auto files = image_files({file("plain.tar"), file("packed.tgz")});
  ASSERT_EQ(files.size(), 5U);
  EXPECT_EQ(files[0].id, "plain/b");
  EXPECT_EQ(files[2].id, "plain/sub/c");
  EXPECT_EQ(files[3].id, "packed/b");
  EXPECT_EQ(read(files[4].path).at(0, 0).r, 'a');
  shell("tar -C in -cf none.tar a.txt");
  EXPECT_THROW(image_files({file("none.tar")}), base::Error);
}

TEST_F(TarTest, AFolderMayHoldArchivesBesidePictures) {
  shell("mkdir -p d/shards && tar -C in -cf d/shards/000.tar b.png sub/c.png && tar -C in -cf d/notes.tar a.txt && cp in/a.png d/");
  const auto files = image_files({file("d")});
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].id, "a");
  EXPECT_EQ(files[1].id, "shards/000/b");
  EXPECT_EQ(files[2].id, "shards/000/sub/c");
  EXPECT_EQ(read(files[2].path).at(0, 0).r, 's');
}

TEST_F(TarTest, SaysWhatIsMissingOrDamaged) {
  EXPECT_THROW(read(folder_.path() / "plain.tar" / "z.png"), base::RecordError);
  EXPECT_THROW(read(folder_.path() / "plain.tar" / "a.txt"), base::RecordError);
  EXPECT_THROW(read_member(file("plain.tar"), "a.png", 10), base::RecordError);
  EXPECT_FALSE(archive_member(file("plain.tar")));
  EXPECT_FALSE(archive_member(folder_.path() / "missing.tar" / "a.png"));
  EXPECT_FALSE(archive_member(folder_.path() / "in" / "a.png"));
  base::make_folder(folder_.path() / "folder.tar");
  EXPECT_FALSE(archive_member(folder_.path() / "folder.tar" / "a.png"));
  shell("head -c 700 plain.tar > cut.tar; head -c 60 packed.tgz > cut.tgz; echo no archive > text.tar");
  for (const char* name : {"cut.tar", "cut.tgz", "text.tar"}) {
    EXPECT_THROW(read_member(file(name), "sub/c.png", 1000000), base::Error) << name;
    EXPECT_THROW(archive_pictures(file(name)), base::Error) << name;
  }
}

// As tar -P and careless scripts write them.
TEST_F(TarTest, AMemberIsReadByTheNameThatIsListed) {
  shell("tar -C in -cPf odd.tar --transform 's,^b,/b,;s,/c,//./c,' b.png sub/c.png");
  EXPECT_EQ(archive_pictures(file("odd.tar")), (std::vector<std::string>{"b.png", "sub/c.png"}));
  const auto files = image_files({file("odd.tar")});
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(read(files[0].path).at(0, 0).r, 'b');
  EXPECT_EQ(read(files[1].path).at(0, 0).r, 's');
  EXPECT_EQ(files[1].id, "odd/sub/c");
  for (const char* path : {"odd.tar//b.png", "odd.tar/./b.png"}) EXPECT_EQ(read(file(path)).at(0, 0).r, 'b') << path;
  EXPECT_FALSE(archive_member(file("odd.tar/.")));
}

TEST_F(TarTest, AMemberMayBeNamedByItsPath) {
  const auto files = identified_files({{"", file("plain.tar/sub/c.png")}, {"mine", file("packed.tgz/a.png")}});
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].id, "plain/sub/c");  // as with its whole archive
  EXPECT_EQ(files[0].path, file("plain.tar/sub/c.png"));
  EXPECT_EQ(files[1].id, "mine");
  EXPECT_THROW(image_files({file("plain.tar"), file("plain.tar/a.png")}), base::Error);  // twice
  EXPECT_THROW(image_files({file("missing.tar/a.png")}), base::Error);
  EXPECT_THROW(image_files({file("in/a.png/a.png")}), base::Error);
}

TEST_F(TarTest, HiddenMembersAreNoPictures) {
  base::write_file(folder_.path() / "in" / "._a.png", "what a Mac keeps beside a file");
  shell("cp in/a.png in/sub/.c.png && tar -C in -cf mac.tar ./._a.png ./a.png sub/.c.png && tar -C in -cf none.tar ._a.png");
  EXPECT_EQ(archive_pictures(file("mac.tar")), (std::vector<std::string>{"a.png"}));
  EXPECT_THROW(image_files({file("none.tar")}), base::Error);
}

TEST_F(TarTest, LinksAreNoPictures) {
  shell("cd in && ln -s /etc/passwd link.png && tar -cf ../links.tar link.png b.png");
  EXPECT_EQ(archive_pictures(file("links.tar")), (std::vector<std::string>{"b.png"}));
  EXPECT_THROW(read(folder_.path() / "links.tar" / "link.png"), base::RecordError);
}

}  // namespace
}  // namespace easel::image
