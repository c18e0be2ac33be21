#include "miner/form_text.h"

#include <algorithm>
#include <array>

namespace logsieve::miner_detail {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr std::array<bool, 256> letters() {
  std::array<bool, 256> is{};
  for (std::size_t c = 0; c < 256; ++c) is[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
  return is;
}
inline bool is_letter(char c) {
  static constexpr std::array<bool, 256> kLetters = letters();
  return kLetters[static_cast<unsigned char>(c)];
}
bool is_blank(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
}

// Blanks and digits.
constexpr std::array<bool, 256> special_bytes() {
  std::array<bool, 256> special{};
  for (std::size_t c = 0; c < 256; ++c) special[c] = c <= 0x20 || c == 0x7F || (c >= '0' && c <= '9');
  return special;
}
bool is_special(char c) {
  static constexpr std::array<bool, 256> kSpecial = special_bytes();
  return kSpecial[static_cast<unsigned char>(c)];
}

bool starts_a_placeholder(char c) {
  switch (c) {
    case 'n':
    case 't':
    case 'a':
    case 'i':
    case 'h':
    case 'p':
    case 'u':
    case 'e':
      return true;
    default:
      return false;
  }
}

char byte_of(MaskedKind kind) {
  return static_cast<char>(1 + static_cast<int>(kind));
}

char byte_of_number(std::size_t dots) {
  constexpr std::array<char, 3> kBytes = {kNumber, kDecimal, kTwoDots};
  return dots < kBytes.size() ? kBytes[dots] : kMoreDots;
}

// "10.0.0.7:50010", not an IPv6 address.
std::size_t port_length(std::string_view address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string_view::npos || address.find(':') != colon || colon + 1 == address.size()) return 0;
  return std::all_of(address.begin() + static_cast<std::ptrdiff_t>(colon + 1), address.end(), is_digit)
             ? address.size() - colon
             : 0;
}

std::size_t letters_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_letter(text[end])) ++end;
  return end - at;
}

}  // namespace

bool is_unit_of_amount(std::string_view word) {
  constexpr auto kUnits = std::to_array<std::string_view>(
      {"b",    "k",   "m",    "g",    "t",    "kb",  "mb",   "gb",   "tb",      "pb",      "kib",   "mib",
       "gib",  "tib", "kbit", "mbit", "gbit", "bps", "kbps", "mbps", "gbps",    "byte",    "bytes", "bit",
       "bits", "ns",  "us",   "ms",   "s",    "sec", "secs", "min",  "mins",    "h",       "hr",    "hrs",
       "d",    "day", "days", "w",    "hz",   "khz", "mhz",  "ghz",  "v",       "mv",      "a",     "ma",
       "mw",   "kw",  "c",    "f",    "rpm",  "px",  "pct",  "x",    "seconds", "minutes", "hours"});
  constexpr std::size_t kLongest = 7;
  if (word.empty() || word.size() > kLongest) return false;
  std::array<char, kLongest> small{};
  std::transform(word.begin(), word.end(), small.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(kUnits.begin(), kUnits.end(), std::string_view(small.data(), word.size())) != kUnits.end();
}

void FormTexts::start(std::string_view line) {
  result_.text.clear();
  result_.residues.clear();
  result_.is_cut = line.size() > most_line_bytes_;
}

// Constant text: blanks and control bytes become single blanks, numbers that the mask kept become numbers.
void FormTexts::append(std::string_view constant) {
  std::string& out = result_.text;
  std::size_t i = 0;
  while (i < constant.size()) {
    std::size_t end = i;
    while (end < constant.size() && !is_special(constant[end])) ++end;
    out.append(constant, i, end - i);
    i = end;
    if (i == constant.size()) return;
    if (is_blank(constant[i])) {
      if (!out.empty() && out.back() != ' ') out += ' ';
      ++i;
      continue;
    }
    while (end < constant.size() && is_digit(constant[end])) ++end;
    const bool is_in_name =
        (i > 0 && is_letter(constant[i - 1])) || (end < constant.size() && is_letter(constant[end]));
    if (is_in_name)
      out.append(constant, i, end - i);  // sha256, 5xx, 2fa
    else
      out += kNumber;
    i = end;
  }
}

// Returns where the value ends: behind a unit that is glued to it, 512MB.
std::size_t FormTexts::append_number(std::string_view line, const MaskedValue& value) {
  const std::string_view text = line.substr(value.begin, value.end - value.begin);
  const bool is_glued = value.begin > 0 && is_letter(line[value.begin - 1]);
  if (is_glued && text.size() == 1 && is_digit(text[0])) {
    result_.text += kDigitOfName;
    result_.residues += text;
    result_.residues += '\n';
    return value.end;
  }
  const std::size_t unit = is_glued ? 0 : letters_at(line, value.end);
  if (unit > 0 && is_unit_of_amount(line.substr(value.end, unit))) {
    result_.text += kNumber;
    return value.end + unit;
  }
  result_.text += byte_of_number(static_cast<std::size_t>(std::count(text.begin(), text.end(), '.')));
  return value.end;
}

void FormTexts::append_value(std::string_view line, const MaskedValue& value) {
  const std::string_view text = line.substr(value.begin, value.end - value.begin);
  result_.text += byte_of(value.kind);
  if (value.kind == MaskedKind::kAddress && port_length(text) > 0) {
    result_.text += ':';
    result_.text += kNumber;
  } else if (value.kind == MaskedKind::kUrl) {
    result_.residues += text.substr(0, text.find("://"));
    result_.residues += '\n';
  }
}

const FormText& FormTexts::finish() {
  if (!result_.text.empty() && result_.text.back() == ' ') result_.text.pop_back();
  return result_;
}

const FormText& FormTexts::of_line(std::string_view line) {
  const std::string_view mined = line.substr(0, most_line_bytes_);
  if (!mask(mined, masked_, values_)) {
    const bool is_cut = line.size() > most_line_bytes_;
    of_form(masked_);
    result_.is_cut = is_cut;
    return result_;
  }
  start(line);
  std::size_t at = 0;
  for (const MaskedValue& value : values_) {
    if (value.begin > at) append(mined.substr(at, value.begin - at));
    at = value.end;
    if (value.kind == MaskedKind::kNumber)
      at = append_number(mined, value);
    else
      append_value(mined, value);
  }
  append(mined.substr(std::min(at, mined.size())));
  return finish();
}

const FormText& FormTexts::of_form(std::string_view masked_form) {
  const std::string_view form = masked_form.substr(0, most_line_bytes_);
  start(masked_form);
  std::size_t at = 0;
  std::size_t constant = 0;
  while (at < form.size()) {
    const std::size_t letters = letters_at(form, at);
    if (letters == 0) {
      ++at;
      continue;
    }
    const std::string_view word = form.substr(at, letters);
    constexpr std::size_t kLongest = 7;
    if (letters > kLongest || !starts_a_placeholder(word[0])) {
      at += letters;
      continue;
    }
    for (std::size_t k = 0; k < kMaskedKinds; ++k) {
      const auto kind = static_cast<MaskedKind>(k);
      if (word != placeholder(kind)) continue;
      append(form.substr(constant, at - constant));
      result_.text += byte_of(kind);
      if (kind == MaskedKind::kUrl) result_.residues += '\n';
      constant = at + letters;
    }
    at += letters;
  }
  append(form.substr(constant));
  return finish();
}

}  // namespace logsieve::miner_detail
