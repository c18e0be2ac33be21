// Everything that is wrong with one rule book, gathered with place and caret.
#ifndef LOGSIEVE_RULES_BOOK_DIAGNOSTICS_H_
#define LOGSIEVE_RULES_BOOK_DIAGNOSTICS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace logsieve {

struct Problem {
  std::size_t offset = 0;  // in the text, in bytes
  std::string message;
  std::string note = {};  // beside the caret
  std::string help = {};
};

class BookDiagnostics {
 public:
  // More than a user reads at once; past it problems are only counted.
  static constexpr std::size_t kMaxShown = 100;

  // `text` must outlive the object.
  BookDiagnostics(std::string_view text, std::string file_name);

  void add(Problem problem);
  bool empty() const { return count_ == 0; }
  bool is_full() const { return problems_.size() >= kMaxShown; }
  std::string_view text() const { return text_; }
  std::size_t line_of(std::size_t offset) const;  // 1-based

  // The problems in the order of the text: the first with the rest in Error::others. Not for an empty object.
  Error to_error() const;

 private:
  Error render_problem(const Problem& problem) const;
  std::string_view text_;
  std::string file_name_;
  std::vector<std::size_t> line_starts_;
  std::vector<Problem> problems_;
  std::size_t count_ = 0;
};

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_BOOK_DIAGNOSTICS_H_
