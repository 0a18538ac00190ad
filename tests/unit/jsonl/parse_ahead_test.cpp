// A large file is parsed by a thread ahead of the program: what the program sees must be the same.
#include <gtest/gtest.h>

#include <fstream>

#include "jsonl/parse_ahead.h"
#include "jsonl/stream.h"
#include "unit/temporary_folder.h"

namespace easel::jsonl {
namespace {

constexpr int kRecords = 40000;

class ParseAheadTest : public ::testing::Test {
 protected:
  // Records of 40 bytes and more, over the size from which a thread runs ahead; line i + 1 is edit(i).
  template <class Edit>
  std::string file(const Edit& edit) {
    const std::string path = folder_.file("records.jsonl");
    std::ofstream out(path);
    for (int i = 0; i < kRecords; ++i) out << edit(i) << '\n';
    return path;
  }
  static std::string record(int i) {
    return base::cat("{\"i\":", i, ",\"text\":\"a red circle at the top left\"}");
  }
  easel::testing::TemporaryFolder folder_;
};

TEST_F(ParseAheadTest, GivesEveryRecordOnceInOrderWithItsPlace) {
  LineReader reader(file(record));
  ASSERT_TRUE(reader.may_run_ahead());
  int64_t seen = 0;
  for_each(reader, 0, [&](Object& r) {
    ASSERT_EQ(r.integer("i"), seen);
    ASSERT_EQ(r.at().line, seen + 1);
    ++seen;
  });
  EXPECT_EQ(seen, kRecords);
}

TEST_F(ParseAheadTest, BadRecordsStandWhereTheyAreAndAreCounted) {
  LineReader reader(file([](int i) { return i % 10000 == 77 ? "{\"i\":" : record(i); }));
  int64_t seen = 0;
  EXPECT_EQ(for_each(reader, 5, [&](Object& r) {
    if (r.integer("i") == 20000) r.fail("not this one");
    ++seen;
  }), 5);
  EXPECT_EQ(seen, kRecords - 5);
}

TEST_F(ParseAheadTest, OneBadRecordTooManyEndsItThere) {
  LineReader reader(file([](int i) { return i == 30000 ? "[]" : record(i); }));
  int64_t last = -1;
  try {
    for_each(reader, 0, [&](Object& r) { last = r.integer("i"); });
    FAIL() << "a bad record passed";
  } catch (const base::RecordError& e) {
    EXPECT_NE(std::string(e.what()).find("records.jsonl:30001"), std::string::npos) << e.what();
  }
  EXPECT_EQ(last, 29999);
}

TEST_F(ParseAheadTest, AnErrorOfTheProgramEndsTheThread) {
  LineReader reader(file(record));
  EXPECT_THROW(for_each(reader, 0, [](Object& r) { if (r.integer("i") == 3) base::fail("full"); }), base::Error);
}

TEST_F(ParseAheadTest, AnErrorOfTheReaderEndsTheInput) {
  int given = 0;
  ParseAhead ahead([&](Parsed* parsed) {
    if (++given == 1000) {
      parsed->error = std::make_exception_ptr(base::Error("gone"));
      parsed->last = true;
    }
    return true;
  });
  int taken = 0;
  Parsed* parsed = nullptr;
  while ((parsed = ahead.take()) != nullptr && !parsed->last) ++taken;
  EXPECT_EQ(taken, 999);
  ASSERT_NE(parsed, nullptr);
  EXPECT_THROW(std::rethrow_exception(parsed->error), base::Error);
  EXPECT_EQ(ahead.take(), nullptr);
}

TEST_F(ParseAheadTest, NobodyRunsAheadOfADigest) {
  LineReader reader(file(record));
  reader.keep_digest();
  EXPECT_FALSE(reader.may_run_ahead());
}

}  // namespace
}  // namespace easel::jsonl
