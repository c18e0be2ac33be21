#include "llm/untrusted_json.h"

#include <chrono>
#include <gtest/gtest.h>
#include <string>

namespace logsieve {
namespace {

std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ParseUntrustedJson, ReadsOrdinaryJson) {
  const auto value = parse_untrusted_json(R"( {"a":[1,2.5,-3,true,null,"\u00e9"],"b":{"a":"x"}} )");
  ASSERT_TRUE(value);
  EXPECT_EQ((*value)["a"].size(), 6U);
  EXPECT_EQ(string_member((*value)["b"], "a"), "x");
  EXPECT_EQ(string_member(*value, "a"), std::nullopt);
  EXPECT_EQ(string_member((*value)["a"], "a"), std::nullopt);
}

TEST(ParseUntrustedJson, RefusesWhatParsersReadDifferently) {
  for (const std::string& text :
       {std::string(R"({"label":"A","label":"B"})"), std::string(R"({"x":{"k":1,"k":1}})"),
        std::string(R"([{"a":1},{"b":{"c":1,"\u0063":2}}])"), std::string(R"({"a":1} {"b":2})"),
        std::string("{} x"), std::string("{'a':1}"), std::string(R"({"a":1,})"), std::string("// c\n{}"),
        std::string("NaN"), std::string("[1e999]"), std::string("\"\xFF\""), std::string("\"\xC0\xAF\""),
        std::string("\"\\ud800\""), std::string("\"a\nb\""), std::string(), std::string("   "),
        std::string("{\"a\":\"b"), std::string("[\0]", 3)}) {
    EXPECT_FALSE(parse_untrusted_json(text)) << text;
  }
}

TEST(ParseUntrustedJson, AllowsOneNameInDifferentObjects) {
  EXPECT_TRUE(parse_untrusted_json(R"({"a":{"a":[{"a":1},{"a":2}]},"b":{"a":3}})"));
}

TEST(ParseUntrustedJson, StopsAtItsDepthAndAtItsNumberOfValues) {
  EXPECT_TRUE(parse_untrusted_json(repeated("[", kJsonMaxDepth) + repeated("]", kJsonMaxDepth)));
  EXPECT_FALSE(parse_untrusted_json(repeated("[", kJsonMaxDepth + 1) + repeated("]", kJsonMaxDepth + 1)));
  EXPECT_TRUE(parse_untrusted_json("[1" + repeated(",1", kJsonMaxValues - 2) + "]"));
  EXPECT_FALSE(parse_untrusted_json("[1" + repeated(",1", kJsonMaxValues - 1) + "]"));
}

TEST(ParseUntrustedJson, IsQuickWithFourMegabytesOfBrackets) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(parse_untrusted_json(repeated("[", std::size_t{4} << 20U)));
  EXPECT_FALSE(parse_untrusted_json(repeated("{\"a\":", std::size_t{800} << 10U)));
  EXPECT_FALSE(parse_untrusted_json("[" + repeated("[],", std::size_t{1} << 20U) + "[]]"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

}  // namespace
}  // namespace logsieve
