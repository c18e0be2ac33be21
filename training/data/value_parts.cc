#include "training/data/value_parts.h"

#include <array>

namespace logsieve::values {
namespace {

constexpr std::array<std::string_view, 40> kGivenNames = {
    "anna",  "maria", "john",   "peter", "li",     "wei",    "fatima", "omar",  "ivan",   "olga",
    "james", "emma",  "noah",   "sofia", "lucas",  "marta",  "kenji",  "yuki",  "carlos", "ana",
    "david", "sarah", "thomas", "julia", "nils",   "ingrid", "pavel",  "elena", "raj",    "priya",
    "tom",   "eva",   "hassan", "leila", "george", "nina",   "viktor", "zoe",   "samuel", "grace"};
constexpr std::array<std::string_view, 40> kFamilyNames = {
    "smith",  "meier",  "garcia", "lopez",  "chen",   "wang",    "kumar",  "patel",  "novak",  "horvat",
    "jones",  "brown",  "muller", "rossi",  "silva",  "santos",  "tanaka", "sato",   "kim",    "park",
    "ali",    "hassan", "ivanov", "petrov", "larsen", "nielsen", "dubois", "martin", "keller", "weber",
    "okafor", "mensah", "hughes", "murphy", "costa",  "ramos",   "vargas", "nguyen", "tran",   "cohen"};
constexpr std::array<std::string_view, 72> kNouns = {
    "orders",    "invoices",  "payments",  "customers", "sessions", "audit",     "events",    "metrics",
    "users",     "accounts",  "ledger",    "billing",   "refunds",  "shipments", "inventory", "catalog",
    "search",    "index",     "reports",   "exports",   "imports",  "mail",      "notify",    "webhooks",
    "jobs",      "tasks",     "batch",     "archive",   "backup",   "staging",   "snapshots", "cache",
    "profile",   "tenant",    "license",   "quotes",    "leads",    "tickets",   "contracts", "payroll",
    "timesheet", "leave",     "pricing",   "stock",     "returns",  "messages",  "alerts",    "traces",
    "clicks",    "pageviews", "devices",   "telemetry", "sensors",  "fraud",     "risk",      "settlement",
    "tokens",    "consent",   "documents", "images",    "thumbs",   "video",     "uploads",   "replay",
    "features",  "models",    "vectors",   "scratch",   "journal",  "wal",       "heartbeat", "dispatch"};
constexpr std::array<std::string_view, 32> kQualifiers = {
    "eu",   "us",    "apac",  "main",   "prod",  "staging", "dev",    "test",   "hot",     "cold",   "daily",
    "live", "local", "spare", "shadow", "green", "blue",    "public", "intern", "nightly", "hourly", "raw",
    "tmp",  "new",   "west",  "east",   "core",  "edge",    "sync",   "async",  "retry",   "bulk"};
constexpr std::array<std::string_view, 28> kRoles = {
    "web",   "db",  "cache",  "app",   "api",    "node",   "worker", "kafka",  "mq", "gw",
    "proxy", "lb",  "mail",   "store", "search", "master", "login",  "build",  "ci", "edge",
    "fw",    "vpn", "backup", "mon",   "auth",   "batch",  "gpu",    "compute"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

constexpr std::int64_t kWideRange = 100;  // below this a uniform draw looks natural

}  // namespace

std::int64_t between(std::int64_t low, std::int64_t high, Random& random) {
  return low + static_cast<std::int64_t>(random.below(static_cast<std::size_t>(high - low) + 1));
}

std::int64_t skewed_between(std::int64_t low, std::int64_t high, Random& random) {
  if (high - low <= kWideRange) return between(low, high, random);
  std::size_t decades = 0;
  for (std::int64_t span = high - low; span > 0; span /= 10) ++decades;
  std::int64_t reach = 9;
  for (std::size_t i = random.below(decades); i > 0; --i) reach = reach * 10 + 9;
  return between(low, reach < high - low ? low + reach : high, random);
}

void append_number(std::int64_t value, std::string& out) {
  std::array<char, 20> digits{};
  std::size_t first = digits.size();
  auto rest = value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  do {
    digits[--first] = static_cast<char>('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (value < 0) out += '-';
  out.append(digits.data() + first, digits.size() - first);
}

void append_padded(std::int64_t value, std::size_t width, std::string& out) {
  std::size_t digits = 1;
  for (std::int64_t rest = value; rest >= 10; rest /= 10) ++digits;
  if (digits < width) out.append(width - digits, '0');
  append_number(value, out);
}

void append_decimal(std::int64_t value, std::size_t decimals, std::string& out) {
  std::int64_t unit = 1;
  for (std::size_t i = 0; i < decimals; ++i) unit *= 10;
  if (value < 0) out += '-';
  const std::int64_t magnitude = value < 0 ? -value : value;
  append_number(magnitude / unit, out);
  out += '.';
  append_padded(magnitude % unit, decimals, out);
}

void append_hex(std::size_t digits, Random& random, std::string& out) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (i % 16 == 0) bits = random.next();
    out += "0123456789abcdef"[bits & 15U];
    bits >>= 4U;
  }
}

void append_grouped(std::int64_t value, std::string& out) {
  if (value < 1000) return append_number(value, out);
  append_grouped(value / 1000, out);
  out += ',';
  append_padded(value % 1000, 3, out);
}

Moment moment_of(std::int64_t unix_seconds) {
  constexpr std::int64_t kSecondsPerDay = 86400;
  std::int64_t days = unix_seconds / kSecondsPerDay;
  std::int64_t rest = unix_seconds % kSecondsPerDay;
  if (rest < 0) {
    rest += kSecondsPerDay;
    --days;
  }
  const auto weekday = static_cast<std::size_t>(((days + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
  const std::int64_t shifted = days + 719468;                               // days since 0000-03-01
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const std::int64_t day_of_era = shifted - era * 146097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month_from_march = (5 * day_of_year + 2) / 153;
  const std::int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {.year = year_of_era + era * 400 + (month <= 2 ? 1 : 0),
          .month = month,
          .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
          .hour = rest / 3600,
          .minute = rest / 60 % 60,
          .second = rest % 60,
          .weekday = weekday};
}

void append_date(const Moment& moment, char separator, std::string& out) {
  append_padded(moment.year, 4, out);
  out += separator;
  append_padded(moment.month, 2, out);
  out += separator;
  append_padded(moment.day, 2, out);
}

void append_clock(const Moment& moment, std::string& out) {
  append_padded(moment.hour, 2, out);
  out += ':';
  append_padded(moment.minute, 2, out);
  out += ':';
  append_padded(moment.second, 2, out);
}

std::string_view month_name(const Moment& moment) {
  return kMonths[static_cast<std::size_t>(moment.month - 1)];
}

std::string_view weekday_name(const Moment& moment) {
  return kWeekdays[moment.weekday];
}

Words given_names() {
  return kGivenNames;
}
Words family_names() {
  return kFamilyNames;
}
Words nouns() {
  return kNouns;
}
Words qualifiers() {
  return kQualifiers;
}
Words roles() {
  return kRoles;
}

}  // namespace logsieve::values
