#include "llm/answer_store.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/hash.h"
#include "base/sqlite.h"
#include "llm/prompt.h"

namespace logsieve {
namespace {

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS calls(
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  model TEXT NOT NULL,
  forms INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  nano_usd INTEGER NOT NULL,
  request TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS calls_by_time ON calls(at_ms, outcome, input_tokens, output_tokens, nano_usd);
CREATE TABLE IF NOT EXISTS answers(
  key TEXT PRIMARY KEY,
  form TEXT NOT NULL,
  label TEXT,
  doubted INTEGER NOT NULL DEFAULT 0,
  call INTEGER NOT NULL REFERENCES calls(id),
  cache_hits INTEGER NOT NULL DEFAULT 0,
  lines INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts(
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 2;
)sql";

// Each field with its length before it, so that no two lists of fields give the same bytes.
void append_field(std::string_view field, std::string& bytes) {
  bytes += std::to_string(field.size());
  bytes += ':';
  bytes += field;
}

std::string hash_of_examples(std::span<const LlmExample> examples) {
  std::string bytes;
  for (const auto& [form, label] : examples) {
    append_field(form, bytes);
    append_field(label, bytes);
  }
  return sha256_hex(bytes);
}

std::int64_t signed_of(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

std::uint64_t count_at(const SqliteStatement& statement, int column) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(statement.integer(column), 0));
}

Result<std::int64_t> version_of(const SqliteDatabase& database) {
  auto version = database.prepare("PRAGMA user_version");
  if (!version) return std::move(version).error();
  auto row = version->step();
  if (!row) return std::move(row).error();
  return *row ? version->integer(0) : 0;
}

// Makes the tables of a new file. A file of a newer version may mean something else by the same columns.
Result<void> make_tables(SqliteDatabase& database, const std::filesystem::path& file) {
  auto version = version_of(database);
  if (!version) return std::move(version).error();
  if (*version == AnswerStore::kVersion) return ok();
  if (*version > AnswerStore::kVersion)
    return Error{ErrorCode::kBadConfig, "the LLM state is of version " + std::to_string(*version) +
                                            ", this program reads up to " +
                                            std::to_string(AnswerStore::kVersion)}
        .at(file.string())
        .with_help("use a newer logsieve, or name another folder by LOGSIEVE_STATE");
  return database.transaction([&] { return database.run(kSchema); });
}

}  // namespace

std::string hash_of_labels(const LabelSet& labels, std::span<const std::string> descriptions) {
  std::string bytes;
  for (const std::string& name : labels.names()) append_field(name, bytes);
  for (const std::string& text : descriptions) append_field(text, bytes);
  return sha256_hex(bytes);
}

std::string answer_key(std::string_view model, std::string_view labels_hash, const LlmQuestion& question) {
  std::string bytes;
  for (const std::string_view field : {model, kPromptVersion, labels_hash}) append_field(field, bytes);
  append_field(hash_of_examples(question.examples), bytes);
  append_field(std::to_string(question.variant), bytes);
  append_field(question.form, bytes);
  return sha256_hex(bytes);
}

struct AnswerStore::Impl {
  std::mutex mutex;
  SqliteDatabase database;
  SqliteStatement find;
  SqliteStatement spending_day;
  SqliteStatement spending_minute;
  SqliteStatement insert_call;
  SqliteStatement settle_call;
  SqliteStatement insert_answer;
  SqliteStatement add_hit;
  SqliteStatement add_lines;
  SqliteStatement find_fact;
  SqliteStatement insert_fact;

  Result<void> prepare();
  Result<Spending> spending(std::int64_t now_ms);
  Result<void> insert(const CallDraft& call, std::int64_t now_ms);
};

Result<void> AnswerStore::Impl::prepare() {
  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&find, "SELECT label, doubted FROM answers WHERE key = ?1"},
      {&spending_day,
       "SELECT count(*), coalesce(sum(input_tokens + output_tokens), 0), coalesce(sum(nano_usd), 0) FROM "
       "calls "
       "WHERE at_ms >= ?1 AND outcome != 'not sent'"},
      {&spending_minute,
       "SELECT count(*), coalesce(sum(input_tokens + output_tokens), 0), coalesce(min(at_ms), 0) FROM calls "
       "WHERE at_ms > ?1 AND outcome != 'not sent'"},
      {&insert_call, "INSERT INTO calls VALUES(NULL, ?1, ?2, ?3, 'sent', ?4, ?5, ?6, ?7, ?8)"},
      {&settle_call,
       "UPDATE calls SET outcome = ?2, input_tokens = ?3, cached_tokens = ?4, output_tokens = ?5, nano_usd = "
       "?6 "
       "WHERE id = ?1"},
      {&insert_answer,
       "INSERT OR IGNORE INTO answers(key, form, label, call, doubted) VALUES(?1, ?2, ?3, ?4, ?5)"},
      {&add_hit, "UPDATE answers SET cache_hits = cache_hits + 1 WHERE key = ?1"},
      {&add_lines, "UPDATE answers SET lines = lines + ?2 WHERE key = ?1"},
      {&find_fact, "SELECT value FROM facts WHERE key = ?1"},
      {&insert_fact, "INSERT OR REPLACE INTO facts VALUES(?1, ?2)"},
  };
  for (const auto& [statement, sql] : statements) {
    auto prepared = database.prepare(sql);
    if (!prepared) return std::move(prepared).error();
    *statement = std::move(*prepared);
  }
  return ok();
}

AnswerStore::AnswerStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AnswerStore::AnswerStore(AnswerStore&&) noexcept = default;
AnswerStore& AnswerStore::operator=(AnswerStore&&) noexcept = default;
AnswerStore::~AnswerStore() = default;

Result<AnswerStore> AnswerStore::open(const std::filesystem::path& file) {
  std::error_code ignored;  // if it cannot be made, opening the file says so
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), ignored);
  auto database = SqliteDatabase::open(file);
  if (!database) return std::move(database).error();
  auto impl = std::make_unique<Impl>();
  impl->database = std::move(*database);
  if (auto made = make_tables(impl->database, file); !made) return std::move(made).error();
  if (auto prepared = impl->prepare(); !prepared) return std::move(prepared).error();
  return AnswerStore(std::move(impl));
}

Result<AnswerStore> AnswerStore::in_memory() {
  return open(":memory:");
}

Result<std::optional<StoredAnswer>> AnswerStore::find(std::string_view key) {
  const std::scoped_lock lock(impl_->mutex);
  auto row = impl_->find.bind(1, key).step();
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<StoredAnswer>();
  StoredAnswer found{!impl_->find.is_null(0), std::string(impl_->find.text(0)), impl_->find.integer(1) != 0};
  impl_->find.reset();
  return std::optional(std::move(found));
}

Result<Spending> AnswerStore::Impl::spending(std::int64_t now_ms) {
  Spending spent;
  auto day = spending_day.bind(1, day_start_ms(now_ms)).step();
  if (!day) return std::move(day).error();
  spent.requests_day = count_at(spending_day, 0);
  spent.tokens_day = count_at(spending_day, 1);
  spent.nano_usd_day = spending_day.integer(2);
  spending_day.reset();
  auto minute = spending_minute.bind(1, now_ms - 60'000).step();
  if (!minute) return std::move(minute).error();
  spent.requests_minute = count_at(spending_minute, 0);
  spent.tokens_minute = count_at(spending_minute, 1);
  spent.oldest_in_minute_ms = spending_minute.integer(2);
  spending_minute.reset();
  return spent;
}

Result<void> AnswerStore::Impl::insert(const CallDraft& call, std::int64_t now_ms) {
  return insert_call.bind(1, now_ms)
      .bind(2, call.model)
      .bind(3, signed_of(call.forms))
      .bind(4, signed_of(call.most.input))
      .bind(5, std::int64_t{0})
      .bind(6, signed_of(call.most.output))
      .bind(7, call.most_nano_usd)
      .bind(8, call.request)
      .run();
}

Result<Admission> AnswerStore::reserve(const BudgetLimits& limits, const CallDraft& call,
                                       std::int64_t now_ms) {
  const std::scoped_lock lock(impl_->mutex);
  Admission admission;
  auto done = impl_->database.transaction([&]() -> Result<void> {
    auto spent = impl_->spending(now_ms);
    if (!spent) return std::move(spent).error();
    admission = admit(limits, *spent, call.most.total(), call.most_nano_usd, now_ms);
    if (admission.permit != Permit::kGo) return ok();
    if (auto inserted = impl_->insert(call, now_ms); !inserted) return inserted;
    admission.call = impl_->database.last_row_id();
    return ok();
  });
  if (!done) return std::move(done).error();
  return admission;
}

Result<void> AnswerStore::settle(std::int64_t call, const CallResult& result,
                                 std::span<const NewAnswer> answers) {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->database.transaction([&]() -> Result<void> {
    auto settled = impl_->settle_call.bind(1, call)
                       .bind(2, result.outcome)
                       .bind(3, signed_of(result.tokens.input))
                       .bind(4, signed_of(result.tokens.cached))
                       .bind(5, signed_of(result.tokens.output))
                       .bind(6, result.nano_usd)
                       .run();
    if (!settled) return settled;
    for (const NewAnswer& answer : answers) {
      SqliteStatement& insert = impl_->insert_answer.bind(1, answer.key)
                                    .bind(2, answer.form)
                                    .bind(4, call)
                                    .bind(5, std::int64_t{answer.is_doubted ? 1 : 0});
      answer.label ? insert.bind(3, *answer.label) : insert.bind_null(3);
      if (auto inserted = insert.run(); !inserted) return inserted;
    }
    return ok();
  });
}

Result<void> AnswerStore::count_hit(std::string_view key) {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->add_hit.bind(1, key).run();
}

Result<void> AnswerStore::count_lines(std::string_view key, std::uint64_t lines) {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->add_lines.bind(1, key).bind(2, signed_of(lines)).run();
}

Result<std::optional<std::string>> AnswerStore::fact(std::string_view key) {
  const std::scoped_lock lock(impl_->mutex);
  auto row = impl_->find_fact.bind(1, key).step();
  if (!row) return std::move(row).error();
  if (!*row) return std::optional<std::string>();
  std::optional<std::string> value(impl_->find_fact.text(0));
  impl_->find_fact.reset();
  return value;
}

Result<void> AnswerStore::keep_fact(std::string_view key, std::string_view value) {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->insert_fact.bind(1, key).bind(2, value).run();
}

Result<LedgerTotals> AnswerStore::totals(std::int64_t since_ms) {
  const std::scoped_lock lock(impl_->mutex);
  LedgerTotals totals;
  auto calls = impl_->database.prepare(
      "SELECT count(*), coalesce(sum(outcome = 'answered'), 0), coalesce(sum(input_tokens), 0), "
      "coalesce(sum(cached_tokens), 0), coalesce(sum(output_tokens), 0), coalesce(sum(nano_usd), 0) FROM "
      "calls "
      "WHERE at_ms >= ?1");
  if (!calls) return std::move(calls).error();
  if (auto row = calls->bind(1, since_ms).step(); !row) return std::move(row).error();
  totals.calls = count_at(*calls, 0);
  totals.answered_calls = count_at(*calls, 1);
  totals.tokens = {count_at(*calls, 2), count_at(*calls, 3), count_at(*calls, 4)};
  totals.nano_usd = calls->integer(5);
  auto answers = impl_->database.prepare(
      "SELECT count(*), coalesce(sum(cache_hits), 0), coalesce(sum(lines), 0) FROM answers");
  if (!answers) return std::move(answers).error();
  if (auto row = answers->step(); !row) return std::move(row).error();
  totals.answers = count_at(*answers, 0);
  totals.cache_hits = count_at(*answers, 1);
  totals.lines = count_at(*answers, 2);
  return totals;
}

Result<std::vector<SentRequest>> AnswerStore::sent(std::int64_t after, std::size_t limit) {
  const std::scoped_lock lock(impl_->mutex);
  auto select = impl_->database.prepare(
      "SELECT id, at_ms, model, outcome, request FROM calls WHERE id > ?1 ORDER BY id LIMIT ?2");
  if (!select) return std::move(select).error();
  select->bind(1, after).bind(2, signed_of(limit));
  std::vector<SentRequest> sent;
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) return sent;
    sent.push_back({select->integer(0), select->integer(1), std::string(select->text(2)),
                    std::string(select->text(3)), std::string(select->text(4))});
  }
}

Result<std::vector<LedgerRow>> AnswerStore::rows(std::size_t limit) {
  const std::scoped_lock lock(impl_->mutex);
  auto select = impl_->database.prepare(
      "SELECT a.form, coalesce(a.label, ?2), c.model, c.nano_usd / max(c.forms, 1), "
      "(c.input_tokens + c.output_tokens) / max(c.forms, 1), a.cache_hits, a.lines "
      "FROM answers a JOIN calls c ON c.id = a.call ORDER BY a.lines DESC, a.form, a.key LIMIT ?1");
  if (!select) return std::move(select).error();
  select->bind(1, signed_of(limit)).bind(2, kUnclassified);
  std::vector<LedgerRow> rows;
  for (;;) {
    auto row = select->step();
    if (!row) return std::move(row).error();
    if (!*row) return rows;
    rows.push_back({std::string(select->text(0)), std::string(select->text(1)), std::string(select->text(2)),
                    select->integer(3), count_at(*select, 4), count_at(*select, 5), count_at(*select, 6)});
  }
}

}  // namespace logsieve
