#include "io/csv_record.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace logsieve {
namespace {

using Fields = std::vector<std::string>;

Fields split(std::string_view raw, char delimiter = ',') {
  Fields fields = {"left", "over", "from", "a", "longer", "record"};
  split_csv_record(raw, fields, delimiter);
  return fields;
}

TEST(SplitCsvRecord, SplitsAtDelimiters) {
  EXPECT_EQ(split("a,b,c"), (Fields{"a", "b", "c"}));
  EXPECT_EQ(split("a;b,c", ';'), (Fields{"a", "b,c"}));
}

TEST(SplitCsvRecord, KeepsEmptyFields) {
  EXPECT_EQ(split(""), Fields{""});
  EXPECT_EQ(split(","), (Fields{"", ""}));
  EXPECT_EQ(split("\"\",a,\"\""), (Fields{"", "a", ""}));
}

TEST(SplitCsvRecord, UndoesQuotes) {
  EXPECT_EQ(split(R"("a,b","c ""d"" e",f)"), (Fields{"a,b", "c \"d\" e", "f"}));
  EXPECT_EQ(split("\"two\r\nlines\",x"), (Fields{"two\r\nlines", "x"}));
  EXPECT_EQ(split(R"("""",x)"), (Fields{"\"", "x"}));
}

TEST(SplitCsvRecord, KeepsBareQuotes) {
  EXPECT_EQ(split(R"(5" pipe,he said "no", "x")"), (Fields{"5\" pipe", "he said \"no\"", " \"x\""}));
}

TEST(SplitCsvRecord, KeepsTextAfterAClosingQuote) {
  EXPECT_EQ(split(R"("ab"c"d,e)"), (Fields{"abc\"d", "e"}));
}

TEST(SplitCsvRecord, EndsAnOpenQuoteWithTheRecord) {
  EXPECT_EQ(split(R"(a,"b,c)"), (Fields{"a", "b,c"}));
  EXPECT_EQ(split("\""), Fields{""});
}

// The lengths of the records that a scanner finds when the bytes come in pieces of `step`.
std::vector<std::size_t> lengths(std::string_view bytes, std::size_t step) {
  std::vector<std::size_t> found;
  CsvScanner scanner(',');
  scanner.reset();
  std::size_t begin = 0;
  std::size_t end = 0;
  for (;;) {
    if (scanner.scan(bytes.substr(begin, end - begin)) == CsvScanner::Status::kMore) {
      if (end == bytes.size()) return found;
      end = std::min(end + step, bytes.size());
      continue;
    }
    found.push_back(scanner.length());
    begin += scanner.length() + 1;
    scanner.reset();
  }
}

TEST(CsvScanner, FindsTheSameRecordsHoweverTheBytesArrive) {
  const std::string bytes =
      "a,\"b\nb\",c\n\"\"\"\",\"\"\nlonger than one block of sixteen bytes,x\r\"q\"\"\r\n\"\"\",1\n,,\n";
  const std::vector<std::size_t> expected = {9, 7, 40, 11, 2};
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    EXPECT_EQ(lengths(bytes, step), expected) << "in pieces of " << step;
  }
}

TEST(CsvScanner, SaysWhereFieldsAre) {
  CsvScanner scanner(',');
  scanner.reset();
  const std::string_view bytes = "ab,\"c,d\",\n";
  ASSERT_EQ(scanner.scan(bytes), CsvScanner::Status::kRecord);
  ASSERT_EQ(scanner.fields().size(), 3U);
  EXPECT_EQ(bytes.substr(scanner.fields()[1].begin, 5), "\"c,d\"");
  EXPECT_EQ(scanner.fields()[2].begin, scanner.fields()[2].end);
  EXPECT_TRUE(scanner.has_quoted_field());
}

TEST(CsvScanner, TakesAQuoteWithTextBehindItOnALaterLineForAStrayOne) {
  CsvScanner scanner(',');
  scanner.reset();
  EXPECT_EQ(scanner.scan("x,\"never closed\ny,\"good\"\n"), CsvScanner::Status::kStrayQuote);
  EXPECT_EQ(scanner.open_quote(), 2U);
}

TEST(CsvScanner, KnowsAnOpenQuoteAtTheEnd) {
  CsvScanner scanner(',');
  scanner.reset();
  const std::string_view bytes = "x,\"open\n";
  EXPECT_EQ(scanner.scan(bytes), CsvScanner::Status::kMore);
  EXPECT_TRUE(scanner.is_in_quotes());
  EXPECT_FALSE(scanner.finish(bytes));
}

}  // namespace
}  // namespace logsieve
