#include "llm/deferred_lines.h"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <utility>

namespace logsieve {
namespace {

// The table `deferred` of earlier versions had a row a record, which cost more than the record's classification.
constexpr const char* kSchema = R"sql(
PRAGMA synchronous = NORMAL;
DROP TABLE IF EXISTS deferred;
CREATE TABLE IF NOT EXISTS deferred_lines(
  id INTEGER PRIMARY KEY,
  form TEXT NOT NULL,
  input TEXT NOT NULL,
  label TEXT NOT NULL,
  confidence REAL NOT NULL,
  tier TEXT NOT NULL,
  is_second_opinion INTEGER NOT NULL,
  first_line INTEGER NOT NULL,
  last_line INTEGER NOT NULL,
  count INTEGER NOT NULL,
  records BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS deferred_lines_by_form ON deferred_lines(form, first_line, last_line);
)sql";

// Line, id's low and high half, each 8 bytes, little-endian.
constexpr std::size_t kRecordBytes = 24;

std::string pack(std::span<const DeferredRecord> records) {
  std::string bytes(records.size() * kRecordBytes, '\0');
  char* to = bytes.data();
  for (const DeferredRecord& record : records)
    for (const std::uint64_t word : {record.line, record.id.low, record.id.high}) {
      std::memcpy(to, &word, sizeof word);
      to += sizeof word;
    }
  return bytes;
}

// Bytes behind the last whole record, which only a damaged file has, are let go.
std::vector<DeferredRecord> unpack(std::string_view bytes) {
  std::vector<DeferredRecord> records(bytes.size() / kRecordBytes);
  const char* from = bytes.data();
  for (DeferredRecord& record : records)
    for (std::uint64_t* word : {&record.line, &record.id.low, &record.id.high}) {
      std::memcpy(word, from, sizeof *word);
      from += sizeof *word;
    }
  return records;
}

std::int64_t signed_of(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

bool has_lower_place(const DeferredRecord& a, const DeferredRecord& b) {
  return std::tie(a.line, a.id.high, a.id.low) < std::tie(b.line, b.id.high, b.id.low);
}

}  // namespace

Result<DeferredLines> DeferredLines::open(const std::filesystem::path& file) {
  auto database = SqliteDatabase::open(file);
  if (!database) return std::move(database).error();
  DeferredLines lines;
  lines.database_ = std::move(*database);
  if (auto made = lines.database_.run(kSchema); !made) return std::move(made).error();
  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&lines.insert_,
       "INSERT INTO deferred_lines(form, input, label, confidence, tier, is_second_opinion, first_line, "
       "last_line, count, records) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"},
      {&lines.overlapping_,
       "SELECT id, records FROM deferred_lines WHERE form = ?1 AND first_line <= ?3 AND last_line >= ?2"},
      {&lines.shrink_,
       "UPDATE deferred_lines SET first_line = ?2, last_line = ?3, count = ?4, records = ?5 WHERE id = ?1"},
      {&lines.erase_, "DELETE FROM deferred_lines WHERE id = ?1"},
      {&lines.select_,
       "SELECT input, label, confidence, tier, is_second_opinion, records FROM deferred_lines WHERE form = "
       "?1 ORDER BY first_line, id"},
      {&lines.forget_, "DELETE FROM deferred_lines WHERE form = ?1"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = lines.database_.prepare(sql);
    if (!prepared) return std::move(prepared).error();
    *statement = std::move(*prepared);
  }
  return lines;
}

Result<void> DeferredLines::update(std::span<const DeferredLineGroup> deferred,
                                   std::span<const SettledLines> settled) {
  if (deferred.empty() && settled.empty()) return ok();
  return database_.transaction([&]() -> Result<void> {
    for (const SettledLines& lines : settled)
      if (auto removed = remove(lines.form, lines.records); !removed) return removed;
    for (const DeferredLineGroup& group : deferred) {
      if (group.records.empty()) continue;
      if (auto removed = remove(group.form, group.records); !removed) return removed;
      auto inserted = insert_.bind(1, group.form)
                          .bind(2, group.input)
                          .bind(3, group.label)
                          .bind(4, static_cast<double>(group.confidence))
                          .bind(5, group.tier)
                          .bind(6, std::int64_t{group.is_second_opinion})
                          .bind(7, signed_of(group.records.front().line))
                          .bind(8, signed_of(group.records.back().line))
                          .bind(9, signed_of(group.records.size()))
                          .bind_bytes(10, pack(group.records))
                          .run();
      if (!inserted) return inserted;
    }
    return ok();
  });
}

// Takes `records` (by ascending line) out of the rows of their form.
Result<void> DeferredLines::remove(std::string_view form, std::span<const DeferredRecord> records) {
  if (records.empty()) return ok();
  std::vector<std::pair<std::int64_t, std::vector<DeferredRecord>>> rows;
  overlapping_.bind(1, form).bind(2, signed_of(records.front().line)).bind(3, signed_of(records.back().line));
  for (;;) {
    auto row = overlapping_.step();
    if (!row) return std::move(row).error();
    if (!*row) break;
    rows.emplace_back(overlapping_.integer(0), unpack(overlapping_.text(1)));
  }
  if (rows.empty()) return ok();
  std::vector<DeferredRecord> gone(records.begin(), records.end());
  std::sort(gone.begin(), gone.end(), has_lower_place);
  for (auto& [id, kept] : rows) {
    const std::size_t removed = std::erase_if(kept, [&](const DeferredRecord& record) {
      return std::binary_search(gone.begin(), gone.end(), record, has_lower_place);
    });
    if (removed == 0) continue;
    auto written = kept.empty() ? erase_.bind(1, id).run()
                                : shrink_.bind(1, id)
                                      .bind(2, signed_of(kept.front().line))
                                      .bind(3, signed_of(kept.back().line))
                                      .bind(4, signed_of(kept.size()))
                                      .bind_bytes(5, pack(kept))
                                      .run();
    if (!written) return written;
  }
  return ok();
}

Result<std::uint64_t> DeferredLines::count() {
  auto select = database_.prepare("SELECT ifnull(sum(count), 0) FROM deferred_lines");
  if (!select) return std::move(select).error();
  if (auto row = select->step(); !row) return std::move(row).error();
  return static_cast<std::uint64_t>(select->integer(0));
}

Result<std::vector<std::string>> DeferredLines::forms(std::string_view after, std::size_t limit) {
  auto select =
      database_.prepare("SELECT DISTINCT form FROM deferred_lines WHERE form > ?1 ORDER BY form LIMIT ?2");
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

Result<std::vector<DeferredLineGroup>> DeferredLines::lines_of(std::string_view form) {
  select_.bind(1, form);
  std::vector<DeferredLineGroup> groups;
  for (;;) {
    auto row = select_.step();
    if (!row) return std::move(row).error();
    if (!*row) return groups;
    groups.push_back({std::string(form), std::string(select_.text(0)), std::string(select_.text(1)),
                      static_cast<float>(select_.number(2)), std::string(select_.text(3)),
                      select_.integer(4) != 0, unpack(select_.text(5))});
  }
}

Result<void> DeferredLines::forget(std::string_view form) {
  return forget_.bind(1, form).run();
}

}  // namespace logsieve
