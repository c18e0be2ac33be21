// SQLite as values and Results: one connection, prepared statements, transactions. SQLite 3.40 or later.
//
// A connection and its statements belong to one thread at a time; several connections and processes may share a
// file (write-ahead log; a writer waits up to kBusyTimeoutMs for another one).
#ifndef LOGSIEVE_BASE_SQLITE_H_
#define LOGSIEVE_BASE_SQLITE_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace logsieve {

// Parameters are numbered from 1, columns from 0, as in SQLite. A failed bind is told by the next `step`.
class SqliteStatement {
 public:
  SqliteStatement& bind(int parameter, std::int64_t value);
  SqliteStatement& bind(int parameter, double value);
  SqliteStatement& bind(int parameter, std::string_view text);         // copied
  SqliteStatement& bind_bytes(int parameter, std::string_view bytes);  // a BLOB; copied
  SqliteStatement& bind_null(int parameter);

  // True: a row is there; false: there is none (any more). A statement without rows is done after one step.
  // Errors: kIo. Ends the use of the statement: the next bind starts afresh.
  Result<bool> step();
  // `step` for what gives no rows.
  Result<void> run();
  // Ends reading before the last row.
  void reset();

  // Of the present row. The text (or a BLOB's bytes) is valid until the next step, bind or reset; of a NULL: 0, 0.0,
  // "".
  std::int64_t integer(int column) const;
  double number(int column) const;
  std::string_view text(int column) const;
  bool is_null(int column) const;

 private:
  friend class SqliteDatabase;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  bool has_failed_ = false;  // a bind did
  bool is_used_ = false;     // a step was made since the last reset
};

class SqliteDatabase {
 public:
  static constexpr int kBusyTimeoutMs = 5'000;

  // Opens or makes the file (readable by its owner only), with write-ahead log and full sync: what was committed
  // survives a kill and a power cut. The folder must be there. ":memory:" is a database of its own.
  // Errors: kIo (no permission, no space, not a database), with the path.
  static Result<SqliteDatabase> open(const std::filesystem::path& file);

  // Several statements, separated by semicolons, without parameters. Errors: kIo.
  Result<void> run(const std::string& sql);
  // Errors: kInternal for SQL that does not compile.
  Result<SqliteStatement> prepare(std::string_view sql) const;
  // Rows changed by the last statement; row id of the last insert.
  std::int64_t changes() const;
  std::int64_t last_row_id() const;

  // Runs `body` between BEGIN IMMEDIATE and COMMIT; an error of it rolls back and is returned.
  template <typename Body>
  Result<void> transaction(Body body) {
    if (auto begun = run("BEGIN IMMEDIATE"); !begun) return begun;
    Result<void> done = body();
    if (done) done = run("COMMIT");
    if (!done) static_cast<void>(run("ROLLBACK"));
    return done;
  }

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, Closer> database_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_SQLITE_H_
