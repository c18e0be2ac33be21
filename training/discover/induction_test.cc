#include "training/discover/induction.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <re2/re2.h>

namespace logsieve {
namespace {

std::vector<CandidateGroup> induced(const std::vector<std::string>& lines) {
  const std::vector<std::string_view> views(lines.begin(), lines.end());
  return induce(views);
}

TEST(Induction, TypesTheValuesOfOneShape) {
  const auto groups = induced({"User 17 logged in from 10.0.0.1", "User 4 logged in from 10.0.0.29"});
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].whole.pattern,
            R"(^User (?P<number1>\d+) logged in from (?P<address1>\d{1,3}(?:\.\d{1,3}){3})$)");
  EXPECT_EQ(groups[0].whole.members, (std::vector<std::size_t>{0, 1}));
  EXPECT_TRUE(groups[0].parts.empty());
}

TEST(Induction, ListsWordsOfWhichFewWereSeen) {
  const auto groups = induced({"Backup job started on node 1", "Backup job finished on node 2"});
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].whole.pattern, R"(^Backup job (?P<word1>finished|started) on node (?P<number1>\d+)$)");
  EXPECT_EQ(groups[0].parts.size(), 2U);
}

TEST(Induction, GeneralisesAWordOnlyWhereManyWereSeenOnce) {
  std::vector<std::string> names = {"anna", "bob",   "carla", "dora", "emil", "fritz",
                                    "gina", "hanna", "ivan",  "jan",  "karl", "lena"};
  std::vector<std::string> lines;
  for (const std::string& name : names) lines.push_back("session of account " + name + " was closed");
  const auto groups = induced(lines);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].whole.pattern, "^session of account (?P<word1>[a-z]{1,10}) was closed$");
  const RE2 re2(groups[0].whole.pattern);
  EXPECT_TRUE(RE2::PartialMatch("session of account zoe was closed", re2));
  EXPECT_FALSE(RE2::PartialMatch("session of account zoe was not closed", re2));
}

// Eight ways to go on, of different length.
std::vector<std::string> with_rests(const std::string& beginning) {
  std::vector<std::string> lines;
  for (const char* rest : {"no such host", "permission denied", "timed out after 30 s", "disk quota exceeded",
                           "host 10.0.0.1 is down", "broken pipe", "stale handle", "would block"})
    lines.push_back(beginning + rest);
  return lines;
}

std::vector<CandidateGroup> induced_open_ends(const std::vector<std::string>& lines) {
  return induce_open_ends(std::vector<std::string_view>(lines.begin(), lines.end()));
}

TEST(Induction, EndsOpenWhereAnythingWasSeenToFollow) {
  std::vector<std::string> lines = with_rests("cannot write block 7 of the journal: ");
  lines.push_back("cannot write block 8 of the index");
  const auto groups = induced_open_ends(lines);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].whole.pattern,
            R"(^cannot write block (?P<number1>\d+) of the journal: (?P<rest>[0-9a-z .]{1,42})$)");
  EXPECT_EQ(groups[0].whole.members, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_TRUE(groups[0].parts.empty());
}

TEST(Induction, EndsOpenBehindAStatementOnly) {
  EXPECT_TRUE(induced_open_ends(with_rests("postfix/smtpd: ")).empty());
  std::vector<std::string> few = with_rests("cannot write the journal: ");
  few.pop_back();
  EXPECT_TRUE(induced_open_ends(few).empty());
  // The same few over and over: then a ninth is not to be expected.
  std::vector<std::string> often = with_rests("cannot write the journal: ");
  for (int i = 0; i < 5; ++i) often.push_back(often[static_cast<std::size_t>(i)] + " again");
  EXPECT_TRUE(induced_open_ends(often).empty());
}

TEST(Induction, KeepsLinesOfOtherBuildApart) {
  const auto groups = induced({"disk 4 is full", "the pump in hall 7 has stopped"});
  EXPECT_EQ(groups.size(), 2U);
}

TEST(Induction, MatchesEveryLineItWasMadeFrom) {
  const std::vector<std::string> lines = {
      "2025-06-27 07:20:25 ERROR (pool-1) [x] cannot open /tmp/a.b: \"no such file\"",
      "2025-06-27 07:21:25 ERROR (pool-2) [x] cannot open /tmp/c.d: \"no such file\"",
      "GET https://shop.example/a?b=c took 17ms, id b9718cd8-f65e-49cc-8349-6cf7122af137",
      "GET https://shop.example/d took  9ms, id 0ec0c9bd-2ff2-4a52-9d4b-3f1a0b8a6c11",
      "Stra\xC3\x9F"
      "e 12 gesperrt wegen Umbau bis 3. Mai",
  };
  std::vector<std::size_t> seen;
  for (const CandidateGroup& group : induced(lines)) {
    const RE2 re2(group.whole.pattern, RE2::Quiet);
    ASSERT_TRUE(re2.ok()) << group.whole.pattern;
    for (const std::size_t member : group.whole.members) {
      EXPECT_TRUE(RE2::PartialMatch(lines[member], re2)) << group.whole.pattern;
      seen.push_back(member);
    }
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1, 2, 3, 4}));
}

TEST(Induction, DependsOnTheSetOfLinesOnly) {
  const auto forward = induced({"job 1 done in 3 s", "job 2 lost in 4 s", "job 3 done in 5 s"});
  const auto backward = induced({"job 3 done in 5 s", "job 2 lost in 4 s", "job 1 done in 3 s"});
  ASSERT_EQ(forward.size(), backward.size());
  for (std::size_t i = 0; i < forward.size(); ++i)
    EXPECT_EQ(forward[i].whole.pattern, backward[i].whole.pattern);
}

}  // namespace
}  // namespace logsieve
