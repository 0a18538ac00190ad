// Lists of pictures: paths and records, with what editors leave around them.
#include "record/image_ref.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "unit/temporary_folder.h"

namespace easel::record {
namespace {

std::vector<ImageRef> refs_of(const std::string& path) {
  std::vector<ImageRef> refs;
  for_each_image_ref(path, [&](ImageRef ref, std::string_view) { refs.push_back(std::move(ref)); });
  return refs;
}

class ImageList : public ::testing::Test {
 protected:
  std::string list(const std::string& text) {
    base::write_file(folder_.path() / "list", text);
    return folder_.file("list");
  }
  easel::testing::TemporaryFolder folder_;
};

TEST_F(ImageList, KeepsTheIdsOfItsRecords) {
  const auto refs = refs_of(list("{\"id\":\"x\",\"image\":\"d/a.png\"}\n{\"image\":\"d/b.png\"}\nd/c.png\n"));
  ASSERT_EQ(refs.size(), 3U);
  EXPECT_EQ(refs[0].id, "x");
  EXPECT_EQ(refs[0].image, "d/a.png");
  EXPECT_EQ(refs[1].id, "");
  EXPECT_EQ(refs[1].image, "d/b.png");
  EXPECT_EQ(refs[2].id, "");
  EXPECT_EQ(refs[2].image, "d/c.png");
}

TEST_F(ImageList, GivesTheTextOfItsRecords) {
  std::vector<std::string> texts;
  for_each_image_ref(list(" {\"image\": \"d/a.png\", \"x\":1.50}\t\nd/b.png\n"),
                     [&](const ImageRef& ref, std::string_view record) { texts.push_back(ref.image + "|" + std::string(record)); });
  EXPECT_EQ(texts, (std::vector<std::string>{"d/a.png|{\"image\": \"d/a.png\", \"x\":1.50}", "d/b.png|"}));
}

TEST_F(ImageList, PassesOverWhiteSpaceAndAByteOrderMark) {
  EXPECT_EQ(read_image_list(list("\xEF\xBB\xBF  {\"image\":\"a.png\"} \r\n \t\n\n  a b.png\t")),
            (std::vector<std::string>{"a.png", "a b.png"}));
}

TEST_F(ImageList, ARecordWithoutAPictureIsAnError) {
  EXPECT_THROW(refs_of(list(" {\"id\":\"x\"}\n")), base::RecordError);
  EXPECT_THROW(refs_of(list("{\"id\":\"\",\"image\":\"a.png\"}\n")), base::RecordError);
}

}  // namespace
}  // namespace easel::record
