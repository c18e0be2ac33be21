#include "anomaly/alert_store.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "base/utf8.h"

namespace logsieve {
namespace {

constexpr const char* kSchema = R"(
CREATE TABLE IF NOT EXISTS alert (
  id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, kind TEXT NOT NULL, severity TEXT NOT NULL, subject TEXT NOT NULL,
  label TEXT NOT NULL, template TEXT NOT NULL, source TEXT NOT NULL, what TEXT NOT NULL, examples TEXT NOT NULL,
  expected REAL NOT NULL, seen REAL NOT NULL, since INTEGER NOT NULL, ended INTEGER, line INTEGER NOT NULL,
  acknowledged INTEGER NOT NULL DEFAULT 0, told TEXT NOT NULL DEFAULT '', told_at INTEGER, changed INTEGER NOT NULL,
  sources TEXT NOT NULL DEFAULT '[]');
CREATE INDEX IF NOT EXISTS alert_fingerprint ON alert (fingerprint);
CREATE INDEX IF NOT EXISTS alert_open ON alert (ended) WHERE ended IS NULL;
CREATE INDEX IF NOT EXISTS alert_untold ON alert (changed)
  WHERE told <> CASE WHEN ended IS NULL THEN 'firing' ELSE 'resolved' END;
CREATE TABLE IF NOT EXISTS mute (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, label TEXT NOT NULL, template TEXT NOT NULL, source TEXT NOT NULL,
  until INTEGER, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS message (
  row INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, next_try INTEGER NOT NULL, created INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS message_sink ON message (sink, row);
CREATE TABLE IF NOT EXISTS flush (group_key TEXT PRIMARY KEY, at INTEGER NOT NULL);
)";

constexpr const char* kAlertColumns =
    "id, fingerprint, kind, severity, subject, label, template, source, what, examples, expected, seen, "
    "since, "
    "ended, line, acknowledged, sources";

std::string examples_json(const std::vector<std::string>& examples) {
  auto list = nlohmann::json::array();
  for (const std::string& example : examples) list.push_back(to_valid_utf8(example));
  return list.dump();
}

std::vector<std::string> examples_from(std::string_view json) {
  std::vector<std::string> examples;
  const auto list = nlohmann::json::parse(json, nullptr, false);
  if (!list.is_array()) return examples;
  for (const auto& item : list)
    if (item.is_string()) examples.push_back(item.get<std::string>());
  return examples;
}

std::string sources_json(const std::vector<Contributor>& sources) {
  auto list = nlohmann::json::array();
  for (const Contributor& source : sources) list.push_back({to_valid_utf8(source.name), source.lines});
  return list.dump();
}

std::vector<Contributor> sources_from(std::string_view json) {
  std::vector<Contributor> sources;
  const auto list = nlohmann::json::parse(json, nullptr, false);
  if (!list.is_array()) return sources;
  for (const auto& item : list)
    if (item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_number())
      sources.push_back({item[0].get<std::string>(), item[1].get<double>()});
  return sources;
}

// 'new_template', 'novel', …, for SQL.
std::string instant_kinds() {
  std::string kinds;
  for (std::size_t i = 0; i < kAnomalyKinds; ++i)
    if (const auto kind = static_cast<AnomalyKind>(i); is_instant(kind))
      kinds += fmt::format("{}'{}'", kinds.empty() ? "" : ", ", anomaly_kind_name(kind));
  return kinds;
}

Alert alert_of(const SqliteStatement& row) {
  Alert alert;
  alert.id = row.text(0);
  alert.fingerprint = row.text(1);
  alert.kind = row.text(2);
  alert.severity = row.text(3);
  alert.subject = row.text(4);
  alert.label = row.text(5);
  alert.template_text = row.text(6);
  alert.source = row.text(7);
  alert.what = row.text(8);
  alert.examples = examples_from(row.text(9));
  alert.expected = row.number(10);
  alert.seen = row.number(11);
  alert.since = row.integer(12);
  alert.ended = row.is_null(13) ? kNoTime : row.integer(13);
  alert.line = static_cast<std::uint64_t>(row.integer(14));
  alert.is_acknowledged = row.integer(15) != 0;
  alert.sources = sources_from(row.text(16));
  return alert;
}

// The bound parameters must outlive the step; text is copied by bind.
Result<void> run_with(SqliteDatabase& database, std::string_view sql, const auto&... values) {
  auto statement = database.prepare(sql);
  if (!statement) return std::move(statement).error();
  int parameter = 0;
  (statement->bind(++parameter, values), ...);
  return statement->run();
}

Result<TimeMs> time_or_none(SqliteDatabase& database, std::string_view sql, std::string_view argument) {
  auto statement = database.prepare(sql);
  if (!statement) return std::move(statement).error();
  auto row = statement->bind(1, argument).step();
  if (!row) return std::move(row).error();
  return *row && !statement->is_null(0) ? statement->integer(0) : kNoTime;
}

// Stores of earlier versions have no such column.
Result<void> add_sources(SqliteDatabase& database) {
  auto statement = database.prepare("SELECT count(*) FROM pragma_table_info('alert') WHERE name = 'sources'");
  if (!statement) return std::move(statement).error();
  auto row = statement->step();
  if (!row) return std::move(row).error();
  const bool is_there = statement->integer(0) > 0;
  statement->reset();
  return is_there ? ok() : database.run("ALTER TABLE alert ADD COLUMN sources TEXT NOT NULL DEFAULT '[]'");
}

}  // namespace

bool Alert::is_instant() const {
  const std::size_t index = anomaly_kind_index(kind);
  return index < kAnomalyKinds && logsieve::is_instant(static_cast<AnomalyKind>(index));
}

bool Mute::fits(const Alert& alert) const {
  return (kind.empty() || kind == alert.kind) && (label.empty() || label == alert.label) &&
         (template_text.empty() || template_text == alert.template_text) &&
         (source.empty() || source == alert.source);
}

Result<AlertStore> AlertStore::open(const std::filesystem::path& file) {
  std::error_code failure;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), failure);
  if (failure) return io_error("make", file.parent_path(), failure.value());
  auto database = SqliteDatabase::open(file);
  if (!database) return std::move(database).error();
  if (auto made = database->run(kSchema); !made) return std::move(made).error().at(file.string());
  if (auto made = add_sources(*database); !made) return std::move(made).error().at(file.string());
  return AlertStore(std::move(*database));
}

Result<bool> AlertStore::record(const AnomalyEvent& event, TimeMs now) {
  const TimeMs since = event.since == kNoTime ? now : event.since;
  const std::string id = fmt::format("{}-{:x}", event.fingerprint, since);
  if (!event.is_firing) {
    // What ends is the open alert of this fingerprint, whenever the event says that it began.
    auto ended = run_with(
        database_, "UPDATE alert SET ended = ?1, changed = ?2 WHERE fingerprint = ?3 AND ended IS NULL",
        event.time == kNoTime ? now : event.time, now, std::string_view(event.fingerprint));
    if (!ended) return std::move(ended).error();
    return database_.changes() > 0;
  }
  auto open = time_or_none(database_, "SELECT since FROM alert WHERE fingerprint = ?1 AND ended IS NULL",
                           event.fingerprint);
  if (!open) return std::move(open).error();
  if (*open != kNoTime) return false;
  auto added = run_with(
      database_,
      "INSERT OR IGNORE INTO alert (id, fingerprint, kind, severity, subject, label, template, source, what, "
      "examples, "
      "expected, seen, since, line, changed, sources) VALUES "
      "(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16)",
      std::string_view(id), std::string_view(event.fingerprint), anomaly_kind_name(event.kind),
      severity_name(event.severity), std::string_view(event.subject), std::string_view(event.label),
      std::string_view(event.template_text), std::string_view(event.source), std::string_view(event.what),
      std::string_view(examples_json(event.examples)), event.expected, event.seen, since,
      static_cast<std::int64_t>(event.line), now, std::string_view(sources_json(event.sources)));
  if (!added) return std::move(added).error();
  const bool is_new = database_.changes() > 0;
  // A new template, a novel or rare line is an instant: there is nothing that could end.
  if (is_new && is_instant(event.kind)) {
    auto ended = run_with(database_, "UPDATE alert SET ended = since WHERE id = ?1", std::string_view(id));
    if (!ended) return std::move(ended).error();
  }
  return is_new;
}

Result<std::vector<Alert>> AlertStore::select(const std::string& where, std::string_view argument,
                                              std::size_t limit) {
  auto statement = database_.prepare(
      fmt::format("SELECT {} FROM alert {} ORDER BY since DESC, id LIMIT ?2", kAlertColumns, where));
  if (!statement) return std::move(statement).error();
  statement->bind(1, argument).bind(2, static_cast<std::int64_t>(limit));
  std::vector<Alert> found;
  for (;;) {
    auto row = statement->step();
    if (!row) return std::move(row).error();
    if (!*row) return found;
    found.push_back(alert_of(*statement));
  }
}

Result<std::vector<Alert>> AlertStore::alerts(bool only_open, std::size_t limit) {
  return select(only_open ? "WHERE ended IS NULL AND ?1 = ''" : "WHERE ?1 = ''", "", limit);
}

Result<std::vector<Alert>> AlertStore::open_and_recent(TimeMs instants_since, std::size_t limit) {
  return select("WHERE ended IS NULL OR (kind IN (" + instant_kinds() + ") AND changed >= ?1)",
                std::to_string(instants_since), limit);
}

Result<std::optional<Alert>> AlertStore::find(std::string_view id_prefix) {
  if (id_prefix.empty())
    return Error{ErrorCode::kInvalidArgument, "an empty id names no alert"}.with_help(
        "logsieve alerts list --all shows the ids");
  auto found = select("WHERE substr(id, 1, length(?1)) = ?1", id_prefix, 2);
  if (!found) return std::move(found).error();
  if (found->size() == 2 && (*found)[0].id != id_prefix)
    return Error{ErrorCode::kInvalidArgument, "several alerts begin with \"" + std::string(id_prefix) + "\""}
        .with_help("give more of the id");
  return found->empty() ? std::optional<Alert>() : std::optional<Alert>((*found)[0]);
}

Result<void> AlertStore::acknowledge(std::string_view id_prefix) {
  auto alert = find(id_prefix);
  if (!alert) return std::move(alert).error();
  if (!*alert)
    return Error{ErrorCode::kNotFound, "there is no alert \"" + std::string(id_prefix) + "\""}.with_help(
        "logsieve alerts list --all shows their ids");
  return run_with(database_, "UPDATE alert SET acknowledged = 1 WHERE id = ?1",
                  std::string_view((*alert)->id));
}

Result<std::int64_t> AlertStore::add_mute(const Mute& mute) {
  auto statement = database_.prepare(
      "INSERT INTO mute (kind, label, template, source, until, reason) VALUES (?1,?2,?3,?4,?5,?6)");
  if (!statement) return std::move(statement).error();
  statement->bind(1, std::string_view(mute.kind)).bind(2, std::string_view(mute.label));
  statement->bind(3, std::string_view(mute.template_text)).bind(4, std::string_view(mute.source));
  if (mute.until == kNoTime)
    statement->bind_null(5);
  else
    statement->bind(5, mute.until);
  if (auto added = statement->bind(6, std::string_view(mute.reason)).run(); !added)
    return std::move(added).error();
  return database_.last_row_id();
}

Result<void> AlertStore::remove_mute(std::int64_t id) {
  if (auto removed = run_with(database_, "DELETE FROM mute WHERE id = ?1", id); !removed) return removed;
  if (database_.changes() > 0) return ok();
  return Error{ErrorCode::kNotFound, "there is no mute " + std::to_string(id)}.with_help(
      "logsieve alerts mutes lists them");
}

Result<std::vector<Mute>> AlertStore::mutes(TimeMs now) {
  if (auto removed = run_with(database_, "DELETE FROM mute WHERE until <= ?1", now); !removed)
    return std::move(removed).error();
  auto statement =
      database_.prepare("SELECT id, kind, label, template, source, until, reason FROM mute ORDER BY id");
  if (!statement) return std::move(statement).error();
  std::vector<Mute> found;
  for (;;) {
    auto row = statement->step();
    if (!row) return std::move(row).error();
    if (!*row) return found;
    found.push_back({statement->integer(0), std::string(statement->text(1)), std::string(statement->text(2)),
                     std::string(statement->text(3)), std::string(statement->text(4)),
                     statement->is_null(5) ? kNoTime : statement->integer(5),
                     std::string(statement->text(6))});
  }
}

Result<void> AlertStore::spool(std::string_view sink, std::string_view id, std::string_view body,
                               TimeMs now) {
  return run_with(database_,
                  "INSERT INTO message (sink, id, body, next_try, created) VALUES (?1,?2,?3,?4,?4)", sink, id,
                  body, now);
}

Result<std::size_t> AlertStore::spooled(std::string_view sink) {
  auto statement = database_.prepare("SELECT count(*) FROM message WHERE sink = ?1");
  if (!statement) return std::move(statement).error();
  auto row = statement->bind(1, sink).step();
  if (!row) return std::move(row).error();
  return static_cast<std::size_t>(statement->integer(0));
}

Result<std::optional<SpooledMessage>> AlertStore::due(std::string_view sink, TimeMs now) {
  auto statement = database_.prepare(
      "SELECT row, id, body, attempts, created, next_try FROM message WHERE sink = ?1 ORDER BY row LIMIT 1");
  if (!statement) return std::move(statement).error();
  auto row = statement->bind(1, sink).step();
  if (!row) return std::move(row).error();
  if (!*row || statement->integer(5) > now) return std::optional<SpooledMessage>();
  return std::optional<SpooledMessage>({statement->integer(0), std::string(statement->text(1)),
                                        std::string(statement->text(2)), statement->integer(3),
                                        statement->integer(4)});
}

Result<void> AlertStore::delivered(std::int64_t row) {
  return run_with(database_, "DELETE FROM message WHERE row = ?1", row);
}

Result<void> AlertStore::failed(std::int64_t row, TimeMs next_try) {
  return run_with(database_, "UPDATE message SET attempts = attempts + 1, next_try = ?2 WHERE row = ?1", row,
                  next_try);
}

Result<std::vector<AlertStore::Untold>> AlertStore::untold() {
  auto statement = database_.prepare(fmt::format(
      "SELECT {}, told, changed FROM alert WHERE told <> CASE WHEN ended IS NULL THEN 'firing' ELSE "
      "'resolved' END ORDER BY changed, id",
      kAlertColumns));
  if (!statement) return std::move(statement).error();
  std::vector<Untold> found;
  for (;;) {
    auto row = statement->step();
    if (!row) return std::move(row).error();
    if (!*row) return found;
    found.push_back({alert_of(*statement), std::string(statement->text(17)), statement->integer(18)});
  }
}

Result<void> AlertStore::mark_told(const Alert& alert, TimeMs now) {
  return run_with(database_, "UPDATE alert SET told = ?1, told_at = ?2 WHERE id = ?3",
                  std::string_view(alert.is_open() ? "firing" : "resolved"), now, std::string_view(alert.id));
}

Result<TimeMs> AlertStore::last_end_told(std::string_view fingerprint) {
  return time_or_none(
      database_, "SELECT max(told_at) FROM alert WHERE fingerprint = ?1 AND told = 'resolved'", fingerprint);
}

Result<std::size_t> AlertStore::prune(TimeMs before) {
  if (auto done = run_with(database_, "DELETE FROM flush WHERE at < ?1", before); !done)
    return std::move(done).error();
  if (auto done = run_with(database_, "DELETE FROM alert WHERE ended IS NOT NULL AND changed < ?1", before);
      !done)
    return std::move(done).error();
  return static_cast<std::size_t>(database_.changes());
}

Result<TimeMs> AlertStore::last_flush(std::string_view group) {
  return time_or_none(database_, "SELECT at FROM flush WHERE group_key = ?1", group);
}

Result<void> AlertStore::set_last_flush(std::string_view group, TimeMs now) {
  return run_with(database_,
                  "INSERT INTO flush (group_key, at) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET at = ?2",
                  group, now);
}

}  // namespace logsieve
