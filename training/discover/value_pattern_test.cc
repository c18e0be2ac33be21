#include "training/discover/value_pattern.h"

#include <gtest/gtest.h>
#include <re2/re2.h>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

std::string pattern_of(MaskedKind kind, const std::vector<std::string_view>& values) {
  return value_pattern(kind, values);
}

TEST(ValuePattern, IsTheNarrowestTypeThatAllValuesHave) {
  EXPECT_EQ(pattern_of(MaskedKind::kNumber, {"7", "1234"}), R"(\d+)");
  EXPECT_EQ(pattern_of(MaskedKind::kNumber, {"7", "-3"}), R"(-?\d+)");
  EXPECT_EQ(pattern_of(MaskedKind::kNumber, {"0.25", "3.5"}), R"([-+]?\d+\.\d+)");
  EXPECT_EQ(pattern_of(MaskedKind::kAddress, {"10.0.0.1"}), R"(\d{1,3}(?:\.\d{1,3}){3})");
  EXPECT_EQ(pattern_of(MaskedKind::kId, {"b9718cd8-f65e-49cc-8349-6cf7122af137"}),
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  EXPECT_EQ(pattern_of(MaskedKind::kPath, {"/var/log/a.log"}), R"(/[\w./-]*)");
}

TEST(ValuePattern, KeepsTheLayoutOfTimes) {
  EXPECT_EQ(pattern_of(MaskedKind::kTime, {"2025-06-27 07:20:25", "2025-06-28 17:02:01"}),
            R"(\d{2,4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})");
}

TEST(ValuePattern, MatchesTheValuesItWasMadeFrom) {
  Random random(11);
  const std::string_view alphabet = "0123456789abcdefXYZ.-_:/,+[]^\\ %";
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> texts(1 + random.below(4));
    for (std::string& text : texts)
      for (std::size_t i = 1 + random.below(12); i > 0; --i) text += alphabet[random.below(alphabet.size())];
    const std::vector<std::string_view> values(texts.begin(), texts.end());
    const std::string pattern = value_pattern(static_cast<MaskedKind>(random.below(kMaskedKinds)), values);
    const RE2 re2(pattern, RE2::Quiet);
    ASSERT_TRUE(re2.ok()) << pattern;
    for (const std::string& text : texts) EXPECT_TRUE(RE2::FullMatch(text, re2)) << pattern << "  " << text;
  }
}

TEST(EscapedLiteral, MatchesItselfOnly) {
  const std::string text = R"(a.b*c (d) [e] {2} ^$ | \ ?+ "'-/#)";
  const RE2 re2(escaped_literal(text));
  EXPECT_TRUE(RE2::FullMatch(text, re2));
  EXPECT_FALSE(RE2::FullMatch("axb*c (d) [e] {2} ^$ | \\ ?+ \"'-/#", re2));
}

}  // namespace
}  // namespace logsieve
