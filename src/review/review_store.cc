#include "review/review_store.h"

#include <array>
#include <utility>

#include "record/label_set.h"

namespace logsieve {
namespace {

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS forms(
  id INTEGER PRIMARY KEY,
  form TEXT NOT NULL UNIQUE,
  llm_label TEXT NOT NULL,
  model_label TEXT NOT NULL,
  model_confidence REAL NOT NULL,
  is_second_opinion INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 0,
  label TEXT NOT NULL DEFAULT '',
  decided_ms INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS samples(
  form INTEGER NOT NULL REFERENCES forms(id),
  message TEXT NOT NULL,
  UNIQUE(form, message));
PRAGMA user_version = 2;
)sql";

constexpr std::string_view kColumns =
    "SELECT id, form, llm_label, model_label, model_confidence, is_second_opinion, lines, state, label FROM "
    "forms ";

ReviewItem item_of(const SqliteStatement& row) {
  ReviewItem item;
  item.id = row.integer(0);
  item.seen = {std::string(row.text(1)),
               std::string(row.text(2)),
               std::string(row.text(3)),
               row.number(4),
               row.integer(5) != 0,
               static_cast<std::uint64_t>(row.integer(6)),
               {}};
  item.state = static_cast<ReviewState>(row.integer(7));
  item.label = row.text(8);
  return item;
}

Result<void> check_version(SqliteDatabase& database, const std::filesystem::path& file) {
  auto version = database.prepare("PRAGMA user_version");
  if (!version) return std::move(version).error();
  auto row = version->step();
  if (!row) return std::move(row).error();
  const std::int64_t found = *row ? version->integer(0) : 0;
  version->reset();
  if (found > ReviewStore::kVersion)
    return Error{ErrorCode::kBadConfig, "the review queue is of version " + std::to_string(found) +
                                            ", this program reads up to " +
                                            std::to_string(ReviewStore::kVersion)}
        .at(file.string())
        .with_help("use a newer logsieve, or name another folder by LOGSIEVE_STATE");
  return found == ReviewStore::kVersion ? ok() : database.transaction([&] { return database.run(kSchema); });
}

Error no_such_item(std::int64_t id) {
  return Error{ErrorCode::kInvalidArgument,
               "there is no form number " + std::to_string(id) + " in the review queue"}
      .with_help("`logsieve review list` shows the numbers");
}

}  // namespace

std::string_view review_state_name(ReviewState state) {
  constexpr std::array<std::string_view, 4> kNames = {"open", "accepted", "corrected", "rejected"};
  return kNames[static_cast<std::size_t>(state)];
}

Result<ReviewStore> ReviewStore::open(const std::filesystem::path& file) {
  std::error_code ignored;  // if it cannot be made, opening the file says so
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  auto database = SqliteDatabase::open(file);
  if (!database) return std::move(database).error();
  ReviewStore store;
  store.database_ = std::move(*database);
  if (auto checked = check_version(store.database_, file); !checked) return std::move(checked).error();
  return store;
}

Result<void> ReviewStore::add(std::span<const ReviewedForm> forms) {
  auto insert = database_.prepare(
      "INSERT INTO forms(form, llm_label, model_label, model_confidence, is_second_opinion, lines) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(form) DO UPDATE SET llm_label = ?2, model_label = ?3, "
      "model_confidence = ?4, is_second_opinion = ?5, lines = lines + ?6");
  if (!insert) return std::move(insert).error();
  auto keep = database_.prepare(
      "INSERT OR IGNORE INTO samples(form, message) SELECT id, ?2 FROM forms WHERE form = ?1 AND "
      "(SELECT COUNT(*) FROM samples WHERE samples.form = forms.id) < ?3");
  if (!keep) return std::move(keep).error();
  return database_.transaction([&]() -> Result<void> {
    for (const ReviewedForm& form : forms) {
      insert->bind(1, std::string_view(form.form))
          .bind(2, std::string_view(form.llm_label))
          .bind(3, std::string_view(form.model_label))
          .bind(4, form.model_confidence)
          .bind(5, std::int64_t{form.is_second_opinion ? 1 : 0})
          .bind(6, static_cast<std::int64_t>(form.lines));
      if (auto done = insert->run(); !done) return done;
      for (const std::string& message : form.samples) {
        if (message.size() > kMostSampleBytes) continue;
        keep->bind(1, std::string_view(form.form)).bind(2, std::string_view(message));
        keep->bind(3, static_cast<std::int64_t>(kMostSamples));
        if (auto done = keep->run(); !done) return done;
      }
    }
    return ok();
  });
}

// `where` may use ?1; ?2 is the limit.
Result<std::vector<ReviewItem>> ReviewStore::select(std::string_view where, std::int64_t first,
                                                    std::int64_t limit) {
  auto query = database_.prepare(std::string(kColumns) + std::string(where) + " LIMIT ?2");
  if (!query) return std::move(query).error();
  query->bind(1, first).bind(2, limit);
  std::vector<ReviewItem> items;
  for (;;) {
    auto row = query->step();
    if (!row) return std::move(row).error();
    if (!*row) return items;
    items.push_back(item_of(*query));
  }
}

Result<std::vector<ReviewItem>> ReviewStore::open_items(std::uint64_t min_lines, std::size_t limit) {
  const std::string where = "WHERE state = 0 AND lines >= ?1 AND llm_label <> '" +
                            std::string(kUnclassified) +
                            "' ORDER BY lines * (1.0 - model_confidence) DESC, id";
  return select(where, static_cast<std::int64_t>(min_lines), static_cast<std::int64_t>(limit));
}

Result<ReviewItem> ReviewStore::item(std::int64_t id) {
  auto found = select("WHERE id = ?1", id, 1);
  if (!found) return std::move(found).error();
  if (found->empty()) return no_such_item(id);
  return std::move(found->front());
}

Result<void> ReviewStore::decide(std::int64_t id, ReviewState state, std::string_view label,
                                 std::int64_t now_ms) {
  auto known = item(id);
  if (!known) return std::move(known).error();
  std::string decided;
  if (state == ReviewState::kAccepted) decided = known->seen.llm_label;
  if (state == ReviewState::kCorrected) decided = label;
  if (state == ReviewState::kRejected) decided = kUnclassified;
  auto update = database_.prepare("UPDATE forms SET state = ?2, label = ?3, decided_ms = ?4 WHERE id = ?1");
  if (!update) return std::move(update).error();
  update->bind(1, id)
      .bind(2, static_cast<std::int64_t>(state))
      .bind(3, std::string_view(decided))
      .bind(4, now_ms);
  return update->run();
}

Result<std::vector<DecidedForm>> ReviewStore::decided() {
  constexpr std::int64_t kAll = -1;  // SQLite: no limit
  auto items = select("WHERE state > ?1 ORDER BY id", 0, kAll);
  if (!items) return std::move(items).error();
  std::vector<DecidedForm> forms;
  for (ReviewItem& item : *items)
    forms.push_back({std::move(item.seen.form), std::move(item.label), item.id});
  return forms;
}

Result<std::vector<std::string>> ReviewStore::samples(std::int64_t id) {
  auto query = database_.prepare("SELECT message FROM samples WHERE form = ?1 ORDER BY rowid");
  if (!query) return std::move(query).error();
  query->bind(1, id);
  std::vector<std::string> messages;
  for (;;) {
    auto row = query->step();
    if (!row) return std::move(row).error();
    if (!*row) return messages;
    messages.emplace_back(query->text(0));
  }
}

Result<std::vector<ReviewItem>> ReviewStore::disagreements(std::size_t limit) {
  return select("WHERE is_second_opinion = 1 AND llm_label <> model_label AND ?1 = 0 ORDER BY lines DESC, id",
                0, static_cast<std::int64_t>(limit));
}

Result<std::vector<CalibrationBin>> ReviewStore::calibration() {
  auto query = database_.prepare(
      "SELECT bin, COUNT(*), SUM(lines), SUM(agrees), SUM(lines * agrees) FROM (SELECT MIN(9, "
      "CAST(model_confidence * 10 "
      "AS INTEGER)) AS bin, lines, CASE state WHEN 0 THEN llm_label ELSE label END AS right, "
      "CASE state WHEN 0 THEN llm_label ELSE label END = model_label AS agrees, state FROM forms "
      "WHERE is_second_opinion = 1) WHERE state > 0 OR right <> ?1 GROUP BY bin ORDER BY bin");
  if (!query) return std::move(query).error();
  query->bind(1, std::string_view(kUnclassified));
  std::vector<CalibrationBin> bins;
  for (;;) {
    auto row = query->step();
    if (!row) return std::move(row).error();
    if (!*row) return bins;
    const auto count = [&](int column) { return static_cast<std::uint64_t>(query->integer(column)); };
    bins.push_back({static_cast<double>(query->integer(0)) / 10, count(1), count(2), count(3), count(4)});
  }
}

Result<std::vector<ReviewItem>> ReviewStore::seen(std::size_t limit) {
  return select("WHERE ?1 = 0 ORDER BY lines DESC, id", 0, static_cast<std::int64_t>(limit));
}

}  // namespace logsieve
