#include "report/sheet.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "record/image_ref.h"
#include "report/ticks.h"

namespace easel::report {

using base::cat;

namespace {

constexpr int kPromptLines = 3, kCotLines = 8, kRewardLines = 3;
constexpr int64_t kMaxPixels = 64'000'000;
constexpr image::Rgb kPaper{255, 255, 255};

// "shapes 1, exec 0.5": what the experts said, unless it is the reward itself.
std::string experts_text(const record::Rollout& r) {
  if (r.rewards.size() == 1 && r.reward == r.rewards[0].second) return "";
  std::vector<std::string> parts;
  for (const auto& [name, value] : r.rewards) parts.push_back(cat(name, " ", short_number(value)));
  return base::join(parts, ", ");
}

}  // namespace

void Sheet::add(const record::Rollout& r, const base::Location& at) {
  if (!options_.by_group) {
    if (shown_ >= options_.count) return;
    groups_.push_back({"", {{0, {load(r, at), caption(r)}}}});
    ++shown_;
    return;
  }
  const std::string key = cat(r.policy_version, ":", r.group_id);
  const auto known = places_.find(key);
  if (known == places_.end() && static_cast<int64_t>(groups_.size()) >= options_.count) return;
  Cell cell{r.index, {load(r, at), caption(r)}};
  if (known == places_.end()) {
    places_[key] = groups_.size();
    groups_.push_back({cat(r.group_id, ": ", r.prompt), {std::move(cell)}});
  } else {
    groups_[known->second].cells.push_back(std::move(cell));
  }
  ++shown_;
}

// Small pictures are enlarged by a whole factor, so that every pixel stays a square, and centred.
image::Image Sheet::load(const record::Rollout& r, const base::Location& at) const {
  if (r.image.empty()) return {};
  image::Image picture;
  try {
    picture = image::read(record::resolve_path(r.image, options_.root));
  } catch (const base::Error& e) {
    base::fail_at(at, e.what());
  }
  const int longer = std::max(picture.width, picture.height);
  if (longer > options_.size || longer == 0) return picture;  // shrunk when the sheet is drawn
  const int factor = options_.size / longer;
  image::Image square(options_.size, options_.size, kPaper);
  if (factor > 1) picture = image::enlarge(picture, factor);
  image::paste(square, picture, (options_.size - picture.width) / 2,
               (options_.size - picture.height) / 2);
  return square;
}

std::vector<std::string> Sheet::caption(const record::Rollout& r) const {
  const int columns = std::max(12, options_.size / image::kGlyphWidth);
  std::vector<std::string> lines;
  const auto add = [&](const std::string& text, int max_lines) {
    if (base::trim(text).empty()) return;
    for (auto& line : image::wrap_text(text, columns, max_lines)) lines.push_back(std::move(line));
  };
  if (r.reward) add(cat("reward ", short_number(*r.reward)), 1);
  add(experts_text(r), kRewardLines);
  if (!options_.by_group) add(r.prompt, kPromptLines);  // the row's title has it
  if (!r.cot.empty()) lines.emplace_back();
  add(r.cot, kCotLines);
  if (r.finish != "stop") add(cat("[", r.finish, "]"), 1);
  return lines;
}

image::Image Sheet::draw() const {
  if (groups_.empty()) base::fail("no rollouts to show");
  std::vector<image::SheetRow> rows;
  if (options_.by_group) {
    for (const auto& group : groups_) {
      image::SheetRow row{group.title, {}};
      auto cells = group.cells;
      std::stable_sort(cells.begin(), cells.end(),
                       [](const Cell& a, const Cell& b) { return a.index < b.index; });
      for (auto& cell : cells) row.items.push_back(std::move(cell.item));
      rows.push_back(std::move(row));
    }
  } else {
    // A little wider than high: captions add to the height.
    const auto columns = static_cast<size_t>(
        std::clamp(std::ceil(std::sqrt(1.6 * static_cast<double>(groups_.size()))), 1.0, 12.0));
    for (size_t i = 0; i < groups_.size(); ++i) {
      if (i % columns == 0) rows.emplace_back();
      rows.back().items.push_back(groups_[i].cells[0].item);
    }
  }
  int64_t pixels = 0;
  size_t columns = 0;
  for (const auto& row : rows) columns = std::max(columns, row.items.size());
  for (const auto& row : rows) {
    size_t lines = 2;
    for (const auto& item : row.items) lines = std::max(lines, item.lines.size() + 2);
    pixels += static_cast<int64_t>(columns) * (options_.size + 8) *
              (options_.size + static_cast<int64_t>(lines) * (image::kGlyphHeight + 1));
  }
  if (pixels > kMaxPixels) {
    base::fail(cat("the sheet would have ", pixels / 1'000'000, " megapixels; expected at most ",
                   kMaxPixels / 1'000'000),
               "lower --count or --size");
  }
  return image::contact_sheet(rows, options_.size);
}

}  // namespace easel::report
