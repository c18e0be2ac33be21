#include "io/format_detect.h"

#include <gtest/gtest.h>

#include "io/reader_test_support.h"

namespace logsieve {
namespace {

InputFormat detected(std::string bytes, const std::string& name = "input",
                     const std::string& message_column = "") {
  ReaderOptions options;
  options.message_column = message_column;
  return read_all(std::move(bytes), options, name).format;
}

TEST(DetectFormat, KnowsJsonlByAnObject) {
  EXPECT_EQ(detected("{\"message\":\"a\"}\n"), InputFormat::kJsonl);
  EXPECT_EQ(detected("\n  {\"x\":1}\r\nmore\n"), InputFormat::kJsonl);
  EXPECT_EQ(detected("bad\n{\"x\":1}\n", "input.csv"), InputFormat::kJsonl);
  EXPECT_EQ(detected("{\"x\":1}"), InputFormat::kJsonl);
  EXPECT_EQ(detected("\xEF\xBB\xBF{\"x\":1}"), InputFormat::kJsonl);
  EXPECT_EQ(detected("{\"message\":\"" + std::string(100000, 'x') + "\"}\n"), InputFormat::kJsonl);
}

TEST(DetectFormat, KnowsCsvByAHeader) {
  EXPECT_EQ(detected("timestamp,source,log_message\n1,2,3\n"), InputFormat::kCsv);
  EXPECT_EQ(detected("\xEF\xBB\xBF\"time\";\"Message\"\r\n"), InputFormat::kCsv);
  EXPECT_EQ(detected("time\tmsg"), InputFormat::kCsv);
  EXPECT_EQ(detected("time,what\n1,2\n", "input", "what"), InputFormat::kCsv);
}

TEST(DetectFormat, TakesWordsOfALogLineForNoHeader) {
  EXPECT_EQ(detected("2024-01-01 10:00:00,INFO,event,started\n"), InputFormat::kText);
  EXPECT_EQ(detected("message\nanother\n"), InputFormat::kText);
  EXPECT_EQ(detected("{not json}\n"), InputFormat::kText);
  EXPECT_EQ(detected("log, what, text said, he\nmessage\n"), InputFormat::kCsv);  // as good as a header
}

TEST(DetectFormat, KnowsSyslogIfEveryFirstLineIs) {
  const std::string line = "Oct 11 22:14:15 host app[1]: hello\n";
  EXPECT_EQ(detected(line + line), InputFormat::kSyslog);
  EXPECT_EQ(detected("<34>1 2003-10-11T22:14:15.003Z h su - ID47 - x\n"), InputFormat::kSyslog);
  EXPECT_EQ(detected(line + "something else\n"), InputFormat::kText);
}

TEST(DetectFormat, TakesTheExtensionForAHint) {
  EXPECT_EQ(detected("message\nx\n", "input.csv"), InputFormat::kCsv);
  EXPECT_EQ(detected("message\nx\n", "input.csv.gz"), InputFormat::kCsv);
  EXPECT_EQ(detected("{broken\n", "input.ndjson"), InputFormat::kJsonl);
  EXPECT_EQ(detected("", "input.jsonl"), InputFormat::kJsonl);
}

TEST(DetectFormat, TakesAnAskedForColumnForCsv) {
  ReaderOptions options;
  options.message_column = "what";
  const auto input = read_all("a,b\n", options);
  ASSERT_TRUE(input.error);  // says which columns there are
  EXPECT_EQ(input.error->message, "no column \"what\": the header has a, b");
}

TEST(DetectFormat, TakesAllElseForText) {
  EXPECT_EQ(detected(""), InputFormat::kText);
  EXPECT_EQ(detected("\n\n"), InputFormat::kText);
  EXPECT_EQ(detected("a line\n"), InputFormat::kText);
  EXPECT_EQ(detected(std::string("\0\0\n", 3)), InputFormat::kText);
  EXPECT_EQ(detected(std::string(200000, 'x')), InputFormat::kText);
}

TEST(DetectFormat, IsOverruledByAGivenFormat) {
  EXPECT_EQ(read_all("{\"message\":\"a\"}\n", InputFormat::kText).messages(),
            std::vector<std::string>{"{\"message\":\"a\"}"});
}

}  // namespace
}  // namespace logsieve
