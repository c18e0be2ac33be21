#include "miner/vocabulary.h"

#include <algorithm>
#include <array>

#include "base/hash.h"
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

// RUNNING, COMMIT_PENDING, also behind a package: android.intent.action.SCREEN_ON.
bool is_constant_name(std::string_view text) {
  const std::string_view name = is_dotted_name(text) ? text.substr(text.rfind('.') + 1) : text;
  return name.size() >= 2 &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_upper(c) || c == '_'; });
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
  if (has_letter && is_constant_name(text)) traits |= kIsWord | kIsCapitals;
  return static_cast<std::uint8_t>(traits);
}

}  // namespace

Vocabulary::Vocabulary() : table_(64, kNoWord) {
  characters_.push_back('*');
  words_.push_back({0, 1, 0});  // kWild: in no index, so that a slot `*` is another word
}

// Where the text's word is, or would go.
std::size_t Vocabulary::place_of(std::string_view text_wanted) const {
  const std::size_t mask = table_.size() - 1;
  std::size_t at = static_cast<std::size_t>(xxh3_128(text_wanted).low) & mask;
  while (table_[at] != kNoWord && text(table_[at]) != text_wanted) at = (at + 1) & mask;
  return at;
}

void Vocabulary::grow() {
  table_.assign(table_.size() * 2, kNoWord);
  for (WordId word = kWild + 1; word < words_.size(); ++word) table_[place_of(text(word))] = word;
}

WordId Vocabulary::find(std::string_view text_wanted) const {
  return table_[place_of(text_wanted.substr(0, kLongest))];
}

WordId Vocabulary::intern(std::string_view text_wanted) {
  text_wanted = text_wanted.substr(0, kLongest);
  std::size_t place = place_of(text_wanted);
  if (table_[place] != kNoWord) return table_[place];
  const auto word = static_cast<WordId>(words_.size());
  words_.push_back({static_cast<std::uint32_t>(characters_.size()),
                    static_cast<std::uint16_t>(text_wanted.size()), traits_of(text_wanted)});
  characters_ += text_wanted;
  table_[place] = word;
  if (2 * words_.size() > table_.size()) grow();
  return word;
}

std::string_view Vocabulary::text(WordId word) const {
  return std::string_view(characters_).substr(words_[word].begin, words_[word].length);
}

std::size_t Vocabulary::bytes() const {
  return characters_.capacity() + words_.capacity() * sizeof(Word) + table_.capacity() * sizeof(WordId);
}

}  // namespace logsieve::miner_detail
