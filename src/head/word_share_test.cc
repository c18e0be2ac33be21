#include "head/word_share.h"

#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

namespace logsieve {
namespace {

double share(std::string_view form) {
  const std::set<std::string, std::less<>> known = {"disk", "failed", "http", "server", "error"};
  return word_share(form, [&](std::string_view word) { return known.contains(word); });
}

TEST(WordShare, IsTheShareOfBytesInKnownWords) {
  EXPECT_DOUBLE_EQ(share("disk failed"), 1.0);
  EXPECT_DOUBLE_EQ(share("disk sdq failed"), 10.0 / 13.0);
  EXPECT_DOUBLE_EQ(share("Disk: FAILED!"), 10.0 / 12.0);
}

TEST(WordShare, DoesNotCountPlaceholders) {
  EXPECT_DOUBLE_EQ(share("disk number failed at time"), 10.0 / 12.0);
  EXPECT_DOUBLE_EQ(share("disk Number"), 4.0 / 10.0) << "a placeholder is in lower case";
}

TEST(WordShare, IsZeroForAFormThatSaysNothing) {
  EXPECT_EQ(share(""), 0.0);
  EXPECT_EQ(share(" \t"), 0.0);
  EXPECT_EQ(share("id"), 0.0);
  EXPECT_EQ(share("path number id"), 0.0);
  EXPECT_EQ(share("path=="), 0.0);
  EXPECT_EQ(share("\xF0\x9F\x98\x80\x80\xFF"), 0.0);
}

TEST(WordShare, CutsWordsWhereACapitalBeginsOne) {
  std::vector<std::string> asked;
  word_share("HTTPServerError diskFailed x86_64 OK on aB", [&](std::string_view word) {
    asked.emplace_back(word);
    return false;
  });
  EXPECT_EQ(asked, (std::vector<std::string>{"http", "server", "error", "disk", "failed"}));
}

}  // namespace
}  // namespace logsieve
