#include "rules/pattern_demand.h"

#include <algorithm>
#include <cctype>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <string>
#include <vector>

namespace logsieve {
namespace {

struct Case {
  const char* pattern;
  std::size_t bytes;
  std::size_t words;
  const char* prefix;
};

TEST(PatternDemand, IsWhatEveryTextMustHold) {
  const Case cases[] = {
      {"^User \\d+ in$", 6, 2, "User "},
      {"^User (?P<number1>\\d+) logged in$", 12, 3, "User "},
      {"^(?:open|shut|closing) door$", 8, 2, ""},
      {"^door (?:open|shut)?$", 4, 1, "door "},
      {"door", 4, 1, ""},
      {"^a{3}b{0,9}$", 3, 1, "aaa"},
      {"^(?:abc){2,}$", 6, 1, "abcabc"},
      {"(?i)kill 9", 5, 1, ""},
      {"^12_34 \\d+$", 4, 0, "12_34 "},
      {"^x________ b$", 2, 2, "x________ b"},
      {"^\xE2\x98\x85\xE2\x98\x85 ok$", 2, 1, ""},
      {"^(?i)(?-i:user) bar$", 7, 2, "user "},
      {"^x\\.y: \\Qa+b\\E", 4, 4, "x.y: a+b"},
      {"^[ab]cd|efg", 2, 1, ""},
      {"^Stra\xC3\x9F"
       "e$",
       7, 1, "Stra"},
      {"^\xD0\xA1\xD0\xB1\xD0\xBE\xD0\xB9 \\d$", 8, 1, ""},
      {"^see (?P<url1>https?://(?:www)?) now(?P<w>x)$", 6, 2, "see http"},
      {".*", 0, 0, ""},
      {"^http(?:s)?://[^ ]+$", 4, 1, "http"},
      {"(?m)^abc$", 3, 1, ""},
      {"^*abc", 3, 1, ""},
  };
  for (const Case& wanted : cases) {
    const auto automaton = PatternAutomaton::make(wanted.pattern);
    ASSERT_TRUE(automaton) << wanted.pattern;
    const PatternDemand demand = pattern_demand(*automaton);
    EXPECT_EQ(demand.literal_bytes, wanted.bytes) << wanted.pattern;
    EXPECT_EQ(demand.literal_words, wanted.words) << wanted.pattern;
    EXPECT_EQ(demanded_prefix(*automaton), wanted.prefix) << wanted.pattern;
  }
}

// Oracle: no text from a random path has less, for patterns whose classes hold no word character.
TEST(PatternDemand, IsNeverMoreThanATextHolds) {
  for (const char* pattern :
       {"^(?:ab|c(?:de)?f) (?:x|yz){1,3}$", "^lost [.,]+ (?:link|connection)( twice)?$", "^(?:a|b|)c*d+$"}) {
    const auto automaton = PatternAutomaton::make(pattern);
    ASSERT_TRUE(automaton);
    const PatternDemand demand = pattern_demand(*automaton);
    std::size_t least = 1000;
    Random random(7);
    for (int i = 0; i < 400; ++i) {
      const std::string text = automaton->sample(random);
      least = std::min(least, static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
                         return std::isalnum(static_cast<unsigned char>(c)) != 0;
                       })));
    }
    EXPECT_EQ(demand.literal_bytes, least) << pattern;
  }
}

bool may_meet(const char* a, const char* b) {
  const auto one = PatternAutomaton::make(a);
  const auto other = PatternAutomaton::make(b);
  EXPECT_TRUE(one && other);
  return one && other && PatternOutline(*one).meets(PatternOutline(*other)) &&
         PatternOutline(*other).meets(PatternOutline(*one));
}

TEST(PatternOutline, TellsPatternsApartAtAnyPlace) {
  EXPECT_FALSE(may_meet("^User \\d+ in$", "^Host \\d+ in$"));
  EXPECT_FALSE(may_meet("^\\d{4} (?:INFO|WARN|ERROR) pump$", "^\\d{4} (?:INFO|WARN|ERROR) door$"));
  EXPECT_FALSE(may_meet("^ab$", "^abc"));
  EXPECT_FALSE(may_meet("^a?$", "^\\d$"));
  EXPECT_FALSE(may_meet("^\xE2\x98\x85$", "^x$"));
  // One of them may end before the place, or is not known there.
  EXPECT_TRUE(may_meet("^a(?:b)?$", "^a(?:c)?$"));
  EXPECT_TRUE(may_meet("^a", "^ab"));
  EXPECT_TRUE(may_meet("b", "^a$"));
  EXPECT_TRUE(may_meet("^a$|b", "^c"));
  EXPECT_TRUE(may_meet("(?i)^User", "^uSER \\d"));
  EXPECT_TRUE(may_meet("^.{1,80}x$", "^a"));
}

// Wherever a text fits both, the outlines meet.
TEST(PatternOutline, NeverPartsPatternsThatATextFits) {
  const std::vector<const char*> patterns = {"^(?:ab|c(?:de)?f) (?:x|yz){1,3}$",
                                             "^[a-c]+ ",
                                             "^(?:a|c)[a-f]* .*z$",
                                             "^c.f x",
                                             "^\\w+ \\w+$",
                                             "^ab x{0,2}$"};
  for (const char* pattern : patterns) {
    const auto automaton = PatternAutomaton::make(pattern);
    Random random(3);
    for (int i = 0; i < 200; ++i) {
      const std::string text = automaton->sample(random);
      for (const char* other : patterns) {
        if (!RE2::PartialMatch(text, other)) continue;
        EXPECT_TRUE(may_meet(pattern, other)) << text;
      }
    }
  }
}

}  // namespace
}  // namespace logsieve
