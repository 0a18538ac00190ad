#include "change_json.h"

#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

namespace easel::fuzz {

namespace {

using Json = nlohmann::ordered_json;
using Random = std::mt19937;

size_t below(Random& random, size_t n) { return n == 0 ? 0 : static_cast<size_t>(random()) % n; }

const Json kValues[] = {nullptr, true, false, 0, 1, -1, 2, 255, 256, 65536, 2147483647, 4294967295U, INT64_MAX, UINT64_MAX,
                        1e308, 0.5, "", " ", "\n", "a", "\xE2\x96\x81", std::string("\0", 1), "<0x41>", "<0x0A>",
                        std::string(300, 'x'), Json::array(), Json::object(), Json::array({0, 1}), Json::array({"a", "b"})};

struct Place {
  Json* value = nullptr;
  Json* parent = nullptr;
};

// Down from the root, ending at each step with a small probability, so that the few values that shape a document are
// drawn as often as the many of its longest list.
Place draw(Json& root, Random& random) {
  Place at{&root, nullptr};
  while (at.value->is_structured() && !at.value->empty() && (at.parent == nullptr || below(random, 6) != 0)) {
    auto next = at.value->begin();
    std::advance(next, static_cast<std::ptrdiff_t>(below(random, at.value->size())));
    at = {&*next, at.value};
  }
  return at;
}

// Where `value` stands in its parent.
Json::iterator find(Json& parent, const Json* value) {
  auto at = parent.begin();
  while (&*at != value) ++at;
  return at;
}

void change(Json& root, std::span<const char* const> words, Random& random) {
  const Place at = draw(root, random);
  if (at.parent == nullptr) return;
  switch (below(random, 7)) {
    case 0: at.parent->erase(find(*at.parent, at.value)); return;
    case 1: {  // another key of the format, or once more
      Json copy = *at.value;
      if (at.parent->is_array()) {
        at.parent->push_back(std::move(copy));
      } else {
        (*at.parent)[words[below(random, words.size())]] = std::move(copy);
      }
      return;
    }
    case 2:
    case 3: *at.value = words[below(random, words.size())]; return;
    case 4: {  // a value from elsewhere: a copy, for it may hold this place
      Json other = *draw(root, random).value;
      *at.value = std::move(other);
      return;
    }
    default: *at.value = kValues[below(random, std::size(kValues))];
  }
}

}  // namespace

std::string change_json(const std::string& text, std::span<const char* const> words, int changes, unsigned seed) {
  Json root = Json::parse(text, nullptr, false);
  if (root.is_discarded()) return text;
  Random random(seed);
  for (int n = 0; n < changes; ++n) change(root, words, random);
  return root.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace easel::fuzz
