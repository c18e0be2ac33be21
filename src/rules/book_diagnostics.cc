#include "rules/book_diagnostics.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace logsieve {

BookDiagnostics::BookDiagnostics(std::string_view text, std::string file_name)
    : text_(text), file_name_(std::move(file_name)), line_starts_{0} {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') line_starts_.push_back(i + 1);
}

void BookDiagnostics::add(Problem problem) {
  ++count_;
  if (!is_full()) problems_.push_back(std::move(problem));
}

std::size_t BookDiagnostics::line_of(std::size_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::size_t>(after - line_starts_.begin());
}

Error BookDiagnostics::render_problem(const Problem& problem) const {
  const std::size_t offset = std::min(problem.offset, text_.size());
  const std::size_t line = line_of(offset);
  const std::size_t begin = line_starts_[line - 1];
  std::string_view shown = text_.substr(begin, text_.find('\n', begin) - begin);
  if (!shown.empty() && shown.back() == '\r') shown.remove_suffix(1);
  return Error{ErrorCode::kInvalidRule, problem.message}
      .at(file_name_, line, offset - begin + 1)
      .with_source(std::string(shown), problem.note)
      .with_help(problem.help);
}

Error BookDiagnostics::to_error() const {
  assert(!empty());
  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) { return a.offset < b.offset; });
  Error first = render_problem(sorted[0]);
  for (std::size_t i = 1; i < sorted.size(); ++i) first.others.push_back(render_problem(sorted[i]));
  if (count_ > sorted.size())
    first.others.push_back(Error{ErrorCode::kInvalidRule,
                                 std::to_string(count_ - sorted.size()) + " more errors are not shown"});
  return first;
}

}  // namespace logsieve
