#include "io/syslog_header.h"

#include <gtest/gtest.h>
#include <string>

#include "io/reader_test_support.h"

namespace logsieve {
namespace {

// "app|message", or "none".
std::string parsed(std::string_view line) {
  const auto syslog = parse_syslog(line);
  return syslog ? std::string(syslog->app) + '|' + std::string(syslog->message) : "none";
}

TEST(SyslogHeader, ReadsTheExamplesOfRfc5424) {
  EXPECT_EQ(
      parsed("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xEF\xBB\xBF'su root' failed"),
      "su|'su root' failed");
  EXPECT_EQ(parsed("<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time"),
            "myproc|%% It's time");
  EXPECT_EQ(parsed("<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [exampleSDID@32473 iut=\"3\" "
                   "eventSource=\"App]\\\"]\"][x@1 y=\"z\"] An application event"),
            "evntslog|An application event");
  EXPECT_EQ(parsed("<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [exampleSDID@32473 iut=\"3\"]"),
            "evntslog|");
  EXPECT_EQ(parsed("<0>1 - - - - - -"), "|");
}

TEST(SyslogHeader, ReadsRfc3164WithAndWithoutPriority) {
  EXPECT_EQ(parsed("<34>Oct 11 22:14:15 mymachine su: 'su root' failed"), "su|'su root' failed");
  EXPECT_EQ(parsed("Dec 10 06:55:46 host sshd[24200]: Connection closed by 10.0.0.1"),
            "sshd|Connection closed by 10.0.0.1");
  EXPECT_EQ(parsed("Jun  9 06:06:20 combo su(pam_unix)[123]: session opened"), "su(pam_unix)|session opened");
  EXPECT_EQ(parsed("Oct 11 22:14:15 host kernel:[12.5] oops"), "kernel|[12.5] oops");
}

TEST(SyslogHeader, ReadsIsoTimes) {
  EXPECT_EQ(parsed("2024-03-01T10:00:00.123456+01:00 host systemd-logind[7]: New seat"),
            "systemd-logind|New seat");
  EXPECT_EQ(parsed("2024-03-01T10:00:00Z host cron: x"), "cron|x");
}

TEST(SyslogHeader, ReadsLinesWithoutHost) {
  EXPECT_EQ(parsed("<13>Oct 11 22:14:15 app[12]: error: disk full"), "app|error: disk full");
}

TEST(SyslogHeader, RefusesWhatIsNone) {
  for (const char* line :
       {"", "<", "<34", "<34>", "<>Oct 11 22:14:15 h a: x", "<192>Oct 11 22:14:15 h a: x",
        "<1a>Oct 11 22:14:15 h a: x", "Okt 11 22:14:15 h a: x", "Oct 11 22:14 h a: x",
        "Oct 11 22:14:15 host no tag here", "plain: text", "2024-03-01 10:00:00 host app: x",
        "<34>1 2003-10-11T22:14:15Z host app - ID [open", "<34>1 x y z a b - m",
        "<34>1 2003-10-11T22:14:15Z host app", "<99999999999>1 - - - - - - x",
        "Oct 11 22:14:15 host app[12: x"})
    EXPECT_EQ(parsed(line), "none") << line;
}

TEST(SyslogReader, KeepsTheWholeLineInRaw) {
  const std::string line = "Oct 11 22:14:15 host app[1]: hello";
  const auto input = read_all(line + "\nno header\n\n", InputFormat::kSyslog);
  ASSERT_EQ(input.records.size(), 3U);
  EXPECT_EQ(input.records[0], (ReadRecord{1, "hello", "app", line}));
  EXPECT_EQ(input.records[1], (ReadRecord{2, "no header", "", "no header"}));
  EXPECT_EQ(input.records[2], (ReadRecord{3, "", "", ""}));
}

}  // namespace
}  // namespace logsieve
