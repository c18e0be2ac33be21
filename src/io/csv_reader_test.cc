#include "io/csv_reader.h"

#include <algorithm>
#include <gtest/gtest.h>

#include "base/random.h"
#include "io/input_stream.h"
#include "io/reader_test_support.h"

namespace logsieve {
namespace {

using Texts = std::vector<std::string>;

ReadInput read_csv(std::string bytes) {
  return read_all(std::move(bytes), InputFormat::kCsv);
}

ReaderOptions limited(std::size_t max_record_bytes, std::size_t batch_bytes) {
  ReaderOptions options;
  options.format = InputFormat::kCsv;
  options.max_record_bytes = max_record_bytes;
  options.batch_bytes = batch_bytes;
  return options;
}

TEST(CsvReader, ReadsTheTimeByConvention) {
  ReaderOptions options;
  options.format = InputFormat::kCsv;
  auto reader = read_records(memory_input("Timestamp,message\n\"a\"\"b\",x\n2026-01-01,y\n"), "x", options);
  const auto batch = (*reader)->next();
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->records.at(0).time, "a\"b");
  EXPECT_EQ(batch->records.at(1).time, "2026-01-01");
}

TEST(CsvReader, ReadsMessageAndSourceByConvention) {
  const auto input = read_csv("timestamp,Source,Log Message\n1,CRM,\"a, \"\"b\"\"\"\n2,HR,c\n");
  ASSERT_EQ(input.records.size(), 2U);
  EXPECT_EQ(input.records[0], (ReadRecord{2, "a, \"b\"", "CRM", "1,CRM,\"a, \"\"b\"\"\""}));
  EXPECT_EQ(input.records[1], (ReadRecord{3, "c", "HR", "2,HR,c"}));
}

TEST(CsvReader, PrefersTheFirstOfTheConventionalNames) {
  EXPECT_EQ(read_csv("text,message,log_message\na,b,c\n").messages(), Texts{"c"});
}

TEST(CsvReader, ReadsNamedColumns) {
  ReaderOptions options;
  options.format = InputFormat::kCsv;
  options.message_column = "what";
  options.source_column = "who";
  const auto input = read_all("message,what,who\na,b,c\n", options);
  ASSERT_EQ(input.records.size(), 1U);
  EXPECT_EQ(input.records[0].message, "b");
  EXPECT_EQ(input.records[0].source, "c");
}

TEST(CsvReader, DropsAByteOrderMarkBeforeAQuotedHeader) {
  const auto input = read_csv("\xEF\xBB\xBF\"message\",\"source\"\r\n\"x\",\"y\"\r\n");
  EXPECT_EQ(input.messages(), Texts{"x"});
}

TEST(CsvReader, EndsRecordsAtLfCrlfAndLoneCr) {
  const auto input = read_csv("message,n\na,1\r\nb,2\rc,3\n\r\nd,4");
  EXPECT_EQ(input.messages(), (Texts{"a", "b", "c", "d"}));
  EXPECT_EQ(input.records[1].raw, "b,2");
  EXPECT_EQ(input.records[2].line, 4U);
  EXPECT_EQ(input.records[3].line, 6U);  // a blank line before it
}

TEST(CsvReader, KeepsLineEndsInQuotesAndCountsThem) {
  const auto input = read_csv("message,n\n\"a\r\nb\nc\rd\",1\nlast,2\n");
  EXPECT_EQ(input.messages(), (Texts{"a\r\nb\nc\rd", "last"}));
  EXPECT_EQ(input.records[1].line, 6U);
}

TEST(CsvReader, CountsTheLinesOfAMultiLineHeader) {
  const auto input = read_csv("\n\n\"two\nlines\",message\n1,x\n");
  ASSERT_EQ(input.records.size(), 1U);
  EXPECT_EQ(input.records[0].line, 5U);
}

TEST(CsvReader, KeepsBareQuotesNulAndBytesThatAreNotUtf8) {
  const std::string odd("5\" \xFF\xC0 \0 end", 11);
  const auto input = read_csv("message,n\n" + odd + ",1\n");
  EXPECT_EQ(input.messages(), Texts{odd});
}

TEST(CsvReader, RejectsARowWithMoreFieldsThanTheHeader) {
  const auto input = read_csv("n,message\n1,a\n2,b,c\n3,d\n");
  EXPECT_EQ(input.messages(), (Texts{"a", "d"}));
  ASSERT_EQ(input.rejects.size(), 1U);
  EXPECT_EQ(input.rejects[0].line, 3U);
  EXPECT_EQ(input.rejects[0].record, 1U);
  EXPECT_EQ(input.rejects[0].raw, "2,b,c");
  EXPECT_EQ(input.rejects[0].reason, "3 fields where the header has 2");
}

TEST(CsvReader, PadsARowThatHasItsMessageButNotItsLastColumns) {
  const auto input = read_csv("message,source,n\na\nb,s\n");
  EXPECT_TRUE(input.rejects.empty());
  EXPECT_EQ(input.padded, 2U);
  ASSERT_EQ(input.records.size(), 2U);
  EXPECT_EQ(input.records[0], (ReadRecord{2, "a", "", "a,,"}));
  EXPECT_EQ(input.records[1], (ReadRecord{3, "b", "s", "b,s,"}));
}

TEST(CsvReader, RejectsARowThatEndsBeforeItsMessage) {
  const auto input = read_csv("a,b,message\n1\n");
  ASSERT_EQ(input.rejects.size(), 1U);
  EXPECT_EQ(input.rejects[0].reason, "1 field where the header has 3, and the message is not among them");
}

TEST(CsvReader, RejectsOnlyTheLineOfAQuoteThatIsNeverClosed) {
  const auto input = read_csv("n,message\n1,a\n2,\"open\n3,b\n4,c\n");
  EXPECT_EQ(input.messages(), (Texts{"a", "b", "c"}));
  ASSERT_EQ(input.rejects.size(), 1U);
  EXPECT_EQ(input.rejects[0].line, 3U);
  EXPECT_EQ(input.rejects[0].raw, "2,\"open");
  EXPECT_EQ(input.rejects[0].reason, "the quote opened at line 3, column 3 is never closed");
  EXPECT_EQ(input.records[1].line, 4U);
}

TEST(CsvReader, RejectsOnlyTheLineOfAQuoteThatALaterOneWouldClose) {
  const auto input = read_csv("n,message\n1,\"open\n2,\"good, one\"\n3,b\n");
  EXPECT_EQ(input.messages(), (Texts{"good, one", "b"}));
  ASSERT_EQ(input.rejects.size(), 1U);
  EXPECT_EQ(input.rejects[0].line, 2U);
}

TEST(CsvReader, NamesTheLineOfTheQuoteNotOfTheRecord) {
  const auto input = read_csv("a,message\n\"two\nlines\",\"open\nx,y\n");
  ASSERT_EQ(input.rejects.size(), 1U);
  EXPECT_EQ(input.rejects[0].line, 2U);
  EXPECT_EQ(input.rejects[0].reason, "the quote opened at line 3, column 8 is never closed");
  EXPECT_EQ(input.messages(), Texts{"y"});
}

TEST(CsvReader, RejectsAnOpenQuoteInTheLastLine) {
  const auto input = read_csv("n,message\n1,\"open");
  ASSERT_EQ(input.rejects.size(), 1U);
  EXPECT_EQ(input.rejects[0].reason, "the quote opened at line 2, column 3 is never closed");
}

TEST(CsvReader, FindsTabAndSemicolonByTheHeader) {
  EXPECT_EQ(read_csv("n\tmessage\n1\ta,b;c\n").messages(), Texts{"a,b;c"});
  EXPECT_EQ(read_csv("n;message\n1;a,b\n").messages(), Texts{"a,b"});
  EXPECT_EQ(read_csv("message\na;b\n").messages(), Texts{"a;b"});
}

TEST(CsvReader, TakesAGivenDelimiter) {
  ReaderOptions options;
  options.format = InputFormat::kCsv;
  options.delimiter = '|';
  EXPECT_EQ(read_all("n,m|message\n1|a,b\n", options).messages(), Texts{"a,b"});
}

TEST(CsvReader, ReadsAHeaderWithoutRowsAsNothing) {
  for (const char* bytes : {"message,n", "message,n\n", "message,n\r\n\r\n"}) {
    const auto input = read_csv(bytes);
    EXPECT_FALSE(input.error) << bytes;
    EXPECT_TRUE(input.records.empty()) << bytes;
    EXPECT_TRUE(input.rejects.empty()) << bytes;
  }
}

TEST(CsvReader, RefusesAnEmptyInput) {
  for (const char* bytes : {"", "\n\n", "\xEF\xBB\xBF"}) {
    const auto input = read_csv(bytes);
    ASSERT_TRUE(input.error) << bytes;
    EXPECT_EQ(input.error->code, ErrorCode::kBadInput);
    EXPECT_EQ(input.error->message, "a CSV without a header row: the input is empty");
  }
}

TEST(CsvReader, ListsTheColumnsWhereNoneIsTheMessage) {
  const auto input = read_csv("\ntime,level,mesage\n");
  ASSERT_TRUE(input.error);
  EXPECT_EQ(input.error->code, ErrorCode::kBadInput);
  EXPECT_EQ(input.error->line, 2U);
  EXPECT_EQ(input.error->file, "input");
  EXPECT_EQ(input.error->message, "no column for the message: the header has time, level, mesage");
  EXPECT_NE(input.error->help.find("--message-column"), std::string::npos);
}

TEST(CsvReader, SuggestsTheNearestColumn) {
  ReaderOptions options;
  options.format = InputFormat::kCsv;
  options.message_column = "Mesage";
  const auto input = read_all("time,message\n", options);
  ASSERT_TRUE(input.error);
  EXPECT_EQ(input.error->message, "no column \"Mesage\": the header has time, message");
  EXPECT_EQ(input.error->help, "did you mean --message-column 'message'?");
}

TEST(CsvReader, KeepsTheErrorShortForAHeaderThatIsNone) {
  std::string header = std::string(100000, 'x');
  for (int i = 0; i < 10000; ++i) header += ",c" + std::to_string(i);
  const auto input = read_csv(header + "\n");
  ASSERT_TRUE(input.error);
  EXPECT_LT(input.error->message.size(), 300U);
  EXPECT_NE(input.error->message.find("and 9989 more"), std::string::npos);
}

TEST(CsvReader, RefusesAMessageColumnThatIsThereTwice) {
  const auto input = read_csv("message,n,message\n");
  ASSERT_TRUE(input.error);
  EXPECT_EQ(input.error->message, "the message column \"message\" is there twice");
}

TEST(CsvReader, RefusesAMissingSourceColumnThatWasAskedFor) {
  ReaderOptions options;
  options.format = InputFormat::kCsv;
  options.source_column = "app";
  const auto input = read_all("message,source\nx,y\n", options);
  ASSERT_TRUE(input.error);
  EXPECT_EQ(input.error->message, "no column \"app\" for the source: the header has message, source");
}

TEST(CsvReader, RefusesAHeaderWhoseQuoteIsNeverClosed) {
  const auto input = read_csv("\"message\n1\n2\n");
  ASSERT_TRUE(input.error);
  EXPECT_EQ(input.error->message, "the header row does not end: a quote in it is never closed");
}

TEST(CsvReader, RefusesAHeaderOverTheLimit) {
  for (std::size_t block : {1U, 1000U}) {
    EXPECT_FALSE(read_all("message,nn\n", limited(10, block)).error);
    const auto input = read_all("message,nnn\n", limited(10, block));
    ASSERT_TRUE(input.error);
    EXPECT_EQ(input.error->message, "the header row does not end within 10 bytes");
  }
}

// Ten thousand columns, the message last.
TEST(CsvReader, ReadsVeryWideRows) {
  std::string header;
  std::string row;
  for (int i = 0; i < 10000; ++i) {
    header += "c" + std::to_string(i) + ',';
    row += "\"\",";
  }
  EXPECT_EQ(read_csv(header + "message\n" + row + "x\n").messages(), Texts{"x"});
}

TEST(CsvReader, RejectsRowsOverTheLimitAndReadsOn) {
  const std::string header = "message,nn\n";
  for (std::size_t length : {9U, 10U, 11U, 12U, 100U}) {
    const std::string row = std::string(length - 2, 'x') + ",1";
    const auto input = read_all(header + row + "\r\nlast,2\n", limited(10, 4));
    EXPECT_EQ(input.records.size(), length <= 10 ? 2U : 1U) << length;
    ASSERT_EQ(input.rejects.size(), length <= 10 ? 0U : 1U) << length;
    EXPECT_EQ(input.records.back().message, "last");
    EXPECT_EQ(input.records.back().line, 3U);
    if (length <= 10) continue;
    EXPECT_EQ(input.rejects[0].raw, row);
    EXPECT_EQ(input.rejects[0].reason, "longer than the limit of 10 bytes");
  }
}

TEST(CsvReader, GivesUpAQuotedFieldAtTheLimit) {
  const auto input = read_all("message,n\n\"never closed\na,1\nb,2\nc,3\nd,4\ne,5\n", limited(20, 7));
  EXPECT_EQ(input.messages(), (Texts{"a", "b", "c", "d", "e"}));
  ASSERT_EQ(input.rejects.size(), 1U);
  EXPECT_EQ(input.rejects[0].reason, "the quote opened at line 2, column 1 is not closed within 20 bytes");
}

void expect_same(const ReadInput& a, const ReadInput& b, const std::string& what) {
  EXPECT_EQ(a.records, b.records) << what;
  ASSERT_EQ(a.rejects.size(), b.rejects.size()) << what;
  for (std::size_t i = 0; i < a.rejects.size(); ++i) {
    EXPECT_EQ(a.rejects[i].line, b.rejects[i].line) << what;
    EXPECT_EQ(a.rejects[i].record, b.rejects[i].record) << what;
    EXPECT_EQ(a.rejects[i].reason, b.rejects[i].reason) << what;
    EXPECT_EQ(a.rejects[i].raw, b.rejects[i].raw) << what;
  }
  EXPECT_EQ(a.error.has_value(), b.error.has_value()) << what;
}

TEST(CsvReader, ReadsTheSameHoweverTheBytesArrive) {
  const std::string bytes =
      "\xEF\xBB\xBFmessage,n\r\n\"a\r\n\"\"b\"\"\",1\rc "
      "\"d\",2\r\n\r\n\"stray\n\"good\",3\nshort\nlong,er,row\n"
      "\"longer than the limit of forty\nbytes\nin quotes, that is\",4\nx,5\n\"open\ny,6";
  const auto whole = read_all(bytes, limited(40, bytes.size()));
  EXPECT_EQ(whole.rejects.size(), 5U);
  for (std::size_t block = 1; block < bytes.size(); ++block)
    expect_same(read_all(bytes, limited(40, block)), whole, "blocks of " + std::to_string(block));
}

std::string random_rows(Random& random) {
  constexpr std::string_view kAlphabet = "ab,\"\"\n\r;\t";
  std::string rows;
  for (std::size_t i = random.below(60); i > 0; --i) rows += kAlphabet[random.below(kAlphabet.size())];
  return rows;
}

std::string without_line_ends(std::string_view text) {
  std::string rest;
  for (const char c : text)
    if (c != '\n' && c != '\r') rest += c;
  return rest;
}

TEST(CsvReader, ReadsRandomBytesTheSameHoweverTheyArrive) {
  Random random(7);
  for (int round = 0; round < 3000; ++round) {
    const std::string bytes = "message,n\n" + random_rows(random);
    expect_same(read_all(bytes, limited(25, 1 + random.below(9))), read_all(bytes, limited(25, 1000)), bytes);
  }
}

// Records and rejects by their lines, put behind each other, are the input: nothing lost, nothing twice.
TEST(CsvReader, LosesNothingOfRandomBytes) {
  Random random(8);
  for (int round = 0; round < 3000; ++round) {
    const std::string rows = random_rows(random);
    const auto input = read_all("message\n" + rows, limited(25, 1 + random.below(40)));
    std::vector<std::pair<std::uint64_t, std::string>> parts;
    for (const auto& record : input.records) parts.emplace_back(record.line, record.raw);
    for (const auto& reject : input.rejects) parts.emplace_back(reject.line, reject.raw);
    std::sort(parts.begin(), parts.end());
    std::string found;
    for (const auto& [line, raw] : parts) found += raw;
    EXPECT_EQ(without_line_ends(found), without_line_ends(rows));
  }
}

}  // namespace
}  // namespace logsieve
