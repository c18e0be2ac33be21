#include "training/report/html.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "base/utf8.h"

namespace logsieve {
namespace {

// The first `most` code points of valid UTF-8; true where something is left.
bool cut(std::string& text, std::size_t most) {
  std::size_t points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (points++ < most) continue;
    text.resize(i);
    return true;
  }
  return false;
}

}  // namespace

std::string html_text(std::string_view text, std::size_t most) {
  std::string shown = printable(text);
  const bool is_cut = most > 0 && cut(shown, most);
  std::string out;
  out.reserve(shown.size() + 16);
  for (const char c : shown) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  if (is_cut) out += "…";
  return out;
}

std::string percent(double share) {
  const double points = 100 * share;
  if (share < 1.0 && points >= 99.95) return fmt::format("{:.2f} %", std::min(points, 99.99));
  const std::string rounded = fmt::format("{:.1f}", points);
  return (rounded == "100.0" ? "100" : rounded) + " %";
}

std::string counted(std::size_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string counted(std::size_t number, std::string_view noun) {
  return counted(number) + " " + std::string(noun) + (number == 1 ? "" : "s");
}

HtmlTable::HtmlTable(const std::vector<std::string>& header, const std::vector<std::size_t>& numeric)
    : is_numeric_(header.size(), false) {
  for (const std::size_t column : numeric) is_numeric_[column] = true;
  head_ = row(header, "th");
}

void HtmlTable::add(const std::vector<std::string>& cells) {
  body_ += row(cells, "td");
  ++rows_;
}

std::string HtmlTable::row(const std::vector<std::string>& cells, std::string_view tag) const {
  std::string out = "<tr>";
  for (std::size_t i = 0; i < cells.size(); ++i)
    out += fmt::format("<{}{}>{}</{}>", tag, is_numeric_[i] ? " class=\"n\"" : "", cells[i], tag);
  return out + "</tr>\n";
}

std::string HtmlTable::html() const {
  return "<div class=\"wide\"><table>\n<thead>" + head_ + "</thead>\n<tbody>\n" + body_ +
         "</tbody></table></div>\n";
}

}  // namespace logsieve
