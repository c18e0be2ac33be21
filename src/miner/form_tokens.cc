#include "miner/form_tokens.h"

#include <algorithm>
#include <array>

namespace logsieve::miner_detail {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_word_byte(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '-' || is_value(c);
}
bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}
bool always_separates(char c) {
  return is_one_of(c, " =,;()[]{}<>\"'|:");
}
bool opens(char c) {
  return is_one_of(c, "([{<\"'");
}
bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}
bool has_value(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_value);
}
bool is_number_slot(std::string_view slot) {
  return slot.size() == 1 && (slot[0] == kNumber || slot[0] == kDecimal);
}

class Tokenizer {
 public:
  Tokenizer(const FormText& form, std::size_t most_slots)
      : text_(form.text), residues_(form.residues), most_slots_(most_slots) {}

  FormTokens run() {
    while (tokens_.slots.size() < most_slots_) {
      take_slot();
      if (at_ >= text_.size()) return std::move(tokens_);
      take_separator();
      if (at_ >= text_.size() && tokens_.slots.size() < most_slots_) {
        tokens_.slots.emplace_back();
        return std::move(tokens_);
      }
    }
    // The last separator has no slot behind it.
    if (tokens_.separators.size() == tokens_.slots.size()) tokens_.separators.pop_back();
    tokens_.is_cut = true;
    return std::move(tokens_);
  }

 private:
  // Full stops and the like separate where they close a word, and in runs: `disabled.....`
  bool separates(std::size_t at) const {
    if (always_separates(text_[at])) return true;
    if (!is_one_of(text_[at], ".!?")) return false;
    const auto is_stop = [this](std::size_t i) { return is_one_of(text_[i], ".!?"); };
    const bool follows_stop = at > 0 && is_stop(at - 1);
    if (follows_stop || at + 1 >= text_.size() || is_stop(at + 1)) return true;
    return always_separates(text_[at + 1]);
  }

  void take_slot() {
    const std::size_t begin = at_;
    at_ = begin + quoted_length();
    if (at_ == begin)
      while (at_ < text_.size() && !separates(at_)) ++at_;
    Slot slot;
    slot.text = text_.substr(begin, at_ - begin);
    for (const char c : slot.text)
      if (has_residue(c)) slot.residues.push_back(next_residue());
    tokens_.slots.push_back(std::move(slot));
  }

  // Of a short text without values between equal quotes, the first of which is the byte before.
  std::size_t quoted_length() const {
    constexpr std::size_t kLongest = 40;
    if (at_ == 0 || !is_one_of(text_[at_ - 1], "\"'") || (at_ > 1 && is_word_byte(text_[at_ - 2]))) return 0;
    const std::size_t end = text_.find(text_[at_ - 1], at_);
    if (end == std::string_view::npos || end - at_ > kLongest) return 0;
    if (end + 1 < text_.size() && is_letter(text_[end + 1])) return 0;
    const std::string_view inner = text_.substr(at_, end - at_);
    return !has_value(inner) && std::count(inner.begin(), inner.end(), ' ') < 3 ? inner.size() : 0;
  }

  void take_separator() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && separates(at_)) {
      const char c = text_[at_++];
      const bool is_tight_equals = c == '=' && !(at_ - begin > 1 && text_[at_ - 2] == ' ');
      if (opens(c) || is_tight_equals) break;
    }
    tokens_.separators.emplace_back(text_.substr(begin, at_ - begin));
  }

  std::string next_residue() {
    const std::size_t end = residues_.find('\n', residue_at_);
    if (end == std::string_view::npos) return {};
    std::string residue(residues_.substr(residue_at_, end - residue_at_));
    residue_at_ = end + 1;
    return residue;
  }

  std::string_view text_;
  std::string_view residues_;
  std::size_t most_slots_;
  std::size_t at_ = 0;
  std::size_t residue_at_ = 0;
  FormTokens tokens_;
};

void become(Slot& slot, char value) {
  slot.text.assign(1, value);
  slot.residues.clear();
}

// Length of `2_0`, `2017_0024_m_000003` at `at`: values joined by _ or -, with single letters between.
std::size_t joined_values(std::string_view text, std::size_t at) {
  if (!is_value(text[at])) return 0;
  std::size_t end = at + 1;
  for (;;) {
    std::size_t next = end;
    if (next >= text.size() || !is_one_of(text[next], "_-")) break;
    ++next;
    if (next + 1 < text.size() && is_letter(text[next]) && is_one_of(text[next + 1], "_-")) next += 2;
    if (next >= text.size() || !is_value(text[next])) break;
    end = next + 1;
  }
  return end - at > 1 ? end - at : 0;
}

void join_values(Slot& slot) {
  for (std::size_t i = 0; i < slot.text.size(); ++i) {
    const std::size_t length = joined_values(slot.text, i);
    if (length == 0) continue;
    std::size_t before = 0;
    for (std::size_t k = 0; k < i; ++k) before += has_residue(slot.text[k]) ? 1U : 0U;
    std::size_t inside = 0;
    for (std::size_t k = i; k < i + length; ++k) inside += has_residue(slot.text[k]) ? 1U : 0U;
    const auto first = slot.residues.begin() + static_cast<std::ptrdiff_t>(before);
    slot.residues.erase(first, first + static_cast<std::ptrdiff_t>(inside));
    slot.text.replace(i, length, 1, kId);
  }
}

// Registers and fill patterns without a decimal digit: ffffffff.
void find_hex_word(Slot& slot) {
  const auto all = [&](char low, char high) {
    return std::all_of(slot.text.begin(), slot.text.end(), [=](char c) { return c >= low && c <= high; });
  };
  if (slot.text.size() == 8 && (all('a', 'f') || all('A', 'F'))) become(slot, kHex);
}

// Labels of "a.b.c" before any other byte; 0 if `text` does not start like that.
std::size_t labels_of(std::string_view text) {
  if (text.empty() || !is_letter(text[0])) return 0;
  std::size_t labels = 1;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '.' && i + 1 < text.size() && is_word_byte(text[i - 1]) && is_word_byte(text[i + 1]))
      ++labels;
    else if (!is_word_byte(text[i]))
      break;
  }
  return labels;
}

bool is_host_name(std::string_view text) {
  if (labels_of(text) < 2) return false;
  const std::string_view last = text.substr(text.rfind('.') + 1);
  constexpr auto kFiles = std::to_array<std::string_view>({"c",  "cc", "cpp", "h",    "hpp", "java", "py",
                                                           "go", "rs", "js",  "ts",   "rb",  "php",  "scala",
                                                           "kt", "cs", "log", "conf", "cfg", "txt",  "sh"});
  return last.size() >= 2 &&
         std::all_of(last.begin(), last.end(), [](char c) { return c >= 'a' && c <= 'z'; }) &&
         std::find(kFiles.begin(), kFiles.end(), last) == kFiles.end() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_word_byte(c); });
}

void find_names(FormTokens& tokens) {
  std::vector<Slot>& slots = tokens.slots;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    join_values(slots[i]);
    find_hex_word(slots[i]);
    const std::string_view before = i > 0 ? std::string_view(tokens.separators[i - 1]) : std::string_view();
    const std::string_view after =
        i < tokens.separators.size() ? std::string_view(tokens.separators[i]) : std::string_view();
    const bool is_assigned = !before.empty() && (before.back() == '=' || before == " = ");
    if (is_assigned && labels_of(slots[i].text) >= 3) become(slots[i], kId);
    if (after == ":" && slots[i + 1].text == std::string_view(&kNumber, 1) && is_host_name(slots[i].text))
      become(slots[i], kAddress);
    if (i >= 2 && before == " " && tokens.separators[i - 2] == " " && !slots[i].text.empty() &&
        is_letter(slots[i].text[0]) && equals_ignoring_case(slots[i - 1].text, "user") &&
        (equals_ignoring_case(slots[i - 2].text, "for") || equals_ignoring_case(slots[i - 2].text, "as") ||
         equals_ignoring_case(slots[i - 2].text, "invalid")))
      become(slots[i], kId);
  }
}

// Removes `count` slots behind slot `at`, with the separators before them.
void remove_behind(FormTokens& tokens, std::size_t at, std::size_t count) {
  const auto first = static_cast<std::ptrdiff_t>(at + 1);
  const auto n = static_cast<std::ptrdiff_t>(count);
  tokens.slots.erase(tokens.slots.begin() + first, tokens.slots.begin() + first + n);
  tokens.separators.erase(tokens.separators.begin() + first - 1, tokens.separators.begin() + first - 1 + n);
}

bool is_byte_unit(std::string_view word) {
  return !word.empty() && is_one_of(word.back(), "Bb") && is_unit_of_amount(word);
}

// `1190 bytes (1.16 KB)`, also `(1.16KB)`: slot `at` is the word behind the first number.
void unify_size(FormTokens& tokens, std::size_t at) {
  const std::vector<Slot>& slots = tokens.slots;
  if (at == 0 || at + 1 >= slots.size() || tokens.separators[at] != " (") return;
  if (!equals_ignoring_case(slots[at].text, "bytes") || !is_number_slot(slots[at - 1].text)) return;
  if (!is_number_slot(slots[at + 1].text)) return;
  std::size_t last = at + 1;
  if (last + 1 < slots.size() && tokens.separators[last] == " " && is_byte_unit(slots[last + 1].text)) ++last;
  if (last >= tokens.separators.size() || tokens.separators[last][0] != ')') return;
  tokens.separators[last].erase(0, 1);
  if (tokens.separators[last].empty()) tokens.separators[last] = " ";
  remove_behind(tokens, at, last - at);
}

// `<1 sec`: slot `at` is the number.
void unify_less_than(FormTokens& tokens, std::size_t at) {
  if (at == 0 || at >= tokens.separators.size() || tokens.separators[at] != " ") return;
  std::string& before = tokens.separators[at - 1];
  const std::string_view unit = tokens.slots[at + 1].text;
  if (before.size() < 2 || !before.ends_with(" <") || !is_number_slot(tokens.slots[at].text) ||
      !is_unit_of_amount(unit))
    return;
  before.pop_back();
  become(tokens.slots[at], kTime);
  remove_behind(tokens, at, 1);
}

void unify_lists(FormTokens& tokens) {
  constexpr std::size_t kLeastRun = 7;  // fixed rows (registers, fans, coordinates) have up to six
  for (std::size_t i = 0; i < tokens.slots.size(); ++i) {
    unify_size(tokens, i);
    unify_less_than(tokens, i);
    if (!has_value(tokens.slots[i].text) || i >= tokens.separators.size()) continue;
    const std::string separator = tokens.separators[i];
    std::size_t more = 0;
    while (i + more < tokens.separators.size() && tokens.separators[i + more] == separator &&
           tokens.slots[i + more + 1].text == tokens.slots[i].text)
      ++more;
    const bool is_address_list = separator == "," && tokens.slots[i].text == std::string_view(&kAddress, 1);
    if (more + 1 >= kLeastRun || (is_address_list && more > 0)) {
      tokens.slots[i].residues.assign(tokens.slots[i].residues.size(), std::string());
      remove_behind(tokens, i, more);
    }
  }
}

}  // namespace

FormTokens tokens_of(const FormText& form, std::size_t most_slots) {
  FormTokens tokens = Tokenizer(form, most_slots).run();
  tokens.is_cut = tokens.is_cut || form.is_cut;
  find_names(tokens);
  unify_lists(tokens);
  return tokens;
}

}  // namespace logsieve::miner_detail
