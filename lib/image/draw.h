// Drawing on pictures: boxes, text in a built-in bitmap font, resizing, contact sheets.
#pragma once

#include <string>
#include <vector>

#include "image/image.h"

namespace easel::image {

void fill_rect(Image& image, int x, int y, int width, int height, Rgb color);
void draw_box(Image& image, int x1, int y1, int x2, int y2, Rgb color, int thickness = 1);
// Boxes, each outlined in a color of its own, with its name on a label at its top left corner, above all outlines.
struct NamedBox {
  std::string name;
  int64_t x1 = 0, y1 = 0, x2 = 0, y2 = 0;  // thousandths of the picture's width and height
};
void draw_named_boxes(Image& image, const std::vector<NamedBox>& boxes);
void paste(Image& image, const Image& from, int x, int y);

// The built-in font is 6 x 10 pixels at scale 1, ASCII; other characters show as a hollow box.
constexpr int kGlyphWidth = 6, kGlyphHeight = 10;
void draw_text(Image& image, int x, int y, const std::string& text, Rgb color, int scale = 1);
// Text broken at spaces into lines of at most `columns` characters, at most max_lines of them
// (then "..." ends the last).
std::vector<std::string> wrap_text(const std::string& text, int columns, int max_lines);

// Area averaging when shrinking, bilinear when enlarging.
Image resize(const Image& image, int width, int height);
struct Size {
  int width = 0, height = 0;
};
Size size_within(const Image& image, int side);  // its own, or in proportion to it with that width and height at most
Image fit_within(const Image& image, int side);  // as it is, or shrunk to that size
Image enlarge(const Image& image, int factor);  // nearest, whole factors
Image square_at(const Image& image, int along);  // the largest square, which begins so many pixels into the long side
Image center_square(const Image& image);         // the one in the middle

// A grid of captioned pictures.
struct SheetItem {
  Image picture;
  std::vector<std::string> lines;  // below the picture, already short enough
};
struct SheetRow {
  std::string title;  // above the row; may be empty
  std::vector<SheetItem> items;
};
Image contact_sheet(const std::vector<SheetRow>& rows, int picture_size);

}  // namespace easel::image
