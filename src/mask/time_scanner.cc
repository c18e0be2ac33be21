// Timestamps: a small hand-written grammar. Every layout is a date and a time of day in one of a few orders, so
// the parts are recognised one by one instead of layout by layout.
#include <algorithm>
#include <array>
#include <cstdint>

#include "mask/char_class.h"
#include "mask/value_scanners.h"

namespace logsieve::mask_detail {
namespace {

char at_or_nul(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}
bool ends_word(std::string_view text, std::size_t end) {
  return end >= text.size() || !is_word(text[end]);
}

constexpr std::uint32_t three(char a, char b, char c) {
  return static_cast<std::uint32_t>(static_cast<unsigned char>(a)) |
         static_cast<std::uint32_t>(static_cast<unsigned char>(b)) << 8U |
         static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 16U;
}
inline std::uint32_t three_at(std::string_view text, std::size_t at) {
  return at + 3 > text.size() ? 0 : three(lower(text[at]), lower(text[at + 1]), lower(text[at + 2]));
}

bool starts_with_month(std::string_view text, std::size_t at) {
  switch (three_at(text, at)) {
    case three('j', 'a', 'n'):
    case three('f', 'e', 'b'):
    case three('m', 'a', 'r'):
    case three('a', 'p', 'r'):
    case three('m', 'a', 'y'):
    case three('j', 'u', 'n'):
    case three('j', 'u', 'l'):
    case three('a', 'u', 'g'):
    case three('s', 'e', 'p'):
    case three('o', 'c', 't'):
    case three('n', 'o', 'v'):
    case three('d', 'e', 'c'):
      return true;
    default:
      return false;
  }
}

bool starts_with_weekday(std::string_view text, std::size_t at) {
  switch (three_at(text, at)) {
    case three('m', 'o', 'n'):
    case three('t', 'u', 'e'):
    case three('w', 'e', 'd'):
    case three('t', 'h', 'u'):
    case three('f', 'r', 'i'):
    case three('s', 'a', 't'):
    case three('s', 'u', 'n'):
      return true;
    default:
      return false;
  }
}

// Nearly every word of a line is asked, so most are turned away by their first two letters.
class CalendarLetters {
 public:
  constexpr CalendarLetters() {
    for (const std::string_view name : {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
                                        "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun"})
      second_[name[0] & 31] |= 1U << (static_cast<unsigned>(name[1]) & 31U);
  }
  // False only where no name of a month or weekday begins.
  constexpr bool may_begin(char first, char second) const {
    return (second_[first & 31] >> (static_cast<unsigned>(second) & 31U) & 1U) != 0;
  }

 private:
  std::array<std::uint32_t, 32> second_{};
};

bool starts_with_calendar_name(std::string_view text, std::size_t at) {
  static constexpr CalendarLetters kLetters;
  if (!kLetters.may_begin(at_or_nul(text, at), at_or_nul(text, at + 1))) return false;
  return starts_with_month(text, at) || starts_with_weekday(text, at);
}

// "Dec" or "December"; "Sun" or "Sunday".
std::size_t month_length(std::string_view text, std::size_t at) {
  if (!starts_with_month(text, at)) return 0;
  const std::size_t letters = run(text, at, kLetter, 10);
  return letters == 3 || (letters <= 9 && letters > 3 && is(text[at], kUpper) && !is(text[at + 1], kUpper))
             ? letters
             : 0;
}

std::size_t weekday_length(std::string_view text, std::size_t at) {
  if (!starts_with_weekday(text, at)) return 0;
  const std::size_t letters = run(text, at, kLetter, 10);
  return letters == 3 || (letters >= 6 && letters <= 9) ? letters : 0;
}

int small_number(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) value = value * 10 + (text[at + i] - '0');
  return value;
}

// Exactly `low`..`high` digits, not followed by another one; 0 if there are more or fewer.
std::size_t digits_between(std::string_view text, std::size_t at, std::size_t low, std::size_t high) {
  const std::size_t digits = run(text, at, kDigit, high + 1);
  return digits >= low && digits <= high ? digits : 0;
}

bool is_year(std::string_view text, std::size_t at) {
  const int year = small_number(text, at, 4);
  return year >= 1900 && year < 2200;
}

// 20:10:40, 20:10, 15.42.50.675872 (dots only behind a date), with fraction; AM/PM.
std::size_t clock_length(std::string_view text, std::size_t at, bool with_dots) {
  const std::size_t hours = digits_between(text, at, 1, 2);
  if (hours == 0 || small_number(text, at, hours) > 24) return 0;
  const char mark = at_or_nul(text, at + hours);
  if (mark != ':' && !(with_dots && mark == '.')) return 0;
  std::size_t end = at + hours + 1;
  if (digits_between(text, end, 2, 2) == 0 || small_number(text, end, 2) > 59) return 0;
  end += 2;
  if (at_or_nul(text, end) == mark && digits_between(text, end + 1, 2, 2) != 0 &&
      small_number(text, end + 1, 2) <= 60) {
    end += 3;
    const char point = at_or_nul(text, end);
    const std::size_t fraction = run(text, end + 1, kDigit, 10);
    if ((point == '.' || point == ',' || point == ':') && fraction > 0 && fraction <= 9) end += 1 + fraction;
  } else if (mark == '.') {
    return 0;
  }
  const std::size_t half = at_or_nul(text, end) == ' ' ? end + 1 : end;
  const char letter = lower(at_or_nul(text, half));
  if ((letter == 'a' || letter == 'p') && lower(at_or_nul(text, half + 1)) == 'm' &&
      ends_word(text, half + 2))
    return half + 2 - at;
  // A zone letter may follow; other letters, or more colons, make it something else.
  const char next = at_or_nul(text, end);
  if (next == 'Z' && ends_word(text, end + 1)) return end - at;
  if (!ends_word(text, end) || (next == ':' && is(at_or_nul(text, end + 1), kHex))) return 0;
  return end - at;
}

// Z, +0000, -07:00, " +0000", " UTC".
std::size_t zone_length(std::string_view text, std::size_t at) {
  if (at_or_nul(text, at) == 'Z') return ends_word(text, at + 1) ? 1 : 0;
  std::size_t end = at;
  if (at_or_nul(text, end) == ' ') ++end;
  if ((text.substr(end, 3) == "UTC" || text.substr(end, 3) == "GMT") && ends_word(text, end + 3))
    return end + 3 - at;
  const char sign = at_or_nul(text, end);
  if (sign != '+' && sign != '-') return 0;
  const std::size_t digits = run(text, end + 1, kDigit, 5);
  if (digits == 4 && ends_word(text, end + 5)) return end + 5 - at;
  if (digits == 2 && at_or_nul(text, end + 3) == ':' && run(text, end + 4, kDigit, 3) == 2 &&
      ends_word(text, end + 6))
    return end + 6 - at;
  return digits == 2 && end == at && ends_word(text, end + 3) ? 3 : 0;
}

struct DatePart {
  std::size_t length = 0;
  bool needs_clock = false;  // "03-17" and "Dec 04" are dates only before a time of day
};

// 2005-06-03, 2005/06/03, 17/06/09, 1/14/2025, 04.12.2005, 03-17, 20171223.
DatePart numeric_date(std::string_view text, std::size_t at) {
  const std::size_t first = run(text, at, kDigit, 9);
  if (first == 8 && is_year(text, at) && small_number(text, at + 4, 2) <= 12 &&
      small_number(text, at + 6, 2) <= 31)
    return {8, true};
  if (first == 0 || first > 4 || first == 3) return {};
  const char mark = at_or_nul(text, at + first);
  if (mark != '-' && mark != '/' && mark != '.') return {};
  const std::size_t middle_at = at + first + 1;
  const std::size_t middle = digits_between(text, middle_at, 1, 2);
  if (middle == 0) return {};
  const std::size_t last_at = middle_at + middle + 1;
  const std::size_t last = at_or_nul(text, last_at - 1) == mark ? run(text, last_at, kDigit, 5) : 0;
  if (last == 0) {
    const bool is_month_and_day = first == 2 && middle == 2 && mark != '.' &&
                                  small_number(text, at, 2) <= 12 && small_number(text, middle_at, 2) <= 31;
    return is_month_and_day ? DatePart{5, true} : DatePart{};
  }
  const bool is_year_first = first == 4 && last <= 2 && is_year(text, at);
  const bool is_year_last = first <= 2 && last == 4 && is_year(text, last_at);
  const bool is_short = first <= 2 && last == 2;
  if (!is_year_first && !is_year_last && !is_short) return {};
  if (small_number(text, middle_at, middle) > 31) return {};
  const std::size_t end = last_at + last;
  // A further group makes it a version or an address.
  if (at_or_nul(text, end) == mark && is(at_or_nul(text, end + 1), kDigit) &&
      clock_length(text, end + 1, true) == 0)
    return {};
  return {end - at, is_short};
}

// "Dec 04", "Dec  4, 2005", "04 Dec 2005", "04/Dec/2005", "04-Dec-2005", each with an optional weekday before.
DatePart named_date(std::string_view text, std::size_t at) {
  std::size_t end = at;
  const bool has_name_first = !is(at_or_nul(text, at), kDigit);
  if (const std::size_t weekday = has_name_first ? weekday_length(text, end) : 0; weekday > 0) {
    end += weekday;
    if (at_or_nul(text, end) == ',') ++end;
    if (at_or_nul(text, end) != ' ') return {};
    end += run(text, end, kBreak, 2);
  }
  if (const std::size_t month = has_name_first ? month_length(text, end) : 0; month > 0) {
    end += month;
    if (at_or_nul(text, end) != ' ') return {};
    end += at_or_nul(text, end + 1) == ' ' ? 2 : 1;
    const std::size_t day = digits_between(text, end, 1, 2);
    if (day == 0) return {};
    end += day;
    const std::size_t year_at = end + (at_or_nul(text, end) == ',' ? 2U : 1U);
    const bool has_year = digits_between(text, year_at, 4, 4) != 0 && at_or_nul(text, year_at - 1) == ' ' &&
                          is_year(text, year_at) && ends_word(text, year_at + 4);
    return {(has_year ? year_at + 4 : end) - at, !has_year};
  }
  const std::size_t day = digits_between(text, end, 1, 2);
  const char mark = at_or_nul(text, end + day);
  if (day == 0 || (mark != ' ' && mark != '/' && mark != '-')) return {};
  end += day + 1;
  const std::size_t month = month_length(text, end);
  if (month == 0 || at_or_nul(text, end + month) != mark) return {};
  end += month + 1;
  const std::size_t year = digits_between(text, end, 2, 4);
  if (year == 0 || year == 3) return {};
  return {end + year - at, year == 2};
}

bool is_in_range(std::string_view text, std::size_t at, int low, int high) {
  const int value = small_number(text, at, 2);
  return value >= low && value <= high;
}

// True if no name of a value stands before `at`: the line's begin, [ ( | or the colon of a prefix.
bool may_be_stamp(std::string_view text, std::size_t at) {
  constexpr std::size_t kMostSpaces = 3;
  for (std::size_t i = 0; i < kMostSpaces && at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'); ++i)
    --at;
  return at == 0 || std::string_view("[(|:]>-\"'").find(text[at - 1]) != std::string_view::npos;
}

// 081109 203615 (Hadoop), 081109 20:36:15 and 081109  9:03:15 (MySQL), with fraction.
std::size_t short_stamp_length(std::string_view text, std::size_t at) {
  constexpr std::size_t kDate = 6;
  if (at_or_nul(text, at + kDate) != ' ' || run(text, at, kDigit, kDate + 1) != kDate) return 0;
  if (!is_in_range(text, at + 2, 1, 12) || !is_in_range(text, at + 4, 1, 31)) return 0;
  const std::size_t clock = at + kDate + (at_or_nul(text, at + kDate + 1) == ' ' ? 2U : 1U);
  if (const std::size_t length = clock_length(text, clock, false); length > 0) return clock + length - at;
  if (clock != at + kDate + 1 || run(text, clock, kDigit, 7) != 6 || !ends_word(text, clock + 6)) return 0;
  if (!is_in_range(text, clock, 0, 23) || !is_in_range(text, clock + 2, 0, 59) ||
      !is_in_range(text, clock + 4, 0, 60) || !may_be_stamp(text, at))
    return 0;
  std::size_t end = clock + 6;
  const std::size_t fraction = run(text, end + 1, kDigit, 10);
  if ((at_or_nul(text, end) == '.' || at_or_nul(text, end) == ',') && fraction > 0 && fraction <= 9 &&
      ends_word(text, end + 1 + fraction))
    end += 1 + fraction;
  return end - at;
}

}  // namespace

std::size_t time_length(std::string_view text, std::size_t at) {
  const bool is_digit = is(at_or_nul(text, at), kDigit);
  if (!is_digit && !starts_with_calendar_name(text, at)) return 0;
  if (is_digit) {
    if (const std::size_t clock = clock_length(text, at, false); clock > 0)
      return clock + zone_length(text, at + clock);
    if (const std::size_t stamp = short_stamp_length(text, at); stamp > 0) return stamp;
  }
  DatePart date = is_digit ? numeric_date(text, at) : DatePart{};
  if (date.length == 0) date = named_date(text, at);
  if (date.length == 0) return 0;
  const std::size_t end = at + date.length;
  std::size_t gap = end;
  const char mark = at_or_nul(text, gap);
  if (mark == 'T' || mark == 't' || mark == '-' || mark == ':' || mark == '_')
    ++gap;
  else if (mark == ',' && at_or_nul(text, gap + 1) == ' ')
    gap += 2;
  else if (mark == ' ')
    gap += at_or_nul(text, gap + 1) == ' ' ? 2 : 1;
  std::size_t clock = gap > end ? clock_length(text, gap, mark == '-' || mark == '_') : 0;
  // 20250114T230711Z
  if (clock == 0 && (mark == 'T' || mark == '_' || mark == '-') && digits_between(text, gap, 6, 6) != 0 &&
      date.length == 8)
    clock = 6;
  if (clock == 0) return date.needs_clock || !ends_word(text, end) ? 0 : date.length;
  std::size_t after = gap + clock;
  after += zone_length(text, after);
  // ctime puts the year last: "Sun Dec 04 04:47:44 2005".
  if (!is_digit && at_or_nul(text, after) == ' ' && digits_between(text, after + 1, 4, 4) != 0 &&
      is_year(text, after + 1) && ends_word(text, after + 5))
    after += 5;
  return after - at;
}

}  // namespace logsieve::mask_detail
