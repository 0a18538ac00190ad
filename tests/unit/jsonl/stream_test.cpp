// Lines of a file as the reader gives them out.
#include "jsonl/stream.h"

#include <gtest/gtest.h>

#include "unit/temporary_folder.h"

namespace easel::jsonl {
namespace {

class LineReaderTest : public ::testing::Test {
 protected:
  std::string file(const std::string& text) {
    base::write_file(folder_.path() / "file", text);
    return folder_.file("file");
  }
  std::string digest(const std::string& text) {
    LineReader reader(file(text));
    reader.keep_digest();
    for_each(reader, 0, [](Object&) {});
    return reader.digest();
  }
  easel::testing::TemporaryFolder folder_;
};

const std::string kMark = "\xEF\xBB\xBF", kLines = "{\"a\":1}\n{\"a\":2}\n";

TEST_F(LineReaderTest, AByteOrderMarkInFrontIsNoPartOfTheText) {
  const auto records = read_all(file(kMark + kLines));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].str(), "{\"a\":1}");
  EXPECT_EQ(digest(kMark + kLines), digest(kLines));
  EXPECT_TRUE(read_all(file(kMark)).empty());
  EXPECT_TRUE(read_all(file(kMark + "\r\n")).empty());
}

TEST_F(LineReaderTest, AnotherByteOrderMarkIsAnError) {
  EXPECT_THROW(read_all(file(kMark + kMark + kLines)), base::RecordError);
  EXPECT_THROW(read_all(file(kLines + kMark + kLines)), base::RecordError);
}

}  // namespace
}  // namespace easel::jsonl
