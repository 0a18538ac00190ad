// The annotator: true, never a test prompt, and wrong as often as it is told to be.
#include "world/captions.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/error.h"
#include "world/detector.h"
#include "world/judge.h"
#include "world/scenes.h"

namespace easel::world {
namespace {

record::Annotation annotated(const Scene& scene, int64_t i, double noise) {
  return annotate(seen_objects(scene), base::cat("id-", i), "x.png", noise, 3);
}

std::vector<std::string> captions_of(const record::Annotation& a) {
  std::vector<std::string> out = {a.brief_caption, a.short_caption};
  for (const auto* list : {&a.paraphrases, &a.varied_captions, &a.object_prompts}) {
    out.insert(out.end(), list->begin(), list->end());
  }
  return out;
}

std::vector<std::string> sentences(const std::string& chain) {
  return base::split(base::replace_all(chain, ". ", ".|"), '|');
}

TEST(Captions, ChainIsInReadingOrder) {
  const Scene scene{{{shape_index("star"), color_index("orange"), 8},
                     {shape_index("circle"), color_index("red"), 0}}};
  base::RandomStream random(0, "x");
  EXPECT_EQ(chain_of_thought(seen_objects(scene), 0, random),
            "a red circle at the top left. an orange star at the bottom right.");
  EXPECT_EQ(chain_of_thought({}, 0.5, random), "");
}

TEST(Captions, TrueAndNeverATestPrompt) {
  std::map<std::string, int> tags, leads;
  for (int i = 0; i < 2000; ++i) {
    const auto drawn = random_scene(1, i);
    const auto found = detect(render(drawn.scene));
    const auto a = annotated(drawn.scene, i, 0);
    const auto captions = captions_of(a);
    EXPECT_EQ(captions.size(), 7U);
    EXPECT_EQ(std::set<std::string>(captions.begin(), captions.end()).size(), 7U);
    for (const auto& style : a.prompt_styles()) {
      for (const auto& text : style) EXPECT_FALSE(is_test_prompt(text)) << text;
    }
    for (const auto& text : captions) {
      const auto metadata = parse_prompt(text);
      ASSERT_TRUE(metadata) << text;
      EXPECT_TRUE(judge(found, *metadata).correct) << text;
      // All of the picture is said: as many objects as there are.
      int64_t said = 0;
      for (const auto& clause : metadata->include) said += clause.count;
      EXPECT_EQ(said, static_cast<int64_t>(drawn.scene.objects.size())) << text;
      ++tags[metadata->tag];
      ++leads[text.substr(0, text.find(" of "))];
    }
    EXPECT_EQ(sentences(a.detailed_caption).size(), drawn.scene.objects.size());
  }
  for (const auto& tag : task_tags()) EXPECT_GT(tags[tag], 14000 / 30) << tag;
  EXPECT_GE(leads.size(), 12U);
}

TEST(Captions, RelationsAndOrdersAreAllUsed) {
  std::map<std::string, int> relations;
  int first_mentioned_first = 0, pairs = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto drawn = random_scene(2, i);
    for (const auto& text : captions_of(annotated(drawn.scene, i, 0))) {
      const auto content = parse_content(text);
      if (!content->relation.empty()) ++relations[content->relation];
      if (content->terms.size() != 2 || !content->relation.empty()) continue;
      ++pairs;
      first_mentioned_first += content->terms[0].shape < content->terms[1].shape;
    }
  }
  EXPECT_EQ(relations.size(), 4U);
  for (const auto& [relation, n] : relations) EXPECT_GT(n, 200) << relation;
  EXPECT_NEAR(first_mentioned_first, pairs / 2, pairs / 10);
}

TEST(Captions, FromPixelsAsFromTheScene) {
  for (int i = 0; i < 200; ++i) {
    const auto drawn = random_scene(3, i);
    const auto from_pixels = seen_objects(detect(render(drawn.scene)), kCanvas, kCanvas);
    base::RandomStream a(0, "x"), b(0, "x");
    EXPECT_EQ(chain_of_thought(from_pixels, 0, a),
              chain_of_thought(seen_objects(drawn.scene), 0, b));
  }
}

TEST(Captions, ErrsAsOftenAsItIsTold) {
  constexpr double kNoise = 0.3;
  int spoken = 0, exact = 0, objects = 0, wrong_captions = 0, can_err = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto drawn = random_scene(4, i);
    const auto found = detect(render(drawn.scene));
    const auto clean = annotated(drawn.scene, i, 0), noisy = annotated(drawn.scene, i, kNoise);
    const auto truth = sentences(clean.detailed_caption);
    const std::set<std::string> true_set(truth.begin(), truth.end());
    objects += static_cast<int>(truth.size());
    ASSERT_FALSE(noisy.detailed_caption.empty());
    for (const auto& sentence : sentences(noisy.detailed_caption)) {
      ++spoken;
      exact += true_set.contains(sentence);
    }
    for (const auto& text : captions_of(noisy)) {
      EXPECT_FALSE(is_test_prompt(text)) << text;
      const auto metadata = parse_prompt(text);
      ASSERT_TRUE(metadata) << text;
      if (metadata->tag == "single_object" || metadata->tag == "two_object") continue;
      ++can_err;
      wrong_captions += !judge(found, *metadata).correct;
    }
    for (const auto& style : noisy.prompt_styles()) {
      for (const auto& text : style) EXPECT_FALSE(is_test_prompt(text)) << text;
    }
  }
  // Of five kinds of error four leave a sentence that is not true or take one away, and the fifth
  // adds one.
  EXPECT_NEAR(exact, objects * (1 - 0.8 * kNoise), objects * 0.04);
  EXPECT_NEAR(spoken, objects, objects * 0.03);
  EXPECT_NEAR(wrong_captions, can_err * kNoise, can_err * 0.03);
}

TEST(Captions, AFunctionOfSeedAndId) {
  const auto drawn = random_scene(1, 0);
  const auto objects = seen_objects(drawn.scene);
  const auto a = annotate(objects, "a", "x.png", 0.2, 1),
             again = annotate(objects, "a", "y.png", 0.2, 1);
  EXPECT_EQ(captions_of(a), captions_of(again));
  EXPECT_NE(captions_of(a), captions_of(annotate(objects, "b", "x.png", 0.2, 1)));
  EXPECT_NE(captions_of(a), captions_of(annotate(objects, "a", "x.png", 0.2, 2)));
  EXPECT_THROW(annotate({}, "a", "x.png", 0, 1), base::RecordError);
}

TEST(Captions, OddDetectionsAreHandled) {
  record::Detections odd;
  EXPECT_TRUE(seen_objects(odd, 48, 48).empty());
  odd.items.push_back({"bench", {0, 0, 10, 10}, 0.9, "red"});
  odd.items.push_back({"circle", {0, 0, 10, 10}, 0.9, ""});
  odd.items.push_back({"circle", {0, 0, 10, 10}, 0.4, "red"});
  EXPECT_TRUE(seen_objects(odd, 48, 48).empty());
  // Twelve in one place: more than can be spoken of.
  for (int i = 0; i < 12; ++i) odd.items.push_back({"circle", {-5, -5, 300, 300}, 0.9, "red"});
  const auto objects = seen_objects(odd, 48, 48);
  ASSERT_EQ(objects.size(), 12U);
  for (const double noise : {0.0, 1.0}) {
    const auto a = annotate(objects, "a", "x.png", noise, 1);
    EXPECT_FALSE(a.brief_caption.empty());
    EXPECT_FALSE(a.detailed_caption.empty());
  }
}

TEST(Scenes, MixIsAsDescribed) {
  int one = 0, pairs = 0, same_class = 0, mixed = 0;
  for (int i = 0; i < 4000; ++i) {
    const auto drawn = random_scene(8, i);
    EXPECT_EQ(drawn.id, base::cat("scene-", record::default_id(i)));
    EXPECT_FALSE(is_test_prompt(drawn.prompt)) << drawn.prompt;
    std::set<int> shapes, cells;
    for (const auto& o : drawn.scene.objects) {
      shapes.insert(o.shape);
      cells.insert(o.cell);
    }
    const size_t n = drawn.scene.objects.size();
    EXPECT_EQ(cells.size(), n);
    EXPECT_LE(n, 6U);
    one += n == 1;
    pairs += n == 2 && shapes.size() == 2;
    same_class += n > 1 && shapes.size() == 1;
    mixed += n > 2 && shapes.size() > 1;
  }
  EXPECT_NEAR(one, 600, 90);
  EXPECT_NEAR(pairs, 1600, 130);
  EXPECT_NEAR(same_class, 1200, 130);
  EXPECT_NEAR(mixed, 600, 90);
}

TEST(Scenes, CorpusIsInTheVocabulary) {
  const std::set<std::string> words(vocabulary().begin(), vocabulary().end());
  const auto lines = corpus(501);
  EXPECT_EQ(lines.size(), 501U);
  for (const auto& line : lines) {
    std::string spaced = base::replace_all(base::replace_all(line, ".", " ."), ",", " ,");
    for (const auto& word : base::split_words(spaced)) EXPECT_TRUE(words.contains(word)) << word;
  }
}

}  // namespace
}  // namespace easel::world
