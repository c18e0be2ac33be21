// The miner against the obvious program: keep every line, and at the end group strings with sets and maps.
#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "miner/form_text.h"
#include "miner/form_tokens.h"
#include "miner/grouping.h"
#include "miner/miner.h"

namespace logsieve::miner_detail {
namespace {

using Row = std::vector<std::string>;
using Rows = std::set<Row>;

class Oracle {
 public:
  void observe(const std::string& line) {
    const FormTokens tokens = tokens_of(texts_.of_line(line), 250);
    Row row;
    for (const Slot& slot : tokens.slots) row.push_back(slot.text);
    forms_[tokens.separators].insert(row);
    lines_.push_back({tokens.separators, row});
  }

  // For each line observed, which other lines are of its template: the number of the template's first line.
  std::vector<std::size_t> groups() {
    std::map<std::pair<Row, Row>, std::size_t> family_of;
    std::size_t families = 0;
    for (const auto& [separators, rows] : forms_) {
      families_.clear();
      split(rows, std::set<std::size_t>(), separators);
      for (const Rows& family : families_) {
        for (const Row& row : family) family_of[{separators, row}] = families;
        ++families;
      }
    }
    std::vector<std::size_t> groups;
    for (const auto& line : lines_) groups.push_back(family_of.at(line));
    return groups;
  }

 private:
  std::set<std::string> words(const Rows& rows, std::size_t slot) const {
    std::set<std::string> words;
    for (const Row& row : rows) words.insert(row[slot]);
    return words;
  }
  bool all_have(const std::set<std::string>& words, std::uint8_t trait) {
    return std::all_of(words.begin(), words.end(),
                       [&](const std::string& word) { return traits_.has(traits_.intern(word), trait); });
  }
  std::size_t most_protected(const Rows& rows, std::size_t slot, const Row& separators) {
    const GroupingOptions options;
    if (slot == 0) return options.protected_first_words;
    const auto before = words(rows, slot - 1);
    if (separators[slot - 1] == " " && before.size() == 1 && all_have(before, kIsNoun)) return 1;
    return all_have(words(rows, slot), kIsCapitals) ? options.protected_capitals : options.protected_words;
  }

  void split(const Rows& rows, std::set<std::size_t> variables, const Row& separators) {
    const std::size_t slots = rows.begin()->size();
    std::vector<std::pair<std::size_t, std::size_t>> protected_slots;  // words, slot
    std::vector<std::pair<std::size_t, std::size_t>> word_slots;
    std::vector<std::pair<std::size_t, std::size_t>> varying;
    std::set<std::size_t> found;
    std::size_t constant = 0;
    std::size_t filled = 0;
    bool has_letter = false;
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const auto seen = words(rows, slot);
      if (seen.size() == 1) {
        filled += seen.begin()->empty() ? 0U : 1U;
        constant += seen.begin()->empty() ? 0U : 1U;
        has_letter = has_letter || all_have(seen, kHasLetter);
        continue;
      }
      ++filled;
      varying.emplace_back(seen.size(), slot);
      const bool is_unit =
          slot > 0 && all_have(seen, kIsUnit) && all_have(words(rows, slot - 1), kEndsInValue);
      const bool is_known = variables.count(slot) != 0;
      if (is_known || !all_have(seen, kIsWord) || is_unit ||
          seen.size() > most_protected(rows, slot, separators))
        found.insert(slot);
      else
        protected_slots.emplace_back(seen.size(), slot);
      const bool has_word = std::any_of(seen.begin(), seen.end(), [&](const std::string& word) {
        return traits_.has(traits_.intern(word), kIsWord);
      });
      if (!is_known && has_word) word_slots.emplace_back(seen.size(), slot);
    }
    const bool is_family = has_letter && static_cast<double>(constant) >=
                                             GroupingOptions().constant_share * static_cast<double>(filled);
    if (varying.empty() || (is_family && protected_slots.empty())) {
      families_.push_back(rows);
      return;
    }
    if (is_family) variables.insert(found.begin(), found.end());
    const auto& from = is_family ? protected_slots : word_slots.empty() ? varying : word_slots;
    const std::size_t by = std::min_element(from.begin(), from.end())->second;
    for (const std::string& word : words(rows, by)) {
      Rows part;
      for (const Row& row : rows)
        if (row[by] == word) part.insert(row);
      split(part, variables, separators);
    }
  }

  FormTexts texts_{8192};
  Vocabulary traits_;
  std::map<Row, Rows> forms_;
  std::vector<std::pair<Row, Row>> lines_;
  std::vector<Rows> families_;
};

// Few words in few shapes, so that skeletons meet and every kind of slot occurs.
std::string random_line(Random& random) {
  static const std::vector<std::string> kWords = {
      "open", "closed", "user", "host", "RUNNING", "DONE",     "FAILED", "alpha", "beta", "ms",
      "KB",   "a.b.c",  "eth0", "7",    "12.5",    "10.0.0.1", "x=",     "(y)",   "link", "null"};
  std::string line;
  const std::size_t length = 1 + random.below(6);
  for (std::size_t i = 0; i < length; ++i) line += (i > 0 ? " " : "") + kWords[random.below(kWords.size())];
  return line;
}

TEST(MinerOracle, GroupsAsTheObviousProgramDoesAtEveryPrefix) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    Oracle oracle;
    Miner miner({.settle_at = 1'000'000});
    std::vector<FormNumber> forms;
    for (std::size_t i = 1; i <= 300; ++i) {
      const std::string line = random_line(random);
      oracle.observe(line);
      forms.push_back(miner.observe(line).form);
      if (i % 60 != 0) continue;
      const std::vector<std::size_t> wanted = oracle.groups();
      std::map<std::size_t, TemplateIndex> pairs;
      std::set<TemplateIndex> used;
      for (std::size_t k = 0; k < i; ++k) {
        const auto [at, is_first] = pairs.emplace(wanted[k], miner.template_of(forms[k]));
        ASSERT_EQ(at->second, miner.template_of(forms[k])) << "seed " << seed << ", line " << k;
        if (is_first) {
          ASSERT_TRUE(used.insert(at->second).second) << "two groups in one, seed " << seed;
        }
      }
    }
  }
}

}  // namespace
}  // namespace logsieve::miner_detail
