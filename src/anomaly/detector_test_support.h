// A synthetic stream for the detector's tests: templates with Poisson arrivals at rates that a test changes as it
// goes, at a fake time.
#ifndef LOGSIEVE_ANOMALY_DETECTOR_TEST_SUPPORT_H_
#define LOGSIEVE_ANOMALY_DETECTOR_TEST_SUPPORT_H_

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "anomaly/detector.h"
#include "base/hash.h"
#include "base/random.h"

namespace logsieve {

inline constexpr TimeMs kTestStart = 1'767'571'200'000;  // Monday 2026-01-05T00:00:00Z

struct TestTemplate {
  std::string form;
  double rate = 0;  // lines a second
  std::uint32_t label = 0;
  std::string source = {};
};

class TestStream {
 public:
  TestStream(Detector& detector, std::uint64_t seed) : detector_(detector), random_(seed) {}

  std::vector<TestTemplate> templates;

  // Lets so many seconds pass.
  void run(double seconds) {
    const TimeMs end = now_ + static_cast<TimeMs>(seconds * 1000);
    double total = 0;
    for (const TestTemplate& some : templates) total += some.rate;
    for (;;) {
      const double wait_s = total > 0 ? -std::log(1 - random_.unit()) / total : 1e18;
      if (static_cast<double>(now_) + wait_s * 1000 >= static_cast<double>(end)) break;
      pass_to(now_ + static_cast<TimeMs>(wait_s * 1000) + 1);
      double place = random_.unit() * total;
      std::size_t chosen = 0;
      while (chosen + 1 < templates.size() && place >= templates[chosen].rate)
        place -= templates[chosen++].rate;
      say(templates[chosen]);
    }
    pass_to(end);
  }

  // One record now.
  void say(const TestTemplate& some) {
    Observation record;
    record.line = ++line_;
    record.time = now_;
    record.message = some.form;
    record.source = some.source;
    record.form = some.form;
    record.form_hash = xxh3_128(some.form).low;
    record.label = some.label;
    record.numbers = numbers;
    record.session = session;
    detector_.observe(record, events);
  }

  std::size_t count(AnomalyKind kind, bool is_firing = true) const {
    return static_cast<std::size_t>(std::count_if(
        events.begin(), events.end(),
        [&](const AnomalyEvent& event) { return event.kind == kind && event.is_firing == is_firing; }));
  }
  TimeMs now() const { return now_; }
  std::uint64_t line() const { return line_; }

  std::vector<AnomalyEvent> events;
  // Of the records that follow.
  std::vector<double> numbers;
  std::string session;
  // Above 0: as a live run, which is told so often that time passes.
  TimeMs heartbeat_ms = 0;

 private:
  void pass_to(TimeMs then) {
    if (heartbeat_ms > 0)
      for (TimeMs beat = now_ - now_ % heartbeat_ms + heartbeat_ms; beat < then; beat += heartbeat_ms)
        detector_.advance(beat - 30 * kSecondMs, events);
    now_ = then;
  }

  Detector& detector_;
  Random random_;
  TimeMs now_ = kTestStart;
  std::uint64_t line_ = 0;
};

// Twenty templates from 0.05 to 5 lines a second, of two labels and two sources.
inline std::vector<TestTemplate> usual_templates() {
  std::vector<TestTemplate> some;
  for (std::size_t i = 0; i < 20; ++i)
    some.push_back({"usual template " + std::string(1, static_cast<char>('a' + i)),
                    0.05 * std::pow(100.0, static_cast<double>(i) / 19), static_cast<std::uint32_t>(i % 2),
                    i % 3 == 0 ? "api" : "db"});
  return some;
}

inline std::string all_json(const std::vector<AnomalyEvent>& events) {
  std::string text;
  for (const AnomalyEvent& event : events) append_event_json(event, text);
  return text;
}

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_DETECTOR_TEST_SUPPORT_H_
