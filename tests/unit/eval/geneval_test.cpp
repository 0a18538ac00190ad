// GenEval's lines and summary, byte for byte against what its official scripts wrote
// (tests/numerics/geneval/make_reference.py), and the ways in which a run can be incomplete.
#include "eval/geneval.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"
#include "base/file.h"
#include "unit/temporary_folder.h"

namespace easel::eval {
namespace {

namespace fs = std::filesystem;
const fs::path kReference = fs::path(EASEL_SOURCE_DIR) / "tests/numerics/geneval";

// A fresh working folder: the reference's file names are relative.
class GenevalFolder : public ::testing::Test {
 protected:
  GenevalFolder() : old_(fs::current_path()) { fs::current_path(folder_.path()); }
  ~GenevalFolder() override { fs::current_path(old_); }
  // images/00000/... with empty pictures, which replayed detections need no more of.
  static void write_tree(size_t samples) {
    int64_t index = 0;
    for (const auto& line : base::split(base::read_file(kReference / "prompts.jsonl"), '\n')) {
      if (line.empty()) continue;
      const fs::path base = fs::path("images") / record::default_id(index++);
      fs::create_directories(base / "samples");
      std::ofstream(base / "metadata.jsonl") << line << "\n";
      for (size_t i = 0; i < samples; ++i) {
        std::ofstream(base / "samples" / base::cat("000", i, ".png"));
      }
    }
  }
  fs::path old_;
  testing::TemporaryFolder folder_;
};

std::string replay_spec() {
  return base::cat("replay:", (kReference / "detections.jsonl").string());
}

TEST_F(GenevalFolder, WritesTheOfficialBytes) {
  write_tree(4);
  for (const int64_t threads : {1, 3}) {
    const auto detector = make_detector(replay_spec());
    jsonl::BadRecords bad(0);
    std::string lines;
    GenevalSummary scores;
    const auto images = geneval_folder("images");
    geneval_evaluate(images, *detector, {}, threads, bad, [&](const record::EvalResult& result) {
      lines += result.line() + "\n";
      scores.add(result);
    });
    EXPECT_TRUE(lines == base::read_file(kReference / "expected.jsonl"));
    EXPECT_EQ(summary_text(scores.summary()), base::read_file(kReference / "expected_summary.txt"));
    EXPECT_EQ(detector->remark(), "");
  }
}

TEST_F(GenevalFolder, PassesOverWhatIsNoImage) {
  write_tree(1);
  fs::create_directories("images/notes");
  base::write_file("images/00000/grid.png", "");
  base::write_file("images/00000/samples/0001.jpg", "");
  base::write_file("images/00000/samples/a1.png", "");
  fs::create_directories("images/00000/samples/0009.png");
  EXPECT_EQ(geneval_folder("images").size(), 50U);
  EXPECT_EQ(geneval_folder("images/")[0].filename, "images/00000/samples/0000.png");
}

TEST_F(GenevalFolder, AnIncompletePromptIsAnErrorOrPointedOut) {
  write_tree(2);
  // The 50 prompts of the reference look like a part of the official ones.
  EXPECT_EQ(missing_images(geneval_folder("images"), true).size(), 1U);
  fs::remove("images/00003/samples/0001.png");
  fs::remove_all("images/00010");
  const auto problems = missing_images(geneval_folder("images"), true);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(problems[0], "1 of 49 prompts have images missing: 00003 (1 of 2)");
  EXPECT_EQ(problems[1], "1 prompts have no images: 00010");
  fs::remove("images/00004/metadata.jsonl");
  EXPECT_THROW(geneval_folder("images"), base::Error);
  base::write_file("images/00004/metadata.jsonl", "{\"tag\":\"colors\"");
  EXPECT_THROW(geneval_folder("images"), base::Error);
  EXPECT_THROW(geneval_folder("nowhere"), base::Error);
  EXPECT_THROW(geneval_folder(kReference.string()), base::Error);
}

TEST_F(GenevalFolder, ReplayedLinesFitByPathEndingsOnly) {
  const auto image = [](const std::string& filename) {
    GenevalImage i;
    i.filename = filename;
    return i;
  };
  const auto replay = [](const std::string& lines) {
    base::write_file("r.jsonl", lines);
    return make_detector("replay:r.jsonl");
  };
  const auto line = [](const std::string& name) {
    return base::cat("{\"filename\":\"", name, "\",\"detections\":{\"cat\":[[0,0,9,9,0.5]]}}\n");
  };
  EXPECT_EQ(replay(line("0/s/1.png"))->detect(image("out/0/s/1.png")).items.size(), 1U);
  EXPECT_EQ(replay(line("/data/0/s/1.png"))->detect(image("0/s/1.png")).items.size(), 1U);
  EXPECT_THROW(replay(line("1.png"))->detect(image("out/11.png")), base::Error);
  EXPECT_THROW(replay(line("a/1.png") + line("b/1.png"))->detect(image("1.png")), base::Error);
  EXPECT_THROW(replay(line("1.png") + line("1.png")), base::Error);
  EXPECT_THROW(replay("{\"filename\":\"1.png\"}\n"), base::Error);
  const auto shared = replay(line("1.png"));
  EXPECT_EQ(shared->detect(image("a/1.png")).items.size(), 1U);
  EXPECT_THROW(shared->detect(image("b/1.png")), base::Error);
  EXPECT_EQ(replay(line("1.png"))->remark(), "r.jsonl: 1 of 1 lines belong to no image here");
}

TEST(Geneval, RolloutsBringMetadataOrASpokenPrompt) {
  const auto parse = [](const std::string& text) {
    return geneval_rollout(jsonl::Object::parse(text, {"in", 1}), "root");
  };
  const auto given = parse(
      "{\"id\":\"x\",\"include\":[{\"class\":\"dog\",\"count\":1}],\"tag\":\"single_object\","
      "\"prompt\":\"a dog\",\"image\":\"d.png\",\"reward\":0.5}");
  EXPECT_EQ(given.path, "root/d.png");
  EXPECT_EQ(given.filename, "d.png");
  EXPECT_EQ(given.metadata_text,
            "{\"include\": [{\"class\": \"dog\", \"count\": 1}], \"tag\": \"single_object\", "
            "\"prompt\": \"a dog\"}");
  EXPECT_EQ(parse("{\"prompt\":\"a red circle\",\"image\":\"d.png\"}").metadata.tag, "colors");
  EXPECT_THROW(parse("{\"prompt\":\"a dog\",\"image\":\"d.png\"}"), base::RecordError);
  EXPECT_THROW(parse("{\"prompt\":\"a red circle\"}"), base::RecordError);
  EXPECT_THROW(parse("{\"prompt\":\"a red circle\",\"image\":\"\"}"), base::RecordError);
}

TEST(Geneval, ReadsOptions) {
  std::vector<std::string> ignored;
  const auto options =
      parse_geneval_options({"threshold=0.5", "counting_threshold=0.8", "max_objects=3",
                             "max_overlap=0.7", "position_threshold=0", "model=x"},
                            &ignored);
  EXPECT_EQ(options.threshold, 0.5);
  EXPECT_EQ(options.max_objects, 3);
  EXPECT_EQ(options.position_threshold, 0);
  EXPECT_EQ(ignored, std::vector<std::string>{"model"});
  for (const char* bad : {"", "threshold", "threshold=", "threshold=x", "threshold=nan",
                          "max_objects=0", "max_objects=1.5", "speed=1"}) {
    EXPECT_THROW(parse_geneval_options({bad}, &ignored), base::UsageError) << bad;
  }
}

TEST(Geneval, TheOfficialPromptSetIsKnownByItsTasksAndClasses) {
  std::vector<GenevalImage> images;
  for (const char* tag :
       {"single_object", "two_object", "counting", "colors", "position", "color_attr"}) {
    GenevalImage image;
    image.metadata.tag = tag;
    image.metadata.include.emplace_back().class_name = "dog";
    image.metadata_text = image.group = tag;
    images.push_back(image);
  }
  EXPECT_EQ(missing_images(images, false),
            std::vector<std::string>{"GenEval has 553 prompts; these are images of 6"});
  images[0].metadata.include[0].class_name = "circle";
  EXPECT_TRUE(missing_images(images, false).empty());
}

}  // namespace
}  // namespace easel::eval
