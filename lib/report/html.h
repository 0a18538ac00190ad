// One self-contained HTML page: no scripts, no files beside it, light and dark by the reader's
// system setting, readable on a telephone. Everything that comes from data is escaped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace easel::report {

// Text for element contents and quoted attributes. Ill-formed UTF-8 and control characters become
// U+FFFD.
std::string escape_html(std::string_view text);

std::string png_data_url(std::string_view png_bytes);

struct TableCell {
  std::string text;
  bool strong = false;
};
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<TableCell>> rows;  // the first column names the row, others are numbers
};

class Page {
 public:
  explicit Page(std::string title) : title_(std::move(title)) {}
  void section(const std::string& heading);  // begins one; what follows goes into it
  void paragraph(const std::string& text);
  void table(const Table& table);
  // Figures side by side as the width allows; each is HTML made by plot.h. Empty ones are left out.
  void figures(const std::vector<std::string>& figures);
  // A table with a figure beside it, or below it where the page is narrow.
  void table_and_figure(const Table& table, const std::string& figure);
  void html(const std::string& fragment);  // already escaped
  std::string str() const;

 private:
  std::string title_, body_;
  bool in_section_ = false;
};

}  // namespace easel::report
