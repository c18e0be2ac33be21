#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve {
namespace {

struct ByteRange {
  unsigned char low;
  unsigned char high;
};

// Unicode 15, table 3-7: the well-formed byte sequences, and nothing else is well-formed.
const std::vector<std::vector<ByteRange>> kWellFormed = {
    {{0x00, 0x7F}},
    {{0xC2, 0xDF}, {0x80, 0xBF}},
    {{0xE0, 0xE0}, {0xA0, 0xBF}, {0x80, 0xBF}},
    {{0xE1, 0xEC}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xED, 0xED}, {0x80, 0x9F}, {0x80, 0xBF}},
    {{0xEE, 0xEF}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xF0, 0xF0}, {0x90, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xF1, 0xF3}, {0x80, 0xBF}, {0x80, 0xBF}, {0x80, 0xBF}},
    {{0xF4, 0xF4}, {0x80, 0x8F}, {0x80, 0xBF}, {0x80, 0xBF}},
};

std::size_t matched_bytes(const std::vector<ByteRange>& row, std::string_view bytes) {
  std::size_t count = 0;
  while (count < row.size() && count < bytes.size()) {
    const auto byte = static_cast<unsigned char>(bytes[count]);
    if (byte < row[count].low || byte > row[count].high) break;
    ++count;
  }
  return count;
}

char32_t payload(std::string_view bytes) {
  constexpr std::array<unsigned, 5> kLeadBits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t value = static_cast<unsigned char>(bytes[0]) & kLeadBits[bytes.size()];
  for (const char byte : bytes.substr(1)) value = value * 64 + (static_cast<unsigned char>(byte) & 0x3FU);
  return value;
}

// The definition, slowly: a whole row of the table, else the longest beginning of one (section 3.9, U+FFFD
// substitution of maximal subparts), at least one byte.
DecodedCodePoint decode_by_table(std::string_view bytes) {
  std::size_t longest = 1;
  for (const auto& row : kWellFormed) {
    const std::size_t count = matched_bytes(row, bytes);
    if (count == row.size()) return {payload(bytes.substr(0, count)), count, true};
    longest = std::max(longest, count);
  }
  return {kReplacement, longest, false};
}

std::string encoded(char32_t code_point) {
  std::string out;
  append_utf8(code_point, out);
  return out;
}

void expect_like_the_table(const std::string& bytes) {
  const DecodedCodePoint wanted = decode_by_table(bytes);
  const DecodedCodePoint got = decode_utf8(bytes, 0);
  ASSERT_EQ(got.code_point, wanted.code_point) << printable(bytes);
  ASSERT_EQ(got.length, wanted.length) << printable(bytes);
  ASSERT_EQ(got.is_valid, wanted.is_valid) << printable(bytes);
}

TEST(DecodeUtf8, EqualsTable37OnEveryBoundaryOfIt) {
  constexpr unsigned char kBytes[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                      0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
                                      0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF8, 0xFE, 0xFF};
  std::vector<std::string> sequences = {""};
  for (int length = 1; length <= 4; ++length) {
    std::vector<std::string> longer;
    for (const std::string& start : sequences) {
      // A fourth byte matters only where the first three lead to it: spares nine tenths of the time.
      if (length == 4 && decode_by_table(start).length < 3) continue;
      for (const unsigned char byte : kBytes) longer.push_back(start + static_cast<char>(byte));
    }
    for (const std::string& sequence : longer) ASSERT_NO_FATAL_FAILURE(expect_like_the_table(sequence));
    sequences = std::move(longer);
  }
}

TEST(DecodeUtf8, EqualsTable37OnEveryPairOfBytes) {
  for (unsigned pair = 0; pair < 0x10000; ++pair) {
    const std::string bytes = {static_cast<char>(pair >> 8U), static_cast<char>(pair & 0xFFU)};
    ASSERT_NO_FATAL_FAILURE(expect_like_the_table(bytes));
  }
}

TEST(DecodeUtf8, ReadsAtTheOffsetAndNotBeyondTheEnd) {
  const std::string bytes =
      "a\xE2\x82\xAC"
      "b";
  EXPECT_EQ(decode_utf8(bytes, 1).code_point, U'\u20AC');
  EXPECT_EQ(decode_utf8(bytes, 2).is_valid, false);
  const DecodedCodePoint cut = decode_utf8(std::string_view(bytes).substr(0, 3), 1);
  EXPECT_FALSE(cut.is_valid);
  EXPECT_EQ(cut.length, 2U);
}

TEST(EncodeUtf8, EveryScalarValueGoesThereAndBack) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string bytes = encoded(c);
    const DecodedCodePoint decoded = decode_utf8(bytes, 0);
    ASSERT_TRUE(decoded.is_valid) << std::hex << static_cast<unsigned>(c);
    ASSERT_EQ(decoded.code_point, c);
    ASSERT_EQ(decoded.length, bytes.size());
  }
}

TEST(EncodeUtf8, WhatIsNoScalarValueBecomesTheReplacement) {
  for (const char32_t c : {0xD800U, 0xDBFFU, 0xDC00U, 0xDFFFU, 0x110000U, 0xFFFFFFFFU})
    EXPECT_EQ(encoded(c), "\xEF\xBF\xBD") << std::hex << static_cast<unsigned>(c);
}

// The examples of the standard, Unicode 15 section 3.9; R stands for U+FFFD.
struct SubstitutionCase {
  const char* table;
  std::string bytes;
  std::string wanted;
};

TEST(ToValidUtf8, SubstitutesAsTheExamplesOfTheStandard) {
  const SubstitutionCase cases[] = {
      {"3-8, non-shortest forms", "\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", "RRRRRRRRA"},
      {"3-9, surrogates", "\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", "RRRRRRRRA"},
      {"3-10, past U+10FFFF and stray bytes", "\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", "RRRRRARRB"},
      {"3-11, truncated", "\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "RRRRA"},
      {"truncated at the end", "A\xF0\x9F\x98", "AR"},
      {"nothing", "", ""},
      {"NUL is a character", std::string("\0", 1), std::string("\0", 1)},
  };
  for (const SubstitutionCase& c : cases) {
    std::string wanted;
    for (const char letter : c.wanted)
      wanted += letter == 'R' ? std::string("\xEF\xBF\xBD") : std::string{letter};
    EXPECT_EQ(to_valid_utf8(c.bytes), wanted) << c.table;
    EXPECT_EQ(is_valid_utf8(c.bytes), c.wanted.find('R') == std::string::npos) << c.table;
    EXPECT_TRUE(is_valid_utf8(wanted)) << c.table;
  }
}

TEST(ToValidUtf8, LeavesValidTextAsItIs) {
  const std::string text = "plain, \xC3\xBC, \xE2\x82\xAC, \xF0\x9F\x98\x80, \xEF\xBF\xBD, \xF4\x8F\xBF\xBF";
  EXPECT_TRUE(is_valid_utf8(text));
  EXPECT_EQ(to_valid_utf8(text), text);
}

TEST(Printable, ShowsControlsAndIllFormedBytesAsEscapes) {
  EXPECT_EQ(printable(std::string("a\0b\x1b[0m\x7f\r\n\t", 11)), "a\\x00b\\x1B[0m\\x7F\\x0D\\x0A\\t");
  EXPECT_EQ(printable("\xC2\x85\xC2\x9B"), "\\u{0085}\\u{009B}");  // C1: NEL, CSI
  EXPECT_EQ(printable("x\xE2\x82y\xFF"), "x\\xE2\\x82y\\xFF");
}

TEST(Printable, ShowsInvisibleFormatCharactersAsEscapes) {
  for (const char32_t c :
       {0x061CU, 0x200BU, 0x200FU, 0x2028U, 0x202AU, 0x202EU, 0x2060U, 0x2066U, 0x2069U, 0xFEFFU}) {
    char wanted[16];
    std::snprintf(wanted, sizeof wanted, "\\u{%04X}", static_cast<unsigned>(c));
    EXPECT_EQ(printable(encoded(c)), wanted);
  }
}

TEST(Printable, LeavesWhatReadersReadAndIsIdempotent) {
  const std::string text = "C:\\dir \xC3\xA9 \xE6\x97\xA5\xE6\x9C\xAC \xF0\x9F\x98\x80 \xEF\xBF\xBD";
  EXPECT_EQ(printable(text), text);
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::string once = printable(std::string(1, static_cast<char>(byte)));
    EXPECT_EQ(printable(once), once);
    EXPECT_TRUE(is_valid_utf8(once));
  }
}

}  // namespace
}  // namespace logsieve
