#include "base/sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>
#include <utility>

namespace logsieve {
namespace {

Error sqlite_error(sqlite3* database) {
  const char* name = database != nullptr ? sqlite3_db_filename(database, "main") : nullptr;
  Error error{ErrorCode::kIo,
              std::string("the database failed: ") +
                  (database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(SQLITE_NOMEM))};
  return name != nullptr && *name != '\0' ? std::move(error).at(name) : error;
}

// SQLite makes files with the mode 0644; what is in ours is nobody else's business.
void make_private(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0) ::close(fd);
}

}  // namespace

void SqliteStatement::Finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteDatabase::Closer::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}

SqliteStatement& SqliteStatement::bind(int parameter, std::int64_t value) {
  if (is_used_) reset();
  has_failed_ |= sqlite3_bind_int64(statement_.get(), parameter, value) != SQLITE_OK;
  return *this;
}

SqliteStatement& SqliteStatement::bind(int parameter, double value) {
  if (is_used_) reset();
  has_failed_ |= sqlite3_bind_double(statement_.get(), parameter, value) != SQLITE_OK;
  return *this;
}

SqliteStatement& SqliteStatement::bind(int parameter, std::string_view text) {
  if (is_used_) reset();
  const char* data = text.data() == nullptr ? "" : text.data();
  has_failed_ |= sqlite3_bind_text64(statement_.get(), parameter, data, text.size(), SQLITE_TRANSIENT,
                                     SQLITE_UTF8) != SQLITE_OK;
  return *this;
}

SqliteStatement& SqliteStatement::bind_bytes(int parameter, std::string_view bytes) {
  if (is_used_) reset();
  const char* data = bytes.data() == nullptr ? "" : bytes.data();
  has_failed_ |=
      sqlite3_bind_blob64(statement_.get(), parameter, data, bytes.size(), SQLITE_TRANSIENT) != SQLITE_OK;
  return *this;
}

SqliteStatement& SqliteStatement::bind_null(int parameter) {
  if (is_used_) reset();
  has_failed_ |= sqlite3_bind_null(statement_.get(), parameter) != SQLITE_OK;
  return *this;
}

Result<bool> SqliteStatement::step() {
  sqlite3_stmt* statement = statement_.get();
  if (std::exchange(has_failed_, false))
    return Error{ErrorCode::kInternal, std::string("a value could not be bound: ") + sqlite3_sql(statement)};
  is_used_ = true;
  const int code = sqlite3_step(statement);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    reset();
    return false;
  }
  Error error = sqlite_error(sqlite3_db_handle(statement));
  reset();
  return error;
}

Result<void> SqliteStatement::run() {
  auto stepped = step();
  if (!stepped) return std::move(stepped).error();
  if (*stepped) reset();
  return ok();
}

void SqliteStatement::reset() {
  sqlite3_reset(statement_.get());
  is_used_ = false;
}

std::int64_t SqliteStatement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

double SqliteStatement::number(int column) const {
  return sqlite3_column_double(statement_.get(), column);
}

std::string_view SqliteStatement::text(int column) const {
  const bool is_blob = sqlite3_column_type(statement_.get(), column) == SQLITE_BLOB;
  const auto* text = is_blob ? static_cast<const char*>(sqlite3_column_blob(statement_.get(), column))
                             : reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

Result<SqliteDatabase> SqliteDatabase::open(const std::filesystem::path& file) {
  if (file != ":memory:") make_private(file);
  sqlite3* opened = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(file.c_str(), &opened, flags, nullptr);
  SqliteDatabase database;
  database.database_.reset(opened);
  const auto failed = [&](Error error) {
    error.file = file.string();
    return std::move(error).with_help(
        "the file must be one of logsieve's, in a folder that can be written; remove it to start afresh");
  };
  if (code != SQLITE_OK) return failed(sqlite_error(opened));
  sqlite3_busy_timeout(opened, kBusyTimeoutMs);
  // Foreign bytes in a damaged file must not run anything: no triggers or views of its schema, no bad records.
  sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(opened, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  if (auto set =
          database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cell_size_check = 1");
      !set)
    return failed(std::move(set).error());
  return database;
}

Result<void> SqliteDatabase::run(const std::string& sql) {
  if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return sqlite_error(database_.get());
  return ok();
}

Result<SqliteStatement> SqliteDatabase::prepare(std::string_view sql) const {
  sqlite3_stmt* prepared = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
  SqliteStatement statement;
  statement.statement_.reset(prepared);
  if (code == SQLITE_OK) return statement;
  Error error = sqlite_error(database_.get());
  if (code == SQLITE_ERROR) error.code = ErrorCode::kInternal;
  return error;
}

std::int64_t SqliteDatabase::changes() const {
  return sqlite3_changes64(database_.get());
}

std::int64_t SqliteDatabase::last_row_id() const {
  return sqlite3_last_insert_rowid(database_.get());
}

}  // namespace logsieve
