#include "io/multiline_reader.h"

#include <gtest/gtest.h>
#include <string>

#include "io/reader_test_support.h"

namespace logsieve {
namespace {

using Texts = std::vector<std::string>;

ReadInput joined(std::string bytes, const std::string& rule, std::size_t limit = std::size_t{1} << 20U) {
  ReaderOptions options;
  options.format = InputFormat::kText;
  options.multiline = rule;
  options.max_record_bytes = limit;
  return read_all(std::move(bytes), options);
}

const std::string kJava =
    "ERROR request failed\n"
    "java.lang.IllegalStateException: no\n"
    "\tat a.B.c(B.java:1)\n"
    "Caused by: java.io.IOException: x\n"
    "\t... 3 more";
const std::string kPython =
    "job 7 failed\n"
    "Traceback (most recent call last):\n"
    "  File \"a.py\", line 1, in f\n"
    "KeyError: 'x'\n"
    "\n"
    "During handling of the above exception, another exception occurred:\n"
    "\n"
    "Traceback (most recent call last):\n"
    "  File \"a.py\", line 3, in g\n"
    "ValueError: y";

TEST(MultilineReader, JoinsStackTracesToTheLineBeforeThem) {
  const auto input = joined("before\n" + kPython + "\nafter\n", "stack");
  EXPECT_EQ(input.messages(), (Texts{"before", kPython, "after"}));
  EXPECT_EQ(input.records[2].line, 12U);
  // The name of a Java exception on a line of its own cannot be told from a message: its frames belong to it.
  const std::size_t second = kJava.find('\n') + 1;
  EXPECT_EQ(joined(kJava + "\nafter\n", "stack").messages(),
            (Texts{kJava.substr(0, second - 1), kJava.substr(second), "after"}));
}

TEST(MultilineReader, JoinsByARegexOfFirstLines) {
  EXPECT_EQ(joined("2024 a\n x\ny\n2025 b\n2026 c", R"(^\d{4} )").messages(),
            (Texts{"2024 a\n x\ny", "2025 b", "2026 c"}));
  EXPECT_EQ(joined("tail of an older record\n2024 a\n", R"(^\d{4} )").messages(),
            (Texts{"tail of an older record", "2024 a"}));
}

TEST(MultilineReader, BeginsAnotherRecordAtTheLimit) {
  EXPECT_EQ(joined("a\n 123\n 456\n 789\nb\n", "stack", 10).messages(),
            (Texts{"a\n 123", " 456\n 789", "b"}));
}

TEST(MultilineReader, RefusesABadRegexAndOtherFormats) {
  EXPECT_EQ(joined("a\n", "(").error->code, ErrorCode::kInvalidArgument);
  ReaderOptions options;
  options.format = InputFormat::kJsonl;
  options.multiline = "stack";
  EXPECT_EQ(read_all("{}\n", options).error->code, ErrorCode::kInvalidArgument);
}

TEST(MultilineReader, BeginsAnewAtTheRecordThatItHolds) {
  ReaderOptions options;
  options.format = InputFormat::kText;
  options.multiline = "stack";
  options.batch_records = 1;
  const std::string bytes = "a\n 1\nb\n 2\n 3\nc\n";
  const ReadInput whole = read_all(bytes, options);
  ASSERT_EQ(whole.messages(), (Texts{"a\n 1", "b\n 2\n 3", "c"}));
  auto reader = read_records(memory_input(bytes, 3), "x", options);
  ASSERT_TRUE(reader);
  for (std::size_t given = 1; given <= 3; ++given) {
    auto batch = (*reader)->next();
    ASSERT_TRUE(batch);
    ASSERT_TRUE(batch->can_restart);
    auto again = read_records(memory_input(bytes), "x", options);
    ASSERT_TRUE(again);
    ASSERT_TRUE((*again)->skip_to(batch->end_offset, batch->end_line));
    ReadInput rest;
    take_all(**again, rest);
    EXPECT_EQ(rest.records,
              std::vector<ReadRecord>(whole.records.begin() + static_cast<std::ptrdiff_t>(given),
                                      whole.records.end()));
  }
}

}  // namespace
}  // namespace logsieve
