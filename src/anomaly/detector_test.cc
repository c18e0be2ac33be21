#include "anomaly/detector.h"

#include <gtest/gtest.h>

#include "anomaly/detector_test_support.h"

namespace logsieve {
namespace {

const std::vector<std::string> kLabels = {"Notice", "Error", "Security Alert"};

DetectorOptions quick_options() {
  DetectorOptions options;
  options.warmup_lines = 1'000;
  return options;
}

Detector quick_detector(Nearness nearness = {}) {
  return Detector(quick_options(), kLabels, std::move(nearness));
}

const AnomalyEvent& only(const TestStream& stream, AnomalyKind kind) {
  static const AnomalyEvent kNone;
  EXPECT_EQ(stream.count(kind), 1U) << all_json(stream.events);
  for (const AnomalyEvent& event : stream.events)
    if (event.kind == kind && event.is_firing) return event;
  return kNone;
}

TEST(Detector, IsSilentOnAStationaryStream) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
    Detector detector = quick_detector();
    TestStream stream(detector, seed);
    stream.templates = usual_templates();
    stream.run(6 * 3600);
    EXPECT_TRUE(stream.events.empty()) << all_json(stream.events);
    EXPECT_GT(detector.lines(), 100'000U);
  }
}

TEST(Detector, ReportsABurstOfATemplateOnceWithinAMinuteAndItsEnd) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    Detector detector = quick_detector();
    TestStream stream(detector, seed);
    stream.templates = usual_templates();
    stream.run(1800);
    ASSERT_TRUE(stream.events.empty()) << all_json(stream.events);
    const TimeMs began = stream.now();
    stream.templates[6].rate *= 10;  // from 0.2 lines a second
    stream.run(90);
    const AnomalyEvent burst = only(stream, AnomalyKind::kBurst);
    EXPECT_EQ(burst.template_text, stream.templates[6].form);
    EXPECT_EQ(burst.subject, "template");
    EXPECT_LE(burst.time - began, kMinuteMs);
    EXPECT_GT(burst.seen, 2.5 * burst.expected);
    EXPECT_EQ(burst.sources.at(0).name, "api");
    EXPECT_FALSE(burst.examples.empty());
    stream.templates[6].rate /= 10;
    stream.run(3600);
    EXPECT_EQ(stream.count(AnomalyKind::kBurst, false), 1U);
    EXPECT_EQ(stream.events.size(), 2U) << all_json(stream.events);
    EXPECT_EQ(stream.events[0].fingerprint, stream.events[1].fingerprint);
  }
}

// Ten seconds lie between the looks, so a minute's window grows step by step; each step is a new peak.
TEST(Detector, ReportsABurstThatIsPartOfATemplate) {
  for (const std::uint64_t seed : {41U, 42U, 43U, 44U, 45U}) {
    Detector detector = quick_detector();
    TestStream stream(detector, seed);
    stream.templates = usual_templates();
    stream.templates[10].rate = 2.3;
    stream.run(1800);
    stream.templates[10].rate = 4.6;
    stream.run(60);
    stream.templates[10].rate = 2.3;
    stream.run(60);
    EXPECT_EQ(only(stream, AnomalyKind::kBurst).template_text, stream.templates[10].form);
  }
}

TEST(Detector, ReportsAFrequentTemplateThatPauses) {
  Detector detector = quick_detector();
  TestStream stream(detector, 5);
  stream.templates = usual_templates();
  stream.run(1800);
  const double rate = std::exchange(stream.templates[12].rate, 0.0);
  const TimeMs began = stream.now();
  stream.run(120);
  const AnomalyEvent dip = only(stream, AnomalyKind::kDip);
  EXPECT_EQ(dip.template_text, stream.templates[12].form);
  EXPECT_LE(dip.time - began, kMinuteMs);
  stream.templates[12].rate = rate;
  stream.run(3600);
  EXPECT_EQ(stream.count(AnomalyKind::kDip, false), 1U);
  EXPECT_EQ(stream.events.size(), 2U) << all_json(stream.events);
}

TEST(Detector, CallsALongSilenceGone) {
  Detector detector = quick_detector();
  TestStream stream(detector, 6);
  stream.templates = usual_templates();
  stream.run(3600);
  stream.templates[12].rate = 0;
  stream.run(1200);
  EXPECT_EQ(stream.count(AnomalyKind::kDip), 1U);
  EXPECT_EQ(stream.count(AnomalyKind::kDip, false), 1U);
  EXPECT_EQ(only(stream, AnomalyKind::kGone).template_text, stream.templates[12].form);
}

TEST(Detector, MissesAHeartbeatAfterAFewBeats) {
  Detector detector = quick_detector();
  TestStream stream(detector, 7);
  stream.templates = usual_templates();
  const TestTemplate beat{"heartbeat", 0, 0, "api"};
  for (int minute = 0; minute < 60; ++minute) {
    stream.run(60);
    stream.say(beat);
  }
  stream.run(360);
  EXPECT_EQ(only(stream, AnomalyKind::kGone).template_text, "heartbeat");
}

TEST(Detector, NamesTheSourceWhereAllOfItStops) {
  Detector detector = quick_detector();
  TestStream stream(detector, 8);
  stream.templates = usual_templates();
  stream.run(3600);
  for (TestTemplate& some : stream.templates)
    if (some.source == "db") some.rate = 0;
  stream.run(180);
  std::size_t fallen = stream.count(AnomalyKind::kDip) + stream.count(AnomalyKind::kGone);
  EXPECT_LE(fallen, 2U) << all_json(stream.events);
  EXPECT_GE(fallen, 1U);
}

TEST(Detector, ReportsANewTemplateAtOnceAndOnlyAfterWarmUp) {
  Detector detector = quick_detector();
  TestStream stream(detector, 9);
  stream.templates = usual_templates();
  stream.run(300);
  stream.say({"too early to be new", 0, 0, "api"});
  stream.run(1500);
  EXPECT_TRUE(stream.events.empty());
  stream.say({"a new one", 0, 1, "api"});
  const AnomalyEvent fresh = only(stream, AnomalyKind::kNewTemplate);
  EXPECT_EQ(fresh.line, stream.line());
  EXPECT_EQ(fresh.label, "Error");
  EXPECT_EQ(fresh.severity, Severity::kInfo);
  for (int i = 0; i < 20; ++i) {
    stream.run(5);
    stream.say({"a new one", 0, 1, "api"});
  }
  EXPECT_EQ(stream.events.size(), 1U) << all_json(stream.events);
}

// All records state one and the same time, a mistake of theirs or of ours.
TEST(Detector, IsNotKeptSilentForEverByAClockThatStandsStill) {
  Detector detector = quick_detector();
  TestStream stream(detector, 9);
  const TestTemplate usual = usual_templates()[0];
  for (int i = 0; i < 5'000; ++i) stream.say(usual);
  stream.say({"too early to be new", 0, 0, "api"});
  EXPECT_EQ(stream.count(AnomalyKind::kNewTemplate), 0U);
  for (int i = 0; i < 100'000; ++i) stream.say(usual);
  stream.say({"a new one", 0, 1, "api"});
  EXPECT_EQ(stream.count(AnomalyKind::kNewTemplate), 1U);
}

// 400 forms of one event, each about once in four minutes.
TEST(Detector, SeesTheBurstOfAnEventWhoseFormsAreAllSeldom) {
  Detector detector = quick_detector();
  TestStream stream(detector, 11);
  stream.templates = usual_templates();
  const std::size_t usual = stream.templates.size();
  for (int i = 0; i < 400; ++i)
    stream.templates.push_back({"update failed, HRESULT 0x" + std::to_string(80000 + i), 0.004, 1, "api"});
  stream.run(3600);
  ASSERT_EQ(stream.count(AnomalyKind::kBurst), 0U) << all_json(stream.events);
  for (std::size_t i = usual; i < stream.templates.size(); ++i) stream.templates[i].rate *= 10;
  stream.run(60);
  const AnomalyEvent burst = only(stream, AnomalyKind::kBurst);
  EXPECT_EQ(burst.template_text, "update failed, HRESULT #");
  EXPECT_EQ(burst.subject, "template");
}

TEST(Detector, CallsALoneLineOfFarMeaningNovel) {
  Detector detector =
      quick_detector([](std::string_view form) { return form.starts_with("usual") ? 0.95F : 0.4F; });
  TestStream stream(detector, 10);
  stream.templates = usual_templates();
  stream.run(1800);
  stream.say({"unheard of", 0, 2, "api"});
  const std::uint64_t line = stream.line();
  stream.run(70);
  const AnomalyEvent novel = only(stream, AnomalyKind::kNovel);
  EXPECT_EQ(novel.line, line);
  EXPECT_NEAR(novel.novelty, 0.6, 1e-6);
  EXPECT_EQ(novel.severity, Severity::kCritical);  // its label is a risk
  // A pattern that goes on is new, not novel; one near to the known is not novel either.
  stream.say({"again and again", 0, 0, "api"});
  stream.run(10);
  stream.say({"again and again", 0, 0, "api"});
  stream.say({"usual, said otherwise", 0, 0, "api"});
  stream.run(60);
  EXPECT_EQ(stream.count(AnomalyKind::kNovel), 1U);
  EXPECT_EQ(stream.count(AnomalyKind::kNewTemplate), 3U);
}

TEST(Detector, DecidesAtTheEndWhatWasWaiting) {
  Detector detector = quick_detector([](std::string_view) { return 0.1F; });
  TestStream stream(detector, 11);
  stream.templates = usual_templates();
  stream.run(1800);
  stream.say({"the last words", 0, 0, "api"});
  EXPECT_EQ(stream.count(AnomalyKind::kNovel), 0U);
  detector.finish(stream.events);
  EXPECT_EQ(stream.count(AnomalyKind::kNovel), 1U);
}

TEST(Detector, RaisesARiskAtOnceAndOncePerSource) {
  Detector detector = quick_detector();
  TestStream stream(detector, 12);
  stream.templates = usual_templates();
  stream.say({"intruder", 0, 2, "api"});
  EXPECT_EQ(only(stream, AnomalyKind::kRisk).severity, Severity::kCritical);
  for (int i = 0; i < 50; ++i) stream.say({"intruder", 0, 2, "api"});
  EXPECT_EQ(stream.events.size(), 1U);
  stream.say({"intruder", 0, 2, "db"});
  EXPECT_EQ(stream.count(AnomalyKind::kRisk), 2U);
  stream.run(3700);
  EXPECT_EQ(stream.count(AnomalyKind::kRisk, false), 2U);
}

TEST(Detector, CallsATemplateRareAfterADayOfSilence) {
  Detector detector = quick_detector();
  TestStream stream(detector, 13);
  stream.templates = {{"steady", 0.2, 0, "api"}};
  stream.run(4 * 3600);
  stream.say({"seldom", 0, 0, "api"});
  stream.events.clear();
  stream.run(25 * 3600);
  stream.say({"seldom", 0, 0, "api"});
  EXPECT_EQ(only(stream, AnomalyKind::kRare).template_text, "seldom");
  // It is its habit now.
  stream.run(26 * 3600);
  stream.say({"seldom", 0, 0, "api"});
  EXPECT_EQ(stream.count(AnomalyKind::kRare), 1U);
}

TEST(Detector, ReportsANumberOutOfItsRangeOnceAndItsEnd) {
  Detector detector = quick_detector();
  TestStream stream(detector, 31);
  stream.templates = usual_templates();
  Random random(1);
  const auto take = [&](double milliseconds) {
    stream.numbers = {milliseconds};
    stream.say({"request took number ms", 0, 0, "api"});
    stream.numbers.clear();
    stream.run(2);
  };
  for (int i = 0; i < 1'000; ++i) take(20 + std::floor(60 * random.unit()));
  ASSERT_TRUE(stream.events.empty()) << all_json(stream.events);
  take(30'000);
  const AnomalyEvent far = only(stream, AnomalyKind::kValue);
  EXPECT_EQ(far.template_text, "request took number ms");
  EXPECT_EQ(far.seen, 30'000);
  EXPECT_EQ(far.expected, 79);
  EXPECT_NE(far.what.find("above its range"), std::string::npos) << far.what;
  for (int i = 0; i < 5; ++i) take(40'000);
  EXPECT_EQ(stream.events.size(), 1U) << all_json(stream.events);
  for (int i = 0; i < 400; ++i) take(20 + std::floor(60 * random.unit()));
  EXPECT_EQ(stream.count(AnomalyKind::kValue, false), 1U);
  EXPECT_EQ(stream.events.back().fingerprint, far.fingerprint);
  EXPECT_EQ(stream.events.size(), 2U) << all_json(stream.events);
}

TEST(Detector, TakesANumberThatStaysForTheNewRange) {
  Detector detector = quick_detector();
  Random random(2);
  TestStream stream(detector, 32);
  stream.templates = usual_templates();
  for (int i = 0; i < 3'000; ++i) {
    stream.numbers = {(i < 1'000 ? 20 : 3'000) + std::floor(60 * random.unit())};
    stream.say({"request took number ms", 0, 0, "api"});
    stream.numbers.clear();
    stream.run(2);
  }
  EXPECT_EQ(stream.count(AnomalyKind::kValue), 1U) << all_json(stream.events);
  EXPECT_EQ(stream.count(AnomalyKind::kValue, false), 1U);
}

TEST(Detector, ReportsAnOrderInASessionThatWasNeverSeen) {
  Detector detector = quick_detector();
  TestStream stream(detector, 33);
  const auto session = [&](const std::string& name, const std::vector<std::string>& forms) {
    for (const std::string& form : forms) {
      stream.session = name;
      stream.say({form, 0, 0, "api"});
      stream.session.clear();
      stream.run(0.1);
    }
  };
  for (int i = 0; i < 6'000; ++i)
    session("job " + std::to_string(i), {"opened", "checked", "written", "closed"});
  ASSERT_TRUE(stream.events.empty()) << all_json(stream.events);
  session("job x", {"opened", "written", "checked", "closed"});
  const AnomalyEvent order = only(stream, AnomalyKind::kSequence);
  EXPECT_EQ(order.template_text, "written");
  EXPECT_EQ(order.related, std::vector<std::string>{"opened"});
  EXPECT_NE(order.what.find("job x"), std::string::npos);
  session("job y", {"opened", "checked"});  // never closed
  stream.run(600);
  session("job z", {"opened"});
  EXPECT_EQ(stream.count(AnomalyKind::kSequence), 2U) << all_json(stream.events);
  EXPECT_NE(stream.events.back().what.find("job y"), std::string::npos);
}

// Working hours on workdays; the last week lacks a morning and has a burst at noon.
TEST(Detector, KnowsTheHoursOfTheWeek) {
  DetectorOptions options = quick_options();
  options.rates.gone_after_ms = kDayMs;
  Detector detector(options, kLabels, {});
  TestStream stream(detector, 34);
  const auto hours = [&](int day, int from, int to, bool is_off = false, double more = 1) {
    for (int hour = from; hour < to; ++hour) {
      const bool works = day % 7 < 5 && hour >= 8 && hour < 18 && !is_off;
      stream.templates = {{"work item taken", (works ? 0.6 : 0.08) * more, 0, "api"},
                          {"idle round", 0.1, 0, "db"}};
      stream.run(3600);
    }
  };
  for (int day = 0; day < 21; ++day) hours(day, 0, 24);
  stream.events.clear();  // until the habit was known
  for (int day = 21; day < 24; ++day) hours(day, 0, 24);
  EXPECT_TRUE(stream.events.empty()) << all_json(stream.events);
  hours(24, 0, 8);
  hours(24, 8, 9, true);
  EXPECT_EQ(only(stream, AnomalyKind::kDip).template_text, "work item taken");
  hours(24, 9, 24);
  hours(25, 0, 12);
  EXPECT_EQ(stream.count(AnomalyKind::kBurst), 0U) << all_json(stream.events);
  hours(25, 12, 13, false, 4);
  EXPECT_EQ(only(stream, AnomalyKind::kBurst).template_text, "work item taken");
}

TEST(Detector, BoundsItsSeriesAndSources) {
  DetectorOptions options = quick_options();
  options.max_templates = 100;
  options.max_sources = 5;
  options.warmup_lines = 1'000'000'000;
  Detector detector(options, kLabels, {});
  TestStream stream(detector, 14);
  for (int i = 0; i < 20'000; ++i)
    stream.say({"form " + std::to_string(i), 0, 0, "source " + std::to_string(i % 50)});
  for (int i = 0; i < 2'000; ++i) {
    stream.run(0.5);
    stream.say({"later form " + std::to_string(i), 0, 0, "api"});
  }
  EXPECT_LT(detector.save().size(), 1'000'000U);
  EXPECT_EQ(stream.count(AnomalyKind::kNewTemplate), 0U);
}

TEST(Detector, IgnoresWrongDatesAndLateRecords) {
  Detector detector = quick_detector();
  TestStream stream(detector, 15);
  stream.templates = usual_templates();
  stream.run(1800);
  Observation record;
  record.line = 1;
  record.message = record.form = "usual template a";
  record.form_hash = xxh3_128(record.form).low;
  record.time = stream.now() + 400 * kDayMs;
  detector.observe(record, stream.events);
  EXPECT_EQ(detector.now() / kDayMs, stream.now() / kDayMs);
  record.time = stream.now() - kHourMs;
  for (int i = 0; i < 500; ++i) detector.observe(record, stream.events);
  EXPECT_EQ(detector.late_lines(), 500U);
  stream.run(600);
  EXPECT_TRUE(stream.events.empty()) << all_json(stream.events);
}

TEST(Detector, GivesTheSameEventsFromASavedStateAsWithoutAStop) {
  const auto scenario = [](std::size_t stops) {
    auto detector =
        std::make_unique<Detector>(quick_options(), kLabels, [](std::string_view) { return 0.2F; });
    auto stream = std::make_unique<TestStream>(*detector, 16);
    stream->templates = usual_templates();
    const auto pause = [&] {
      if (stops == 0) return;
      const std::string bytes = detector->save();
      *detector = Detector(quick_options(), kLabels, [](std::string_view) { return 0.2F; });
      ASSERT_TRUE(detector->restore(bytes));
      EXPECT_EQ(detector->save(), bytes);
    };
    stream->run(1805);
    pause();
    stream->templates[6].rate *= 10;
    stream->run(47);
    pause();
    stream->run(40);
    stream->templates[6].rate /= 10;
    stream->say({"alone", 0, 2, "db"});
    pause();
    stream->run(700);
    pause();
    stream->templates[14].rate = 0;
    stream->run(900);
    return all_json(stream->events);
  };
  const std::string whole = scenario(0);
  EXPECT_NE(whole.find("burst"), std::string::npos);
  EXPECT_NE(whole.find("novel"), std::string::npos);
  EXPECT_NE(whole.find("gone"), std::string::npos);
  EXPECT_EQ(scenario(1), whole);
}

// A day with a burst, silences, new and novel lines and a risk; live, time also passes between records.
TEST(Detector, DecidesADayReplayedAsItDidLive) {
  const auto day = [](TimeMs heartbeat_ms) {
    Detector detector = quick_detector([](std::string_view) { return 0.2F; });
    TestStream stream(detector, 21);
    stream.heartbeat_ms = heartbeat_ms;
    stream.templates = usual_templates();
    stream.run(6 * 3600);
    stream.templates[6].rate *= 10;
    stream.run(300);
    stream.templates[6].rate /= 10;
    stream.run(4 * 3600);
    stream.say({"alone", 0, 2, "db"});
    stream.run(4 * 3600);
    const double rate = std::exchange(stream.templates[14].rate, 0.0);
    stream.run(3600);
    stream.templates[14].rate = rate;
    stream.run(9 * 3600);
    std::vector<std::string> lines;
    for (AnomalyEvent& event : stream.events) {
      if (event.kind == AnomalyKind::kBurst || event.kind == AnomalyKind::kDip ||
          event.kind == AnomalyKind::kGone || !event.is_firing)
        event.line = 0;  // the line at which it was decided: live, that may be one earlier
      std::string text;
      append_event_json(event, text);
      lines.push_back(std::move(text));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  const auto replayed = day(0);
  EXPECT_GE(replayed.size(), 8U);
  EXPECT_EQ(day(1'000), replayed);
}

TEST(Detector, SaysNothingTwiceWhenRecordsComeAgainAfterARestart) {
  Detector first = quick_detector([](std::string_view) { return 0.2F; });
  TestStream before(first, 17);
  before.templates = usual_templates();
  before.run(1800);
  before.templates[6].rate *= 10;
  before.run(60);
  before.say({"alone", 0, 2, "db"});
  before.run(1000);
  ASSERT_GE(before.events.size(), 3U);
  Detector second = quick_detector([](std::string_view) { return 0.2F; });
  ASSERT_TRUE(second.restore(first.save()));
  TestStream again(second, 17);  // the same seed: the same records from the start
  again.templates = usual_templates();
  again.run(1800);
  again.templates[6].rate *= 10;
  again.run(60);
  again.say({"alone", 0, 2, "db"});
  EXPECT_TRUE(again.events.empty()) << all_json(again.events);
}

TEST(Detector, RefusesADamagedState) {
  Detector detector = quick_detector();
  TestStream stream(detector, 18);
  stream.templates = usual_templates();
  stream.run(700);
  const std::string good = detector.save();
  Detector other = quick_detector();
  for (std::size_t i = 0; i < good.size(); i += 97) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x40);
    const auto restored = other.restore(bad);
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, ErrorCode::kBadInput);
  }
  for (std::size_t length = 0; length < good.size(); length += 211)
    EXPECT_FALSE(other.restore(good.substr(0, length)));
  EXPECT_EQ(other.lines(), 0U);
  EXPECT_TRUE(other.restore(good));
}

TEST(Detector, KeepsLabelsByNameUnderAnotherModel) {
  Detector detector = quick_detector();
  TestStream stream(detector, 19);
  stream.templates = usual_templates();
  stream.run(1200);
  Detector other(quick_options(), {"Added", "Error", "Notice", "Security Alert"}, {});
  ASSERT_TRUE(other.restore(detector.save()));
  TestStream after(other, 20);
  after.templates = usual_templates();
  for (TestTemplate& some : after.templates) some.label = some.label == 0 ? 2 : 1;
  after.run(4 * 3600);
  EXPECT_TRUE(after.events.empty()) << all_json(after.events);
}

}  // namespace
}  // namespace logsieve
