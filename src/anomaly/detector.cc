#include "anomaly/detector.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "anomaly/form_shape.h"
#include "base/hash.h"
#include "record/label_set.h"

namespace logsieve {
namespace {

constexpr std::size_t kShownBytes = 120;        // of a template in a sentence
constexpr float kFarSimilarity = 0.5F;          // a new template farther than this is a warning
constexpr std::uint64_t kLongWarmup = 100'000;  // lines after which warming up is over whatever the time
constexpr std::uint64_t kShapeSeed = 1;         // so that no shape has the id of a form
constexpr float kUnknown = 2.0F;                // no cosine
constexpr std::uint64_t kFadeBuckets = 6;       // after so many the counts by source are halved
constexpr std::string_view kOtherSources = "(other sources)";

std::string_view cut(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return text.substr(0, bytes);
}

std::string shown(std::string_view text) {
  return text.size() <= kShownBytes ? std::string(text) : std::string(cut(text, kShownBytes)) + "…";
}

std::string_view subject_word(SeriesKind kind) {
  return kind == SeriesKind::kLabel ? "label" : kind == SeriesKind::kSource ? "source" : "template";
}

AnomalyKind kind_of(Deviation deviation) {
  return deviation == Deviation::kBurst ? AnomalyKind::kBurst
         : deviation == Deviation::kDip ? AnomalyKind::kDip
                                        : AnomalyKind::kGone;
}

std::string duration(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", seconds);
  if (seconds < 7200) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

std::string rate_sentence(const RateChange& change, std::string_view subject, std::string_view name) {
  const RateFinding& finding = change.finding;
  const std::string counts = fmt::format("{:.0f} lines in {}, {:.1f} expected", finding.seen,
                                         duration(finding.window_s), finding.expected);
  if (change.is_resolved)
    return fmt::format("{} of {} \"{}\" is over: {}", anomaly_kind_name(kind_of(finding.kind)), subject,
                       shown(name), counts);
  switch (finding.kind) {
    case Deviation::kBurst:
      return fmt::format("burst of {} \"{}\": {}", subject, shown(name), counts);
    case Deviation::kDip:
      return fmt::format("{} \"{}\" has fallen: {}", subject, shown(name), counts);
    default:
      return fmt::format("{} \"{}\" has stopped: {}", subject, shown(name), counts);
  }
}

}  // namespace

Detector::Detector(DetectorOptions options, std::vector<std::string> labels, Nearness nearness,
                   MakesTemplate makes_template)
    : options_(std::move(options)),
      labels_(std::move(labels)),
      nearness_(std::move(nearness)),
      makes_template_(std::move(makes_template)),
      rates_(options_.rates, options_.max_templates),
      sessions_(options_.sessions) {
  for (const std::string& label : labels_)
    is_risk_.push_back(std::find(options_.risk_labels.begin(), options_.risk_labels.end(), label) !=
                       options_.risk_labels.end());
  label_series_.assign(labels_.size() + 1, RateDetector::kNoSeries);
}

bool Detector::is_warm() const {
  if (lines_ < options_.warmup_lines) return false;
  // Whatever the records say of time: a clock that stands still must not keep everybody silent.
  if (!is_time_known() || lines_ >= options_.warmup_lines + kLongWarmup) return true;
  return first_time_ != kNoTime && clock_.now() - first_time_ >= options_.warmup_ms;
}

void Detector::observe(const Observation& record, std::vector<AnomalyEvent>& events) {
  ++lines_;
  line_ = record.line;
  move_time(record, events);
  const std::uint32_t source = source_index(record.source);
  const std::size_t before = rates_.size();
  const std::uint32_t series = rates_.series_of(SeriesKind::kTemplate, record.form_hash);
  if (rates_.size() != before) templates_.resize(rates_.size());
  const bool is_new = rates_.series(series).active == 0 && rates_.series(series).current == 0;
  if (is_new)
    report_new(record, series, source, events);
  else
    report_rare(record, series, events);
  if (!suspects_.empty()) {
    std::erase_if(suspects_, [&](const Suspect& suspect) {
      return suspect.id == record.form_hash && suspect.at_line != lines_;
    });
    judge_suspects(false, events);
  }
  if (is_risk_label(record.label)) watch_risk(record, source, events);
  // What came before the restart was learned then.
  if (!record.time || *record.time > restored_until_) {
    if (!record.numbers.empty()) watch_values(record, series, events);
    if (!record.session.empty()) watch_session(record, is_new, events);
  }
  count(record, series, source);
}

void Detector::move_time(const Observation& record, std::vector<AnomalyEvent>& events) {
  if (!record.time) return;
  const TimeMs now = clock_.advance(record.time);
  if (first_time_ == kNoTime) first_time_ = now;
  if (!rates_.is_started()) rates_.start(now);
  if (rates_.is_ahead_of(now)) rates_.restart(now, changes_);
  close_due_buckets(now, events);
}

void Detector::close_due_buckets(TimeMs now, std::vector<AnomalyEvent>& events) {
  if (!rates_.is_due(now) && changes_.empty()) return;
  rates_.advance(now, changes_);
  for (const RateChange& change : changes_) events.push_back(rate_event(change));
  changes_.clear();
  judge_suspects(false, events);
  close_quiet_risks(events);
  close_quiet_values(events);
  sessions_.end_idle(now, session_findings_);
  report_sessions({}, events);
  if (rates_.bucket() % kFadeBuckets == 0)
    for (TemplateInfo& info : templates_)
      for (std::uint32_t& lines : info.top_count) lines /= 2;
}

void Detector::advance(TimeMs now, std::vector<AnomalyEvent>& events) {
  if (!is_time_known() || now <= clock_.now()) return;
  clock_.restore(now);
  close_due_buckets(now, events);
}

void Detector::for_each_form(const std::function<void(std::string_view form)>& visit) const {
  for (std::uint32_t i = 0; i < templates_.size(); ++i) {
    const std::string& form = templates_[i].form;
    const bool is_shape = xxh3_128(form, kShapeSeed).low == rates_.series(i).id;
    if (!form.empty() && !is_shape) visit(form);
  }
}

void Detector::finish(std::vector<AnomalyEvent>& events) {
  judge_suspects(true, events);
}

// A record whose form is not its own shape counts for both, so that an event is seen to change although each of its
// forms is seldom. Where both change it is one incident.
void Detector::count_shape(const Observation& record, std::uint32_t series, std::uint32_t label,
                           std::uint32_t source) {
  const bool is_shared = rates_.series(series).id == RateDetector::kOverflow;
  TemplateInfo& info = templates_[series];
  if (is_shared || !info.is_shape_known) {
    shape_of(record.form, shape_);
    info.is_shape_known = true;
    info.shape_id = shape_ == record.form ? 0 : xxh3_128(shape_, kShapeSeed).low;
    info.shape_series = RateDetector::kNoSeries;
  }
  if (info.shape_id == 0) return;
  std::uint32_t shape = info.shape_series;
  // It may have been forgotten meanwhile, and another have its place.
  if (shape == RateDetector::kNoSeries || rates_.series(shape).id != info.shape_id) {
    shape = info.shape_series = rates_.series_of(SeriesKind::kTemplate, info.shape_id);
    if (templates_.size() < rates_.size()) templates_.resize(rates_.size());
    TemplateInfo& fresh = templates_[shape];
    const RateSeries& known = rates_.series(shape);
    if (known.id != RateDetector::kOverflow && known.active == 0 && known.current == 0) {
      shape_of(record.form, shape_);
      fresh = TemplateInfo{};
      fresh.form.assign(cut(shape_, options_.example_bytes));
    }
    fresh.is_shape_known = true;
  }
  if (rates_.series(shape).id == RateDetector::kOverflow) return;
  if (rates_.series(shape).current == 0) keep_example(templates_[shape], record);
  rates_.count(shape, label, source);
}

void Detector::count(const Observation& record, std::uint32_t series, std::uint32_t source) {
  TemplateInfo& info = templates_[series];
  if (rates_.series(series).current == 0) keep_example(info, record);
  // A record of long ago, or from before the restart, says nothing about the rate of now.
  if (record.time && (*record.time < clock_.now() - options_.late_ms || *record.time <= restored_until_)) {
    ++late_lines_;
    if (rates_.series(series).active > 0) return;
  }
  const std::uint32_t label = std::min(record.label, static_cast<std::uint32_t>(labels_.size()));
  std::uint32_t& label_series = label_series_[label];
  if (label_series == RateDetector::kNoSeries) label_series = rates_.series_of(SeriesKind::kLabel, label);
  std::uint32_t& source_series = source_series_[source];
  if (source_series == RateDetector::kNoSeries) source_series = rates_.series_of(SeriesKind::kSource, source);
  if (templates_.size() < rates_.size()) templates_.resize(rates_.size());
  rates_.count(series, label, source);
  count_shape(record, series, label, source);
  rates_.count(label_series, label, source);
  rates_.count(source_series, label, source);
  TemplateInfo& counted = templates_[series];
  if (counted.top_source[0] == source || counted.top_count[0] == 0) {
    counted.top_source[0] = source;
    ++counted.top_count[0];
    return;
  }
  // Space-saving (Metwally et al. 2005) with three places, the first one the usual.
  const std::size_t place =
      counted.top_source[1] == source || counted.top_count[1] <= counted.top_count[2] ? 1 : 2;
  counted.top_source[place] = source;
  ++counted.top_count[place];
  if (counted.top_count[place] > counted.top_count[0]) {
    std::swap(counted.top_count[0], counted.top_count[place]);
    std::swap(counted.top_source[0], counted.top_source[place]);
  }
}

void Detector::keep_example(TemplateInfo& info, const Observation& record) const {
  std::swap(info.examples[0], info.examples[1]);
  info.examples[0].assign(cut(record.message, options_.example_bytes));
  info.line = record.line;
}

void Detector::report_new(const Observation& record, std::uint32_t series, std::uint32_t source,
                          std::vector<AnomalyEvent>& events) {
  TemplateInfo& info = templates_[series];
  info = TemplateInfo{};
  info.form.assign(cut(record.form, options_.example_bytes));
  const bool was_known = known_.contains(record.form_hash);
  if (known_.size() < options_.max_known) known_.insert(record.form_hash);
  if (was_known) return;
  const bool is_new = !makes_template_ || makes_template_(record.form);
  if (!is_new || !is_warm()) return;
  AnomalyEvent event;
  event.kind = AnomalyKind::kNewTemplate;
  event.line = record.line;
  event.time = event.since = is_time_known() ? clock_.now() : kNoTime;
  event.subject = "template";
  event.label = label_name(record.label);
  event.template_text = info.form;
  event.source = source_name(source);
  event.seen = 1;
  event.examples.emplace_back(cut(record.message, options_.example_bytes));
  event.fingerprint = fingerprint_of(event.kind, event.subject, record.form);
  const float similarity = (nearness_ ? nearness_(record.form) : std::nullopt).value_or(kUnknown);
  if (similarity != kUnknown) event.novelty = 1.0 - similarity;
  const bool is_far = similarity < kFarSimilarity;
  event.severity = severity_of(record.label, is_far ? Severity::kWarning : Severity::kInfo);
  event.what = fmt::format("new template \"{}\", first seen at line {}{}", shown(info.form), record.line,
                           is_far ? ", far from all known ones in meaning" : "");
  events.push_back(std::move(event));
  if (similarity < options_.novel_similarity)
    suspects_.push_back({series, record.form_hash, record.line, is_time_known() ? clock_.now() : kNoTime,
                         lines_, similarity});
}

void Detector::judge_suspects(bool is_end, std::vector<AnomalyEvent>& events) {
  while (!suspects_.empty()) {
    const Suspect& suspect = suspects_.front();
    const bool is_due = suspect.time == kNoTime ? lines_ - suspect.at_line >= options_.alone_lines
                                                : clock_.now() - suspect.time >= options_.alone_ms;
    if (!is_due && !is_end) return;
    // A series that was forgotten meanwhile has another template now.
    if (rates_.series(suspect.series).id == suspect.id) {
      AnomalyEvent event = template_event(AnomalyKind::kNovel, suspect.series);
      event.line = suspect.line;
      event.since = suspect.time;
      // When it became sure, not when that was noticed: a replay notices at other records than the live run.
      if (is_due && suspect.time != kNoTime) event.time = suspect.time + options_.alone_ms;
      event.seen = 1;
      event.novelty = 1.0 - suspect.similarity;
      event.severity = std::max(event.severity, Severity::kWarning);
      event.what = fmt::format("a single line unlike all before: \"{}\"", shown(event.template_text));
      events.push_back(std::move(event));
    }
    suspects_.pop_front();
  }
}

void Detector::report_rare(const Observation& record, std::uint32_t series,
                           std::vector<AnomalyEvent>& events) {
  const RateSeries& known = rates_.series(series);
  if (known.current != 0 || known.id == RateDetector::kOverflow) return;
  const double silent_ms = static_cast<double>(known.silent) * kBucketMs;
  if (silent_ms < static_cast<double>(options_.rare_after_ms)) return;
  // Longer than twice any silence before, or it is its habit.
  if (known.gaps > 0 && known.silent <= 2 * known.longest_gap) return;
  if (known.open != Deviation::kNone || !is_warm()) return;
  AnomalyEvent event = template_event(AnomalyKind::kRare, series);
  event.line = record.line;
  event.seen = 1;
  event.window_s = silent_ms / kSecondMs;
  event.expected = known.rate() * event.window_s;
  event.examples.assign(1, std::string(cut(record.message, options_.example_bytes)));
  event.severity = severity_of(record.label, Severity::kInfo);
  event.what = fmt::format("template \"{}\" again, for the first time in {}", shown(event.template_text),
                           duration(event.window_s));
  events.push_back(std::move(event));
}

void Detector::watch_risk(const Observation& record, std::uint32_t source,
                          std::vector<AnomalyEvent>& events) {
  const std::uint64_t key = std::uint64_t{record.label} << 32U | source;
  const TimeMs now = is_time_known() ? clock_.now() : kNoTime;
  const auto [risk, is_new] = risks_.try_emplace(key);
  risk->second.last = now;
  risk->second.last_line = lines_;
  if (!is_new) return;
  risk->second.since = now;
  AnomalyEvent event;
  event.kind = AnomalyKind::kRisk;
  event.severity = Severity::kCritical;
  event.line = record.line;
  event.time = event.since = now;
  event.subject = "label";
  event.label = label_name(record.label);
  event.source = source_name(source);
  event.template_text = record.form;
  event.seen = 1;
  event.examples.emplace_back(cut(record.message, options_.example_bytes));
  event.fingerprint = fingerprint_of(event.kind, event.label, event.source);
  event.what = fmt::format("a record is labelled {}{}{}", event.label, event.source.empty() ? "" : ", from ",
                           event.source);
  events.push_back(std::move(event));
}

void Detector::close_quiet_risks(std::vector<AnomalyEvent>& events) {
  for (auto risk = risks_.begin(); risk != risks_.end();) {
    if (risk->second.last != kNoTime && clock_.now() - risk->second.last < options_.risk_quiet_ms) {
      ++risk;
      continue;
    }
    AnomalyEvent event;
    event.kind = AnomalyKind::kRisk;
    event.is_firing = false;
    event.severity = Severity::kCritical;
    event.line = line_;
    event.time = risk->second.last == kNoTime ? clock_.now() : risk->second.last + options_.risk_quiet_ms;
    event.since = risk->second.since;
    event.subject = "label";
    event.label = label_name(static_cast<std::uint32_t>(risk->first >> 32U));
    event.source = source_name(static_cast<std::uint32_t>(risk->first));
    event.fingerprint = fingerprint_of(event.kind, event.label, event.source);
    event.what = fmt::format("no {} for {}", event.label,
                             duration(static_cast<double>(options_.risk_quiet_ms) / kSecondMs));
    events.push_back(std::move(event));
    risk = risks_.erase(risk);
  }
}

void Detector::watch_values(const Observation& record, std::uint32_t series,
                            std::vector<AnomalyEvent>& events) {
  if (rates_.series(series).id == RateDetector::kOverflow) return;
  std::vector<WatchedValue>& values = templates_[series].values;
  if (values.size() < record.numbers.size()) values.resize(record.numbers.size());
  const TimeMs now = is_time_known() ? clock_.now() : kNoTime;
  for (std::size_t place = 0; place < record.numbers.size(); ++place) {
    const double value = record.numbers[place];
    if (!(std::abs(value) <= ValueRange::kMost)) continue;
    WatchedValue& watched = values[place];
    const ValueFinding finding = watched.range.examine(value);
    if (finding.nats < options_.value_nats || !is_warm()) {
      watched.range.learn(value);
      continue;
    }
    watched.last = now;
    if (watched.is_open) {
      if (++watched.outside > options_.value_baseline_after) watched.range.learn(value);
      continue;
    }
    watched.is_open = true;
    watched.outside = 1;
    watched.since = now;
    watched.finding = finding;
    open_values_.emplace(series, place);
    AnomalyEvent event = value_event(series, place);
    event.line = record.line;
    event.label = label_name(record.label);
    event.severity = severity_of(record.label, Severity::kWarning);
    event.seen = value;
    event.examples.assign(1, std::string(cut(record.message, options_.example_bytes)));
    event.what = fmt::format("number {} of template \"{}\" is {}, {} its range: it was {:.6g} to {:.6g}",
                             place + 1, shown(event.template_text), fmt::format("{:.6g}", value),
                             finding.is_above ? "above" : "below", watched.range.low.front().value,
                             watched.range.high.front().value);
    events.push_back(std::move(event));
  }
}

AnomalyEvent Detector::value_event(std::uint32_t series, std::size_t place) const {
  const WatchedValue& watched = templates_[series].values[place];
  AnomalyEvent event = template_event(AnomalyKind::kValue, series);
  event.since = watched.since;
  event.expected = watched.finding.bound;
  event.fingerprint = fingerprint_of(event.kind, fmt::format("number {}", place + 1), subject_name(series));
  return event;
}

void Detector::close_quiet_values(std::vector<AnomalyEvent>& events) {
  std::erase_if(open_values_, [&](const std::pair<std::uint32_t, std::size_t>& open) {
    const auto& [series, place] = open;
    // A series that was forgotten meanwhile has another template now.
    if (place >= templates_[series].values.size() || !templates_[series].values[place].is_open) return true;
    WatchedValue& watched = templates_[series].values[place];
    if (watched.last != kNoTime && clock_.now() - watched.last < options_.value_quiet_ms) return false;
    watched.is_open = false;
    AnomalyEvent event = value_event(series, place);
    event.is_firing = false;
    event.time = watched.last == kNoTime ? clock_.now() : watched.last + options_.value_quiet_ms;
    event.seen = watched.outside;
    event.what = fmt::format("number {} of template \"{}\" is in its range again", place + 1,
                             shown(event.template_text));
    events.push_back(std::move(event));
    return true;
  });
}

void Detector::watch_session(const Observation& record, bool is_new, std::vector<AnomalyEvent>& events) {
  const TimeMs now = is_time_known() ? clock_.now() : 0;
  sessions_.observe(record.session, record.form_hash, record.line, now, is_new || !is_warm(),
                    session_findings_);
  report_sessions(record.message, events);
}

// `message`: the one that a finding of an order is about.
void Detector::report_sessions(std::string_view message, std::vector<AnomalyEvent>& events) {
  for (const SessionFinding& finding : session_findings_) {
    const std::uint32_t series = rates_.find(SeriesKind::kTemplate, finding.form);
    if (series == RateDetector::kNoSeries || !is_warm()) continue;
    AnomalyEvent event = template_event(AnomalyKind::kSequence, series);
    event.line = finding.line;
    event.subject = "session";
    event.since = is_time_known() ? finding.time : kNoTime;
    event.seen = 1;
    const std::string session = shown(finding.session);
    if (finding.is_order) {
      const std::uint32_t before = rates_.find(SeriesKind::kTemplate, finding.before);
      const std::string name = before == RateDetector::kNoSeries ? "?" : templates_[before].form;
      event.fingerprint = fingerprint_of(event.kind, name, event.template_text);
      event.examples.assign(1, std::string(cut(message, options_.example_bytes)));
      event.related.push_back(name);
      event.what = fmt::format("session {}: \"{}\" right after \"{}\", the first time in {} steps", session,
                               shown(event.template_text), shown(name), finding.seen);
    } else {
      if (is_time_known()) event.time = std::min(clock_.now(), finding.time + options_.sessions.idle_ms);
      event.fingerprint = fingerprint_of(event.kind, event.subject, finding.session);
      event.what =
          fmt::format("session {} ended with a combination of templates that none of {} sessions had",
                      session, finding.seen);
    }
    events.push_back(std::move(event));
  }
  session_findings_.clear();
}

AnomalyEvent Detector::template_event(AnomalyKind kind, std::uint32_t series) const {
  const TemplateInfo& info = templates_[series];
  const RateSeries& counts = rates_.series(series);
  AnomalyEvent event;
  event.kind = kind;
  event.line = line_;
  event.time = event.since = is_time_known() ? clock_.now() : kNoTime;
  event.subject = "template";
  event.label = label_name(counts.label);
  event.template_text = info.form;
  event.source = source_name(counts.source);
  event.severity = severity_of(counts.label, Severity::kWarning);
  for (const std::string& example : info.examples)
    if (!example.empty()) event.examples.push_back(example);
  event.fingerprint = fingerprint_of(kind, event.subject, subject_name(series));
  return event;
}

AnomalyEvent Detector::rate_event(const RateChange& change) const {
  const RateSeries& series = rates_.series(change.series);
  AnomalyEvent event = template_event(kind_of(change.finding.kind), change.series);
  event.subject = subject_word(series.kind);
  const std::string name = subject_name(change.series);
  if (series.kind != SeriesKind::kTemplate) {
    event.template_text.clear();
    (series.kind == SeriesKind::kLabel ? event.source : event.label).clear();
  }
  event.fingerprint = fingerprint_of(event.kind, event.subject, name);
  event.is_firing = !change.is_resolved;
  event.time = change.at;
  event.since = change.since;
  event.expected = change.finding.expected;
  event.seen = change.finding.seen;
  event.window_s = change.finding.window_s;
  event.what = rate_sentence(change, event.subject, name);
  add_contributors(change.series, event);
  for (const std::uint32_t related : change.related) event.related.push_back(subject_name(related));
  return event;
}

void Detector::add_contributors(std::uint32_t series, AnomalyEvent& event) const {
  const TemplateInfo& info = templates_[series];
  if (rates_.series(series).kind != SeriesKind::kTemplate) return;
  for (std::size_t i = 0; i < info.top_source.size(); ++i)
    if (info.top_count[i] > 0)
      event.sources.push_back(
          {std::string(source_name(info.top_source[i])), static_cast<double>(info.top_count[i])});
  std::stable_sort(event.sources.begin(), event.sources.end(),
                   [](const Contributor& a, const Contributor& b) { return a.lines > b.lines; });
}

std::string Detector::subject_name(std::uint32_t series) const {
  const RateSeries& subject = rates_.series(series);
  if (subject.id == RateDetector::kOverflow) return "(all others)";
  if (subject.kind == SeriesKind::kLabel)
    return std::string(label_name(static_cast<std::uint32_t>(subject.id)));
  if (subject.kind == SeriesKind::kSource)
    return std::string(source_name(static_cast<std::uint32_t>(subject.id)));
  return templates_[series].form;
}

std::string_view Detector::label_name(std::uint32_t label) const {
  return label < labels_.size() ? std::string_view(labels_[label]) : kUnclassified;
}

std::string_view Detector::source_name(std::uint32_t source) const {
  return source < sources_.size() ? std::string_view(sources_[source]) : std::string_view();
}

Severity Detector::severity_of(std::uint32_t label, Severity otherwise) const {
  return is_risk_label(label) ? Severity::kCritical : otherwise;
}

std::uint32_t Detector::source_index(std::string_view source) {
  if (last_source_ < sources_.size() && sources_[last_source_] == source) return last_source_;
  auto known = source_index_.find(source);
  if (known == source_index_.end()) {
    if (sources_.size() >= options_.max_sources && source != kOtherSources)
      return source_index(kOtherSources);
    known = source_index_.emplace(source, static_cast<std::uint32_t>(sources_.size())).first;
    sources_.emplace_back(source);
    source_series_.push_back(RateDetector::kNoSeries);
  }
  return last_source_ = known->second;
}

}  // namespace logsieve
