#include "base/sqlite.h"

#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test_folder.h"

namespace logsieve {
namespace {

SqliteDatabase must_open(const std::filesystem::path& file) {
  auto database = SqliteDatabase::open(file);
  if (!database) std::abort();
  return std::move(*database);
}

std::int64_t count_rows(SqliteDatabase& database) {
  auto statement = database.prepare("SELECT count(*) FROM t");
  if (!statement || !*statement->step()) return -1;
  return statement->integer(0);
}

TEST(Sqlite, GivesBackWhatWasPutIn) {
  SqliteDatabase database = must_open(":memory:");
  ASSERT_TRUE(database.run("CREATE TABLE t(a INTEGER, b REAL, c TEXT, d TEXT)"));
  auto insert = database.prepare("INSERT INTO t VALUES(?1, ?2, ?3, ?4)");
  ASSERT_TRUE(insert);
  const std::string text("a\0b", 3);
  ASSERT_TRUE(insert->bind(1, std::int64_t{-7}).bind(2, 0.5).bind(3, text).bind_null(4).run());
  ASSERT_TRUE(insert->bind(1, std::int64_t{8}).bind(3, std::string_view()).run()) << "a statement runs again";
  auto select = database.prepare("SELECT a, b, c, d FROM t ORDER BY a");
  ASSERT_TRUE(*select->step());
  EXPECT_EQ(select->integer(0), -7);
  EXPECT_EQ(select->number(1), 0.5);
  EXPECT_EQ(select->text(2), text);
  EXPECT_TRUE(select->is_null(3));
  EXPECT_EQ(select->text(3), "");
  ASSERT_TRUE(*select->step());
  EXPECT_FALSE(select->is_null(2)) << "an empty text is not NULL";
  EXPECT_FALSE(*select->step());
}

TEST(Sqlite, RollsBackWhatFails) {
  SqliteDatabase database = must_open(":memory:");
  ASSERT_TRUE(database.run("CREATE TABLE t(a INTEGER UNIQUE)"));
  const auto failed = database.transaction([&]() -> Result<void> {
    if (auto done = database.run("INSERT INTO t VALUES(1)"); !done) return done;
    return database.run("INSERT INTO t VALUES(1)");
  });
  EXPECT_FALSE(failed);
  EXPECT_EQ(count_rows(database), 0);
  EXPECT_TRUE(database.transaction([&] { return database.run("INSERT INTO t VALUES(1)"); }));
  EXPECT_EQ(count_rows(database), 1);
}

TEST(Sqlite, KeepsWhatWasCommittedWhenTheProcessIsKilled) {
  const TestFolder folder;
  const auto file = folder / "a.sqlite3";
  const pid_t child = ::fork();
  if (child == 0) {
    SqliteDatabase database = must_open(file);
    if (!database.run("CREATE TABLE t(a); INSERT INTO t VALUES(1); BEGIN; INSERT INTO t VALUES(2)"))
      ::_exit(1);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  SqliteDatabase database = must_open(file);
  EXPECT_EQ(count_rows(database), 1);
}

TEST(Sqlite, MakesFilesThatOnlyTheirOwnerReads) {
  const TestFolder folder;
  SqliteDatabase database = must_open(folder / "a.sqlite3");
  ASSERT_TRUE(database.run("CREATE TABLE t(a)"));
  for (const std::string& name : folder.names()) {
    struct stat status {};
    ASSERT_EQ(::stat((folder / name).c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 077U, 0U) << name;
  }
}

TEST(Sqlite, TellsWhatIsNoDatabase) {
  const TestFolder folder;
  std::ofstream(folder / "text") << std::string(5'000, 'x');
  for (const std::string name : {"text", "missing/a.sqlite3", "."}) {
    const auto database = SqliteDatabase::open(folder / name);
    ASSERT_FALSE(database) << name;
    EXPECT_EQ(database.error().code, ErrorCode::kIo);
    EXPECT_EQ(database.error().file, (folder / name).string());
    EXPECT_NE(database.error().help, "");
  }
}

TEST(Sqlite, TellsSqlThatDoesNotCompileAndValuesThatHaveNoPlace) {
  SqliteDatabase database = must_open(":memory:");
  EXPECT_EQ(database.prepare("SELEKT 1").error().code, ErrorCode::kInternal);
  auto select = database.prepare("SELECT ?1");
  EXPECT_FALSE(select->bind(2, std::int64_t{1}).step());
  EXPECT_TRUE(*select->bind(1, std::int64_t{1}).step()) << "one failure does not stick";
}

}  // namespace
}  // namespace logsieve
