#include "io/follow_reader.h"

#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/test_folder.h"

namespace logsieve {
namespace {

constexpr auto kDeadline = std::chrono::seconds(20);

struct Seen {
  std::uint64_t line;
  std::string message;
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << seen.line << ": " << seen.message;
}

class FollowReaderTest : public ::testing::Test {
 protected:
  void follow(const std::string& name, const ReaderOptions& options,
              const std::vector<KnownFile>& known = {}) {
    FollowOptions follow_options;
    follow_options.scan_every = std::chrono::milliseconds(0);
    reader_ = std::make_unique<FollowReader>(std::vector{folder_.file(name)}, known, options, follow_options);
  }
  std::vector<Seen> read(std::size_t count) {
    std::vector<Seen> seen;
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (seen.size() < count && std::chrono::steady_clock::now() < end) {
      auto batch = reader_->next();
      if (!batch) continue;
      for (const Record& record : batch->records.records)
        seen.push_back({record.line, std::string(record.message)});
      for (const Reject& reject : batch->records.rejects) seen.push_back({reject.line, "rejected"});
      EXPECT_EQ(batch->file.position.offset, batch->records.end_offset);
      stands_ = batch->file;
      layout_ = *batch->layout;
    }
    return seen;
  }
  static ReaderOptions options(InputFormat format) {
    ReaderOptions options;
    options.format = format;
    return options;
  }

  TestFolder folder_;
  std::unique_ptr<FollowReader> reader_;
  KnownFile stands_;
  InputLayout layout_;
};

TEST_F(FollowReaderTest, TellsTheFormatFromTheBeginningOfTheFileAlsoAfterARestart) {
  folder_.write("x", "{\"message\":\"one\"}\n");
  follow("x", {});
  EXPECT_EQ(read(1), (std::vector<Seen>{{1, "one"}}));
  EXPECT_EQ(layout_.format, InputFormat::kJsonl);
  folder_.append("x", "not JSON\n{\"message\":\"three\"}\n");
  follow("x", {}, {stands_});
  EXPECT_EQ(read(2), (std::vector<Seen>{{3, "three"}, {2, "rejected"}}));
}

TEST_F(FollowReaderTest, ReadsRowsOfACsvUnderItsHeader) {
  folder_.write("x.csv", "id,log_message\n1,one\n2,\"two\nlines\"\n");
  follow("x.csv", {});
  EXPECT_EQ(read(2), (std::vector<Seen>{{2, "one"}, {3, "two\nlines"}}));
  EXPECT_EQ(layout_.raw_header, "id,log_message");
  folder_.append("x.csv", "3,three\n4,\"fo");
  EXPECT_EQ(read(1), (std::vector<Seen>{{5, "three"}}));
  folder_.append("x.csv", "ur\n\"\n5,five\n");
  EXPECT_EQ(read(2), (std::vector<Seen>{{6, "four\n"}, {8, "five"}}));
  folder_.append("x.csv", "6,six\n");
  follow("x.csv", {}, {stands_});
  EXPECT_EQ(read(1), (std::vector<Seen>{{9, "six"}}));
}

TEST_F(FollowReaderTest, WaitsForTheRestOfAStackTraceButNotForEver) {
  ReaderOptions stack;
  stack.multiline = "stack";
  folder_.write("x", "one\ntwo failed\n  at here\n");
  follow("x", stack);
  EXPECT_EQ(read(1), (std::vector<Seen>{{1, "one"}}));
  EXPECT_EQ(stands_.position.offset, 4U) << "a restart must see the record that is held from its beginning";
  folder_.append("x", "  at there\nthree\n");
  EXPECT_EQ(read(1), (std::vector<Seen>{{2, "two failed\n  at here\n  at there"}}));
  EXPECT_EQ(read(1), (std::vector<Seen>{{5, "three"}})) << "nothing followed it for a second";
}

TEST_F(FollowReaderTest, JoinsPiecesOfInterleavedStreamsHoweverTheyCome) {
  const std::string time = "2026-01-02T03:04:05.6Z ";
  folder_.write("x", time + "stdout F zero\n" + time + "stdout P on\n" + time + "stderr F other\n");
  follow("x", options(InputFormat::kCri));
  EXPECT_EQ(read(1), (std::vector<Seen>{{1, "zero"}}));
  folder_.append("x", time + "stdout F e\n" + time + "stderr F last\n");
  EXPECT_EQ(read(3), (std::vector<Seen>{{3, "other"}, {2, "one"}, {5, "last"}}));
}

TEST_F(FollowReaderTest, GivesPiecesOfARecordThatIsNeverEnded) {
  const std::string time = "2026-01-02T03:04:05.6Z ";
  folder_.write("x", time + "stdout P never ended\n");
  follow("x", options(InputFormat::kCri));
  EXPECT_EQ(read(1), (std::vector<Seen>{{1, "never ended"}}));
}

TEST_F(FollowReaderTest, ReadsARecordThatIsLongerThanAPortion) {
  ReaderOptions stack;
  stack.multiline = "stack";
  std::string frames;
  while (frames.size() < (std::size_t{3} << 20U)) frames += "  at a.frame.of.it(File.java:1)\n";
  folder_.write("x", "failed\n" + frames + "next\n" + "last\n");
  follow("x", stack);
  const std::vector<Seen> seen = read(2);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen[0].message + '\n', "failed\n" + frames);
  EXPECT_EQ(seen[1].message, "next");
}

TEST_F(FollowReaderTest, DropsAByteOrderMarkOnlyAtTheBeginning) {
  folder_.write("x", "\xEF\xBB\xBFone\n");
  follow("x", options(InputFormat::kText));
  EXPECT_EQ(read(1), (std::vector<Seen>{{1, "one"}}));
  folder_.append("x", "\xEF\xBB\xBFtwo\n\xFF\xFEthree\n");
  EXPECT_EQ(read(2), (std::vector<Seen>{{2, "\xEF\xBB\xBFtwo"}, {3, "\xFF\xFEthree"}}));
}

TEST_F(FollowReaderTest, MovesOnlyBehindWholeBatches) {
  ReaderOptions few = options(InputFormat::kText);
  few.batch_records = 2;
  folder_.write("x", "1\n2\n3\n4\n5\n");
  follow("x", few);
  EXPECT_EQ(read(2).size(), 2U);
  EXPECT_EQ(stands_.position.offset, 4U);
  follow("x", few, {stands_});
  EXPECT_EQ(read(3), (std::vector<Seen>{{3, "3"}, {4, "4"}, {5, "5"}}));
}

}  // namespace
}  // namespace logsieve
