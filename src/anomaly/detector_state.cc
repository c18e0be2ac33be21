// The detector's state as bytes: docs/formats/detector_state.md has the grammar.
#include <algorithm>
#include <utility>

#include "anomaly/detector.h"
#include "anomaly/state_archive.h"
#include "base/hash.h"

namespace logsieve {
namespace {

constexpr std::string_view kMagic = "LSDETEC2";
constexpr std::size_t kMaxText = std::size_t{1} << 20U;
constexpr TimeMs kLatestTime = 300 * 366 * kDayMs;

template <typename Archive, typename Numbers>
void visit_numbers(Archive& archive, Numbers& numbers) {
  for (auto& number : numbers) archive.value(number);
}

template <typename Archive>
void visit(Archive& archive, RateSeries& series) {
  archive.value(series.id);
  archive.value(series.kind);
  archive.value(series.open);
  archive.value(series.is_subject);
  archive.value(series.was_candidate);
  archive.value(series.label);
  archive.value(series.source);
  archive.value(series.incident);
  archive.value(series.current);
  archive.value(series.valid);
  archive.value(series.active);
  visit_numbers(archive, series.ring);
  archive.value(series.events);
  archive.value(series.exposure_s);
  visit_numbers(archive, series.spread);
  visit_numbers(archive, series.mean);
  visit_numbers(archive, series.samples);
  visit_numbers(archive, series.peak);
  visit_numbers(archive, series.recent_peak);
  visit_numbers(archive, series.last_peak);
  archive.value(series.gap_mean);
  archive.value(series.gap_m2);
  archive.value(series.gaps);
  archive.value(series.longest_gap);
  archive.value(series.silent);
  archive.value(series.first_seen);
  archive.value(series.last_seen);
  archive.value(series.since);
  archive.value(series.opened);
  if (series.kind > SeriesKind::kSource || series.open > Deviation::kGone || series.events < 0 ||
      series.exposure_s < 0)
    archive.fail();
}

template <typename Archive>
void visit(Archive& archive, ValueRange& range) {
  for (auto* const extremes : {&range.high, &range.low})
    for (ValueRange::Extreme& some : *extremes) {
      archive.value(some.value);
      archive.value(some.count);
    }
  archive.value(range.count);
  archive.value(range.high_records);
  archive.value(range.low_records);
  archive.value(range.is_whole);
  archive.value(range.was_negative);
}

template <typename Archive>
void visit(Archive& archive, SessionMonitor::Pattern& pattern) {
  archive.value(pattern.hash);
  archive.value(pattern.is_repeated);
}

// For both directions; Item is the element, `visit_item` describes one.
template <typename Archive, typename Item, typename VisitItem>
void visit_list(Archive& archive, std::vector<Item>& items, std::size_t least_bytes, VisitItem visit_item) {
  const std::uint64_t count = archive.count(items.size(), least_bytes);
  if constexpr (Archive::kReads) items.assign(count, Item{});
  for (Item& item : items) visit_item(archive, item);
}

}  // namespace

// Everything that is kept, in the order of the file.
class DetectorState {
 public:
  std::vector<std::string> labels;
  RateDetector::State rates;
  std::vector<Detector::TemplateInfo> templates;
  std::vector<std::uint64_t> known;
  std::vector<std::string> sources;
  std::vector<Detector::Suspect> suspects;
  std::vector<std::pair<std::uint64_t, Detector::OpenRisk>> risks;
  SessionMonitor::State sessions;
  std::uint64_t lines = 0;
  std::uint64_t line = 0;
  std::uint64_t late_lines = 0;
  TimeMs first_time = kNoTime;
  TimeMs now = kNoTime;  // kNoTime: records state none

  template <typename Archive>
  void visit_all(Archive& archive) {
    const auto visit_text = [](Archive& with, std::string& text) { with.text(text, kMaxText); };
    visit_list(archive, labels, 8, visit_text);
    archive.value(lines);
    archive.value(line);
    archive.value(late_lines);
    archive.value(first_time);
    archive.value(now);
    archive.value(rates.bucket_end);
    archive.value(rates.bucket);
    archive.value(rates.next_incident);
    visit_list(archive, rates.series, 300, [](Archive& with, RateSeries& series) { visit(with, series); });
    visit_seasons(archive);
    visit_list(archive, templates, 56, [](Archive& with, Detector::TemplateInfo& info) {
      with.text(info.form, kMaxText);
      for (std::string& example : info.examples) with.text(example, kMaxText);
      visit_numbers(with, info.top_source);
      visit_numbers(with, info.top_count);
      with.value(info.line);
      visit_list(with, info.values, 300, [](Archive& in, Detector::WatchedValue& watched) {
        visit(in, watched.range);
        in.value(watched.is_open);
        in.value(watched.outside);
        in.value(watched.since);
        in.value(watched.last);
        in.value(watched.finding.is_above);
        in.value(watched.finding.nats);
        in.value(watched.finding.bound);
      });
    });
    visit_list(archive, known, 8, [](Archive& with, std::uint64_t& hash) { with.value(hash); });
    visit_list(archive, sources, 8, visit_text);
    visit_list(archive, suspects, 40, [](Archive& with, Detector::Suspect& suspect) {
      with.value(suspect.series);
      with.value(suspect.id);
      with.value(suspect.line);
      with.value(suspect.time);
      with.value(suspect.at_line);
      with.value(suspect.similarity);
    });
    visit_list(archive, risks, 32, [](Archive& with, std::pair<std::uint64_t, Detector::OpenRisk>& risk) {
      with.value(risk.first);
      with.value(risk.second.last);
      with.value(risk.second.since);
      with.value(risk.second.last_line);
    });
    visit_list(archive, sessions.sessions, 49, [](Archive& with, SessionMonitor::Session& session) {
      with.text(session.key, kMaxText);
      with.value(session.last_form);
      with.value(session.last_line);
      with.value(session.last_time);
      with.value(session.combination);
      with.value(session.is_told);
      visit_list(with, session.forms, 8, [](Archive& in, std::uint64_t& form) { in.value(form); });
    });
    const auto visit_pattern = [](Archive& with, SessionMonitor::Pattern& pattern) { visit(with, pattern); };
    visit_list(archive, sessions.pairs, 9, visit_pattern);
    visit_list(archive, sessions.combinations, 9, visit_pattern);
    archive.value(sessions.pairs_seen);
    archive.value(sessions.sessions_seen);
    archive.value(sessions.lines_of_ended);
  }

  template <typename Archive>
  void visit_seasons(Archive& archive) {
    std::vector<std::pair<std::uint32_t, RateDetector::Season>> list(rates.seasons.begin(),
                                                                     rates.seasons.end());
    visit_list(archive, list, 2000, [](Archive& with, std::pair<std::uint32_t, RateDetector::Season>& item) {
      with.value(item.first);
      for (auto& weeks : item.second.habit.lines) visit_numbers(with, weeks);
      visit_numbers(with, item.second.habit.weeks);
      with.value(item.second.lines);
      with.value(item.second.is_whole);
      with.value(item.second.is_known);
    });
    if constexpr (Archive::kReads) rates.seasons = {list.begin(), list.end()};
  }

  bool is_consistent() const;
  // Labels by name: another model may have others. Series and risks of labels that are gone are dropped.
  void rename_labels(const std::vector<std::string>& now_known);
};

bool DetectorState::is_consistent() const {
  const auto is_time = [](TimeMs time) { return time == kNoTime || (time >= 0 && time < kLatestTime); };
  if (!is_time(now) || !is_time(first_time) || rates.bucket_end < 0 || rates.bucket_end >= kLatestTime)
    return false;
  if (now != kNoTime && rates.bucket_end == 0) return false;
  for (const RateSeries& series : rates.series)
    if (!is_time(series.first_seen) || !is_time(series.last_seen) || !is_time(series.since) ||
        !is_time(series.opened))
      return false;
  for (const auto& [series, season] : rates.seasons) {
    if (series >= rates.series.size() || season.lines < 0) return false;
    for (std::size_t hour = 0; hour < HourOfWeek::kHours; ++hour)
      if (season.habit.weeks[hour] > HourOfWeek::kWeeks ||
          *std::min_element(season.habit.lines[hour].begin(), season.habit.lines[hour].end()) < 0)
        return false;
  }
  for (const Detector::TemplateInfo& info : templates)
    for (const Detector::WatchedValue& watched : info.values)
      if (!is_time(watched.since) || !is_time(watched.last)) return false;
  for (const SessionMonitor::Session& session : sessions.sessions)
    if (!is_time(session.last_time) || session.forms.size() > SessionMonitor::kMostForms) return false;
  const auto is_series = [&](const Detector::Suspect& suspect) {
    return suspect.series < rates.series.size();
  };
  return templates.size() == rates.series.size() && std::all_of(suspects.begin(), suspects.end(), is_series);
}

void DetectorState::rename_labels(const std::vector<std::string>& now_known) {
  std::vector<std::uint32_t> renamed;
  for (const std::string& label : labels) {
    const auto found = std::find(now_known.begin(), now_known.end(), label);
    renamed.push_back(static_cast<std::uint32_t>(found - now_known.begin()));
  }
  const auto none = static_cast<std::uint32_t>(now_known.size());
  const auto of = [&](std::uint64_t label) { return label < renamed.size() ? renamed[label] : none; };
  for (RateSeries& series : rates.series) {
    series.label = of(series.label);
    if (series.kind != SeriesKind::kLabel || series.id == RateDetector::kOverflow) continue;
    const bool is_gone = series.id < renamed.size() && renamed[series.id] == none;
    series.id = of(series.id);
    if (!is_gone) continue;
    series = RateSeries{};
    series.id = RateDetector::kOverflow;
  }
  std::vector<std::pair<std::uint64_t, Detector::OpenRisk>> kept;
  for (const auto& [key, risk] : risks)
    if (const std::uint32_t label = of(key >> 32U); label != none)
      kept.emplace_back(std::uint64_t{label} << 32U | (key & 0xFFFFFFFFU), risk);
  risks = std::move(kept);
}

std::string Detector::save() const {
  DetectorState state;
  state.labels = labels_;
  state.rates = rates_.state();
  state.templates = templates_;
  state.templates.resize(state.rates.series.size());
  state.known.assign(known_.begin(), known_.end());
  std::sort(state.known.begin(), state.known.end());
  state.sources = sources_;
  state.suspects.assign(suspects_.begin(), suspects_.end());
  state.risks.assign(risks_.begin(), risks_.end());
  state.sessions = sessions_.state();
  state.lines = lines_;
  state.line = line_;
  state.late_lines = late_lines_;
  state.first_time = first_time_;
  state.now = clock_.has_time() ? clock_.now() : kNoTime;
  StateWriter writer;
  state.visit_all(writer);
  std::string bytes = std::string(kMagic) + writer.take();
  std::uint64_t check = xxh3_128(bytes).low;
  StateWriter trailer;
  trailer.value(check);
  return bytes + trailer.take();
}

Result<void> Detector::restore(std::string_view bytes) {
  const auto refused = [](const char* why) {
    return Error{ErrorCode::kBadInput, std::string("not a detector state of this version: ") + why};
  };
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + sizeof(std::uint64_t))
    return refused("it does not begin like one");
  const std::string_view checked = bytes.substr(0, bytes.size() - sizeof(std::uint64_t));
  StateReader trailer(bytes.substr(checked.size()));
  std::uint64_t check = 0;
  trailer.value(check);
  if (check != xxh3_128(checked).low) return refused("its checksum is wrong");
  StateReader reader(checked.substr(kMagic.size()));
  DetectorState state;
  state.visit_all(reader);
  if (!reader.is_good() || !reader.is_at_end() || !state.is_consistent()) return refused("it is damaged");
  state.rename_labels(labels_);

  rates_.restore(std::move(state.rates));
  templates_ = std::move(state.templates);
  known_ = {state.known.begin(), state.known.end()};
  sources_ = std::move(state.sources);
  source_index_.clear();
  source_series_.clear();
  for (std::uint32_t i = 0; i < sources_.size(); ++i) {
    source_index_.emplace(sources_[i], i);
    source_series_.push_back(rates_.find(SeriesKind::kSource, i));
  }
  for (std::uint32_t i = 0; i < label_series_.size(); ++i)
    label_series_[i] = rates_.find(SeriesKind::kLabel, i);
  suspects_ = {state.suspects.begin(), state.suspects.end()};
  risks_ = {state.risks.begin(), state.risks.end()};
  open_values_.clear();
  for (std::uint32_t series = 0; series < templates_.size(); ++series)
    for (std::size_t place = 0; place < templates_[series].values.size(); ++place)
      if (templates_[series].values[place].is_open) open_values_.emplace(series, place);
  sessions_.restore(std::move(state.sessions));
  lines_ = state.lines;
  line_ = state.line;
  late_lines_ = state.late_lines;
  first_time_ = state.first_time;
  clock_ = {};
  if (state.now != kNoTime) clock_.restore(state.now);
  restored_until_ = state.now;
  return ok();
}

}  // namespace logsieve
