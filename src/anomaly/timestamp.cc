#include "anomaly/timestamp.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace logsieve {
namespace {

constexpr std::size_t kEpochPlace = 4;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + static_cast<std::int64_t>(day_of_era) - 719'468;
}

struct Civil {
  std::int64_t year;
  unsigned month;
  unsigned day;
};
Civil civil_from_days(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto day_of_era = static_cast<unsigned>(days - era * 146'097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * shifted + 2) / 5 + 1};
}

// What a layout said; -1: nothing.
struct Parts {
  int year = -1;
  int month = -1;
  int day = -1;
  int hour = -1;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
  int zone_minutes = 0;

  bool is_valid() const {
    return month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour >= 0 && hour <= 24 && minute <= 59 &&
           second <= 60 && (year < 0 || (year >= 1970 && year < 2200));
  }
  TimeMs in_year(std::int64_t of) const {
    const std::int64_t days = days_from_civil(of, static_cast<unsigned>(month), static_cast<unsigned>(day));
    return days * kDayMs + hour * kHourMs + (minute - zone_minutes) * kMinuteMs + second * kSecondMs +
           millisecond;
  }
  TimeMs value(TimeMs reference) const {
    if (year >= 0) return in_year(year);
    const std::int64_t day_number = reference >= 0 ? reference / kDayMs : (reference - kDayMs + 1) / kDayMs;
    const std::int64_t latest = civil_from_days(day_number + 1).year;
    const TimeMs time = in_year(latest);
    return time > reference + kDayMs ? in_year(latest - 1) : time;
  }
};

// Reads a layout from the left. Each take_ leaves the cursor where it was if it fails.
class Reader {
 public:
  Reader(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  std::size_t at() const { return at_; }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  std::size_t digits() const {
    std::size_t count = 0;
    while (count < 20 && is_digit(peek(count))) ++count;
    return count;
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool take_any(std::string_view set, char& taken) {
    if (peek() == '\0' || set.find(peek()) == std::string_view::npos) return false;
    taken = text_[at_++];
    return true;
  }
  void take_blanks() {
    while (peek() == ' ') ++at_;
  }
  // Exactly `count` digits are used, whatever follows.
  bool take_number(std::size_t count, int& value) {
    if (count == 0 || count > 9) return false;
    int sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(peek(i))) return false;
      sum = sum * 10 + (peek(i) - '0');
    }
    value = sum;
    at_ += count;
    return true;
  }
  // One or two digits, no third.
  bool take_one_or_two(int& value) {
    const std::size_t count = digits();
    return count >= 1 && count <= 2 && take_number(count, value);
  }
  bool take_month(int& month) {
    static constexpr std::string_view kNames = "janfebmaraprmayjunjulaugsepoctnovdec";
    std::array<char, 3> name{};
    for (std::size_t i = 0; i < 3; ++i) name[i] = static_cast<char>(peek(i) | 0x20);
    for (std::size_t i = 0; i < kNames.size(); i += 3) {
      if (kNames.substr(i, 3) != std::string_view(name.data(), 3)) continue;
      std::size_t letters = 3;
      while (letters < 10 && is_letter(peek(letters))) ++letters;
      if (letters == 10) return false;
      month = static_cast<int>(i / 3 + 1);
      at_ += letters;
      return true;
    }
    return false;
  }
  bool take_weekday() {
    static constexpr std::string_view kNames = "montuewedthufrisatsun";
    std::array<char, 3> name{};
    for (std::size_t i = 0; i < 3; ++i) name[i] = static_cast<char>(peek(i) | 0x20);
    for (std::size_t i = 0; i < kNames.size(); i += 3)
      if (kNames.substr(i, 3) == std::string_view(name.data(), 3)) {
        std::size_t letters = 3;
        while (letters < 10 && is_letter(peek(letters))) ++letters;
        at_ += letters;
        take(',');
        take_blanks();
        return true;
      }
    return false;
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

void take_fraction(Reader& reader, int& millisecond) {
  Reader trial = reader;
  char mark = 0;
  if (!trial.take_any(".,:", mark)) return;
  const std::size_t count = trial.digits();
  if (count == 0 || count > 9) return;
  int value = 0;
  trial.take_number(count, value);
  for (std::size_t i = count; i < 3; ++i) value *= 10;
  for (std::size_t i = 3; i < count; ++i) value /= 10;
  millisecond = value;
  reader = trial;
}

// 20:10:40, 15.42.50.675872, 22:15:29:606, 8:05 PM; seconds may be missing.
bool take_clock(Reader& reader, Parts& parts) {
  Reader trial = reader;
  Parts read = parts;
  char mark = 0;
  if (!trial.take_one_or_two(read.hour) || !trial.take_any(":.", mark) || trial.digits() != 2 ||
      !trial.take_number(2, read.minute))
    return false;
  if (trial.peek() == mark && is_digit(trial.peek(1))) {
    trial.take(mark);
    if (!trial.take_one_or_two(read.second)) return false;
    take_fraction(trial, read.millisecond);
  } else if (mark == '.') {
    return false;
  }
  Reader half = trial;
  half.take(' ');
  const char letter = static_cast<char>(half.peek() | 0x20);
  if ((letter == 'a' || letter == 'p') && (half.peek(1) | 0x20) == 'm' && !is_letter(half.peek(2))) {
    if (read.hour < 1 || read.hour > 12) return false;
    read.hour = read.hour % 12 + (letter == 'p' ? 12 : 0);
    char skipped = 0;
    half.take_any("aApP", skipped);
    half.take_any("mM", skipped);
    trial = half;
  }
  parts = read;
  reader = trial;
  return true;
}

void take_zone(Reader& reader, Parts& parts) {
  if (reader.take('Z')) return;
  Reader trial = reader;
  trial.take(' ');
  for (const std::string_view name : {"UTC", "GMT"})
    if (trial.peek() == name[0] && trial.peek(1) == name[1] && trial.peek(2) == name[2]) {
      for (const char c : name) trial.take(c);
      reader = trial;
      return;
    }
  char sign = 0;
  int hours = 0;
  int minutes = 0;
  if (!trial.take_any("+-", sign)) return;
  const std::size_t count = trial.digits();
  if (count == 4) {
    trial.take_number(2, hours);
    trial.take_number(2, minutes);
  } else if (count == 2) {
    trial.take_number(2, hours);
    if (trial.take(':') && !(trial.digits() == 2 && trial.take_number(2, minutes))) return;
  } else {
    return;
  }
  if (hours > 14 || minutes > 59) return;
  parts.zone_minutes = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
  reader = trial;
}

// Between a date and its time of day.
bool take_gap(Reader& reader) {
  char mark = 0;
  if (reader.peek() == ',' && reader.peek(1) == ' ') reader.take(',');
  if (reader.peek() == ' ') {
    reader.take_blanks();
    return true;
  }
  return reader.take_any("Tt-:_", mark);
}

// 2005-06-03, 2005/06/03, 2005.06.03, 17/06/09, 1/14/2025, 04.12.2005, 03-17.
bool take_numeric_date(Reader& reader, Parts& parts) {
  const std::size_t first_digits = reader.digits();
  int first = 0;
  int second = 0;
  int third = 0;
  char mark = 0;
  if ((first_digits != 4 && first_digits != 2 && first_digits != 1) ||
      !reader.take_number(first_digits, first) || !reader.take_any("-/.", mark) ||
      !reader.take_one_or_two(second))
    return false;
  if (!reader.take(mark)) {
    parts.month = first;
    parts.day = second;
    return first_digits == 2 && mark != '.';
  }
  const std::size_t third_digits = reader.digits();
  if ((third_digits != 4 && third_digits != 2 && third_digits != 1) ||
      !reader.take_number(third_digits, third))
    return false;
  if (first_digits == 4) {
    parts.year = first;
    parts.month = second;
    parts.day = third;
    return third_digits != 4;
  }
  if (third_digits == 4) {
    const bool is_day_first = mark == '.' || first > 12;
    parts.year = third;
    parts.month = is_day_first ? second : first;
    parts.day = is_day_first ? first : second;
    return true;
  }
  // Two digits each: the year stands first (Spark, HDFS).
  parts.year = 2000 + first;
  parts.month = second;
  parts.day = third;
  return first_digits == 2 && third_digits == 2;
}

// "Dec 04", "Sun Dec 4, 2005", "04/Dec/2005", "04 Dec 2005", "04-Dec-05".
bool take_named_date(Reader& reader, Parts& parts) {
  reader.take_weekday();
  if (reader.take_month(parts.month)) {
    char mark = 0;
    if (!reader.take_any(" -", mark)) return false;
    reader.take_blanks();
    if (!reader.take_one_or_two(parts.day)) return false;
    Reader trial = reader;
    trial.take(',');
    trial.take_blanks();
    if (trial.digits() == 4 && trial.take_number(4, parts.year) && trial.peek() != ':') reader = trial;
    return true;
  }
  char mark = 0;
  if (!reader.take_one_or_two(parts.day) || !reader.take_any(" /-", mark) ||
      !reader.take_month(parts.month) || !reader.take(mark))
    return false;
  if (reader.digits() == 2) {
    if (!reader.take_number(2, parts.year)) return false;
    parts.year += 2000;
    return true;
  }
  return reader.digits() == 4 && reader.take_number(4, parts.year);
}

bool take_dated(Reader& reader, Parts& parts, bool (*take_date)(Reader&, Parts&)) {
  Reader trial = reader;
  Parts read;
  if (!take_date(trial, read) || !take_gap(trial) || !take_clock(trial, read)) return false;
  take_zone(trial, read);
  // ctime puts the year last: "Sun Dec 04 04:47:44 2005"; a zone may stand before it.
  Reader last = trial;
  if (read.year < 0 && last.take(' ') && last.digits() == 4 && last.peek() >= '1' && last.peek() <= '2' &&
      last.take_number(4, read.year)) {
    if (read.year >= 1970 && read.year < 2200)
      trial = last;
    else
      read.year = -1;
  }
  if (!read.is_valid()) return false;
  reader = trial;
  parts = read;
  return true;
}

// 20171223-22:15:29:606, 20250114T230711Z, 081109 203615.
bool take_compact(Reader& reader, Parts& parts) {
  Reader trial = reader;
  Parts read;
  const std::size_t count = trial.digits();
  if (count == 8) {
    trial.take_number(4, read.year);
  } else if (count == 6) {
    trial.take_number(2, read.year);
    read.year += 2000;
  } else {
    return false;
  }
  trial.take_number(2, read.month);
  trial.take_number(2, read.day);
  char mark = 0;
  if (!trial.take_any(" T-_", mark)) return false;
  if (trial.digits() == 6) {
    trial.take_number(2, read.hour);
    trial.take_number(2, read.minute);
    trial.take_number(2, read.second);
    take_fraction(trial, read.millisecond);
  } else if (count == 6 || !take_clock(trial, read)) {
    return false;
  }
  take_zone(trial, read);
  if (!read.is_valid()) return false;
  reader = trial;
  parts = read;
  return true;
}

// I0102 15:04:05.123456 (glog, klog).
bool take_glog(Reader& reader, Parts& parts) {
  Reader trial = reader;
  Parts read;
  char level = 0;
  if (!trial.take_any("IWEF", level) || trial.digits() != 4) return false;
  trial.take_number(2, read.month);
  trial.take_number(2, read.day);
  if (!trial.take(' ') || !take_clock(trial, read) || !read.is_valid()) return false;
  reader = trial;
  parts = read;
  return true;
}

// 1117838570, 1117838570.123, and the same in milli-, micro- and nanoseconds: from 2001 to 2096.
std::optional<TimestampMatch> epoch_time(std::string_view text, std::size_t at) {
  Reader reader(text, at);
  const std::size_t count = reader.digits();
  // Further right a number of that size is an id.
  if (at > kEpochPlace || (count != 10 && count != 13 && count != 16 && count != 19)) return std::nullopt;
  if (reader.peek() < '1' || reader.peek() > '3') return std::nullopt;
  int seconds_high = 0;
  int seconds_low = 0;
  int millisecond = 0;
  reader.take_number(5, seconds_high);
  reader.take_number(5, seconds_low);
  int finer = 0;
  if (count == 10)
    take_fraction(reader, millisecond);
  else
    reader.take_number(3, millisecond);
  if (count > 13) reader.take_number(count - 13, finer);
  if (is_letter(reader.peek())) return std::nullopt;
  const TimeMs seconds = TimeMs{seconds_high} * 100'000 + seconds_low;
  return TimestampMatch{seconds * kSecondMs + millisecond, reader.at() - at};
}

}  // namespace

std::optional<TimestampMatch> parse_timestamp(std::string_view text, std::size_t at, TimeMs reference) {
  if (at >= text.size()) return std::nullopt;
  Reader reader(text, at);
  Parts parts;
  const bool is_number = is_digit(text[at]);
  if (!is_number && !is_letter(text[at])) return std::nullopt;
  if ((is_number && (take_dated(reader, parts, take_numeric_date) || take_compact(reader, parts))) ||
      take_dated(reader, parts, take_named_date) || (!is_number && take_glog(reader, parts)))
    return TimestampMatch{parts.value(reference), reader.at() - at};
  return is_number ? epoch_time(text, at) : std::nullopt;
}

std::optional<TimeMs> TimestampFinder::find(std::string_view line) {
  constexpr double kForgetting = 0.999;
  const std::optional<TimestampMatch> match = find_anywhere(line);
  lines_ = lines_ * kForgetting + 1;
  timed_ = timed_ * kForgetting + (match ? 1 : 0);
  if (!match) return std::nullopt;
  const std::string_view before = line.substr(0, last_place_);
  const std::string_view stamp = line.substr(last_place_, match->length);
  const bool is_plain = std::none_of(before.begin(), before.end(), is_letter) &&
                        stamp.find_first_not_of("0123456789. ") != std::string_view::npos;
  if (!is_plain && timed_ * kHabit < lines_) {
    last_place_ = 0;  // the next line's own time comes before one at this place
    return std::nullopt;
  }
  return match->time;
}

std::optional<TimestampMatch> TimestampFinder::find_anywhere(std::string_view line) {
  if (const auto match = parse_timestamp(line, last_place_, reference_)) {
    if (last_place_ == 0 || (!is_digit(line[last_place_ - 1]) && !is_letter(line[last_place_ - 1])))
      return match;
  }
  const std::size_t end = std::min(line.size(), kSearchBytes);
  for (std::size_t at = 0; at < end; ++at) {
    if (at > 0 && (is_digit(line[at - 1]) || is_letter(line[at - 1]))) continue;
    const auto match = parse_timestamp(line, at, reference_);
    if (!match) continue;
    last_place_ = at;
    return match;
  }
  return std::nullopt;
}

std::string format_time(TimeMs time) {
  std::int64_t days = time / kDayMs;
  std::int64_t rest = time % kDayMs;
  if (rest < 0) {
    rest += kDayMs;
    --days;
  }
  const Civil civil = civil_from_days(days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", civil.year, civil.month, civil.day,
                     rest / kHourMs, rest % kHourMs / kMinuteMs, rest % kMinuteMs / kSecondMs,
                     rest % kSecondMs);
}

std::size_t hour_of_week(TimeMs time) {
  // 1970-01-01 was a Thursday: three days after a Monday.
  const std::int64_t hours = (time >= 0 ? time / kHourMs : (time - kHourMs + 1) / kHourMs) + 72;
  return static_cast<std::size_t>((hours % 168 + 168) % 168);
}

}  // namespace logsieve
