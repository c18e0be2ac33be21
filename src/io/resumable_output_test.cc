#include "io/resumable_output.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

class ResumableOutputTest : public ::testing::Test {
 protected:
  ResumableOptions options() const {
    ResumableOptions options;
    options.state_dir = folder_.file("state");
    options.out = folder_.file("out");
    options.rejects = folder_.file("rejects");
    options.identity = "input a.log\nbundle 1";
    options.durability = Durability::kNone;
    return options;
  }
  // As a run that is killed later: two commits, then output that no record covers.
  void write_three() const {
    auto output = ResumableOutput::open(options());
    ASSERT_TRUE(output) << output.error().message;
    EXPECT_FALSE(output->is_resumed());
    ASSERT_TRUE(output->write("one\n"));
    ASSERT_TRUE(output->commit({0, 4, 2}));
    ASSERT_TRUE(output->write("two\n"));
    ASSERT_TRUE(output->write_reject("bad\n"));
    ASSERT_TRUE(output->commit({0, 12, 4}));
    ASSERT_TRUE(output->write("thr"));
  }
  std::string journal() const { return folder_.file("state/classify.journal.1"); }
  void expect_at(const InputPosition& position, const std::string& out) const {
    auto output = ResumableOutput::open(options());
    ASSERT_TRUE(output) << output.error().message;
    EXPECT_EQ(output->position(), position);
    EXPECT_EQ(folder_.read("out"), out);
  }

  TestFolder folder_;
};

TEST_F(ResumableOutputTest, GoesOnAtTheLastCommit) {
  write_three();
  EXPECT_EQ(folder_.read("out"), "one\ntwo\nthr");
  auto output = ResumableOutput::open(options());
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_TRUE(output->is_resumed());
  EXPECT_EQ(output->position(), (InputPosition{0, 12, 4}));
  EXPECT_EQ(folder_.read("out"), "one\ntwo\n");
  EXPECT_EQ(folder_.read("rejects"), "bad\n");
  ASSERT_TRUE(output->write("three\n"));
  EXPECT_EQ(folder_.read("out"), "one\ntwo\nthree\n");
}

// A crash can end the journal anywhere, and a disk can change any bit of it.
TEST_F(ResumableOutputTest, TakesTheLastWholeRecordWhereverTheJournalIsCut) {
  write_three();
  const std::string whole = *read_file(journal());
  const std::string out = folder_.read("out");
  const std::string rejects = folder_.read("rejects");
  std::vector<std::size_t> ends;
  for (std::size_t at = whole.find('\n'); at != std::string::npos; at = whole.find('\n', at + 1))
    ends.push_back(at + 1);
  ASSERT_EQ(ends.size(), 5U) << "version, identity, three records";
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    std::filesystem::remove_all(folder_.file("state"));
    std::filesystem::create_directories(folder_.file("state"));
    folder_.write("state/classify.journal.1", whole.substr(0, length));
    folder_.write("out", out);
    folder_.write("rejects", rejects);
    if (length < ends[3]) {
      expect_at({}, "");
    } else if (length < ends[4]) {
      expect_at({0, 4, 2}, "one\n");
    } else {
      expect_at({0, 12, 4}, "one\ntwo\n");
    }
  }
}

TEST_F(ResumableOutputTest, SeesEveryFlippedBit) {
  write_three();
  const std::string whole = *read_file(journal());
  const std::string out = folder_.read("out");
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    std::filesystem::remove_all(folder_.file("state"));
    std::filesystem::create_directories(folder_.file("state"));
    folder_.write("state/classify.journal.1", flipped);
    folder_.write("out", out);
    folder_.write("rejects", "bad\n");
    auto output = ResumableOutput::open(options());
    ASSERT_TRUE(output) << "bit " << bit << ": " << output.error().message;
    EXPECT_NE(output->position(), (InputPosition{0, 12, 4})) << "bit " << bit << " was not noticed";
    EXPECT_EQ(folder_.read("out"), output->position().offset == 4 ? "one\n" : "");
  }
}

TEST_F(ResumableOutputTest, FallsBackToTheGenerationBeforeADamagedOne) {
  write_three();
  { ASSERT_TRUE(ResumableOutput::open(options())); }
  const std::string second = folder_.file("state/classify.journal.2");
  std::string bytes = *read_file(second);
  bytes[3] = '?';
  folder_.write("state/classify.journal.2", bytes);
  expect_at({0, 12, 4}, "one\ntwo\n");
}

TEST_F(ResumableOutputTest, KeepsTwoGenerations) {
  for (int run = 0; run < 5; ++run) ASSERT_TRUE(ResumableOutput::open(options()));
  std::size_t journals = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.file("state")))
    journals += entry.path().filename().string().starts_with("classify.journal.") ? 1 : 0;
  EXPECT_EQ(journals, 2U);
}

TEST_F(ResumableOutputTest, BeginsAGenerationBeforeTheJournalGrowsLarge) {
  auto output = ResumableOutput::open(options());
  ASSERT_TRUE(output);
  for (std::uint64_t i = 1; i <= 60'000; ++i) ASSERT_TRUE(output->commit({0, i, i}));
  std::uintmax_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.file("state")))
    bytes += entry.file_size();
  EXPECT_LT(bytes, 2'200'000U);
  { const auto ended = std::move(*output); }
  expect_at({0, 60'000, 60'000}, "");
}

TEST_F(ResumableOutputTest, CountsRunsWithoutACommitAndDeathsAtARecord) {
  const auto at = [&](std::uint64_t runs, std::uint64_t deaths, const auto& then) {
    auto output = ResumableOutput::open(options());
    ASSERT_TRUE(output) << output.error().message;
    EXPECT_EQ(output->failed_runs(), runs);
    EXPECT_EQ(output->deaths(output->position()), deaths);
    then(*output);
  };
  at(0, 0, [](ResumableOutput&) {});
  at(1, 0, [](ResumableOutput&) {});
  at(2, 0, [](ResumableOutput& output) { ASSERT_TRUE(output.begin_record(output.position())); });
  at(3, 1, [](ResumableOutput& output) {
    EXPECT_TRUE(output.has_death_ahead());
    ASSERT_TRUE(output.begin_record(output.position()));
  });
  at(4, 2, [](ResumableOutput& output) {
    ASSERT_TRUE(output.begin_record(output.position()));
    ASSERT_TRUE(output.commit({0, 5, 2}));
    EXPECT_EQ(output.deaths(output.position()), 0U);
    EXPECT_FALSE(output.has_death_ahead());
    ASSERT_TRUE(output.begin_record(output.position()));
  });
  at(0, 1, [](ResumableOutput& output) { ASSERT_TRUE(output.commit({0, 9, 3})); });
  at(0, 0, [](ResumableOutput& output) { EXPECT_FALSE(output.has_death_ahead()); });
}

TEST_F(ResumableOutputTest, CountsNoRunThatCameToItsEndAndCommitsNothingForIt) {
  write_three();
  for (int run = 0; run < 4; ++run) {
    auto output = ResumableOutput::open(options());
    ASSERT_TRUE(output);
    EXPECT_EQ(output->failed_runs(), 0U);
    ASSERT_TRUE(output->write("three, which may not be whole"));
    ASSERT_TRUE(output->end_run());
    EXPECT_EQ(folder_.read("out"), "one\ntwo\nthree, which may not be whole");
  }
  expect_at({0, 12, 4}, "one\ntwo\n");
}

TEST_F(ResumableOutputTest, TakesARecordThatARunCameToItsEndAtForNoDeath) {
  for (int run = 0; run < 4; ++run) {
    auto output = ResumableOutput::open(options());
    ASSERT_TRUE(output);
    EXPECT_EQ(output->deaths({0, 4, 2}), 0U);
    EXPECT_FALSE(output->has_death_ahead());
    ASSERT_TRUE(output->begin_record({0, 4, 2}));
    ASSERT_TRUE(output->end_run());
  }
}

TEST_F(ResumableOutputTest, TakesAnIdentityThatWasOpenForOneThatBeginsLikeIt) {
  ResumableOptions open_end = options();
  open_end.identity = "input a.log 1:2 *\nbundle 1";
  { ASSERT_TRUE(ResumableOutput::open(open_end)); }
  ResumableOptions other = options();
  other.identity = "input b.log 1:2 abc\nbundle 1";
  const auto refused = ResumableOutput::open(other);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("b.log"), std::string::npos);
  ResumableOptions known = options();
  known.identity = "input a.log 1:2 abc\nbundle 1";
  { ASSERT_TRUE(ResumableOutput::open(known)); }
  known.identity = "input a.log 1:2 abd\nbundle 1";
  EXPECT_FALSE(ResumableOutput::open(known)) << "from then on it is known";
}

TEST_F(ResumableOutputTest, KeepsNotesTogetherWithTheCommitBehindThem) {
  {
    auto output = ResumableOutput::open(options());
    ASSERT_TRUE(output);
    output->note(7, "stands at 12 of a name with spaces");
    output->note(8, "another");
    ASSERT_TRUE(output->write("one\n"));
    ASSERT_TRUE(output->commit({7, 12, 2}));
    output->note(7, "stands further on");
    output->note(9, "never committed");
  }
  {
    auto output = ResumableOutput::open(options());
    ASSERT_TRUE(output);
    EXPECT_TRUE(output->is_resumed());
    EXPECT_EQ(output->notes(), (std::map<std::uint64_t, std::string>{
                                   {7, "stands at 12 of a name with spaces"}, {8, "another"}}));
    output->note(8, {});
    ASSERT_TRUE(output->commit(output->position()));
  }
  // Its last line, the commit, is torn: the note before it does not count either.
  std::string journal = *read_file(folder_.file("state/classify.journal.2"));
  auto output = ResumableOutput::open(options());
  ASSERT_TRUE(output);
  EXPECT_EQ(output->notes().size(), 1U);
  { const auto ended = std::move(*output); }
  std::filesystem::remove(folder_.file("state/classify.journal.3"));
  journal.pop_back();
  folder_.write("state/classify.journal.2", journal);
  auto again = ResumableOutput::open(options());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->notes().size(), 2U);
}

TEST_F(ResumableOutputTest, RefusesASecondProcessAndAnotherRun) {
  {
    auto first = ResumableOutput::open(options());
    ASSERT_TRUE(first);
    const auto second = ResumableOutput::open(options());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::kBadConfig);
    EXPECT_NE(second.error().message.find("another process"), std::string::npos);
  }
  ResumableOptions other = options();
  other.identity = "input a.log\nbundle 2";
  const auto refused = ResumableOutput::open(std::move(other));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("then \"bundle 1\", now \"bundle 2\""), std::string::npos)
      << refused.error().message;
}

TEST_F(ResumableOutputTest, RefusesANewerStateAndAnOutputThatWasCut) {
  write_three();
  folder_.write("out", "on");
  const auto cut = ResumableOutput::open(options());
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ErrorCode::kBadInput);
  // "logsieve journal 2" with its right check.
  folder_.write("state/classify.journal.9", "logsieve journal 2 2c9cb673\n");
  const auto newer = ResumableOutput::open(options());
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message.find("newer"), std::string::npos);
}

}  // namespace
}  // namespace logsieve
