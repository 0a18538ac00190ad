#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "image/image.h"
#include "report/cot_stats.h"
#include "report/html.h"
#include "report/run_page.h"
#include "report/sheet.h"
#include "unit/temporary_folder.h"

namespace easel::report {
namespace {

class ReportFolder : public ::testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const {
    base::write_file(folder_.file(name), text);
    return folder_.file(name);
  }
  testing::TemporaryFolder folder_;
};

TEST(Html, EscapesAndRepairs) {
  EXPECT_EQ(escape_html("<a href=\"x\">'&'</a>\x01\xFF"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Html, EncodesPictures) {
  EXPECT_EQ(png_data_url(""), "data:image/png;base64,");
  EXPECT_EQ(png_data_url("M"), "data:image/png;base64,TQ==");
  EXPECT_EQ(png_data_url("Ma"), "data:image/png;base64,TWE=");
  EXPECT_EQ(png_data_url("Man"), "data:image/png;base64,TWFu");
  EXPECT_EQ(png_data_url("\xFF\xFF\xFE"), "data:image/png;base64,///+");
}

TEST(Labels, ComeFromTheArgumentOrTheFile) {
  const auto files =
      parse_labels({"fast=a/b.jsonl", "a/run.jsonl.gz", "x/m.jsonl", "y/m.jsonl", "-"});
  EXPECT_EQ(files[0].label, "fast");
  EXPECT_EQ(files[0].path, "a/b.jsonl");
  EXPECT_TRUE(files[0].named);
  EXPECT_EQ(files[1].label, "run");
  EXPECT_EQ(files[2].label, "x/m.jsonl");
  EXPECT_EQ(files[3].label, "y/m.jsonl");
  EXPECT_EQ(files[4].label, "stdin");
}

TEST_F(ReportFolder, AFileWithAnEqualsSignInItsNameIsAFile) {
  const std::string path = write("lr=1e-5.jsonl", "");
  EXPECT_EQ(parse_labels({path})[0].path, path);
  EXPECT_EQ(parse_labels({path})[0].label, "lr=1e-5");
}

TEST_F(ReportFolder, AStepWrittenTwiceCountsOnce) {
  const std::string path = write("m.jsonl",
                                 "{\"step\":2,\"loss\":5,\"kl\":1}\n{\"step\":1,\"kl\":2}\n"
                                 "{\"step\":2,\"kl\":3}\n{\"step\":1,\"loss\":4}\n");
  jsonl::BadRecords bad(0);
  Runs runs;
  EXPECT_EQ(read_metrics({"r", path}, bad, &runs), 4);
  ASSERT_EQ(runs.grpo.size(), 1U);
  ASSERT_EQ(runs.grpo[0].steps.size(), 2U);
  EXPECT_EQ(runs.grpo[0].steps[0].kl, 2);
  EXPECT_EQ(runs.grpo[0].steps[1].kl, 3);
  ASSERT_EQ(runs.sft.size(), 1U);  // a file may hold the records of several programs
}

TEST_F(ReportFolder, ThePageHasNothingFromOutsideAndEscapesEverything) {
  RunReport report;
  report.title = "<script>alert(1)</script>";
  jsonl::BadRecords bad(1);
  const std::string metrics =
      write("m.jsonl",
            "{\"step\":1,\"reward_mean\":0.5,\"kl\":null,\"seconds\":2,"
            "\"rewards\":{\"</svg>\":1,\"b\":2}}\n{\"step\":2,\"kl\":0.1}\n");
  read_metrics({"<img src=x>", metrics}, bad, &report.runs);
  image::write_png(folder_.file("ok.png"), image::Image(4, 4, {255, 0, 0}));
  const std::string rollouts = write(
      "r.jsonl",
      "{\"id\":\"a\",\"prompt\":\"<b>x\",\"cot\":\"</"
      "details><script>\",\"image\":\"ok.png\",\"reward\":1}\n"
      "{\"id\":\"b\",\"prompt\":\"y\",\"image\":\"gone.png\"}\n{\"id\":\"c\",\"prompt\":\"z\"}\n");
  EXPECT_EQ(read_samples(rollouts, bad, &report.strip("<s>")), 3);
  report.evaluations = {{"<e>", {}}};
  report.evaluations[0].summary.tasks = {{"<t>", 1, 2}, {"none", 0, 0}};
  const std::string page = run_page(report, folder_.path().string(), bad);
  for (const char* foreign :
       {"<script", "<img src=x>", "<b>x", "http:", "https:", "nan", "<e>", "<t>", "<s>"}) {
    EXPECT_EQ(page.find(foreign), std::string::npos) << foreign;
  }
  EXPECT_NE(page.find("data:image/png;base64,"), std::string::npos);
  EXPECT_NE(page.find("image not readable"), std::string::npos);
  EXPECT_EQ(bad.count(), 1);
  jsonl::BadRecords strict(0);
  EXPECT_THROW(run_page(report, folder_.path().string(), strict), base::RecordError);
}

// Files of one label are the seeds of one setting.
TEST_F(ReportFolder, SeedsAreMeanAndDeviation) {
  jsonl::BadRecords bad(0);
  RunReport report;
  int64_t n = 0;
  for (const double reward : {0.2, 0.4, 0.9}) {
    const std::string label = ++n < 3 ? "arm" : "other";
    const std::string path = write(base::cat(n, ".jsonl"), base::cat("{\"step\":1,\"reward_mean\":", reward, ",\"seconds\":1}\n{\"step\":2,\"reward_mean\":", reward, ",\"seconds\":1}\n"));
    read_metrics({label, path}, bad, &report.runs);
    record::EvalSummary summary;
    summary.overall = reward;
    summary.tasks = {{"colors", static_cast<int64_t>(reward * 10 + 0.5), 10}};
    summary.images = 10;
    report.evaluations.push_back({label, summary});
  }
  ASSERT_EQ(report.runs.grpo.size(), 3U);
  const std::string page = run_page(report, "", bad);
  // (0.2 + 0.4) / 2, and 0.2 / sqrt(2).
  EXPECT_NE(page.find("30.00% ± 14.14"), std::string::npos);
  EXPECT_NE(page.find("arm, step 1: 0.3<"), std::string::npos);
  EXPECT_NE(page.find("standard deviation over seeds"), std::string::npos);
  EXPECT_NE(page.find("+60.00"), std::string::npos);  // the other's gain
  EXPECT_NE(page.find(">20<"), std::string::npos);    // images of both
}

TEST(CotStats, FindsWordsAndSentences) {
  EXPECT_EQ(words_of("A red circle's well-known - edge, 3rd. \xC3\x89t\xC3\xA9!"),
            (std::vector<std::string>{"a", "red", "circle's", "well-known", "edge", "3rd",
                                      "\xC3\x89t\xC3\xA9"}));
  EXPECT_EQ(words_of("").size(), 0U);
  EXPECT_EQ(count_sentences("One. Two! Three? Four"), 4);
  EXPECT_EQ(count_sentences("It is 1.5 wide... and e.g. so."), 3);
  EXPECT_EQ(count_sentences(" . . "), 0);
  EXPECT_EQ(count_sentences("a line\nanother"), 2);
}

TEST(CotStats, SummarizesLengths) {
  CotStats stats;
  const auto add = [&](const std::string& cot, const std::string& finish) {
    record::Rollout r;
    r.group_id = "g";
    r.cot = cot;
    r.finish = finish;
    stats.add(r);
  };
  add("one two.", "stop");
  add("one two three four.", "stop");
  add("one two.", "length");
  add("  ", "eos");
  const record::CotSummary s = stats.summary(2);
  EXPECT_EQ(s.rollouts, 4);
  EXPECT_EQ(s.chains, 3);
  EXPECT_EQ(s.distinct_chains, 2);
  EXPECT_EQ(s.groups, 1);
  EXPECT_DOUBLE_EQ(s.words.mean, 8.0 / 3);
  EXPECT_DOUBLE_EQ(s.words.median, 2);
  EXPECT_NEAR(s.words.sd, 1.1547, 1e-4);
  EXPECT_EQ(s.words.max, 4);
  ASSERT_EQ(s.top_words.size(), 2U);
  EXPECT_EQ(s.top_words[0].word, "one");
  EXPECT_EQ(s.top_words[0].count, 3);
  EXPECT_EQ(s.distinct_words, 4);
  EXPECT_EQ(CotStats().summary(5).words.mean, 0);
}

TEST_F(ReportFolder, ASheetEnlargesByWholeFactors) {
  image::write_png(folder_.file("a.png"), image::Image(3, 2, {255, 0, 0}));
  SheetOptions options;
  options.size = 64;
  options.root = folder_.path().string();
  Sheet sheet(options);
  record::Rollout r;
  r.prompt = "p";
  r.image = "a.png";
  sheet.add(r);
  const image::Image drawn = sheet.draw();
  int red = 0;
  for (int y = 0; y < drawn.height; ++y) {
    for (int x = 0; x < drawn.width; ++x) red += drawn.at(x, y) == image::Rgb{255, 0, 0};
  }
  EXPECT_EQ(red, 3 * 21 * 2 * 21);
  r.image = "gone.png";
  EXPECT_THROW(sheet.add(r), base::Error);
  EXPECT_THROW(Sheet(options).draw(), base::Error);
}

TEST(Sheet, RefusesMoreThanItCanHold) {
  SheetOptions options;
  options.size = 2048;
  options.count = 1000;
  Sheet sheet(options);
  for (int i = 0; i < 100; ++i) sheet.add({});
  EXPECT_THROW(sheet.draw(), base::Error);
}

}  // namespace
}  // namespace easel::report
