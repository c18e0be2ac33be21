#include "anomaly/session_monitor.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

// Sessions of four steps each, one second apart, the next session ten seconds later; some are cut short or retried.
class Service {
 public:
  explicit Service(SessionMonitor& monitor, std::uint64_t seed = 1) : monitor_(monitor), random_(seed) {}

  void session(const std::vector<std::uint64_t>& forms, bool is_explained = false) {
    const std::string key = "request " + std::to_string(++sessions_);
    for (const std::uint64_t form : forms)
      monitor_.observe(key, form, ++line_, now_ += kSecondMs, is_explained, findings);
    now_ += 10 * kSecondMs;
    monitor_.end_idle(now_, findings);
  }
  void usual(int sessions) {
    for (int i = 0; i < sessions; ++i) {
      const std::size_t kind = random_.below(10);
      if (kind == 0)
        session({1, 2, 2, 3, 4});
      else if (kind == 1)
        session({1, 4});
      else
        session({1, 2, 3, 4});
    }
  }
  void end_all() { monitor_.end_idle(now_ += kHourMs, findings); }

  std::vector<SessionFinding> findings;

 private:
  SessionMonitor& monitor_;
  Random random_;
  std::uint64_t sessions_ = 0;
  std::uint64_t line_ = 0;
  TimeMs now_ = 1'767'571'200'000;
};

TEST(SessionMonitor, IsSilentOnSessionsThatGoTheUsualWays) {
  SessionMonitor monitor({});
  Service service(monitor);
  service.usual(20'000);
  service.end_all();
  EXPECT_TRUE(service.findings.empty());
  EXPECT_EQ(monitor.open_sessions(), 0U);
}

TEST(SessionMonitor, ReportsAnOrderThatWasNeverSeenOnceASession) {
  SessionMonitor monitor({});
  Service service(monitor);
  service.usual(5'000);
  service.session({1, 3, 2, 4});  // two new pairs
  service.end_all();
  ASSERT_EQ(service.findings.size(), 1U);
  EXPECT_TRUE(service.findings[0].is_order);
  EXPECT_EQ(service.findings[0].before, 1U);
  EXPECT_EQ(service.findings[0].form, 3U);
  EXPECT_EQ(service.findings[0].session, "request 5001");
}

TEST(SessionMonitor, ReportsACombinationThatWasNeverSeenWhenTheSessionIsOver) {
  SessionMonitor monitor({});
  Service service(monitor);
  service.usual(5'000);
  service.session({1, 2, 2, 2, 3, 4});  // every pair is known
  EXPECT_TRUE(service.findings.empty());
  service.end_all();
  ASSERT_EQ(service.findings.size(), 1U);
  EXPECT_FALSE(service.findings[0].is_order);
  EXPECT_EQ(service.findings[0].session, "request 5001");
}

TEST(SessionMonitor, SaysNothingWhereTheReasonIsKnown) {
  SessionMonitor monitor({});
  Service service(monitor);
  service.usual(5'000);
  service.session({1, 2, 99, 3, 4}, true);
  service.end_all();
  EXPECT_TRUE(service.findings.empty());
}

TEST(SessionMonitor, IsSilentWhereNewOrdersAreTheRule) {
  SessionMonitor monitor({});
  Service service(monitor);
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::uint64_t> forms;
    for (int k = 0; k < 5; ++k) forms.push_back(random.below(1'000));
    service.session(forms);
  }
  service.end_all();
  EXPECT_TRUE(service.findings.empty());
}

TEST(SessionMonitor, BoundsSessionsAndPatterns) {
  SessionOptions options;
  options.max_sessions = 100;
  options.max_patterns = 50;
  SessionMonitor monitor(options);
  std::vector<SessionFinding> findings;
  Random random(8);
  for (std::uint64_t line = 1; line < 50'000; ++line)
    monitor.observe("s" + std::to_string(random.below(5'000)), random.below(500), line, kHourMs, false,
                    findings);
  EXPECT_EQ(monitor.open_sessions(), 100U);
  EXPECT_EQ(monitor.state().pairs.size(), 50U);
  EXPECT_EQ(monitor.state().combinations.size(), 50U);
}

TEST(SessionMonitor, GoesOnFromItsState) {
  SessionMonitor whole({});
  SessionMonitor first({});
  Service through(whole);
  Service before(first);
  through.usual(5'000);
  before.usual(5'000);
  SessionMonitor second({});
  second.restore(first.state());
  std::vector<SessionFinding> expected;
  std::vector<SessionFinding> found;
  for (auto* const pair : {&whole, &second}) {
    auto& into = pair == &whole ? expected : found;
    for (const std::uint64_t form : {1U, 3U}) pair->observe("request 4999", form, 1, kHourMs, false, into);
    pair->end_idle(300 * 366 * kDayMs, into);
  }
  ASSERT_EQ(expected.size(), 1U);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].before, expected[0].before);
  EXPECT_EQ(second.state().pairs_seen, whole.state().pairs_seen);
  EXPECT_EQ(second.state().sessions_seen, whole.state().sessions_seen);
}

}  // namespace
}  // namespace logsieve
