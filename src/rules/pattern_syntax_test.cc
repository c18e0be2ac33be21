#include "rules/pattern_syntax.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

std::vector<std::string> groups_of(const std::string& pattern) {
  std::vector<std::string> out;
  for (const PatternGroup& group : pattern_groups(pattern))
    out.push_back(pattern.substr(group.begin, group.end - group.begin));
  return out;
}

TEST(PatternGroups, AreFoundInTheOrderOfTheirOpening) {
  EXPECT_EQ(groups_of("^a(?P<x>b(?:c|d)+)(e)$"),
            (std::vector<std::string>{"(?P<x>b(?:c|d)+)", "(?:c|d)", "(e)"}));
}

TEST(PatternGroups, AreNotWhatIsQuotedOrInAClass) {
  EXPECT_EQ(groups_of(R"(^\([)(]\Q(a)\E(b)[^]()]$)"), (std::vector<std::string>{"(b)"}));
}

}  // namespace
}  // namespace logsieve
