// Text into HTML and SVG, safely: whatever a log line holds, it shows as text.
#ifndef LOGSIEVE_TRAINING_REPORT_HTML_H_
#define LOGSIEVE_TRAINING_REPORT_HTML_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve {

// `printable` text (base/utf8.h: controls, bidi marks and ill-formed bytes become visible escapes) with & < > " ' as
// character references: safe between tags and inside quoted attributes. Longer texts end after `most` code points
// with an ellipsis; 0: never cut.
std::string html_text(std::string_view text, std::size_t most = 0);

// "98.9 %", one decimal; two where the next would round to 100 and is not.
std::string percent(double share);
// 12345 as "12,345".
std::string counted(std::size_t number);
// "1 line", "2 lines".
std::string counted(std::size_t number, std::string_view noun);

// A table; cells are HTML already. Columns named in `numeric` are set flush right.
class HtmlTable {
 public:
  HtmlTable(const std::vector<std::string>& header, const std::vector<std::size_t>& numeric);
  void add(const std::vector<std::string>& cells);  // one a column
  bool empty() const { return rows_ == 0; }
  std::string html() const;

 private:
  std::string row(const std::vector<std::string>& cells, std::string_view tag) const;

  std::vector<bool> is_numeric_;
  std::string head_;
  std::string body_;
  std::size_t rows_ = 0;
};

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_REPORT_HTML_H_
