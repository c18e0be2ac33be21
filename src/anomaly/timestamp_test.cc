#include "anomaly/timestamp.h"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

namespace logsieve {
namespace {

constexpr TimeMs kReference = 1'767'312'000'000;  // 2026-01-02T00:00:00Z

std::string read(std::string_view line, TimeMs reference = kReference) {
  TimestampFinder finder(reference);
  const auto time = finder.find(line);
  return time ? format_time(*time) : "none";
}

TEST(Timestamp, ReadsTheLayoutsOfLogs) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"2026-01-01T00:00:00.123Z message", "2026-01-01T00:00:00.123Z"},
      {"2026-01-01 00:00:00,5 INFO x", "2026-01-01T00:00:00.500Z"},
      {"2025-03-30T02:30:00+02:00 x", "2025-03-30T00:30:00.000Z"},
      {"2025-03-30T02:30:00.000-0730 x", "2025-03-30T10:00:00.000Z"},
      {"[Sun Dec 04 04:47:44 2005] [error] x", "2005-12-04T04:47:44.000Z"},
      {"Sun Dec  4 04:47:44 UTC 2005 x", "2005-12-04T04:47:44.000Z"},
      {"17/06/09 20:10:40 INFO executor", "2017-06-09T20:10:40.000Z"},
      {"081109 203615 148 INFO dfs", "2008-11-09T20:36:15.000Z"},
      {"20171223-22:15:29:606|Step", "2017-12-23T22:15:29.606Z"},
      {"20250114T230711Z x", "2025-01-14T23:07:11.000Z"},
      {"2016-09-28 04:30:30, Info CBS", "2016-09-28T04:30:30.000Z"},
      {"- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.675872 x", "2005-06-03T22:42:50.000Z"},
      {"2005-06-03-15.42.50.675872 x", "2005-06-03T15:42:50.675Z"},
      {"10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET /\"", "2000-10-10T20:55:36.000Z"},
      {"1/14/2025 11:07:05 PM x", "2025-01-14T23:07:05.000Z"},
      {"14.01.2025 23:07:05 x", "2025-01-14T23:07:05.000Z"},
      {"1735689600.250 x", "2025-01-01T00:00:00.250Z"},
      {"1735689600250 x", "2025-01-01T00:00:00.250Z"},
      {"1735689600250999", "2025-01-01T00:00:00.250Z"},
      {"1735689600250999888", "2025-01-01T00:00:00.250Z"},
      {"<34>1 2003-10-11T22:14:15.003Z host app - - - x", "2003-10-11T22:14:15.003Z"},
      {"I0101 15:04:05.123456 1 main.go:1] x", "2026-01-01T15:04:05.123Z"},
  };
  for (const auto& [line, wanted] : cases) EXPECT_EQ(read(line), wanted) << line;
}

TEST(Timestamp, TakesTheLatestYearThatIsNotAfterTheReference) {
  EXPECT_EQ(read("Jan  1 10:00:00 host sshd[1]: x"), "2026-01-01T10:00:00.000Z");
  EXPECT_EQ(read("Jan  2 10:00:00 host sshd[1]: x"), "2026-01-02T10:00:00.000Z");  // within a day
  EXPECT_EQ(read("Dec 31 10:00:00 host sshd[1]: x"), "2025-12-31T10:00:00.000Z");
  EXPECT_EQ(read("03-17 16:13:38.811 1702 D Power"), "2025-03-17T16:13:38.811Z");
}

TEST(Timestamp, FindsNoneWhereThereIsNone) {
  for (const char* line :
       {"", "no time here", "version 1.2.3 of 2024", "request 1234567890 done", "10.0.0.1:8080 up",
        "2026-13-01T00:00:00Z", "99:99:99", "Maybe 12 of them", "2026-01-01", "port 12:30"})
    EXPECT_EQ(read(line), "none") << line;
}

TEST(Timestamp, NeverReadsPastTheText) {
  const std::string line = "[Sun Dec 04 04:47:44.123 +0100 2005]";
  for (std::size_t length = 0; length <= line.size(); ++length) {
    const std::string cut = line.substr(0, length);  // its own memory, for the sanitizer
    if (const auto match = parse_timestamp(cut, std::min<std::size_t>(1, length), kReference)) {
      EXPECT_LE(1 + match->length, cut.size());
    }
  }
}

TEST(Timestamp, PrintsWhatItReadsForEveryDay) {
  for (TimeMs day = 0; day < 80'000; ++day) {
    const TimeMs time = day * kDayMs + day % 86'400 * kSecondMs + day % 1000;
    const std::string text = format_time(time);
    const auto match = parse_timestamp(text, 0, kReference);
    ASSERT_TRUE(match) << text;
    ASSERT_EQ(match->time, time) << text;
    ASSERT_EQ(match->length, text.size()) << text;
  }
}

TEST(Timestamp, CountsHoursOfTheWeekFromMonday) {
  EXPECT_EQ(hour_of_week(1'767'571'200'000), 0U);        // Monday 2026-01-05T00:00Z
  EXPECT_EQ(hour_of_week(1'767'571'200'000 - 1), 167U);  // the hour before
  EXPECT_EQ(hour_of_week(-1), 3 * 24U - 1);              // Wednesday 1969-12-31T23:59:59.999Z
}

// A BlueGene record that ends with the time of what it tells of: one of hundreds that state none.
TEST(TimestampFinder, DoesNotTakeATimeInTheTextForTheRecordsOwn) {
  const std::string_view told =
      "chip status changed: ip=10.0.0.151 v=9 status=M Fri Jul 01 08:16:53 PDT 2005";
  TimestampFinder finder(0);
  for (int i = 0; i < 500; ++i) EXPECT_FALSE(finder.find("ciod: generated 64 core files"));
  EXPECT_FALSE(finder.find(told));
  EXPECT_FALSE(finder.find("1365301360 floating point alignment exceptions")) << "a count";
  EXPECT_TRUE(finder.find("2005-07-01 08:16:53 at the beginning it is the record's own"));
  EXPECT_TRUE(finder.find("10.0.0.1 - - [01/Jul/2005:08:16:53 +0000] \"GET / HTTP/1.1\""))
      << "no letter before";
  EXPECT_FALSE(finder.find(told));
  // The second time of this line is where `told` has its own.
  const std::string own_and_other =
      "2005-07-02 09:00:00 " + std::string(told.find("Fri") - 20, '.') + "Fri Jul 01 08:16:53 PDT 2005";
  const auto own = finder.find(own_and_other);
  ASSERT_TRUE(own);
  EXPECT_EQ(format_time(*own), "2005-07-02T09:00:00.000Z");
}

TEST(TimestampFinder, BelievesAPlaceBehindWordsWhereItIsAHabit) {
  TimestampFinder finder(0);
  for (int i = 0; i < 300; ++i) {
    EXPECT_TRUE(finder.find("INFO [main] 2005-07-01 08:16:53 started")) << i;
    for (int trace = 0; trace < 30; ++trace)
      EXPECT_FALSE(finder.find("    at org.example.Main.run(Main.java:7)"));
  }
}

}  // namespace
}  // namespace logsieve
