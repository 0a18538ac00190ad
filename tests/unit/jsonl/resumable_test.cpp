// Output of long runs: order, resumption, damage.
#include "jsonl/resumable.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "unit/temporary_folder.h"

namespace easel::jsonl {
namespace {

class Resumable : public ::testing::Test {
 protected:
  ResumableOutput open(bool resume) {
    return ResumableOutput(file_, ids_, resume,
                           [](const Object& record) { return record.string("id"); });
  }
  static Object record(const std::string& id) {
    Object out;
    out.set("id", id);
    return out;
  }
  static std::string line(const std::string& id) { return record(id).str() + "\n"; }
  std::string partial() const { return file_ + ".partial"; }
  std::string error_of_open(bool resume) {
    try {
      open(resume);
    } catch (const base::Error& e) {
      return e.what();
    }
    return "";
  }

  testing::TemporaryFolder folder_;
  std::string file_ = folder_.file("out.jsonl");
  std::vector<std::string> ids_ = {"a", "b", "c"};
};

TEST_F(Resumable, WritesInTheOrderOfTheList) {
  ResumableOutput out = open(false);
  out.write("c", record("c"));
  out.write("a", record("a"));
  EXPECT_FALSE(base::fs::exists(file_));
  EXPECT_EQ(base::read_file(partial()), line("c") + line("a"));
  out.skip("b");
  out.close();
  EXPECT_EQ(base::read_file(file_), line("a") + line("c"));
  EXPECT_FALSE(base::fs::exists(partial()));
}

TEST_F(Resumable, GoesOnAfterACutLine) {
  base::write_file(partial(), line("b") + R"({"id":"a)");
  ResumableOutput out = open(true);
  EXPECT_EQ(out.resumed(), 1);
  EXPECT_TRUE(out.done("b"));
  EXPECT_FALSE(out.done("a"));
  out.write("a", record("a"));
  out.write("c", record("c"));
  out.close();
  EXPECT_EQ(base::read_file(file_), line("a") + line("b") + line("c"));
}

TEST_F(Resumable, AddsToAFinishedFile) {
  base::write_file(file_, line("a") + line("c"));
  ResumableOutput out = open(true);
  EXPECT_EQ(out.resumed(), 2);
  out.write("b", record("b"));
  out.close();
  EXPECT_EQ(base::read_file(file_), line("a") + line("b") + line("c"));
}

TEST_F(Resumable, AFinishedFileThatIsRefusedLeavesNothing) {
  base::write_file(file_, line("a") + line("z"));
  EXPECT_NE(error_of_open(true).find("id \"z\" is not among this run's"), std::string::npos);
  EXPECT_FALSE(base::fs::exists(partial()));
  EXPECT_EQ(base::read_file(file_), line("a") + line("z"));
  EXPECT_EQ(error_of_open(false), "");
}

TEST_F(Resumable, LeftoverNeedsResume) {
  base::write_file(partial(), line("b"));
  EXPECT_NE(error_of_open(false).find("run that was stopped"), std::string::npos);
  base::write_file(partial(), "");
  EXPECT_EQ(error_of_open(false), "");
}

TEST_F(Resumable, DamagedOrForeignLeftoverIsAnError) {
  base::write_file(partial(), "not json\n");
  EXPECT_NE(error_of_open(true).find(".partial:1: "), std::string::npos);
  base::write_file(partial(), line("a") + line("x"));
  EXPECT_NE(error_of_open(true).find(".partial:2: id \"x\" is not among"), std::string::npos);
  base::write_file(partial(), line("a") + line("a"));
  EXPECT_NE(error_of_open(true).find("twice"), std::string::npos);
  EXPECT_EQ(base::read_file(partial()), line("a") + line("a"));
}

TEST_F(Resumable, OneProcessAtATime) {
  ResumableOutput out = open(false);
  EXPECT_NE(error_of_open(true).find("another process"), std::string::npos);
}

TEST_F(Resumable, WrongIdsAreErrors) {
  ResumableOutput out = open(false);
  out.write("a", record("a"));
  EXPECT_THROW(out.write("a", record("a")), base::Error);
  EXPECT_THROW(out.write("x", record("x")), base::Error);
  ids_ = {"a", "a"};
  EXPECT_THROW(open(true), base::Error);
}

TEST_F(Resumable, StreamsCannotBeResumed) {
  file_ = "-";
  EXPECT_THROW(open(true), base::UsageError);
  file_ = "/dev/full";
  ResumableOutput out = open(false);
  EXPECT_THROW((out.write("a", record("a")), out.write("b", record("b")), out.close()),
               base::Error);
}

TEST_F(Resumable, FolderIsAnError) {
  file_ = folder_.path().string();
  EXPECT_THROW(open(false), base::Error);
}

}  // namespace
}  // namespace easel::jsonl
