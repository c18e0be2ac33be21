#include "training/discover/near_misses.h"

#include <gtest/gtest.h>
#include <re2/re2.h>
#include <string>

#include "training/discover/line_shape.h"

namespace logsieve {
namespace {

using Lines = std::vector<std::string>;

// Those that hang on the types of slots.
Lines slot_misses(const std::string& pattern, const std::string& line) {
  Lines misses = near_misses(pattern, line);
  return {misses.begin() + 3, misses.end()};
}

TEST(NearMisses, AreLinesWithAWordMoreOrLess) {
  EXPECT_EQ(near_misses("^the cellar is flooded$", "the cellar is flooded"),
            (Lines{"the cellar is flooded not", "no the cellar is flooded", "the cellar is "}));
}

TEST(NearMisses, HaveAValueJustOutsideEachType) {
  EXPECT_EQ(
      slot_misses(
          R"(^job (?P<number1>\d+) from (?P<address1>\d{1,3}(?:\.\d{1,3}){3}) as (?P<word1>root|git) ended$)",
          "job 17 from 10.0.0.1 as git ended"),
      (Lines{"job 17x from 10.0.0.1 as git ended", "job 17 from 0.0.1 as git ended",
             "job 17 from 10.0.0.1 as gitx ended"}));
}

TEST(NearMisses, AreOneForSlotsOfOneTypeAndFewInAll) {
  EXPECT_EQ(slot_misses(R"(^from (?P<a>\d+) to (?P<b>\d+)$)", "from 1 to 2"), (Lines{"from 1x to 2"}));
  EXPECT_EQ(
      slot_misses(R"(^(?P<a>\d+) (?P<b>[0-5]+) (?P<c>[0-6]+) (?P<d>[0-7]+) steps$)", "1 2 3 4 steps").size(),
      kMostMissedSlots);
}

TEST(NearMisses, LeaveOutWhatTakesEverything) {
  EXPECT_EQ(slot_misses("^message of mine: (?P<rest>.*)$", "message of mine: ok"), Lines{});
}

TEST(NearMisses, TakeWordsOfABoundedEndForAValue) {
  const std::string line = "cannot write the journal: administratively forbidden";
  const Lines misses = near_misses("^cannot write the journal: (?P<rest>[a-z ]{1,60})$", line);
  ASSERT_EQ(misses.size(), 4U);
  EXPECT_EQ(misses[0], line + std::string(kMaxShapedBytes, 'x'));
  EXPECT_EQ(misses[1], "no " + line);
  EXPECT_EQ(misses[2], "cannot write the : administratively forbidden");
  EXPECT_EQ(misses[3], line + "-x");
  EXPECT_EQ(
      near_misses("^LOAD OF UNIT FAILED: (?P<rest>[A-Z ]{1,60})$", "LOAD OF UNIT FAILED: QUARTERMASTER"),
      (Lines{"LOAD OF UNIT FAILED: QUARTERMASTER not", "no LOAD OF UNIT FAILED: QUARTERMASTER",
             "LOAD OF UNIT : QUARTERMASTER", "LOAD OF UNIT FAILED: QUARTERMASTERx"}));
  // A group of one word, one without an end, one of another name, and one with something behind are no such end.
  for (const char* pattern :
       {"^cannot write the (?P<rest>[a-z]{1,9})$", "^cannot write the (?P<rest>.+)$",
        "^cannot write the (?P<time>[a-z ]{1,60})$", "^cannot write (?P<rest>[a-z ]{1,60}) log$"})
    EXPECT_EQ(near_misses(pattern, "cannot write the log")[0], "cannot write the log not") << pattern;
}

TEST(NearMisses, HeedFlagsAndGroupsThatTookNoPart) {
  EXPECT_EQ(slot_misses("(?i)^user (?P<u>anna|bob) left$", "USER ANNA LEFT"), (Lines{"USER ANNAx LEFT"}));
  EXPECT_EQ(slot_misses("^(user) (?P<u>anna)?, (?P<n>\\d*) left$", "user , 7 left"),
            (Lines{"user , 7x left"}));
  // What the group means hangs on a flag that stands elsewhere.
  EXPECT_EQ(slot_misses("^user (?i)(?P<u>anna|bob) left$", "user ANNA left"), Lines{});
}

TEST(NearMisses, LeaveOutSlotsWhoseNeighbourMayTakeTheRest) {
  EXPECT_EQ(slot_misses(R"(^request took (?P<n>\d+)(?P<unit>[a-z]+)$)", "request took 5 ms"), Lines{});
  EXPECT_EQ(slot_misses(R"(^request took (?P<n>\d+)(?P<unit>[a-z]+)$)", "request took 5ms"), Lines{});
  EXPECT_EQ(slot_misses(R"(^took (?P<n>\d+)[a-z]* in all$)", "took 5ms in all"), Lines{});
  EXPECT_EQ(slot_misses(R"(^took \w(?P<n>\d+)\s+in all$)", "took a5 in all"), Lines{});
  EXPECT_EQ(slot_misses(R"(^took \[(?P<n>\d+)\]$)", "took [5]"), (Lines{"took [5x]"}));
}

TEST(NearMisses, AreRefusedByTheSlotsOwnType) {
  const std::string line =
      "GET https://a.example/b took 3.5 s for -4 of 0x1f, mail a@b.example, at /var/log/x";
  const std::string pattern =
      R"(^GET (?P<url>https?://[^\s"']+) took (?P<n>[-+]?\d+(?:\.\d+)?) s for (?P<m>-?\d+) of (?P<h>0x[0-9a-f]+), )"
      R"(mail (?P<e>[\w.+-]+@[\w.-]+), at (?P<p>/[\w./-]*)$)";
  ASSERT_TRUE(RE2::PartialMatch(line, RE2(pattern)));
  const Lines misses = near_misses(pattern, line);
  EXPECT_EQ(misses.size(), 3 + kMostMissedSlots);
  for (const std::string& miss : misses) EXPECT_FALSE(RE2::PartialMatch(miss, RE2(pattern))) << miss;
}

}  // namespace
}  // namespace logsieve
