// Drawing, text, resizing, contact sheets.
#include "image/draw.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "base/random.h"

namespace easel::image {
namespace {

constexpr Rgb kBlack{0, 0, 0}, kWhite{255, 255, 255}, kRed{255, 0, 0};

int64_t sum(const Image& image) {
  int64_t total = 0;
  for (const auto byte : image.rgb) total += byte;
  return total;
}

int count(const Image& image, Rgb color) {
  int n = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) n += image.at(x, y) == color;
  }
  return n;
}

TEST(Draw, ShapesAreClippedAtTheEdges) {
  Image image(10, 10, kWhite);
  fill_rect(image, -5, -5, 8, 8, kRed);
  EXPECT_EQ(count(image, kRed), 9);
  fill_rect(image, 8, 8, 1 << 20, 1 << 20, kBlack);
  EXPECT_EQ(count(image, kBlack), 4);
  image.set(-1, 3, kRed);
  image.set(10, 3, kRed);
  EXPECT_EQ(count(image, kRed), 9);
  paste(image, Image(4, 4, kBlack), -2, 9);
  EXPECT_EQ(count(image, kBlack), 6);
  paste(image, Image(4, 4, kBlack), 50, 50);
}

TEST(Draw, BoxIsHollow) {
  Image image(10, 10, kWhite);
  draw_box(image, 2, 2, 8, 8, kRed);
  EXPECT_EQ(count(image, kRed), 20);
  EXPECT_EQ(image.at(2, 2), kRed);
  EXPECT_EQ(image.at(7, 7), kRed);
  EXPECT_EQ(image.at(4, 4), kWhite);
}

TEST(Draw, EveryGlyphDiffersAndStaysInItsCell) {
  std::vector<Image> seen;
  for (char c = 33; c < 127; ++c) {
    Image image(3 * kGlyphWidth, 3 * kGlyphHeight, kWhite);
    draw_text(image, kGlyphWidth, kGlyphHeight, std::string(1, c), kBlack);
    EXPECT_GT(count(image, kBlack), 0) << c;
    Image cell(kGlyphWidth, kGlyphHeight);
    paste(cell, image, -kGlyphWidth, -kGlyphHeight);
    EXPECT_EQ(count(cell, kBlack), count(image, kBlack)) << c;
    EXPECT_EQ(std::find(seen.begin(), seen.end(), image), seen.end()) << c;
    seen.push_back(image);
  }
}

TEST(Draw, OtherCharactersTakeOneCellEach) {
  Image accent(30, 10, kWhite), box(30, 10, kWhite);
  draw_text(accent, 0, 0, "\xC3\xA9z", kBlack);
  draw_text(box, 0, 0, "\x01z", kBlack);
  EXPECT_EQ(accent, box);
  draw_text(accent, 0, 0, "\xFF\xC3", kBlack);  // ill-formed: no crash
}

TEST(Draw, TextWraps) {
  EXPECT_EQ(wrap_text("a red circle at the top", 8, 5),
            (std::vector<std::string>{"a red", "circle", "at the", "top"}));
  EXPECT_EQ(wrap_text("a red circle at the top", 8, 2),
            (std::vector<std::string>{"a red", "circl..."}));
  EXPECT_EQ(wrap_text("abcdefghij", 4, 5), (std::vector<std::string>{"abcd", "efgh", "ij"}));
  EXPECT_EQ(wrap_text("\xC3\xA9\xC3\xA9\xC3\xA9", 2, 5),
            (std::vector<std::string>{"\xC3\xA9\xC3\xA9", "\xC3\xA9"}));
  EXPECT_TRUE(wrap_text("", 4, 5).empty());
  EXPECT_TRUE(wrap_text("abc", 0, 5).empty());
}

TEST(Resize, ShrinkingAverages) {
  Image image(4, 2, kBlack);
  fill_rect(image, 0, 0, 1, 2, kWhite);
  const Image half = resize(image, 2, 1);
  EXPECT_EQ(half.at(0, 0), (Rgb{128, 128, 128}));
  EXPECT_EQ(half.at(1, 0), kBlack);
  base::RandomStream random(1, "resize");
  Image noise(100, 70);
  for (auto& byte : noise.rgb) byte = static_cast<uint8_t>(random.below(256));
  const double before = static_cast<double>(sum(noise)) / static_cast<double>(noise.rgb.size());
  for (const auto& [w, h] : {std::pair{37, 11}, {99, 69}, {1, 1}, {50, 35}}) {
    const Image small = resize(noise, w, h);
    const double after = static_cast<double>(sum(small)) / static_cast<double>(small.rgb.size());
    EXPECT_NEAR(after, before, 1) << w << " x " << h;
  }
}

TEST(Resize, EnlargingInterpolates) {
  Image image(2, 1, kBlack);
  image.set(1, 0, kWhite);
  const Image wide = resize(image, 4, 1);
  EXPECT_EQ(wide.at(0, 0).r, 0);
  EXPECT_EQ(wide.at(1, 0).r, 64);
  EXPECT_EQ(wide.at(2, 0).r, 191);
  EXPECT_EQ(wide.at(3, 0).r, 255);
  EXPECT_EQ(resize(Image(1, 1, kRed), 7, 9), Image(7, 9, kRed));
  EXPECT_EQ(resize(image, 2, 1), image);
  EXPECT_THROW(resize(Image(), 4, 4), base::Error);
  EXPECT_THROW(resize(image, 0, 4), base::Error);
}

TEST(Resize, WholeFactorsAndSquares) {
  Image image(3, 2, kBlack);
  image.set(2, 1, kRed);
  const Image large = enlarge(image, 4);
  EXPECT_EQ(large.width, 12);
  EXPECT_EQ(count(large, kRed), 16);
  EXPECT_EQ(resize(large, 3, 2), image);
  const Image square = center_square(Image(7, 4, kRed));
  EXPECT_EQ(square.width, 4);
  EXPECT_EQ(square.height, 4);
  Image wide(7, 4, kBlack), high(4, 7, kBlack);
  wide.set(4, 1, kRed);
  high.set(1, 6, kRed);
  EXPECT_EQ(square_at(wide, 2).at(2, 1), kRed);
  EXPECT_EQ(count(square_at(wide, 0), kRed), 0);
  EXPECT_EQ(square_at(high, 3).at(1, 3), kRed);
  EXPECT_EQ(center_square(wide), square_at(wide, 1));
}

TEST(ContactSheet, HoldsEveryPicture) {
  SheetRow row{"a title", {{Image(48, 48, kRed), {"one", "two"}}, {Image(), {}}}};
  SheetRow second{"", {{Image(60, 30, kRed), {}}}};
  const Image sheet = contact_sheet({row, second}, 96);
  EXPECT_EQ(count(sheet, kRed), 96 * 96 + 96 * 48);
  EXPECT_GT(sheet.width, 2 * 96);
  EXPECT_GT(sheet.height, 2 * 96);
  EXPECT_GT(contact_sheet({}, 96).width, 0);
}

}  // namespace
}  // namespace easel::image
