#include "encoder/word_piece.h"

#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "base/utf8.h"
#include "encoder/code_points.h"
#include "encoder/test_paths.h"
#include "encoder/word_piece_reference.h"

namespace logsieve {
namespace {

using Ids = std::vector<std::int32_t>;

// Ids: [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4, then as listed.
constexpr std::string_view kSmallVocab =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nuser\n##s\n##name\nlog\n##in\n.\n[\n]\nu\n##user\n\xE4\xB8\xAD\n##"
    "\xC3\xA6\n";

Ids ids_of(const WordPiece& tokenizer, std::string_view text, std::size_t max_ids = 256) {
  Ids ids;
  tokenizer.tokenize(text, max_ids, ids);
  return ids;
}

WordPiece small_tokenizer() {
  auto tokenizer = WordPiece::parse(kSmallVocab, "small");
  EXPECT_TRUE(tokenizer);
  return std::move(*tokenizer);
}

TEST(WordPiece, TakesTheLongestPieceFirst) {
  const WordPiece tokenizer = small_tokenizer();
  EXPECT_EQ(ids_of(tokenizer, ""), (Ids{2, 3}));
  EXPECT_EQ(ids_of(tokenizer, "user"), (Ids{2, 5, 3}));
  EXPECT_EQ(ids_of(tokenizer, "Username  LOGIN"), (Ids{2, 5, 7, 8, 9, 3}));
  EXPECT_EQ(ids_of(tokenizer, "uuser"), (Ids{2, 13, 14, 3}));
}

TEST(WordPiece, MakesAWholeWordUnknownIfAnyPartFails) {
  const WordPiece tokenizer = small_tokenizer();
  EXPECT_EQ(ids_of(tokenizer, "userx"), (Ids{2, 1, 3}));
  EXPECT_EQ(ids_of(tokenizer, "users.userx"), (Ids{2, 5, 6, 10, 1, 3}));
}

TEST(WordPiece, ReadsSpecialTokensInRawTextOnly) {
  const WordPiece tokenizer = small_tokenizer();
  EXPECT_EQ(ids_of(tokenizer, "user[SEP]user"), (Ids{2, 5, 3, 5, 3}));
  EXPECT_EQ(ids_of(tokenizer, "[mask]"), (Ids{2, 11, 1, 12, 3}));
  EXPECT_EQ(ids_of(tokenizer, "[[MASK]"), (Ids{2, 11, 4, 3}));
}

TEST(WordPiece, CountsWordLengthAfterNormalising) {
  const WordPiece tokenizer = small_tokenizer();
  const std::string fits = "log" + std::string(97, 's');
  EXPECT_EQ(ids_of(tokenizer, fits).size(), 2U + 98U);
  EXPECT_EQ(ids_of(tokenizer, fits + "\xE2\x80\x8B").size(), 2U + 98U);  // U+200B vanishes
  EXPECT_EQ(ids_of(tokenizer, fits + 's'), (Ids{2, 1, 3}));
  EXPECT_EQ(ids_of(tokenizer, std::string(1000000, 'u')), (Ids{2, 1, 3}));
}

TEST(WordPiece, CutsTheTailInsideAWord) {
  const WordPiece tokenizer = small_tokenizer();
  EXPECT_EQ(ids_of(tokenizer, "users users", 4), (Ids{2, 5, 6, 3}));
  EXPECT_EQ(ids_of(tokenizer, "users users", 5), (Ids{2, 5, 6, 5, 3}));
  EXPECT_EQ(ids_of(tokenizer, "users users", 2), (Ids{2, 3}));
}

TEST(WordPiece, LetsIllFormedBytesVanish) {
  const WordPiece tokenizer = small_tokenizer();
  EXPECT_EQ(ids_of(tokenizer,
                   "us\xFF\xC3"
                   "er"),
            (Ids{2, 5, 3}));
  EXPECT_EQ(ids_of(tokenizer, "\xE4\xB8\xAD\xE4\xB8"), (Ids{2, 15, 3}));
}

TEST(WordPiece, AppendsToWhatIsThere) {
  const WordPiece tokenizer = small_tokenizer();
  Ids ids = {99};
  tokenizer.tokenize("user user user", 4, ids);
  EXPECT_EQ(ids, (Ids{99, 2, 5, 5, 3}));
}

TEST(WordPieceVocabulary, RefusesWhatCannotBeOne) {
  const std::string good(kSmallVocab);
  const auto twice = WordPiece::parse(good + "user\n", "v.txt");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::kCorruptModel);
  EXPECT_EQ(twice.error().line, 18U);
  EXPECT_EQ(WordPiece::parse("[PAD]\n[UNK]\n[CLS]\n[MASK]\n", "v.txt").error().message,
            "the vocabulary has no [SEP]");
  EXPECT_EQ(WordPiece::parse(good + "\xC3\n", "v.txt").error().line, 18U);
  EXPECT_FALSE(WordPiece::parse("", "v.txt"));
  EXPECT_FALSE(WordPiece::parse(good + std::string(1000001, '\n'), "v.txt"));
}

TEST(WordPieceVocabulary, KeepsIdsOfBlankLinesAndReadsCrLf) {
  const auto tokenizer = WordPiece::parse("\n[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\n\nuser", "v");
  ASSERT_TRUE(tokenizer);
  EXPECT_EQ(tokenizer->size(), 8U);
  EXPECT_EQ(ids_of(*tokenizer, "user x"), (Ids{3, 7, 2, 4}));
}

// The generated table against the reference file it was made from, over every code point.
TEST(CodePoints, EqualTheReferenceTable) {
  LOGSIEVE_NEEDS(golden_folder());
  struct Text {
    std::u32string text;
    void letter(char32_t c) { text += c; }
    void alone(char32_t c) { text += {U' ', c, U' '}; }
    void space() { text += U' '; }
  };
  std::vector<std::u32string> expected(kCodePointEnd);
  for (char32_t c = 0; c < kCodePointEnd; ++c) expected[c] = {c};
  std::ifstream table(golden_folder() / "tokenizer_codepoints.tsv");
  std::string line;
  std::u32string punctuation;
  while (std::getline(table, line)) {
    if (line.starts_with('#')) continue;
    std::istringstream fields(line);
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::string kind;
    fields >> std::hex >> first >> last >> kind;
    std::u32string output;
    for (std::uint32_t c = 0; fields >> c;) output += static_cast<char32_t>(c);
    for (char32_t c = first; c <= last; ++c) {
      if (kind == "removed") expected[c] = U"";
      if (kind == "space") expected[c] = U" ";
      if (kind == "punct" || kind == "cjk") expected[c] = {U' ', c, U' '};
      if (kind == "punct") punctuation += c;
      if (kind == "map") expected[c] = output;
      if (kind == "hangul") {
        expected[c] = {0x1100 + (c - 0xAC00) / 588, 0x1161 + (c - 0xAC00) % 588 / 28};
        if ((c - 0xAC00) % 28 != 0) expected[c] += static_cast<char32_t>(0x11A7 + (c - 0xAC00) % 28);
      }
    }
  }
  std::size_t different = 0;
  for (char32_t c = 0; c < kCodePointEnd; ++c) {
    Text text;
    normalise(c, text);
    // A mark that a replacement yields is a word of its own as well.
    if (expected[c].size() == 1 && punctuation.find(expected[c]) != std::u32string::npos)
      expected[c] = {U' ', expected[c][0], U' '};
    if (text.text != expected[c] && ++different < 10)
      ADD_FAILURE() << "U+" << std::hex << static_cast<int>(c);
  }
  EXPECT_EQ(different, 0U);
}

TEST(WordPieceGolden, EqualsTheReferenceInEveryCase) {
  LOGSIEVE_NEEDS(golden_folder());
  LOGSIEVE_NEEDS(encoder_folder());
  const auto tokenizer = WordPiece::load(encoder_folder() / "vocab.txt");
  ASSERT_TRUE(tokenizer) << tokenizer.error().message;
  std::ifstream cases(golden_folder() / "tokenizer.jsonl");
  std::size_t count = 0;
  for (std::string line; std::getline(cases, line); ++count) {
    const auto golden = nlohmann::json::parse(line);
    const auto text = golden["text"].get<std::string>();
    ASSERT_EQ(ids_of(*tokenizer, text), golden["ids"].get<Ids>()) << golden["kind"] << ' ' << printable(text);
  }
  EXPECT_GE(count, 5000U);
}

// A random text of what is hard: pieces, special tokens and their parts, odd code points, broken UTF-8.
std::string random_text(Random& random, const std::vector<std::string>& pieces) {
  static const std::vector<std::string> hard = {"[SEP]",
                                                "[MASK]",
                                                "[CLS",
                                                "PAD]",
                                                "[UNK]",
                                                "##",
                                                "\xCC\x81",
                                                "\xEF\xBF\xBD",
                                                "\xE2\x80\x8B",
                                                "\xC4\xB0",
                                                "\xEA\xB0\x81",
                                                "\xE4\xB8\xAD",
                                                "\xF0\x9F\x98\x80",
                                                "\xFF",
                                                "\xE4\xB8",
                                                "\xCD\xBE",
                                                "\xC3\x89",
                                                "\t",
                                                "\v",
                                                " "};
  std::string text;
  for (std::size_t parts = random.below(30); parts > 0; --parts) {
    switch (random.below(8)) {
      case 0:
        text += hard[random.below(hard.size())];
        break;
      case 1:
        append_utf8(static_cast<char32_t>(random.below(0x3100)), text);
        break;
      case 2:
        append_utf8(static_cast<char32_t>(random.below(0x20000)), text);
        break;
      case 3:
        text.append(random.below(60), static_cast<char>('a' + random.below(26)));
        break;
      case 4:
        text += static_cast<char>(random.below(256));
        break;
      case 5:
        text += ' ';
        break;
      default: {
        const std::string& piece = pieces[random.below(pieces.size())];
        text += piece.starts_with("##") ? piece.substr(2) : piece;
      }
    }
  }
  return text;
}

// 100,000 texts; LOGSIEVE_LONG_TESTS=1 makes it 1,000,000, a sanitizer 10,000.
TEST(WordPieceOracle, EqualsTheObviousImplementationOnRandomTexts) {
  LOGSIEVE_NEEDS(encoder_folder());
  const auto vocab = read_file(encoder_folder() / "vocab.txt");
  ASSERT_TRUE(vocab);
  const auto tokenizer = WordPiece::parse(*vocab, "vocab.txt");
  ASSERT_TRUE(tokenizer);
  const WordPieceReference reference(*vocab);
  std::vector<std::string> pieces;
  std::istringstream lines(*vocab);
  for (std::string line; std::getline(lines, line);) pieces.push_back(line);
  Random random(5);
  const int rounds = wants_long_tests() ? 1000000 : kIsSanitized ? 10000 : 100000;
  Ids ids;
  for (int round = 0; round < rounds; ++round) {
    const std::string text = random_text(random, pieces);
    const std::size_t max_ids = 2 + random.below(40);
    ids.clear();
    tokenizer->tokenize(text, max_ids, ids);
    ASSERT_EQ(ids, reference.tokenize(text, max_ids)) << printable(text);
  }
}

}  // namespace
}  // namespace logsieve
