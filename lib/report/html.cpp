#include "report/html.h"

#include <algorithm>
#include <cstdint>

#include "base/strings.h"

namespace easel::report {

using base::cat;

namespace {

// The palette's eight hues keep their order in both schemes and are told apart by readers with
// common colour deficiencies; --accent is text on the page, never a series.
constexpr const char* kStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #f6f6f4; --card: #ffffff; --ink: #1b1b19; --soft: #62625c; --faint: #8b8b84;
  --line: #deded8; --grid: #ebebe6; --good: #006300;
  --s0: #2a78d6; --s1: #eb6834; --s2: #1baf7a; --s3: #b98000;
  --s4: #d55a94; --s5: #4a3aa7; --s6: #008300; --s7: #e34948;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121211; --card: #1c1c1a; --ink: #f2f2ee; --soft: #b4b4ac; --faint: #85857e;
    --line: #34342f; --grid: #2a2a27; --good: #0ca30c;
    --s0: #4a95ea; --s1: #e2703f; --s2: #22a97a; --s3: #c98500;
    --s4: #d9669a; --s5: #9a90ea; --s6: #3fa33f; --s7: #e66767;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 1240px; margin: 0 auto; padding: 28px 16px 56px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; letter-spacing: -0.01em; }
h2 { font-size: 19px; margin: 36px 0 12px; }
h3 { font-size: 14px; margin: 18px 0 8px; color: var(--soft); font-weight: 600; }
p { margin: 0 0 12px; color: var(--soft); max-width: 75ch; }
.scroll { overflow-x: auto; margin: 0 0 16px; }
table {
  border-collapse: collapse; background: var(--card); border: 1px solid var(--line);
  font-variant-numeric: tabular-nums; font-size: 14px;
}
th, td { padding: 6px 12px; text-align: right; border-bottom: 1px solid var(--grid); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--soft); font-weight: 600; }
tr:last-child td { border-bottom: 0; }
td.strong { font-weight: 700; }
.beside { display: flex; flex-wrap: wrap; gap: 14px 18px; align-items: flex-start; }
.beside > .scroll { margin: 0; flex: 0 1 auto; max-width: 100%; }
.beside > figure { flex: 1 1 330px; max-width: 480px; }
.figures { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(min(330px, 100%), 1fr)); }
figure { margin: 0; padding: 12px 12px 10px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
figcaption { font-weight: 600; font-size: 14px; margin: 0 0 4px; }
figcaption span { color: var(--faint); font-weight: 400; margin-left: 6px; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: var(--soft); font-variant-numeric: tabular-nums; }
svg text.value { fill: var(--ink); }
svg .grid { stroke: var(--grid); stroke-width: 1; }
svg .axis { stroke: var(--line); stroke-width: 1; }
svg .curve { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
svg .band { opacity: 0.16; stroke: none; }
svg .area { opacity: 0.85; stroke: var(--card); stroke-width: 0.6; }
svg .hit { fill: transparent; }
svg .hit:hover { fill: var(--ink); }
svg .whisker { stroke: var(--ink); stroke-width: 1; opacity: 0.55; }
.c0 { --c: var(--s0); } .c1 { --c: var(--s1); } .c2 { --c: var(--s2); } .c3 { --c: var(--s3); }
.c4 { --c: var(--s4); } .c5 { --c: var(--s5); } .c6 { --c: var(--s6); } .c7 { --c: var(--s7); }
.curve { stroke: var(--c); } .band, .area, .bar { fill: var(--c); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 2px 14px; margin: 6px 0 0; padding: 0; font-size: 12.5px; color: var(--soft); }
.legend li { display: flex; align-items: center; gap: 6px; overflow-wrap: anywhere; }
.legend i { flex: none; width: 16px; height: 0; border-top: 3px solid var(--c); }
.legend i.dashed { border-top-style: dotted; }
.legend i.block { height: 10px; width: 10px; border: 0; border-radius: 2px; background: var(--c); }
.strip { display: grid; gap: 12px; grid-template-columns: repeat(6, minmax(0, 1fr)); margin: 0 0 6px; }
@media (max-width: 900px) { .strip { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
.sample { background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; font-size: 12.5px; line-height: 1.4; }
.sample img, .sample .none { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--grid); }
.sample img.small { image-rendering: pixelated; }
.sample .none { display: grid; place-items: center; color: var(--faint); }
.sample div.text { padding: 8px 10px 10px; }
.sample b { display: block; font-weight: 600; overflow-wrap: anywhere; }
.sample details, .sample .cot { display: block; color: var(--soft); margin-top: 4px; overflow-wrap: anywhere; }
.sample summary { cursor: pointer; }
.sample details[open] summary { color: var(--faint); margin-bottom: 4px; }
.sample .reward { float: right; margin-left: 8px; font-variant-numeric: tabular-nums; color: var(--ink); font-weight: 600; }
@media (max-width: 480px) {
  main { padding: 18px 16px 40px; }
  .strip { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  th, td { padding: 5px 7px; font-size: 13px; }
  td:first-child { white-space: normal; min-width: 84px; }
}
@media print { body { background: none; } figure, .sample { break-inside: avoid; } }
)css";

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string escape_html(std::string_view text) {
  if (!base::is_valid_utf8(text)) return escape_html(base::repair_utf8(text));
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if ((u < 0x20 && c != '\n' && c != '\t') || u == 0x7F) {
      out += "\xEF\xBF\xBD";
    } else {
      out += c;
    }
  }
  return out;
}

std::string png_data_url(std::string_view bytes) {
  std::string out = "data:image/png;base64,";
  out.reserve(out.size() + bytes.size() * 4 / 3 + 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t word = 0;
    const size_t n = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k) {
      word = word << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0);
    }
    for (size_t k = 0; k < 4; ++k) out += k <= n ? kBase64[word >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

void Page::section(const std::string& heading) {
  if (in_section_) body_ += "</section>\n";
  in_section_ = true;
  body_ += cat("<section>\n<h2>", escape_html(heading), "</h2>\n");
}

void Page::paragraph(const std::string& text) { body_ += cat("<p>", escape_html(text), "</p>\n"); }

void Page::table(const Table& table) {
  body_ += "<div class=\"scroll\"><table>\n<thead><tr>";
  for (const auto& name : table.header) body_ += cat("<th>", escape_html(name), "</th>");
  body_ += "</tr></thead>\n<tbody>\n";
  for (const auto& row : table.rows) {
    body_ += "<tr>";
    for (const auto& cell : row) {
      body_ += cat(cell.strong ? "<td class=\"strong\">" : "<td>", escape_html(cell.text), "</td>");
    }
    body_ += "</tr>\n";
  }
  body_ += "</tbody></table></div>\n";
}

void Page::figures(const std::vector<std::string>& figures) {
  std::string all;
  for (const auto& figure : figures) all += figure;
  if (!all.empty()) body_ += cat("<div class=\"figures\">\n", all, "</div>\n");
}

void Page::table_and_figure(const Table& left, const std::string& figure) {
  body_ += "<div class=\"beside\">\n";
  table(left);
  body_ += figure + "</div>\n";
}

void Page::html(const std::string& fragment) { body_ += fragment; }

std::string Page::str() const {
  const std::string title = escape_html(title_);
  // The policy lets the page load nothing, whatever a record managed to write into it.
  return cat("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ",
             "style-src 'unsafe-inline'; img-src data:\">\n",
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
             "<link rel=\"icon\" href=\"data:,\">\n<title>", title, "</title>\n<style>", kStyle,
             "</style>\n</head>\n<body>\n<main>\n<h1>", title, "</h1>\n", body_,
             in_section_ ? "</section>\n" : "", "</main>\n</body>\n</html>\n");
}

}  // namespace easel::report
