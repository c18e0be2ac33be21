#include "miner/vocabulary.h"

#include <algorithm>
#include <array>

#include "miner/form_text.h"

namespace logsieve::miner_detail {
namespace {

constexpr std::size_t kLongest = 0xFFFF;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_letter(char c) {
  return is_upper(c) || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// a.b.c: a host, a package, a class.
bool is_dotted_name(std::string_view text) {
  std::size_t labels = 1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && i > 0 && text[i - 1] != '.' && i + 1 < text.size())
      ++labels;
    else if (labels < 3 && !is_letter(c) && !is_digit(c) && c != '_' && c != '-' && c != '$' && c != '.')
      return false;
  }
  return labels >= 3;
}

bool is_noun(std::string_view text) {
  constexpr auto kNouns =
      std::to_array<std::string_view>({"user", "username", "account", "host", "hostname"});
  std::string lower(text.substr(0, 10));
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return is_upper(c) ? static_cast<char>(c + 32) : c; });
  return std::find(kNouns.begin(), kNouns.end(), lower) != kNouns.end();
}

std::uint8_t traits_of(std::string_view text) {
  if (text.empty()) return kIsEmpty;
  unsigned traits = 0;
  const auto any = [&](auto is) { return std::any_of(text.begin(), text.end(), is); };
  const bool has_letter = any(is_letter);
  if (has_letter) traits |= kHasLetter;
  if (is_value(text.back())) traits |= kEndsInValue;
  if (!any(is_value) && !any(is_digit) && !is_dotted_name(text)) traits |= kIsWord;
  if (is_unit_of_amount(text)) traits |= kIsUnit;
  if (is_noun(text)) traits |= kIsNoun;
  if (text.size() >= 2 && has_letter &&
      std::all_of(text.begin(), text.end(), [](char c) { return is_upper(c) || c == '_'; }))
    traits |= kIsCapitals;
  return static_cast<std::uint8_t>(traits);
}

}  // namespace

Vocabulary::Vocabulary() {
  characters_.push_back('*');
  words_.push_back({0, 1, 0});  // kWild: in no index, so that a slot `*` is another word
}

WordId Vocabulary::find(std::string_view text) const {
  const auto* entry = index_.find(xxh3_128(text.substr(0, kLongest)));
  return entry != nullptr ? entry->value : kNoWord;
}

WordId Vocabulary::intern(std::string_view text) {
  text = text.substr(0, kLongest);
  const Hash128 key = xxh3_128(text);
  if (const auto* entry = index_.find(key)) return entry->value;
  const auto word = static_cast<WordId>(words_.size());
  words_.push_back({static_cast<std::uint32_t>(characters_.size()), static_cast<std::uint16_t>(text.size()),
                    traits_of(text)});
  characters_ += text;
  index_.insert(key, word);
  return word;
}

std::string_view Vocabulary::text(WordId word) const {
  return std::string_view(characters_).substr(words_[word].begin, words_[word].length);
}

std::size_t Vocabulary::bytes() const {
  return characters_.capacity() + words_.capacity() * sizeof(Word) + index_.bytes();
}

}  // namespace logsieve::miner_detail
