#include "training/data/slots.h"

#include <gtest/gtest.h>
#include <map>
#include <re2/re2.h>
#include <set>
#include <string>

#include "base/utf8.h"
#include "training/data/value_parts.h"

namespace logsieve {
namespace {

constexpr int kDraws = 3000;

const SlotType* find_type(std::string_view name) {
  for (const SlotType& type : slot_types())
    if (type.name == name) return &type;
  return nullptr;
}

std::string draw(std::string_view slot_text, Random& random) {
  const auto slot = parse_slot(slot_text);
  EXPECT_TRUE(slot) << slot_text;
  std::string value;
  if (slot) append_slot(*slot, random, value);
  return value;
}

// What each type promises, written apart from the code that draws it.
const std::map<std::string, std::string>& promises() {
  static const std::string kOctet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  static const std::string kIp = kOctet + "(\\." + kOctet + "){3}";
  static const std::string kClock = "([01][0-9]|2[0-3])(:[0-5][0-9]){2}";
  static const std::string kDate = "2025[-/](0[1-9]|1[0-2])[-/](0[1-9]|[12][0-9]|3[01])";
  static const std::string kMonthDay = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-9][0-9]? ";
  static const std::string kPort = "[1-9][0-9]{1,4}";
  static const std::string kHttpPath = "/[a-z0-9/._-]*(\\?[a-z]+=[0-9]+)?";
  static const std::string kFile = "[a-z]+([_-][0-9]{4})?\\.[a-z]+(\\.gz)?";
  static const std::string kDirectory = "/[a-z0-9/]+";
  static const std::map<std::string, std::string> kPromises = {
      {"n", "[0-9]{1,3}"},
      {"float", "[0-9]{1,3}\\.[0-9]{2}"},
      {"pct", "100|[0-9]{1,2}(\\.[0-9]{2})?"},
      {"ms", "[1-9][0-9]{0,4}"},
      {"size", "[0-9]+(\\.[0-9]{2})? ?([KMGT]i?B?|B|bytes)"},
      {"ip", kIp},
      {"ipport", kIp + ":" + kPort},
      {"ip6", "[0-9a-f]{1,4}(::?[0-9a-f]{1,4}){1,7}"},
      {"mac", "[0-9a-f]{2}(:[0-9a-f]{2}){5}"},
      {"port", kPort},
      {"hex", "(0x)?([0-9a-f]{8}|[0-9a-f]{16})"},
      {"addr", "0x(7ffd|7f3a|ffff)[0-9a-f]{8,12}"},
      {"uuid", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"},
      {"user", "[A-Za-z][A-Za-z0-9._-]*"},
      {"host", "[a-z]+-?[0-9]+(\\.[a-z]+)*"},
      {"email", "[a-z]+[._][a-z]+[0-9]*@[a-z.]+"},
      {"url", "https?://[a-z]+\\.example\\.com(:" + kPort + ")?" + kHttpPath},
      {"path", kDirectory + "/" + kFile},
      {"dir", kDirectory},
      {"winpath", "[A-Z]:(\\\\[A-Za-z]+)+\\\\" + kFile},
      {"file", kFile},
      {"ts", "((Sun|Mon|Tue|Wed|Thu|Fri|Sat) )?" + kMonthDay + kClock + "( 2025)?|" + kDate + "[ T]" +
                 kClock + "(\\.[0-9]{3})?(Z|\\+02:00)?|[0-9]{2}/[A-Z][a-z]{2}/2025:" + kClock + " \\+0000"},
      {"date", kDate},
      {"time", kClock + "(\\.[0-9]{3})?"},
      {"duration", "[0-9]+h[0-9]+m|" + kClock + "|[0-9]+\\.[0-9]{2}s|[0-9]+m?s"},
      {"pid", "[1-9][0-9]{0,4}"},
      {"id", "[A-Z]+-?[0-9]+[A-Z]?|[a-z]+[_-]?[0-9]+[0-9a-f]{4,8}"},
      {"word", "[a-z]+([._-][a-z]+|[A-Z][a-z]+)?"},
      {"service", "[a-z]+(-[a-z]+|Service)?"},
      {"db", "[a-z]+(_[a-z]+)?"},
      {"table", "([a-z]+\\.)?[a-z]+(_[a-z]+)?"},
      {"iface", "([a-z]+|ge-0/0/|Gi1/0/)[0-9]"},
      {"dev", "sd[a-l][1-6]?|nvme[0-7]n1|dm-[0-9]+|md[0-9]"},
      {"httppath", kHttpPath},
      {"method", "GET|POST|HEAD|PUT|DELETE|PATCH|OPTIONS"},
      {"status2", "2[0-9]{2}"},
      {"status3", "3[0-9]{2}"},
      {"status4", "4[0-9]{2}"},
      {"status5", "5[0-9]{2}"},
      {"ua", "[A-Za-z-]+/[0-9.]+( .*)?"},
      {"version", "[0-9]+(\\.[0-9]+){1,2}"},
      {"country", "[A-Z][A-Za-z]+"},
      {"amount", "[0-9]{1,3}(,[0-9]{3})*\\.[0-9]{2}"},
      {"currency", "[A-Z]{3}"},
      {"thread", "main|[A-Za-z0-9-]+-[0-9]+"},
      {"class", "[a-z]+(\\.[a-z]+){2,3}\\.[A-Z][A-Za-z]+"},
      {"signal", "SIG[A-Z0-9]+"},
      {"errno", "E[A-Z]+"},
      {"code", "0x[0-9a-f]{8}|ORA-[0-9]{5}|E?[0-9]{1,4}"},
  };
  return kPromises;
}

TEST(Slots, EveryTypeDrawsWhatItsNamePromises) {
  Random random(7);
  EXPECT_EQ(promises().size(), slot_types().size());
  for (const auto& [name, pattern] : promises()) {
    ASSERT_NE(find_type(name), nullptr) << name;
    const RE2 promise(pattern);
    ASSERT_TRUE(promise.ok()) << name;
    for (int i = 0; i < kDraws; ++i) {
      const std::string value = draw(name, random);
      ASSERT_TRUE(RE2::FullMatch(value, promise)) << name << ": " << value;
      ASSERT_TRUE(is_valid_utf8(value)) << name;
    }
  }
}

TEST(Slots, ValuesVary) {
  Random random(8);
  for (const SlotType& type : slot_types()) {
    std::set<std::string> seen;
    for (int i = 0; i < kDraws; ++i) seen.insert(draw(type.name, random));
    const bool is_closed_list = type.name == "method" || type.name.starts_with("status") ||
                                type.name == "ua" || type.name == "country" || type.name == "currency" ||
                                type.name == "signal" || type.name == "errno";
    EXPECT_GE(seen.size(), is_closed_list ? 3U : 50U) << type.name;
  }
}

TEST(Slots, SameSeedDrawsTheSameValues) {
  for (const SlotType& type : slot_types()) {
    Random a(99);
    Random b(99);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(draw(type.name, a), draw(type.name, b)) << type.name;
  }
}

TEST(Slots, RangesAreKeptAndBothEndsAreReached) {
  Random random(5);
  std::set<std::string> seen;
  for (int i = 0; i < kDraws; ++i) seen.insert(draw("n:3-7", random));
  EXPECT_EQ(seen, (std::set<std::string>{"3", "4", "5", "6", "7"}));
  seen.clear();
  for (int i = 0; i < kDraws; ++i) seen.insert(draw("float:-0.02-0.01", random));
  EXPECT_EQ(seen, (std::set<std::string>{"-0.02", "-0.01", "0.00", "0.01"}));
  seen.clear();
  for (int i = 0; i < kDraws; ++i) seen.insert(draw("float:0.001-0.0012", random));
  EXPECT_EQ(seen, (std::set<std::string>{"0.0010", "0.0011", "0.0012"}));
  for (int i = 0; i < kDraws; ++i) {
    const long long value = std::stoll(draw("n:-40-1000000", random));
    ASSERT_GE(value, -40);
    ASSERT_LE(value, 1000000);
  }
}

TEST(Slots, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"", "nn", "N", "ip:1-2", "word:a", "n:", "n:5", "n:9-1", "n:a-b", "n:1-2x", "n:-", "n:1.5-2",
        "float:1.2345678-2", "float:1-x", "n:1-99999999999999999999", "float:.5-1"})
    EXPECT_FALSE(parse_slot(text)) << text;
  EXPECT_NE(parse_slot("bogus").error().message.find("<bogus>"), std::string::npos);
}

TEST(ValueParts, CalendarAgreesWithKnownMoments) {
  using values::moment_of;
  const auto check = [](std::int64_t seconds, const char* date, const char* clock, const char* weekday) {
    std::string text;
    values::append_date(moment_of(seconds), '-', text);
    EXPECT_EQ(text, date);
    text.clear();
    values::append_clock(moment_of(seconds), text);
    EXPECT_EQ(text, clock);
    EXPECT_EQ(values::weekday_name(moment_of(seconds)), weekday);
  };
  check(0, "1970-01-01", "00:00:00", "Thu");
  check(951782399, "2000-02-28", "23:59:59", "Mon");
  check(951782400, "2000-02-29", "00:00:00", "Tue");
  check(1735689599, "2024-12-31", "23:59:59", "Tue");
  check(-1, "1969-12-31", "23:59:59", "Wed");
}

TEST(ValueParts, NumbersPrintAsTheStandardLibraryPrintsThem) {
  Random random(3);
  for (int i = 0; i < kDraws; ++i) {
    const auto value = static_cast<std::int64_t>(random.next() >> random.below(64)) * (i % 2 == 0 ? 1 : -1);
    std::string text;
    values::append_number(value, text);
    EXPECT_EQ(text, std::to_string(value));
  }
  std::string text;
  values::append_grouped(1002003, text);
  EXPECT_EQ(text, "1,002,003");
}

}  // namespace
}  // namespace logsieve
