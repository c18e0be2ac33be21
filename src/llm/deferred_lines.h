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

#include "base/hash.h"
#include "base/result.h"
#include "base/sqlite.h"

namespace logsieve {

struct DeferredRecord {
  std::uint64_t line = 0;
  Hash128 id;
};

// Records of one form and one provisional verdict, by ascending line.
struct DeferredLineGroup {
  std::string form;
  std::string input;  // path, or "-"
  // The provisional verdict.
  std::string label;  // a name, or `Unclassified`
  float confidence = 0;
  std::string tier;
  bool is_second_opinion = false;
  std::vector<DeferredRecord> records;
};

// Records of a form that the LLM has been heard about, by ascending line.
struct SettledLines {
  std::string_view form;
  std::vector<DeferredRecord> records;
};

// A kill loses nothing of what `update` has kept; a power cut may lose the last seconds of it, which the same
// `classify` again brings back. A group costs one row, however many records it has.
class DeferredLines {
 public:
  // Errors of all: kIo.
  static Result<DeferredLines> open(const std::filesystem::path& file);

  // Keeps `deferred` and forgets `settled`, together. A record that is there already is kept once, with its new
  // verdict.
  Result<void> update(std::span<const DeferredLineGroup> deferred, std::span<const SettledLines> settled);
  // Of records.
  Result<std::uint64_t> count();
  // Distinct forms after `after` in byte order, at most `limit` of them.
  Result<std::vector<std::string>> forms(std::string_view after, std::size_t limit);
  // The records of a form, by line.
  Result<std::vector<DeferredLineGroup>> lines_of(std::string_view form);
  // Forgets all records of a form.
  Result<void> forget(std::string_view form);

 private:
  Result<void> remove(std::string_view form, std::span<const DeferredRecord> records);

  SqliteDatabase database_;
  SqliteStatement insert_;
  SqliteStatement overlapping_;
  SqliteStatement shrink_;
  SqliteStatement erase_;
  SqliteStatement select_;
  SqliteStatement forget_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_DEFERRED_LINES_H_
