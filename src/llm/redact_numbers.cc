#include "llm/redact_numbers.h"

#include <array>

#include "llm/ascii.h"

namespace logsieve {
namespace {

bool is_alnum(char c) {
  return is_ascii_letter(c) || is_ascii_digit(c);
}

// A run of bytes that `belongs` accepts, with single spaces or dashes inside, and what it is without them.
struct Grouped {
  std::string plain;
  std::size_t end = 0;
};

template <typename Belongs>
Grouped grouped_run(std::string_view text, std::size_t at, std::size_t most, Belongs belongs) {
  Grouped run;
  while (at < text.size() && run.plain.size() < most) {
    const bool is_gap = (text[at] == ' ' || text[at] == '-') && !run.plain.empty() && at + 1 < text.size();
    if (belongs(text[at])) {
      run.plain += text[at++];
      run.end = at;
    } else if (is_gap && belongs(text[at + 1])) {
      ++at;
    } else {
      break;
    }
  }
  return run;
}

bool ends_word(std::string_view text, std::size_t at) {
  return at >= text.size() || !is_alnum(text[at]);
}

std::size_t card_end(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 19;
  const Grouped run = grouped_run(text, at, kLongest, is_ascii_digit);
  return run.plain.size() >= 13 && ends_word(text, run.end) && has_luhn_check(run.plain) ? run.end : at;
}

std::size_t ssn_end(std::string_view text, std::size_t at) {
  constexpr std::string_view kShape = "000-00-0000";
  if (text.size() - at < kShape.size()) return at;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] == '0' ? !is_ascii_digit(text[at + i]) : text[at + i] != '-') return at;
  return ends_word(text, at + kShape.size()) ? at + kShape.size() : at;
}

// The longest run of groups that passes: a word behind the number may look like one more group.
std::size_t iban_end(std::string_view text, std::size_t at) {
  constexpr std::size_t kLongest = 34;
  constexpr std::size_t kShortest = 15;
  if (text.size() - at < kShortest || !is_ascii_upper(text[at]) || !is_ascii_upper(text[at + 1])) return at;
  const Grouped run =
      grouped_run(text, at, kLongest, [](char c) { return is_ascii_upper(c) || is_ascii_digit(c); });
  std::string plain = run.plain;
  std::size_t end = run.end;
  while (plain.size() >= kShortest) {
    if (ends_word(text, end) && has_iban_check(plain)) return end;
    plain.pop_back();
    do --end;
    while (text[end - 1] == ' ' || text[end - 1] == '-');
  }
  return at;
}

struct Found {
  std::size_t end;
  std::string_view word;
};

Found number_at(std::string_view text, std::size_t at) {
  if (const std::size_t end = iban_end(text, at); end > at) return {end, "id"};
  if (!is_ascii_digit(text[at])) return {at, {}};
  if (const std::size_t end = ssn_end(text, at); end > at) return {end, "number"};
  return {card_end(text, at), "number"};
}

}  // namespace

bool has_luhn_check(std::string_view digits) {
  unsigned sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto digit = static_cast<unsigned>(digits[digits.size() - 1 - i] - '0');
    sum += i % 2 == 1 ? digit * 2 - (digit > 4 ? 9U : 0U) : digit;
  }
  return !digits.empty() && sum % 10 == 0;
}

bool has_iban_check(std::string_view iban) {
  if (iban.size() < 5 || !is_ascii_digit(iban[2]) || !is_ascii_digit(iban[3])) return false;
  unsigned rest = 0;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];  // country and check digits come last
    rest = is_ascii_digit(c) ? (rest * 10 + static_cast<unsigned>(c - '0')) % 97
                             : (rest * 100 + static_cast<unsigned>(ascii_lower(c) - 'a' + 10)) % 97;
  }
  return rest == 1;
}

std::string redact_numbers(std::string_view text) {
  std::string out;
  bool is_in_word = false;
  for (std::size_t at = 0; at < text.size();) {
    const Found found = is_in_word || !is_alnum(text[at]) ? Found{at, {}} : number_at(text, at);
    is_in_word = is_alnum(text[at]);
    if (found.end > at) {
      out += found.word;
      at = found.end;
    } else {
      out += text[at++];
    }
  }
  return out;
}

}  // namespace logsieve
