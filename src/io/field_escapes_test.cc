#include "io/field_escapes.h"

#include <cmath>
#include <cstdio>
#include <gtest/gtest.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/random.h"
#include "base/utf8.h"
#include "io/csv_record.h"

namespace logsieve {
namespace {

std::string csv(std::string_view text, char delimiter = ',') {
  std::string out;
  append_csv_field(text, delimiter, out);
  return out;
}

std::string tsv(std::string_view text) {
  std::string out;
  append_tsv_field(text, out);
  return out;
}

std::string json(std::string_view text) {
  std::string out;
  append_json_string(text, out);
  return out;
}

std::string confidence(float value) {
  std::string out;
  append_confidence(value, out);
  return out;
}

std::string random_bytes(Random& random) {
  constexpr std::string_view kOften = "ab \",;\t\n\r\\\xC3\xA9\xF0\x9F\x98\x80";
  std::string bytes;
  for (std::size_t i = random.below(40); i > 0; --i)
    bytes +=
        random.below(3) == 0 ? static_cast<char>(random.below(256)) : kOften[random.below(kOften.size())];
  return bytes;
}

TEST(Guarded, KeepsFormulasFromSpreadsheetsAndIsUndoneExactly) {
  std::string scratch;
  for (const char* formula : {"=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1"})
    EXPECT_EQ(guarded(formula, scratch), "'" + std::string(formula));
  for (const char* plain : {"", "a=1", "'quoted'", " =1", "12"}) EXPECT_EQ(guarded(plain, scratch), plain);
  Random random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = random.below(5); i > 0; --i) text += "'=+-@\t\ra"[random.below(8)];
    const std::string safe(guarded(text, scratch));
    EXPECT_EQ(unguarded(safe), text);
    EXPECT_FALSE(!safe.empty() && std::string("=+-@\t\r").find(safe[0]) != std::string::npos) << safe;
  }
}

TEST(AppendCsvField, QuotesOnlyWhatMustBe) {
  EXPECT_EQ(csv("a b;c"), "a b;c");
  EXPECT_EQ(csv("a b;c", ';'), "\"a b;c\"");
  EXPECT_EQ(csv("a,b"), "\"a,b\"");
  EXPECT_EQ(csv("\"\""), "\"\"\"\"\"\"");
  EXPECT_EQ(csv("a\nb"), "\"a\nb\"");
  EXPECT_EQ(csv("a\rb"), "\"a\rb\"");
  EXPECT_EQ(csv(""), "");
}

TEST(AppendCsvField, IsUndoneByTheReader) {
  Random random(1);
  std::vector<std::string> fields;
  for (int round = 0; round < 5000; ++round) {
    const std::string text = random_bytes(random);
    split_csv_record(csv(text) + ",x", fields);
    ASSERT_EQ(fields.size(), 2U);
    EXPECT_EQ(fields[0], text);
  }
}

TEST(AppendTsvField, EscapesWhatWouldEndAField) {
  EXPECT_EQ(tsv("a\tb\nc\rd\\e\\n"), "a\\tb\\nc\\rd\\\\e\\\\n");
  EXPECT_EQ(tsv("plain \"x\""), "plain \"x\"");
}

TEST(AppendJsonString, EscapesControlBytes) {
  EXPECT_EQ(json(std::string_view("\0\x1F\x7F\b\f\n\r\t\"\\/", 11)),
            "\"\\u0000\\u001f\x7F\\b\\f\\n\\r\\t\\\"\\\\/\"");
}

// Oracle: nlohmann reads it back to the text with its ill-formed parts replaced.
TEST(AppendJsonString, IsAlwaysValidJson) {
  Random random(2);
  for (int round = 0; round < 5000; ++round) {
    const std::string text = random_bytes(random);
    EXPECT_EQ(nlohmann::json::parse(json(text)).get<std::string>(), to_valid_utf8(text));
  }
}

TEST(AppendValidUtf8, ReplacesOnlyWhatIsIllFormed) {
  Random random(3);
  for (int round = 0; round < 5000; ++round) {
    const std::string text = random_bytes(random);
    std::string out;
    append_valid_utf8(text, out);
    EXPECT_EQ(out, to_valid_utf8(text));
  }
}

TEST(AppendConfidence, WritesWhatPrintfWrites) {
  Random random(4);
  std::vector<float> values = {0.0F, 1.0F, 0.5F, 0.00005F, 0.99995F, 0.99994999F, 0.03125F, 0.00003125F};
  for (int i = 0; i < 20000; ++i) values.push_back(static_cast<float>(random.unit()));
  for (int i = 0; i <= 32768; ++i)
    values.push_back(static_cast<float>(i) / 32768.0F);  // exact ties among them
  for (const float value : values) {
    char expected[32];
    std::snprintf(expected, sizeof expected, "%.4f", static_cast<double>(value));
    EXPECT_EQ(confidence(value), expected);
  }
}

TEST(AppendConfidence, ClampsWhatIsNoProbability) {
  EXPECT_EQ(confidence(1.5F), "1.0000");
  EXPECT_EQ(confidence(-0.5F), "0.0000");
  EXPECT_EQ(confidence(std::numeric_limits<float>::quiet_NaN()), "0.0000");
  EXPECT_EQ(confidence(std::numeric_limits<float>::infinity()), "1.0000");
}

}  // namespace
}  // namespace logsieve
