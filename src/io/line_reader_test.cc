#include "io/line_reader.h"

#include <gtest/gtest.h>

#include "io/reader_test_support.h"

namespace logsieve {
namespace {

using Texts = std::vector<std::string>;

ReadInput read_text(std::string bytes) {
  return read_all(std::move(bytes), InputFormat::kText);
}

TEST(TextReader, TakesEachLineForARecord) {
  const auto input = read_text("a\nb c\n");
  ASSERT_EQ(input.records.size(), 2U);
  EXPECT_EQ(input.records[0], (ReadRecord{1, "a", "", "a"}));
  EXPECT_EQ(input.records[1], (ReadRecord{2, "b c", "", "b c"}));
}

TEST(TextReader, CountsLinesExactly) {
  EXPECT_EQ(read_text("").messages(), Texts{});
  EXPECT_EQ(read_text("\n").messages(), Texts{""});
  EXPECT_EQ(read_text("\n\n\n").messages(), (Texts{"", "", ""}));
  EXPECT_EQ(read_text("a").messages(), Texts{"a"});
  EXPECT_EQ(read_text("a\n\nb").messages(), (Texts{"a", "", "b"}));
}

TEST(TextReader, DropsOneCrOfACrlfAndKeepsAllOthers) {
  const auto input = read_text("a\r\nb\rc\r\r\n\r");
  EXPECT_EQ(input.messages(), (Texts{"a", "b\rc\r", ""}));
  EXPECT_EQ(input.records[0].raw, "a");
}

TEST(TextReader, KeepsNulAndBytesThatAreNotUtf8) {
  const std::string odd("a\0b\xFF\xC0\xAF", 6);
  EXPECT_EQ(read_text(odd + "\n").messages(), Texts{odd});
}

TEST(TextReader, DropsAByteOrderMarkOnceAndOnlyAtTheStart) {
  EXPECT_EQ(read_text("\xEF\xBB\xBF\xEF\xBB\xBF").messages(), Texts{"\xEF\xBB\xBF"});
  EXPECT_EQ(read_text("a\n\xEF\xBB\xBF\n").messages(), (Texts{"a", "\xEF\xBB\xBF"}));
  EXPECT_EQ(read_text("\xEF\xBB").messages(), Texts{"\xEF\xBB"});
}

TEST(TextReader, RefusesUtf16) {
  for (const std::string mark : {"\xFF\xFE", "\xFE\xFF"}) {
    const auto input = read_text(mark + std::string("a\0b\0", 4));
    ASSERT_TRUE(input.error);
    EXPECT_EQ(input.error->code, ErrorCode::kBadInput);
    EXPECT_EQ(input.error->message, "input is UTF-16");
    EXPECT_NE(input.error->help.find("iconv"), std::string::npos);
  }
}

ReaderOptions limited(std::size_t max_record_bytes, std::size_t batch_bytes) {
  ReaderOptions options;
  options.format = InputFormat::kText;
  options.max_record_bytes = max_record_bytes;
  options.batch_bytes = batch_bytes;
  return options;
}

TEST(TextReader, RejectsLinesOverTheLimitAndReadsOn) {
  for (const std::string line_end : {"\n", "\r\n"})
    for (std::size_t length : {9U, 10U, 11U, 12U, 100U})
      for (std::size_t block : {1U, 5U, 1000U}) {
        const std::string line(length, 'x');
        const auto input = read_all("first" + line_end + line + line_end + "last", limited(10, block));
        EXPECT_EQ(input.messages(), length <= 10 ? (Texts{"first", line, "last"}) : (Texts{"first", "last"}));
        EXPECT_EQ(input.records.back().line, 3U);
        ASSERT_EQ(input.rejects.size(), length <= 10 ? 0U : 1U);
        if (length <= 10) continue;
        EXPECT_EQ(input.rejects[0].line, 2U);
        EXPECT_EQ(input.rejects[0].record, 1U);
        EXPECT_EQ(input.rejects[0].reason, "longer than the limit of 10 bytes");
        EXPECT_EQ(input.rejects[0].raw.substr(0, length), line);
      }
}

TEST(TextReader, RejectsALastLineOverTheLimit) {
  const auto input = read_all("a\n" + std::string(50, 'x'), limited(10, 8));
  EXPECT_EQ(input.messages(), Texts{"a"});
  ASSERT_EQ(input.rejects.size(), 1U);
  EXPECT_EQ(input.rejects[0].raw, std::string(50, 'x'));
}

TEST(TextReader, ReadsTheSameHoweverTheBytesArrive) {
  const std::string bytes = "a\r\n\nlonger than one block\r\rx\n\r\nend\r";
  const auto whole = read_all(bytes, limited(100, 1000));
  ASSERT_EQ(whole.records.size(), 5U);
  for (std::size_t block = 1; block < bytes.size(); ++block)
    EXPECT_EQ(read_all(bytes, limited(100, block)).records, whole.records) << "blocks of " << block;
}

TEST(RecordReader, EndsABatchAtItsLimits) {
  ReaderOptions options = limited(100, 10);
  options.batch_records = 3;
  auto reader = read_records(memory_input("1\n2\n3\n4\n5\n6\n7\n8\n9\n0\n"), "input", options);
  ASSERT_TRUE(reader);
  std::vector<std::size_t> sizes;
  for (auto batch = (*reader)->next(); batch && !batch->records.empty(); batch = (*reader)->next())
    sizes.push_back(batch->records.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 2, 3, 2}));
}

TEST(RecordReader, KeepsABatchValidAfterLaterReads) {
  ReaderOptions options;
  options.format = InputFormat::kCsv;
  options.batch_bytes = 16;
  auto reader = read_records(memory_input("message\n\"a \"\"1\"\"\"\n\"b \"\"2\"\"\"\nc\nd\ne\nf\ng\n"),
                             "input", options);
  ASSERT_TRUE(reader);
  std::vector<RecordBatch> batches;
  for (auto batch = (*reader)->next(); batch && !batch->records.empty(); batch = (*reader)->next())
    batches.push_back(std::move(*batch));
  reader->reset();
  ASSERT_GT(batches.size(), 1U);
  EXPECT_EQ(batches[0].records[0].message, "a \"1\"");
  EXPECT_EQ(batches[0].records[0].raw, "\"a \"\"1\"\"\"");
  EXPECT_EQ(batches.back().records.back().message, "g");
}

// A stream that gives some bytes and then fails.
class FailingStream : public InputStream {
 public:
  explicit FailingStream(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read(std::span<char> out) override {
    if (bytes_.empty()) return Error{ErrorCode::kIo, "the disk is gone"};
    const std::size_t got = std::min(out.size(), bytes_.size());
    bytes_.copy(out.data(), got);
    bytes_.erase(0, got);
    return got;
  }
  std::uint64_t bytes_read() const override { return 0; }

 private:
  std::string bytes_;
};

TEST(RecordReader, DeliversWhatWasWholeBeforeAFailure) {
  for (const InputFormat format : {InputFormat::kText, InputFormat::kCsv, InputFormat::kJsonl}) {
    ReaderOptions options;
    options.format = format;
    const bool is_json = format == InputFormat::kJsonl;
    const std::string row = is_json ? "{\"message\":\"whole\"}\n" : "whole\n";
    const std::string head = format == InputFormat::kCsv ? "message\n" : "";
    const auto input = read_stream(std::make_unique<FailingStream>(head + row + row + "cut"), options);
    EXPECT_EQ(input.messages(), (Texts{"whole", "whole"}));
    ASSERT_EQ(input.rejects.size(), 1U);
    EXPECT_EQ(input.rejects[0].reason, "the input broke off in this record");
    EXPECT_EQ(input.rejects[0].raw, "cut");
    ASSERT_TRUE(input.error);
    EXPECT_EQ(input.error->message, "the disk is gone");
  }
}

TEST(RecordReader, RepeatsAFailure) {
  auto reader = read_records(std::make_unique<FailingStream>("a\n"), "input", limited(10, 10));
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*reader)->next());
  EXPECT_FALSE((*reader)->next());
  EXPECT_FALSE((*reader)->next());
}

}  // namespace
}  // namespace logsieve
