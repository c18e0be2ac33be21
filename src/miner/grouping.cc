#include "miner/grouping.h"

#include <algorithm>
#include <numeric>

namespace logsieve::miner_detail {
namespace {

enum class SlotKind : std::uint8_t { kConstant, kProtected, kVariable };

class Grouper {
 public:
  Grouper(std::span<const WordId* const> forms, std::span<const std::string> separators,
          const Vocabulary& vocabulary, const GroupingOptions& options)
      : forms_(forms),
        separators_(separators),
        vocabulary_(vocabulary),
        options_(options),
        slots_(separators.size() + 1) {}

  std::vector<Family> run() {
    std::vector<std::uint32_t> all(forms_.size());
    std::iota(all.begin(), all.end(), 0U);
    split(std::move(all), std::vector<bool>(slots_));
    return std::move(families_);
  }

 private:
  WordId word(std::uint32_t form, std::size_t slot) const { return forms_[form][slot]; }

  // The distinct words of a slot, sorted.
  void find_words(const std::vector<std::uint32_t>& forms, std::size_t slot) {
    const WordId first = word(forms.front(), slot);
    words_.assign(1, first);
    if (std::all_of(forms.begin(), forms.end(),
                    [&](std::uint32_t form) { return word(form, slot) == first; }))
      return;
    words_.clear();
    for (const std::uint32_t form : forms) words_.push_back(word(form, slot));
    std::sort(words_.begin(), words_.end());
    words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
  }
  bool all_words(std::uint8_t trait) const {
    return std::all_of(words_.begin(), words_.end(), [&](WordId w) { return vocabulary_.has(w, trait); });
  }

  // Of the slot whose words are in words_.
  std::size_t protected_words(const std::vector<std::uint32_t>& forms, std::size_t slot) const {
    if (slot == 0) return options_.protected_first_words;
    const auto names_before = [&](std::uint32_t form) {
      return vocabulary_.has(word(form, slot - 1), kIsNoun) &&
             word(form, slot - 1) == word(forms.front(), slot - 1);
    };
    if (separators_[slot - 1] == " " && std::all_of(forms.begin(), forms.end(), names_before)) return 1;
    return all_words(kIsCapitals) ? options_.protected_capitals : options_.protected_words;
  }
  bool is_unit_of_number(const std::vector<std::uint32_t>& forms, std::size_t slot) const {
    return slot > 0 && all_words(kIsUnit) && std::all_of(forms.begin(), forms.end(), [&](std::uint32_t form) {
             return vocabulary_.has(word(form, slot - 1), kEndsInValue);
           });
  }
  SlotKind kind_of(const std::vector<std::uint32_t>& forms, std::size_t slot, bool is_variable_above) const {
    if (words_.size() == 1) return words_[0] == kWild ? SlotKind::kVariable : SlotKind::kConstant;
    if (is_variable_above || !all_words(kIsWord) || is_unit_of_number(forms, slot))
      return SlotKind::kVariable;
    return words_.size() > protected_words(forms, slot) ? SlotKind::kVariable : SlotKind::kProtected;
  }

  bool is_family(const std::vector<std::uint32_t>& forms, const std::vector<SlotKind>& kinds) const {
    std::size_t filled = 0;
    std::size_t constant = 0;
    bool has_letters = false;
    for (std::size_t slot = 0; slot < slots_; ++slot) {
      const WordId first = word(forms.front(), slot);
      if (kinds[slot] != SlotKind::kConstant) {
        ++filled;
      } else if (!vocabulary_.has(first, kIsEmpty)) {
        ++filled;
        ++constant;
        has_letters = has_letters || vocabulary_.has(first, kHasLetter);
      }
    }
    return has_letters &&
           static_cast<double>(constant) >= options_.constant_share * static_cast<double>(filled);
  }

  void finish(std::vector<std::uint32_t> forms, const std::vector<SlotKind>& kinds) {
    Family family;
    for (std::size_t slot = 0; slot < slots_; ++slot)
      family.slots.push_back(kinds[slot] == SlotKind::kConstant ? word(forms.front(), slot) : kWild);
    family.forms = std::move(forms);
    families_.push_back(std::move(family));
  }

  void split_by(std::size_t slot, std::vector<std::uint32_t> forms, const std::vector<bool>& variable) {
    std::sort(forms.begin(), forms.end(), [&](std::uint32_t a, std::uint32_t b) {
      return word(a, slot) != word(b, slot) ? word(a, slot) < word(b, slot) : a < b;
    });
    for (auto begin = forms.begin(); begin != forms.end();) {
      const auto end = std::find_if(
          begin, forms.end(), [&](std::uint32_t form) { return word(form, slot) != word(*begin, slot); });
      split({begin, end}, variable);
      begin = end;
    }
  }

  // The depth is at most the number of slots: each split makes one more of them constant.
  void split(std::vector<std::uint32_t> forms, std::vector<bool> variable) {
    std::vector<SlotKind> kinds(slots_, SlotKind::kConstant);
    const std::size_t none = slots_;
    std::size_t fewest_protected = none;
    std::size_t fewest_words = none;  // a slot with words in it
    std::size_t fewest = none;
    std::vector<std::size_t> sizes(slots_);
    for (std::size_t slot = 0; slot < slots_; ++slot) {
      find_words(forms, slot);
      kinds[slot] = kind_of(forms, slot, variable[slot]);
      sizes[slot] = words_.size();
      if (words_.size() == 1 || words_.front() == kWild) continue;
      const auto is_fewer = [&](std::size_t than) { return than == none || sizes[slot] < sizes[than]; };
      if (kinds[slot] == SlotKind::kProtected && is_fewer(fewest_protected)) fewest_protected = slot;
      if (is_fewer(fewest)) fewest = slot;
      const bool has_word =
          std::any_of(words_.begin(), words_.end(), [&](WordId w) { return vocabulary_.has(w, kIsWord); });
      if (!variable[slot] && has_word && is_fewer(fewest_words)) fewest_words = slot;
    }
    if (fewest == none) return finish(std::move(forms), kinds);
    if (is_family(forms, kinds)) {
      for (std::size_t slot = 0; slot < slots_; ++slot)
        variable[slot] = variable[slot] || kinds[slot] == SlotKind::kVariable;
      if (fewest_protected == none) return finish(std::move(forms), kinds);
      return split_by(fewest_protected, std::move(forms), variable);
    }
    split_by(fewest_words != none ? fewest_words : fewest, std::move(forms), variable);
  }

  std::span<const WordId* const> forms_;
  std::span<const std::string> separators_;
  const Vocabulary& vocabulary_;
  const GroupingOptions& options_;
  std::size_t slots_;
  std::vector<WordId> words_;  // scratch
  std::vector<Family> families_;
};

}  // namespace

std::vector<Family> group_forms(std::span<const WordId* const> forms, std::span<const std::string> separators,
                                const Vocabulary& vocabulary, const GroupingOptions& options) {
  if (forms.empty()) return {};
  return Grouper(forms, separators, vocabulary, options).run();
}

}  // namespace logsieve::miner_detail
