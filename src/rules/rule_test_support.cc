#include "rules/rule_test_support.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fmt/core.h>
#include <fstream>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <utility>

namespace logsieve {
namespace {

namespace fs = std::filesystem;

// Code points that are hard: folded to ASCII, invalid, overlong, surrogate, past the end, line ends, NUL.
constexpr std::array<std::string_view, 20> kOddBytes = {"\xC3\xA9",
                                                        "\xC3\x89",
                                                        "\xC5\xBF",
                                                        "\xE2\x84\xAA",
                                                        "\xCE\xA9",
                                                        "\xCE\xA3\xCF\x82",
                                                        "\xF0\x9F\x98\x80",
                                                        "\xFF",
                                                        "\x80",
                                                        "\xC3",
                                                        "\xC0\x80",
                                                        "\xE0\x80\x80",
                                                        "\xED\xA0\x80",
                                                        "\xF4\x90\x80\x80",
                                                        "\xF5\x80\x80\x80",
                                                        "\n",
                                                        "\r\n",
                                                        "\v",
                                                        "\x85",
                                                        "_"};

constexpr std::array<std::string_view, 30> kClasses = {".",
                                                       "\\d",
                                                       "\\D",
                                                       "\\w",
                                                       "\\W",
                                                       "\\s",
                                                       "\\S",
                                                       "\\pL",
                                                       "\\PN",
                                                       "\\p{Greek}",
                                                       "\\C",
                                                       "[a-f0-9]",
                                                       "[^\"]",
                                                       "[^ \\n]",
                                                       "[[:alpha:]_]",
                                                       "[[:^punct:]]",
                                                       "[]a^-]",
                                                       "[^]]",
                                                       "[\\x00-\\x1f]",
                                                       "[\\x80-\\xff]",
                                                       "[\xC3\xA4\xC3\xB6\xC3\xBC]",
                                                       "[^\xC3\xA9]",
                                                       "[k-s]",
                                                       "[\\d\\-.:]",
                                                       "[\\pL\\d]",
                                                       "[^\\pL]",
                                                       "[^\\x00-\\x{10FFFF}]",
                                                       "\\p{^Lu}",
                                                       "[\\p{Lu}]",
                                                       "[a-z\\]\\\\]"};

constexpr std::array<std::string_view, 16> kLiterals = {
    "a",   "k",     "S",     "\xC3\xA9", "\xC5\xBF", "\xE2\x84\xAA", "\\x41", "\\x{e9}",
    "\\n", "\\012", "\\x00", "\\.",      "{",        "\\Q.*\\E",     "-",     "\\x{212A}"};

constexpr std::array<std::string_view, 8> kAssertions = {"^",   "$",   "\\b",    "\\B",
                                                         "\\A", "\\z", "(?m:^)", "(?m:$)"};

constexpr std::array<std::string_view, 17> kRepeats = {"*",      "+",    "?",    "*?",    "+?",     "??",
                                                       "{0}",    "{1}",  "{3}",  "{2,5}", "{2,}",   "{0,1}",
                                                       "{0,40}", "{12}", "{9,}", "{0,}?", "{0,200}"};

constexpr std::array<std::string_view, 9> kGroups = {
    "(", "(?:", "(?i:", "(?m:", "(?s:", "(?U:", "(?-i:", "(?is-m:", "(?P<word>"};

constexpr std::array<std::string_view, 5> kFlags = {"(?i)", "(?m)", "(?s)", "(?U)", "(?-i)"};

template <typename Array>
std::string any_of(const Array& choices, Random& random) {
  return std::string(choices[random.below(choices.size())]);
}

class PatternGrammar {
 public:
  PatternGrammar(Random& random, const std::vector<std::string>& words) : random_(random), words_(words) {}

  std::string alternation(int depth) {
    std::string out = sequence(depth);
    while (random_.below(5) == 0) out += '|' + (random_.below(8) == 0 ? std::string() : sequence(depth));
    return out;
  }

 private:
  std::string sequence(int depth) {
    std::string out;
    for (std::size_t pieces = 1 + random_.below(4); pieces > 0; --pieces) {
      if (random_.below(12) == 0) out += any_of(kFlags, random_);
      if (random_.below(7) == 0) out += any_of(kAssertions, random_);
      out += repeated(atom(depth));
    }
    return out;
  }

  std::string atom(int depth) {
    const std::size_t kind = random_.below(10);
    if (kind < 3) return RE2::QuoteMeta(words_[random_.below(words_.size())]);
    if (kind < 5) return any_of(kLiterals, random_);
    if (kind < 8 || depth == 0) return any_of(kClasses, random_);
    std::string group = any_of(kGroups, random_);
    if (group == "(?P<word>" && std::exchange(has_named_group_, true)) group = "(";
    return group + alternation(depth - 1) + ')';
  }

  std::string repeated(std::string atom) {
    return random_.below(3) == 0 ? std::move(atom) + any_of(kRepeats, random_) : std::move(atom);
  }

  Random& random_;
  const std::vector<std::string>& words_;
  bool has_named_group_ = false;
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == '"' || c == '\\') {
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(byte));
    } else {
      out += c;
    }
  }
  return '"' + out + '"';
}

fs::path shared_folder() {
  const char* given = std::getenv("LOGSIEVE_SHARED_DIR");
  return given != nullptr ? fs::path(given) : fs::path(LOGSIEVE_SOURCE_DIR) / ".." / "shared";
}

}  // namespace

std::string book_yaml(const std::vector<Rule>& rules) {
  std::string out = rules.empty() ? "rules: []\n" : "rules:\n";
  for (const Rule& rule : rules) {
    out += fmt::format("  - name: {}\n    label: {}\n    pattern: {}\n    priority: {}\n", escaped(rule.name),
                       escaped(rule.label), escaped(rule.pattern), rule.priority);
    if (!rule.source.empty()) out += fmt::format("    source: {}\n", escaped(rule.source));
    out += "    match:\n";
    for (const std::string& sample : rule.match) out += fmt::format("      - {}\n", escaped(sample));
  }
  return out;
}

RuleBook book_of(const std::vector<Rule>& rules) {
  auto book = RuleBook::parse(book_yaml(rules), "test.yaml");
  if (book) return std::move(*book);
  ADD_FAILURE() << render(book.error());
  return {};
}

Rule rule_for(std::string name, std::string_view pattern) {
  return Rule{.name = std::move(name),
              .label = "Error",
              .pattern = fmt::format("(?:{})|{}", pattern, kTestToken),
              .match = {std::string(kTestToken)}};
}

struct OneByOne::Entry {
  std::int32_t index;
  int priority;
  std::string source;
  std::unique_ptr<RE2> re2;
};

OneByOne::OneByOne(const RuleBook& book) {
  for (const Rule& rule : book.rules())
    entries_.push_back({static_cast<std::int32_t>(entries_.size()), rule.priority, rule.source,
                        std::make_unique<RE2>(rule.pattern, RE2::Quiet)});
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.priority > b.priority; });
}

OneByOne::~OneByOne() = default;

std::int32_t OneByOne::match(std::string_view message, std::string_view source) const {
  const re2::StringPiece text(message.data(), message.size());
  for (const Entry& entry : entries_)
    if ((entry.source.empty() || entry.source == source) && RE2::PartialMatch(text, *entry.re2))
      return entry.index;
  return -1;
}

std::vector<std::string> shared_lines() {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(shared_folder() / "data", error), end; !error && it != end;
       it.increment(error))
    if (it->is_regular_file()) files.push_back(it->path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> lines;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
  }
  return lines;
}

std::string random_pattern(Random& random, const std::vector<std::string>& words) {
  return PatternGrammar(random, words).alternation(2);
}

std::string mutated(std::string line, Random& random) {
  for (std::size_t changes = 1 + random.below(4); changes > 0; --changes) {
    const std::size_t at = random.below(line.size() + 1);
    switch (random.below(5)) {
      case 0:
        line.insert(at, kOddBytes[random.below(kOddBytes.size())]);
        break;
      case 1:
        line.insert(at, 1, static_cast<char>(random.below(256)));
        break;
      case 2:
        line.erase(at, 1 + random.below(3));
        break;
      case 3:
        line.insert(at, line.substr(random.below(line.size() + 1), random.below(20)));
        break;
      default:
        if (at < line.size()) line[at] = static_cast<char>(static_cast<unsigned char>(line[at]) ^ 0x20U);
    }
  }
  return line;
}

std::string random_bytes(Random& random) {
  std::string bytes(random.below(80), '\0');
  const bool is_ascii = random.below(2) == 0;
  for (char& byte : bytes) byte = static_cast<char>(random.below(is_ascii ? 128 : 256));
  return bytes;
}

}  // namespace logsieve
