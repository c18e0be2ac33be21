#include <array>

#include "training/data/slot_values.h"
#include "training/data/value_parts.h"

namespace logsieve::values {
namespace {

constexpr std::int64_t kEpoch = 1735689600;  // 2025-01-01 00:00:00 UTC
constexpr std::int64_t kYearSeconds = 31536000;

std::int64_t any_time(Random& random) {
  return kEpoch + between(0, kYearSeconds - 1, random);
}

void append_common_log_time(const Moment& moment, std::string& out) {
  append_padded(moment.day, 2, out);
  out += '/';
  out += month_name(moment);
  out += '/';
  append_number(moment.year, out);
  out += ':';
  append_clock(moment, out);
  out += " +0000";
}

}  // namespace

void append_plain(const SlotRange& range, Random& random, std::string& out) {
  append_number(skewed_between(range.low, range.high, random), out);
}

void append_float(const SlotRange& range, Random& random, std::string& out) {
  append_decimal(between(range.low, range.high, random), range.decimals, out);
}

void append_percent(const SlotRange& /*range*/, Random& random, std::string& out) {
  if (one_in(4, random)) return append_decimal(between(0, 9999, random) / 10 * 10, 2, out);
  append_number(between(0, 100, random), out);
}

void append_size(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 10> kUnits = {"MB",  "GB", "KB", "MiB", " GiB",
                                                              " MB", "K",  "M",  "G",   " TB"};
  if (one_in(5, random)) {
    append_number(skewed_between(128, 99999999, random), out);
    out += one_in(3, random) ? "B" : " bytes";
    return;
  }
  if (one_in(3, random)) {
    append_decimal(between(10, 99999, random), 2, out);
    out += " GiB";
    return;
  }
  append_number(skewed_between(1, 4096, random), out);
  out += pick(kUnits, random);
}

void append_hex_word(const SlotRange& /*range*/, Random& random, std::string& out) {
  if (one_in(2, random)) out += "0x";
  append_hex(one_in(2, random) ? 8 : 16, random, out);
}

void append_address(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 3> kSpaces = {"0x7ffd", "0x7f3a", "0xffff8"};
  const std::string_view space = pick(kSpaces, random);
  out += space;
  append_hex(space.size() == 7 ? 11 : 8, random, out);
}

void append_uuid(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::size_t, 5> kGroups = {8, 4, 4, 4, 12};
  for (std::size_t i = 0; i < kGroups.size(); ++i) {
    if (i > 0) out += '-';
    append_hex(kGroups[i], random, out);
  }
}

void append_date_value(const SlotRange& /*range*/, Random& random, std::string& out) {
  append_date(moment_of(any_time(random)), one_in(4, random) ? '/' : '-', out);
}

void append_time_value(const SlotRange& /*range*/, Random& random, std::string& out) {
  append_clock(moment_of(any_time(random)), out);
  if (one_in(3, random)) {
    out += '.';
    append_padded(between(0, 999, random), 3, out);
  }
}

void append_timestamp(const SlotRange& /*range*/, Random& random, std::string& out) {
  const Moment moment = moment_of(any_time(random));
  const std::size_t layout = random.below(6);
  if (layout == 0) return append_common_log_time(moment, out);
  if (layout <= 2) {  // Jun 27 07:20:25, with or without weekday and year
    if (layout == 1) (out += weekday_name(moment)) += ' ';
    (out += month_name(moment)) += ' ';
    append_number(moment.day, out);
    out += ' ';
    append_clock(moment, out);
    if (layout == 1) append_number(moment.year, out += ' ');
    return;
  }
  append_date(moment, layout == 3 ? '/' : '-', out);
  out += layout == 5 ? 'T' : ' ';
  append_clock(moment, out);
  if (layout == 3) return;
  if (one_in(2, random)) append_padded(between(0, 999, random), 3, out += '.');
  if (layout == 5) out += one_in(2, random) ? "Z" : "+02:00";
}

void append_duration(const SlotRange& /*range*/, Random& random, std::string& out) {
  switch (random.below(4)) {
    case 0:
      append_number(between(1, 47, random), out);
      out += 'h';
      append_number(between(1, 59, random), out);
      out += 'm';
      return;
    case 1:
      append_clock(moment_of(between(1, 80000, random)), out);
      return;
    case 2:
      append_decimal(between(1, 9000, random), 2, out);
      out += 's';
      return;
    default:
      append_number(skewed_between(1, 99999, random), out);
      out += one_in(3, random) ? "s" : "ms";
  }
}

void append_id(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 8> kUpper = {"TX-", "INV-", "REQ-", "ORD-",
                                                             "JOB", "TCK-", "B",    "CASE-"};
  static constexpr std::array<std::string_view, 8> kLower = {"ord_", "txn_", "job-", "req_",
                                                             "evt_", "vol-", "i-",   "s"};
  const bool is_upper = one_in(2, random);
  out += pick(is_upper ? kUpper : kLower, random);
  append_number(between(1, 99, random), out);
  if (is_upper) {
    append_number(between(100, 99999, random), out);
    if (one_in(2, random)) out += static_cast<char>('A' + random.below(26));
    return;
  }
  append_hex(static_cast<std::size_t>(between(4, 8, random)), random, out);
}

void append_version(const SlotRange& /*range*/, Random& random, std::string& out) {
  append_number(between(0, 24, random), out);
  append_number(between(0, 30, random), out += '.');
  if (!one_in(4, random)) append_number(between(0, 19, random), out += '.');
}

void append_amount(const SlotRange& /*range*/, Random& random, std::string& out) {
  const std::int64_t cents = skewed_between(99, 99999999, random);
  append_grouped(cents / 100, out);
  out += '.';
  append_padded(cents % 100, 2, out);
}

void append_code(const SlotRange& /*range*/, Random& random, std::string& out) {
  switch (random.below(5)) {
    case 0:
      append_hex(8, random, out += "0x");
      return;
    case 1:
      append_padded(between(1, 30000, random), 5, out += "ORA-");
      return;
    case 2:
      append_number(between(1000, 9999, random), out);
      return;
    case 3:
      append_number(between(100, 999, random), out += 'E');
      return;
    default:
      append_number(between(1, 255, random), out);
  }
}

}  // namespace logsieve::values
