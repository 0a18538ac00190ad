#include "world/captions.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "record/got_chain.h"
#include "world/geneval_rule.h"

namespace easel::world {

using base::cat;
using base::RandomStream;

namespace {

// One sentence's claim.
struct Claim {
  int shape, color, cell;
};

int another(int value, int n, RandomStream& random) {
  return (value + 1 + static_cast<int>(random.below(static_cast<uint64_t>(n - 1)))) % n;
}

// A cell that no claim names, while there is one: two objects in one place would give an error
// away.
int free_cell(const std::vector<Claim>& claims, int instead_of, RandomStream& random) {
  std::vector<int> open;
  for (int cell = 0; cell < kCells; ++cell) {
    const bool taken =
        std::any_of(claims.begin(), claims.end(), [&](const Claim& c) { return c.cell == cell; });
    if (!taken) open.push_back(cell);
  }
  return open.empty() ? another(instead_of, kCells, random) : random.pick(open);
}

// The objects by class, in the order of `objects`: a count each, and the colour where all share it.
std::vector<Term> grouped_terms(const std::vector<SeenObject>& objects, bool colored) {
  std::vector<Term> terms;
  std::vector<bool> shared;
  for (const auto& o : objects) {
    const auto found =
        std::find_if(terms.begin(), terms.end(), [&](const Term& t) { return t.shape == o.shape; });
    if (found == terms.end()) {
      terms.push_back({o.shape, 1, o.color});
      shared.push_back(true);
      continue;
    }
    ++found->count;
    const auto i = static_cast<size_t>(found - terms.begin());
    shared[i] = shared[i] && found->color == o.color;
  }
  for (size_t i = 0; i < terms.size(); ++i) {
    if (!colored || !shared[i]) terms[i].color = -1;
    terms[i].count = std::min(terms[i].count, kMaxSpokenCount);
  }
  return terms;
}

// "a circle left of a star", with a relation that holds between the boxes (by GenEval's rule).
Content related(const SeenObject& a, const SeenObject& b, bool colored, RandomStream& random) {
  const auto holds = relative_position(a.box, b.box);
  Content content{{{a.shape, 1, colored ? a.color : -1}, {b.shape, 1, colored ? b.color : -1}}, ""};
  if (!holds.empty()) content.relation = random.pick(holds);
  return content;
}

// What the captions of a picture say: brief, short, two paraphrases, two varied, one of objects.
constexpr size_t kCaptions = 7;

std::vector<Content> caption_contents(const std::vector<SeenObject>& objects,
                                      RandomStream& random) {
  std::vector<Content> out;
  auto mixed = objects;
  random.shuffle(mixed);
  if (mixed.size() == 2 && mixed[0].shape != mixed[1].shape) {
    const SeenObject &a = mixed[0], &b = mixed[1];
    const auto pair = [](const SeenObject& x, const SeenObject& y, bool colored) {
      return Content{grouped_terms({x, y}, colored), ""};
    };
    // Both orders of mention, and both directions of the relation.
    return {pair(a, b, false),
            pair(b, a, true),
            related(a, b, false, random),
            related(b, a, false, random),
            pair(a, b, true),
            related(a, b, true, random),
            pair(b, a, false)};
  }
  // One class alone, or a list: with and without colours, and a list in another order each time.
  for (size_t i = 0; i < kCaptions; ++i) {
    out.push_back({grouped_terms(mixed, i % 2 == 1), ""});
    random.shuffle(mixed);
  }
  return out;
}

// Makes one thing that the content says wrong; a content that says no colour, count or relation
// stays as it is.
void corrupt(Content& content, RandomStream& random) {
  std::vector<int*> colors, counts;
  for (Term& term : content.terms) {
    if (term.color >= 0) colors.push_back(&term.color);
    if (term.count > 1) counts.push_back(&term.count);
  }
  const size_t relations = content.relation.empty() ? 0 : 1;
  const size_t choices = colors.size() + counts.size() + relations;
  if (choices == 0) return;
  size_t chosen = random.below(choices);
  if (chosen < colors.size()) {
    *colors[chosen] = another(*colors[chosen], kColors, random);
    return;
  }
  chosen -= colors.size();
  if (chosen < counts.size()) {
    int& count = *counts[chosen];
    const bool up = count == 2 || (count < kMaxSpokenCount && random.chance(0.5));
    count += up ? 1 : -1;
    return;
  }
  static const std::vector<std::string> kAxes[2] = {{"left of", "right of"}, {"above", "below"}};
  for (const auto& axis : kAxes) {
    const auto found = std::find(axis.begin(), axis.end(), content.relation);
    if (found == axis.end()) continue;
    content.relation = axis[found == axis.begin() ? 1 : 0];
    return;
  }
}

// A wording of the content that is no test prompt and was not used in this record before.
std::string reworded(const Content& content, std::set<std::string>& used, RandomStream& random) {
  const auto n = static_cast<uint64_t>(wording_count());
  // About four in five wordings will do; the walk after the draws makes sure that one is found.
  constexpr uint64_t kDraws = 40;
  for (uint64_t i = 0; i < kDraws + n; ++i) {
    const uint64_t wording = i < kDraws ? random.below(n) : i - kDraws;
    std::string text = worded(content, static_cast<int>(wording));
    if (is_test_prompt(text) || !used.insert(text).second) continue;
    return text;
  }
  base::fail(cat("no wording of ", base::quote(phrase(content)), " is left"));
}

// One tag an object, "red circle", in an order that makes no test prompt of the tags together;
// none where no order does.
std::vector<std::string> make_tags(const std::vector<SeenObject>& objects, double noise,
                                   RandomStream& random) {
  Content said;
  for (const auto& o : objects) said.terms.push_back({o.shape, 1, o.color});
  if (random.chance(noise)) corrupt(said, random);
  std::vector<std::string> tags;
  for (const Term& term : said.terms) {
    tags.push_back(cat(color_names().at(static_cast<size_t>(term.color)), " ",
                       shape_names().at(static_cast<size_t>(term.shape))));
  }
  if (tags.size() == 1 && is_test_prompt(tags[0])) tags = base::split_words(tags[0]);
  for (int tries = 0; tries < 20; ++tries) {
    if (!is_test_prompt(base::join(tags, ", "))) return tags;
    random.shuffle(tags);
  }
  return {};
}

}  // namespace

std::vector<SeenObject> seen_objects(const record::Detections& detections, int width, int height) {
  std::vector<SeenObject> out;
  for (const auto& d : detections.items) {
    SeenObject o{shape_index(d.class_name), color_index(d.color), 0, d.box};
    if (d.score <= 0.5 || o.shape < 0 || o.color < 0 || width <= 0 || height <= 0) continue;
    const auto cell = [](double low, double high, int size) {
      return std::clamp(static_cast<int>((low + high) / 2 * kGrid / size), 0, kGrid - 1);
    };
    o.cell = kGrid * cell(d.box.y1, d.box.y2, height) + cell(d.box.x1, d.box.x2, width);
    out.push_back(o);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const SeenObject& a, const SeenObject& b) { return a.cell < b.cell; });
  return out;
}

std::vector<SeenObject> seen_objects(const Scene& scene) {
  std::vector<SeenObject> out;
  for (const auto& o : scene.objects) out.push_back({o.shape, o.color, o.cell, object_box(o)});
  std::stable_sort(out.begin(), out.end(),
                   [](const SeenObject& a, const SeenObject& b) { return a.cell < b.cell; });
  return out;
}

namespace {

// What a chain says of the objects, errors included, in reading order.
std::vector<Claim> claims_about(const std::vector<SeenObject>& objects, double noise, RandomStream& random) {
  std::vector<Claim> claims;
  for (const auto& o : objects) claims.push_back({o.shape, o.color, o.cell});
  std::vector<Claim> said;
  for (size_t i = 0; i < objects.size(); ++i) {
    Claim claim = claims[i];
    enum { kColor, kPlace, kClass, kMissing, kDouble, kErrors };
    if (random.chance(noise)) {
      const bool only = said.empty() && i + 1 == objects.size();  // a chain is never empty
      switch (random.below(only ? kMissing : kErrors)) {
        case kColor:
          claim.color = another(claim.color, kColors, random);
          break;
        case kPlace:
          claim.cell = claims[i].cell = free_cell(claims, claim.cell, random);
          break;
        case kClass:
          claim.shape = another(claim.shape, kShapes, random);
          break;
        case kMissing:
          continue;
        default: {
          Claim twin = claim;
          twin.cell = free_cell(claims, claim.cell, random);
          claims.push_back(twin);  // so that no other error takes its place
          said.push_back(twin);
        }
      }
    }
    said.push_back(claim);
  }
  std::stable_sort(said.begin(), said.end(),
                   [](const Claim& a, const Claim& b) { return a.cell < b.cell; });
  return said;
}

std::string place_of(const Claim& c) { return cat(" at the ", cell_names().at(static_cast<size_t>(c.cell)), "."); }

std::string chain_of(const std::vector<Claim>& claims) {
  std::vector<std::string> sentences;
  for (const Claim& c : claims) sentences.push_back(phrase(Term{c.shape, 1, c.color}) + place_of(c));
  return base::join(sentences, " ");
}

// The same with each object marked, and the box that the renderer would give it.
std::string got_chain_of(const std::vector<Claim>& claims) {
  const auto thousandths = [](double pixels) { return record::got_place(pixels, kCanvas); };
  std::vector<std::string> sentences;
  for (const Claim& c : claims) {
    const record::Box box = object_box({c.shape, c.color, c.cell});
    sentences.push_back(record::got_object({phrase(Term{c.shape, 1, c.color}), thousandths(box.x1), thousandths(box.y1),
                                            thousandths(box.x2), thousandths(box.y2)}) + place_of(c));
  }
  return base::join(sentences, " ");
}

}  // namespace

std::string chain_of_thought(const std::vector<SeenObject>& objects, double noise, RandomStream& random) {
  return chain_of(claims_about(objects, noise, random));
}

Captions make_captions(const std::vector<SeenObject>& objects, double noise, RandomStream& random) {
  if (objects.empty()) base::fail("nothing to caption: no object");
  std::vector<std::string> texts;
  std::set<std::string> used;
  for (Content& content : caption_contents(objects, random)) {
    if (random.chance(noise)) corrupt(content, random);
    texts.push_back(reworded(content, used, random));
  }
  Captions out;
  out.brief = texts[0];
  out.short_caption = texts[1];
  out.paraphrases = {texts[2], texts[3]};
  out.varied = {texts[4], texts[5]};
  out.object_prompts = {texts[6]};
  out.tags = make_tags(objects, noise, random);
  return out;
}

record::Annotation annotate(const std::vector<SeenObject>& objects, const std::string& id,
                            const std::string& image, double noise, int64_t seed, bool got) {
  if (objects.empty()) {
    base::fail_at({image}, "no shape found; expected a picture of the shapes world");
  }
  RandomStream chain(static_cast<uint64_t>(seed), "chain", id);
  RandomStream words(static_cast<uint64_t>(seed), "captions", id);
  const Captions captions = make_captions(objects, noise, words);
  record::Annotation a;
  a.id = id;
  a.image = image;
  const std::vector<Claim> claims = claims_about(objects, noise, chain);
  a.detailed_caption = chain_of(claims);
  if (got) a.got = got_chain_of(claims);
  a.brief_caption = captions.brief;
  a.short_caption = captions.short_caption;
  a.paraphrases = captions.paraphrases;
  a.tags = captions.tags;
  a.varied_captions = captions.varied;
  a.object_prompts = captions.object_prompts;
  return a;
}

}  // namespace easel::world
