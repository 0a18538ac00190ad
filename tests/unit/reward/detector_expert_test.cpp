// T2I-R1's detector expert, against values worked out by hand.
#include "reward/detector_expert.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace easel::reward {
namespace {

using record::Box;

record::T2iAnnotations annotations(const std::string& json) {
  return record::T2iAnnotations::parse(jsonl::Object::parse(json, {"t", 1}));
}

struct Found {
  std::string name;
  Box box;
  double score = 0.9;
};
Seen seen(const std::vector<Found>& found) {
  Seen s;
  s.width = s.height = 384;
  for (const auto& f : found) s.detections.items.push_back({f.name, f.box, f.score, ""});
  return s;
}
double score(const std::string& json, const std::vector<Found>& found, bool compat = false) {
  return detector_score(annotations(json), seen(found), {.compat = compat});
}

constexpr Box kLeft{0, 100, 100, 200}, kRight{200, 100, 300, 200}, kTop{100, 0, 200, 100}, kBottom{100, 200, 200, 300};

TEST(RelationScore, KnowsEveryLocalityOfTheDataSet) {
  const struct {
    const char* locality;
    Box a, b;
    double expected;
  } cases[] = {
      {"left of", kLeft, kRight, 1},          {"left of", kRight, kLeft, 0},        {"on the left of", kLeft, kRight, 1},
      {"right of", kRight, kLeft, 1},         {"right of", kLeft, kRight, 0},       {"on the right of", kRight, kLeft, 1},
      {"above", kTop, kBottom, 1},            {"above", kBottom, kTop, 0},          {"on the top of", kTop, kBottom, 1},
      {"on top of", kTop, kBottom, 1},        {"below", kBottom, kTop, 1},          {"below", kTop, kBottom, 0},
      {"on the bottom of", kBottom, kTop, 1}, {"left of", kTop, kBottom, 0},        {"above", kLeft, kRight, 0},
      // The distance across may not be as large as that along.
      {"left of", {0, 0, 10, 10}, {50, 50, 60, 60}, 0}, {"left of", {0, 0, 10, 10}, {51, 50, 61, 60}, 1},
      // Boxes that share a third of what they cover: 0.1 / (1/3).
      {"left of", {0, 0, 100, 100}, {50, 0, 150, 100}, 0.3},
      // Near: less than 150 apart in either direction, else 150 over the larger distance.
      {"next to", kLeft, kRight, 1}, {"near", {0, 0, 10, 10}, {300, 5, 310, 15}, 1}, {"on side of", {0, 0, 10, 10}, {300, 200, 310, 210}, 0.5},
  };
  for (const auto& c : cases) {
    const auto got = relation_score(c.locality, c.a, c.b);
    ASSERT_TRUE(got) << c.locality;
    EXPECT_NEAR(*got, c.expected, 1e-12) << c.locality;
  }
  EXPECT_FALSE(relation_score("inside", kLeft, kRight));
}

const std::string kSpatial = R"({"nouns":["car","zebra"],"spatial_info":{"obj1":"car","obj2":"zebra","locality":"left of"}})";

TEST(DetectorScore, OfRelations) {
  EXPECT_NEAR(score(kSpatial, {}), 0, 1e-12);
  EXPECT_NEAR(score(kSpatial, {{"car", kLeft}}), 0.2, 1e-12);
  EXPECT_NEAR(score(kSpatial, {{"car", kLeft}, {"zebra", kRight}}), 1, 1e-12);
  EXPECT_NEAR(score(kSpatial, {{"car", kRight}, {"zebra", kLeft}}), 0.4, 1e-12);
  EXPECT_NEAR(score(kSpatial, {{"car", kRight, 0.3}, {"zebra", kLeft}}), 0.2, 1e-12);  // not above the threshold
  // The most certain box stands for its name.
  EXPECT_NEAR(score(kSpatial, {{"car", kRight, 0.5}, {"car", kLeft, 0.8}, {"zebra", kRight}}), 1, 1e-12);
}

TEST(DetectorScore, OfRelationsAsTheReleasedCodeHasIt) {
  EXPECT_NEAR(score(kSpatial, {{"car", kLeft}, {"zebra", kRight}}, true), 0.9, 1e-12);
  EXPECT_NEAR(score(kSpatial, {{"car", kRight}, {"zebra", kLeft}}, true), 0.4, 1e-12);
  const std::string above = R"({"spatial_info":{"obj1":"car","obj2":"zebra","locality":"above"}})";
  EXPECT_NEAR(score(above, {{"car", kTop}, {"zebra", kBottom}}, true), 0.4, 1e-12);
  EXPECT_NEAR(score(above, {{"car", kTop}, {"zebra", kBottom}}), 1, 1e-12);
  const std::string near = R"({"spatial_info":{"obj1":"car","obj2":"zebra","locality":"near"}})";
  EXPECT_NEAR(score(near, {{"car", {0, 0, 10, 10}}, {"zebra", {370, 370, 380, 380}}}, true), 0.9, 1e-12);
}

TEST(DetectorScore, OfCounts) {
  const std::string two = R"({"nouns":["dog"],"numeracy_info":[{"obj_name":"dog","num":2}]})";
  EXPECT_NEAR(score(two, {}), 0, 1e-12);
  EXPECT_NEAR(score(two, {{"dog", kLeft}}), 0.2, 1e-12);
  EXPECT_NEAR(score(two, {{"dog", kLeft}, {"dog", kRight}}), 1, 1e-12);
  EXPECT_NEAR(score(two, {{"dog", kLeft}, {"dog", kRight}, {"dog", kTop}}), 0.2, 1e-12);
  // Two thirds of what both cover is shared: one dog, seen twice. Half is not more than half.
  EXPECT_NEAR(score(two, {{"dog", {0, 0, 100, 100}}, {"dog", {20, 0, 120, 100}}, {"dog", kRight}}), 1, 1e-12);
  EXPECT_NEAR(score(two, {{"dog", {0, 0, 100, 50}}, {"dog", {0, 0, 100, 100}}}), 1, 1e-12);
  const std::string both = R"({"numeracy_info":[{"obj_name":"dog","num":1},{"obj_name":"cat","num":3}]})";
  EXPECT_NEAR(score(both, {{"dog", kLeft}, {"cat", kRight}}), (1 + 0.2) / 2, 1e-12);
}

TEST(DetectorScore, OfNouns) {
  EXPECT_NEAR(score(R"({"nouns":["dog","cat"],"task_type":"color"})", {{"cat", kLeft}}), 0.5, 1e-12);
  EXPECT_NEAR(score(R"({"nouns":["dog"],"task_type":"color"})", {{"dog", kLeft}, {"dog", kRight}}), 1, 1e-12);
  EXPECT_THROW(score(R"({"prompt":"a dog"})", {}), base::Error);
  EXPECT_EQ(score(R"({"nouns":[],"task_type":"texture"})", {}), 1);
  EXPECT_EQ(score(R"({"nouns":["Dog "],"task_type":"color"})", {{"dog", kLeft}}), 1);  // annotations have capitals
}

// As T2I-R1's code: some of its `complex` prompts have spatial_info, and are looked at for their nouns alone.
TEST(DetectorScore, TaskTypeSaysWhatIsAsked) {
  const std::string complex = R"({"nouns":["plant","table"],"task_type":"complex",)"
                              R"("spatial_info":{"obj1":"plant","obj2":"table","locality":"above"}})";
  EXPECT_EQ(score(complex, {{"plant", kBottom}, {"table", kTop}}), 1);
  EXPECT_THROW(score(R"({"nouns":["a"],"task_type":"spatial"})", {}), base::Error);
  // With nothing to look for among the nouns, T2I-R1's code looks no further.
  const std::string none = R"({"nouns":[],"task_type":"spatial","spatial_info":{"obj1":"car","obj2":"zebra","locality":"near"}})";
  EXPECT_EQ(score(none, {}), 0);
  EXPECT_EQ(score(none, {}, true), 1);
  const std::string behind = R"({"spatial_info":{"obj1":"car","obj2":"zebra","locality":"behind"}})";
  EXPECT_THROW(score(behind, {{"car", kLeft}, {"zebra", kRight}}), base::Error);
  EXPECT_NEAR(score(behind, {{"car", kLeft}, {"zebra", kRight}}, true), 0.4, 1e-12);
  EXPECT_THROW(score(R"({"nouns":["a"],"task_type":"numeracy"})", {}), base::Error);
}

TEST(T2iAnnotations, RefusesOtherForms) {
  for (const char* bad : {R"({"nouns":"dog"})", R"({"nouns":[7]})", R"({"spatial_info":{"obj1":"a","obj2":"b"}})",
                          R"({"numeracy_info":{"dog":2}})", R"({"numeracy_info":[{"obj_name":"dog"}]})",
                          R"({"numeracy_info":[{"obj_name":"dog","num":-1}]})", R"({"numeracy_info":[{"obj_name":"dog","num":1.5}]})"}) {
    EXPECT_THROW(annotations(bad), base::RecordError) << bad;
  }
}

}  // namespace
}  // namespace easel::reward
