#include "rules/literal_scanner.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/random.h"
#include "rules/rule_engine.h"
#include "rules/rule_test_support.h"

namespace logsieve {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::set<std::uint32_t> naive_hits(const std::vector<Literal>& literals, const std::string& text) {
  std::set<std::uint32_t> hits;
  const std::string lowered = lower(text);
  for (std::uint32_t i = 0; i < literals.size(); ++i)
    if ((literals[i].is_caseless ? lowered : text).find(literals[i].text) != std::string::npos)
      hits.insert(i);
  return hits;
}

std::set<std::uint32_t> scanned_hits(const LiteralScanner& scanner, LiteralScanner::Scratch& scratch,
                                     std::string_view text) {
  std::set<std::uint32_t> hits;
  const auto insert = [](void* context, std::uint32_t literal) {
    static_cast<std::set<std::uint32_t>*>(context)->insert(literal);
  };
  EXPECT_TRUE(scanner.scan(text, scratch, insert, &hits));
  return hits;
}

// Memory with a page on either side that must not be touched.
class FencedMemory {
 public:
  FencedMemory() {
    void* memory = ::mmap(nullptr, 3 * size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(memory, MAP_FAILED);
    begin_ = static_cast<char*>(memory) + size_;
    EXPECT_EQ(::mprotect(begin_, size_, PROT_READ | PROT_WRITE), 0);
  }
  FencedMemory(const FencedMemory&) = delete;
  FencedMemory& operator=(const FencedMemory&) = delete;
  ~FencedMemory() { ::munmap(begin_ - size_, 3 * size_); }

  std::size_t size() const { return size_; }
  std::string_view at_begin(std::string_view text) { return placed(text, begin_); }
  std::string_view at_end(std::string_view text) { return placed(text, begin_ + size_ - text.size()); }

 private:
  static std::string_view placed(std::string_view text, char* place) {
    std::memcpy(place, text.data(), text.size());
    return {place, text.size()};
  }
  std::size_t size_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  char* begin_ = nullptr;
};

std::vector<Literal> random_literals(Random& random) {
  constexpr std::string_view kLetters = "abcAB  .=k\xC3\xA9";
  std::set<Literal> literals;
  for (std::size_t count = 1 + random.below(random.below(2) == 0 ? 6 : 200); count > 0; --count) {
    std::string text;
    for (std::size_t length = 1 + random.below(12); length > 0; --length)
      text += kLetters[random.below(kLetters.size())];
    const bool is_caseless = random.below(2) == 0;
    literals.insert({is_caseless ? lower(text) : text, is_caseless});
  }
  return {literals.begin(), literals.end()};
}

std::string random_text(const std::vector<Literal>& literals, std::size_t limit, Random& random) {
  std::string text;
  for (std::size_t parts = random.below(12); parts > 0; --parts)
    text += random.below(2) == 0 ? random_bytes(random) : literals[random.below(literals.size())].text;
  for (char& c : text)
    if (random.below(20) == 0 && std::isalpha(static_cast<unsigned char>(c)) != 0)
      c = static_cast<char>(c ^ 0x20);
  text.resize(std::min(text.size(), limit));
  return text;
}

TEST(LiteralScanner, FindsWhatANaiveSearchFindsAndReadsNothingElse) {
  Random random(5);
  FencedMemory memory;
  std::size_t hits = 0;
  for (int round = 0; round < 150; ++round) {
    const std::vector<Literal> literals = random_literals(random);
    const auto scanner = LiteralScanner::compile(literals);
    ASSERT_TRUE(scanner) << render(scanner.error());
    auto scratch = scanner->make_scratch();
    for (int i = 0; i < 100; ++i) {
      const std::string text = random_text(literals, memory.size(), random);
      const auto expected = naive_hits(literals, text);
      hits += expected.size();
      ASSERT_EQ(scanned_hits(*scanner, scratch, memory.at_end(text)), expected);
      ASSERT_EQ(scanned_hits(*scanner, scratch, memory.at_begin(text)), expected);
    }
  }
  EXPECT_GT(hits, 10000U);
}

TEST(LiteralScanner, FindsNothingWithoutLiterals) {
  const auto scanner = LiteralScanner::compile({});
  ASSERT_TRUE(scanner);
  auto scratch = scanner->make_scratch();
  EXPECT_TRUE(scanned_hits(*scanner, scratch, "text").empty());
}

// Vectorscan 5.4.9, given these expressions, does not find ": Bad " in this text, in any of its modes.
TEST(LiteralScanner, regression_vectorscan_expressions_lose_matches) {
  const std::string pattern = "(?i)[(:] ?(?:[0-9]+: )?(?:Bad |stalame resolution)";
  const auto engine = RuleEngine::compile(book_of({rule_for("lost", pattern)}));
  ASSERT_TRUE(engine) << render(engine.error());
  auto scratch = engine->make_scratch();
  EXPECT_EQ(engine->match("x256x1_8x4x4.map: Bad ile descripto", "", scratch), 0);
}

// Vectorscan 5.4.9 aborts on some sets of expressions where a text has more than 254 bytes (pull request 392).
TEST(LiteralScanner, regression_vectorscan_aborts_on_long_texts) {
  const auto engine =
      RuleEngine::compile(book_of({rule_for("tail", "[a-z]*[0-9][a-z]*xy"), rule_for("end", ".*literal")}));
  ASSERT_TRUE(engine) << render(engine.error());
  auto scratch = engine->make_scratch();
  EXPECT_EQ(engine->match(std::string(5000, 'a') + "7bxy", "", scratch), 0);
  EXPECT_EQ(engine->match(std::string(5000, 'a') + "literal", "", scratch), 1);
}

}  // namespace
}  // namespace logsieve
