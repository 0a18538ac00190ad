#include "image/draw.h"

#include <algorithm>
#include <cstring>

#include "base/strings.h"
#include "image/font.h"

namespace easel::image {

namespace {

// The code point that begins at text[*at], and the step past it; an ill-formed byte counts as one
// unknown character.
uint32_t next_code(const std::string& text, size_t* at) {
  const auto lead = static_cast<uint8_t>(text[*at]);
  const size_t length = lead < 0x80    ? 1
                        : lead >= 0xF0 ? 4
                        : lead >= 0xE0 ? 3
                        : lead >= 0xC0 ? 2
                                       : 1;
  size_t step = 1;
  while (step < length && *at + step < text.size() &&
         (static_cast<uint8_t>(text[*at + step]) & 0xC0) == 0x80) {
    ++step;
  }
  *at += step;
  return lead < 0x80 ? lead : 0xFFFD;
}

int count_characters(const std::string& text) {
  int n = 0;
  for (size_t at = 0; at < text.size(); ++n) next_code(text, &at);
  return n;
}

std::string first_characters(const std::string& text, int n) {
  size_t at = 0;
  for (int i = 0; i < n && at < text.size(); ++i) next_code(text, &at);
  return text.substr(0, at);
}

}  // namespace

void fill_rect(Image& image, int x, int y, int width, int height, Rgb color) {
  const int x2 = std::min(image.width, x + width), y2 = std::min(image.height, y + height);
  for (int j = std::max(0, y); j < y2; ++j) {
    for (int i = std::max(0, x); i < x2; ++i) image.set(i, j, color);
  }
}

void draw_box(Image& image, int x1, int y1, int x2, int y2, Rgb color, int thickness) {
  const int t = thickness;
  fill_rect(image, x1, y1, x2 - x1, t, color);
  fill_rect(image, x1, y2 - t, x2 - x1, t, color);
  fill_rect(image, x1, y1, t, y2 - y1, color);
  fill_rect(image, x2 - t, y1, t, y2 - y1, color);
}

void paste(Image& image, const Image& from, int x, int y) {
  const int x1 = std::max(0, x), x2 = std::min(image.width, x + from.width);
  if (x1 >= x2) return;
  for (int j = std::max(0, y); j < std::min(image.height, y + from.height); ++j) {
    const auto offset = [](const Image& of, int column, int row) {
      return 3 * (static_cast<size_t>(row) * static_cast<size_t>(of.width) +
                  static_cast<size_t>(column));
    };
    std::memcpy(image.rgb.data() + offset(image, x1, j),
                from.rgb.data() + offset(from, x1 - x, j - y), 3 * static_cast<size_t>(x2 - x1));
  }
}

void draw_text(Image& image, int x, int y, const std::string& text, Rgb color, int scale) {
  for (size_t at = 0; at < text.size(); x += kGlyphWidth * scale) {
    const Glyph& shape = glyph(next_code(text, &at));
    for (int row = 0; row < 7; ++row) {
      for (int column = 0; column < 5; ++column) {
        if ((shape.rows[static_cast<size_t>(row)] >> (4 - column) & 1) == 0) continue;
        fill_rect(image, x + column * scale, y + (row + shape.drop) * scale, scale, scale, color);
      }
    }
  }
}

std::vector<std::string> wrap_text(const std::string& text, int columns, int max_lines) {
  std::vector<std::string> lines;
  if (columns < 1 || max_lines < 1) return lines;
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) lines.push_back(line);
    line.clear();
  };
  for (std::string word : base::split_words(text)) {
    if (!line.empty() && count_characters(line) + 1 + count_characters(word) > columns) flush();
    while (count_characters(word) > columns) {  // a word longer than a line is cut
      const std::string head = first_characters(word, columns);
      lines.push_back(head);
      word.erase(0, head.size());
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  flush();
  if (static_cast<int>(lines.size()) > max_lines) {
    lines.resize(static_cast<size_t>(max_lines));
    lines.back() = first_characters(lines.back(), std::max(0, columns - 3)) +
                   std::string("...").substr(0, static_cast<size_t>(std::min(3, columns)));
  }
  return lines;
}

void draw_named_boxes(Image& image, const std::vector<NamedBox>& boxes) {
  static constexpr Rgb kOutlines[] = {{200, 30, 30}, {30, 90, 200}, {20, 140, 60}, {190, 110, 0},
                                      {130, 40, 170}, {0, 140, 150}, {110, 80, 50}, {210, 50, 130}};
  const int scale = std::min(image.width, image.height) >= 256 ? 2 : 1;
  const auto color_of = [&](size_t i) { return kOutlines[i % std::size(kOutlines)]; };
  const auto pixel = [](int64_t thousandths, int side) { return static_cast<int>(thousandths * side / 1000); };
  for (size_t i = 0; i < boxes.size(); ++i) {
    const NamedBox& b = boxes[i];
    draw_box(image, pixel(b.x1, image.width), pixel(b.y1, image.height), pixel(b.x2, image.width), pixel(b.y2, image.height),
             color_of(i), 2 * scale - 1);
  }
  for (size_t i = 0; i < boxes.size(); ++i) {
    const int width = count_characters(boxes[i].name) * kGlyphWidth * scale + 4, height = kGlyphHeight * scale + 4;
    const int x = std::max(0, std::min(pixel(boxes[i].x1, image.width), image.width - width));
    const int y = std::max(0, std::min(pixel(boxes[i].y1, image.height), image.height - height));
    fill_rect(image, x, y, width, height, color_of(i));
    draw_text(image, x + 2, y + 2, boxes[i].name, {255, 255, 255}, scale);
  }
}

Image contact_sheet(const std::vector<SheetRow>& rows, int picture_size) {
  constexpr int kPad = 8, kLine = kGlyphHeight + 1;
  constexpr Rgb kPaper{255, 255, 255}, kInk{32, 32, 32}, kFrame{160, 160, 160};
  // One width for every column, so that rows line up: the picture, or its longest line of text.
  int cell = picture_size, columns = 1, title_width = 0, height = kPad;
  std::vector<int> heights;
  for (const auto& row : rows) {
    size_t lines = 0;
    for (const auto& item : row.items) {
      lines = std::max(lines, item.lines.size());
      for (const auto& text : item.lines)
        cell = std::max(cell, count_characters(text) * kGlyphWidth);
    }
    columns = std::max(columns, static_cast<int>(row.items.size()));
    title_width = std::max(title_width, count_characters(row.title) * kGlyphWidth);
    const int title = row.title.empty() ? 0 : kLine + 2;
    heights.push_back(title + picture_size + 4 + static_cast<int>(lines) * kLine + kPad);
    height += heights.back();
  }
  Image sheet(std::max(kPad + columns * (cell + kPad), title_width + 2 * kPad), height, kPaper);
  int y = kPad;
  for (size_t r = 0; r < rows.size(); ++r) {
    int top = y;
    if (!rows[r].title.empty()) {
      draw_text(sheet, kPad, top, rows[r].title, kInk);
      top += kLine + 2;
    }
    int x = kPad;
    for (const auto& item : rows[r].items) {
      const Image& picture = item.picture;
      if (picture.width > 0 && picture.height > 0) {
        // The longer side fills the square; whole factors keep small pictures' pixels sharp.
        const int longer = std::max(picture.width, picture.height);
        const Image shown =
            picture_size % longer == 0
                ? enlarge(picture, picture_size / longer)
                : resize(picture, std::max(1, picture.width * picture_size / longer),
                         std::max(1, picture.height * picture_size / longer));
        paste(sheet, shown, x, top);
      }
      draw_box(sheet, x - 1, top - 1, x + picture_size + 1, top + picture_size + 1, kFrame);
      int line_top = top + picture_size + 4;
      for (const auto& text : item.lines) {
        draw_text(sheet, x, line_top, text, kInk);
        line_top += kLine;
      }
      x += cell + kPad;
    }
    y += heights[r];
  }
  return sheet;
}

}  // namespace easel::image
