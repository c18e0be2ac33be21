#include "training/evaluate/families.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_map>
#include <utility>

#include "mask/form_words.h"

namespace logsieve {
namespace {

using WordSet = std::vector<std::size_t>;  // ranks, the rarest word first

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool is_inside = false;
  for (const char c : text) {
    const bool is_word = is_word_byte(c);
    if (is_word && !is_inside) words.emplace_back();
    if (is_word) words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    is_inside = is_word;
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

std::vector<WordSet> ranked_words(std::span<const std::string_view> texts) {
  std::unordered_map<std::string, std::size_t> ids;
  std::vector<std::size_t> uses;
  std::vector<WordSet> sets;
  for (const std::string_view text : texts) {
    WordSet& set = sets.emplace_back();
    for (std::string& word : words_of(text)) {
      const std::size_t id = ids.try_emplace(std::move(word), uses.size()).first->second;
      if (id == uses.size()) uses.push_back(0);
      ++uses[id];
      set.push_back(id);
    }
  }
  std::vector<std::size_t> order(uses.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return uses[a] < uses[b]; });
  std::vector<std::size_t> rank(uses.size());
  for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
  for (WordSet& set : sets) {
    for (std::size_t& word : set) word = rank[word];
    std::sort(set.begin(), set.end());
  }
  return sets;
}

bool are_near(const WordSet& a, const WordSet& b) {
  std::size_t common = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i] == b[j]) {
      ++common;
      ++i;
      ++j;
    } else {
      ++(a[i] < b[j] ? i : j);
    }
  }
  return common * (kJaccardNumerator + kJaccardDenominator) >= kJaccardNumerator * (a.size() + b.size());
}

class UnionFind {
 public:
  explicit UnionFind(std::size_t size) : parent_(size) {
    std::iota(parent_.begin(), parent_.end(), std::size_t{0});
  }
  std::size_t find(std::size_t item) {
    while (parent_[item] != item) item = parent_[item] = parent_[parent_[item]];
    return item;
  }
  void join(std::size_t a, std::size_t b) { parent_[find(a)] = find(b); }

 private:
  std::vector<std::size_t> parent_;
};

std::size_t ceil_of_share(std::size_t size) {
  return (size * kJaccardNumerator + kJaccardDenominator - 1) / kJaccardDenominator;
}

}  // namespace

std::vector<std::size_t> near_duplicate_families(std::span<const std::string_view> texts) {
  const std::vector<WordSet> sets = ranked_words(texts);
  std::vector<std::size_t> by_size(sets.size());
  std::iota(by_size.begin(), by_size.end(), std::size_t{0});
  std::stable_sort(by_size.begin(), by_size.end(),
                   [&](std::size_t a, std::size_t b) { return sets[a].size() < sets[b].size(); });
  UnionFind families(sets.size());
  std::unordered_map<std::size_t, std::vector<std::size_t>> with_word;  // among the rarest words of each set
  for (const std::size_t text : by_size) {
    const WordSet& set = sets[text];
    if (set.empty()) continue;
    const std::size_t least = ceil_of_share(set.size());
    for (std::size_t i = 0; i + least <= set.size(); ++i) {
      std::vector<std::size_t>& others = with_word[set[i]];
      for (const std::size_t other : others)
        if (sets[other].size() >= least && families.find(text) != families.find(other) &&
            are_near(set, sets[other]))
          families.join(text, other);
      others.push_back(text);
    }
  }
  std::vector<std::size_t> family(sets.size());
  std::unordered_map<std::size_t, std::size_t> number;
  for (std::size_t i = 0; i < sets.size(); ++i)
    family[i] = number.try_emplace(families.find(i), number.size()).first->second;
  return family;
}

}  // namespace logsieve
