#include "llm/deferred_lines.h"

#include <utility>

namespace logsieve {
namespace {

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS deferred(
  record_id TEXT PRIMARY KEY,
  input TEXT NOT NULL,
  line INTEGER NOT NULL,
  form TEXT NOT NULL,
  label TEXT NOT NULL,
  confidence REAL NOT NULL,
  tier TEXT NOT NULL,
  is_second_opinion INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deferred_by_form ON deferred(form);
)sql";

}  // namespace

Result<DeferredLines> DeferredLines::open(const std::filesystem::path& file) {
  auto database = SqliteDatabase::open(file);
  if (!database) return std::move(database).error();
  DeferredLines lines;
  lines.database_ = std::move(*database);
  if (auto made = lines.database_.run(kSchema); !made) return std::move(made).error();
  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&lines.insert_, "INSERT OR REPLACE INTO deferred VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"},
      {&lines.remove_, "DELETE FROM deferred WHERE record_id = ?1"},
      {&lines.select_,
       "SELECT record_id, input, line, form, label, confidence, tier, is_second_opinion FROM deferred "
       "WHERE form = ?1 ORDER BY input, line, record_id"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = lines.database_.prepare(sql);
    if (!prepared) return std::move(prepared).error();
    *statement = std::move(*prepared);
  }
  return lines;
}

Result<void> DeferredLines::update(std::span<const DeferredLine> deferred,
                                   std::span<const std::string> settled) {
  if (deferred.empty() && settled.empty()) return ok();
  return database_.transaction([&]() -> Result<void> {
    for (const DeferredLine& line : deferred) {
      auto inserted = insert_.bind(1, line.record_id)
                          .bind(2, line.input)
                          .bind(3, static_cast<std::int64_t>(line.line))
                          .bind(4, line.form)
                          .bind(5, line.label)
                          .bind(6, static_cast<double>(line.confidence))
                          .bind(7, line.tier)
                          .bind(8, std::int64_t{line.is_second_opinion})
                          .run();
      if (!inserted) return inserted;
    }
    for (const std::string& id : settled)
      if (auto removed = remove_.bind(1, id).run(); !removed) return removed;
    return ok();
  });
}

Result<std::uint64_t> DeferredLines::count() {
  auto select = database_.prepare("SELECT count(*) FROM deferred");
  if (!select) return std::move(select).error();
  if (auto row = select->step(); !row) return std::move(row).error();
  return static_cast<std::uint64_t>(select->integer(0));
}

Result<std::vector<std::string>> DeferredLines::forms(std::string_view after, std::size_t limit) {
  auto select =
      database_.prepare("SELECT DISTINCT form FROM deferred WHERE form > ?1 ORDER BY form LIMIT ?2");
  if (!select) return std::move(select).error();
  select->bind(1, after).bind(2, static_cast<std::int64_t>(limit));
  std::vector<std::string> forms;
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) return forms;
    forms.emplace_back(select->text(0));
  }
}

Result<std::vector<DeferredLine>> DeferredLines::lines_of(std::string_view form) {
  select_.bind(1, form);
  std::vector<DeferredLine> lines;
  for (;;) {
    auto row = select_.step();
    if (!row) return std::move(row).error();
    if (!*row) return lines;
    lines.push_back({std::string(select_.text(0)), std::string(select_.text(1)),
                     static_cast<std::uint64_t>(select_.integer(2)), std::string(select_.text(3)),
                     std::string(select_.text(4)), static_cast<float>(select_.number(5)),
                     std::string(select_.text(6)), select_.integer(7) != 0});
  }
}

}  // namespace logsieve
