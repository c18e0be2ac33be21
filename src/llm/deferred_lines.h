// Records whose verdict is provisional because the LLM was not waited for: kept until a later `classify` or
// `logsieve llm drain` settles them. In the same file as the answers (docs/formats/llm_state.md). One thread.
#ifndef LOGSIEVE_LLM_DEFERRED_LINES_H_
#define LOGSIEVE_LLM_DEFERRED_LINES_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sqlite.h"

namespace logsieve {

struct DeferredLine {
  std::string record_id;
  std::string input;  // path, or "-"
  std::uint64_t line = 0;
  std::string form;
  // The provisional verdict.
  std::string label;  // a name, or `Unclassified`
  float confidence = 0;
  std::string tier;
  bool is_second_opinion = false;
};

class DeferredLines {
 public:
  // Errors of all: kIo.
  static Result<DeferredLines> open(const std::filesystem::path& file);

  // Keeps `deferred` and forgets `settled`, together. A record that is there already is kept once.
  Result<void> update(std::span<const DeferredLine> deferred, std::span<const std::string> settled);
  Result<std::uint64_t> count();
  // Distinct forms after `after` in byte order, at most `limit` of them.
  Result<std::vector<std::string>> forms(std::string_view after, std::size_t limit);
  // The records of a form, by input and line.
  Result<std::vector<DeferredLine>> lines_of(std::string_view form);

 private:
  SqliteDatabase database_;
  SqliteStatement insert_;
  SqliteStatement remove_;
  SqliteStatement select_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_DEFERRED_LINES_H_
