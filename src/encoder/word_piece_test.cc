#include "encoder/word_piece.h"

#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "base/threads.h"
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

// Random texts of what is hard: pieces of the vocabulary, special tokens and parts of them, plain ASCII, odd code
// points, words about as long as the limit, broken UTF-8.
class RandomTexts {
 public:
  RandomTexts(const std::vector<std::string>& pieces, std::uint64_t seed) : pieces_(pieces), random_(seed) {}

  std::string next() {
    std::string text;
    for (std::size_t parts = random_.below(12); parts > 0; --parts) append_part(text);
    return text;
  }
  std::size_t below(std::size_t end) { return random_.below(end); }

 private:
  static constexpr std::string_view kHard[] = {"[SEP]",
                                               "[MASK]",
                                               "[CLS",
                                               "PAD]",
                                               "[UNK]",
                                               "##",
                                               "\xCC\x81",          // a combining mark
                                               "\xEF\xBF\xBD",      // U+FFFD
                                               "\xE2\x80\x8B",      // vanishes, joining words
                                               "\xC4\xB0",          // lower-cases to two code points
                                               "\xEA\xB0\x81",      // a Hangul syllable
                                               "\xE4\xB8\xAD",      // an ideograph
                                               "\xF0\x9F\x98\x80",  // outside the first plane
                                               "\xFF",
                                               "\xE4\xB8",
                                               "\xC0\x80",
                                               "\xED\xA0\x80",
                                               "\xF4\x90\x80\x80",  // ill-formed
                                               "\xCD\xBE",          // becomes a semicolon
                                               "\xC3\x89",
                                               "\t",
                                               "\v",
                                               "\r\n",
                                               " "};

  void append_part(std::string& text) {
    switch (random_.below(9)) {
      case 0:
        text += kHard[random_.below(std::size(kHard))];
        break;
      case 1:
        append_utf8(static_cast<char32_t>(random_.below(0x3100)), text);
        break;
      case 2:
        append_utf8(any_code_point(), text);
        break;
      case 3:
        append_word(text);
        break;
      case 4:
        text += static_cast<char>(random_.below(256));
        break;
      case 5:
        for (std::size_t i = random_.below(20); i > 0; --i) text += static_cast<char>(random_.below(128));
        break;
      case 6:
        text += ' ';
        break;
      default: {
        const std::string& piece = pieces_[random_.below(pieces_.size())];
        text += piece.starts_with("##") ? piece.substr(2) : piece;
      }
    }
  }

  char32_t any_code_point() {
    const auto c = static_cast<char32_t>(random_.below(0x110000 - 0x800));
    return c < 0xD800 ? c : c + 0x800;  // no surrogates
  }

  // One letter again and again; one in eight is about as long as a word may be.
  void append_word(std::string& text) {
    const std::size_t length = random_.below(8) == 0 ? 90 + random_.below(20) : random_.below(30);
    const auto letter =
        random_.below(3) == 0 ? any_code_point() : static_cast<char32_t>('a' + random_.below(26));
    for (std::size_t i = 0; i < length; ++i) append_utf8(letter, text);
  }

  const std::vector<std::string>& pieces_;
  Random random_;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// 1,000,000 texts; sanitized 20,000. The same ones on any number of threads.
TEST(WordPieceOracle, EqualsTheObviousImplementationOnRandomTexts) {
  LOGSIEVE_NEEDS(encoder_folder());
  const auto vocab = read_file(encoder_folder() / "vocab.txt");
  ASSERT_TRUE(vocab);
  const auto tokenizer = WordPiece::parse(*vocab, "vocab.txt");
  ASSERT_TRUE(tokenizer);
  const WordPieceReference reference(*vocab);
  const std::vector<std::string> pieces = lines_of(*vocab);
  constexpr std::size_t kParts = 100;
  constexpr std::size_t kTexts = (kIsSanitized ? 20000 : 1000000) / kParts;
  std::array<std::string, kParts> failures;
  parallel_for(kParts, usable_cpus(), [&](std::size_t part, std::size_t) {
    RandomTexts texts(pieces, part);
    Ids ids;
    for (std::size_t i = 0; i < kTexts && failures[part].empty(); ++i) {
      const std::string text = texts.next();
      const std::size_t max_ids = 2 + texts.below(60);
      ids.clear();
      tokenizer->tokenize(text, max_ids, ids);
      if (ids != reference.tokenize(text, max_ids))
        failures[part] = "text " + std::to_string(i) + ": " + printable(text);
    }
  });
  for (std::size_t part = 0; part < kParts; ++part) EXPECT_EQ(failures[part], "") << "part " << part;
}

}  // namespace
}  // namespace logsieve
