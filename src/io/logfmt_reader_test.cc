#include "io/logfmt_reader.h"

#include <gtest/gtest.h>
#include <string>

#include "io/reader_test_support.h"

namespace logsieve {
namespace {

TEST(ParseLogfmt, FindsTheConventionalFields) {
  const auto fields = parse_logfmt(
      R"(ts=2024-01-01T00:00:00Z level=info service=api msg="user 12 \"x\" in" flag took=3ms)", {});
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->message, R"("user 12 \"x\" in")");
  EXPECT_EQ(fields->source, "api");
  EXPECT_EQ(fields->time, "2024-01-01T00:00:00Z");
}

TEST(ParseLogfmt, RefusesProse) {
  for (const char* line :
       {"", "a=1", "started with a=1 b=2", "a=1 b=\"open", "a=1 \"quoted\" b=2", "=x a=1", "a=1 b=\"x\"y"})
    EXPECT_FALSE(parse_logfmt(line, {})) << line;
}

TEST(LogfmtReader, UndoesQuotesAndKeepsTheLine) {
  const std::string line = R"(level=info msg="a \"b\"\n\u00e9" component=web)";
  const auto input = read_all(line + "\nno pairs here\nmsg=short level=warn\n", InputFormat::kLogfmt);
  ASSERT_EQ(input.records.size(), 3U);
  EXPECT_EQ(input.records[0], (ReadRecord{1, "a \"b\"\n\xC3\xA9", "web", line}));
  EXPECT_EQ(input.records[1], (ReadRecord{2, "no pairs here", "", "no pairs here"}));
  EXPECT_EQ(input.records[2], (ReadRecord{3, "short", "", "msg=short level=warn"}));
}

TEST(LogfmtReader, TakesTheKeysThatAreAskedFor) {
  ReaderOptions options;
  options.format = InputFormat::kLogfmt;
  options.message_column = "err";
  options.source_column = "unit";
  const auto input = read_all("msg=a err=\"b c\" unit=u service=s\n", options);
  ASSERT_EQ(input.records.size(), 1U);
  EXPECT_EQ(input.records[0].message, "b c");
  EXPECT_EQ(input.records[0].source, "u");
}

TEST(LogfmtFormat, IsRecognisedByAQuotedMessage) {
  EXPECT_EQ(read_all("level=info msg=\"a b\"\nlevel=warn msg=c\n", ReaderOptions{}).format,
            InputFormat::kLogfmt);
  EXPECT_EQ(
      read_all("type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2\n", ReaderOptions{})
          .format,
      InputFormat::kText);
  EXPECT_EQ(read_all("level=info msg=\"a b\"\nplain line\n", ReaderOptions{}).format, InputFormat::kText);
}

}  // namespace
}  // namespace logsieve
