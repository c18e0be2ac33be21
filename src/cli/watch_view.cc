#include "cli/watch_view.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "cli/console.h"

namespace logsieve {
namespace {

constexpr std::size_t kShownLabels = 6;
constexpr std::size_t kShownAlerts = 12;

}  // namespace

void WatchView::count(Tier tier, std::string_view label) {
  ++by_tier_[static_cast<std::size_t>(tier)];
  ++lines_;
  const auto known = labels_.find(label);
  if (known == labels_.end())
    labels_.emplace(label, 1);
  else
    ++known->second;
}

void WatchView::take(std::span<const AnomalyEvent> events) {
  for (const AnomalyEvent& event : events) {
    if (event.kind == AnomalyKind::kNewTemplate) {
      new_templates_.push_front(event.template_text);
      if (new_templates_.size() > kNewTemplates) new_templates_.pop_back();
    }
    if (is_instant(event.kind)) continue;
    if (event.is_firing)
      open_[event.fingerprint] = {std::string(severity_name(event.severity)), event.what, event.since};
    else
      open_.erase(event.fingerprint);
  }
}

void WatchView::begin_with(std::span<const Alert> open) {
  for (const Alert& alert : open) open_[alert.fingerprint] = {alert.severity, alert.what, alert.since};
}

std::string WatchView::render(double seconds, TimeMs record_time, std::size_t columns, std::size_t rows) {
  std::vector<std::string> screen;
  std::string rates;
  for (std::size_t i = 0; i < kTierCount; ++i) {
    const double rate = seconds > 0 ? static_cast<double>(by_tier_[i]) / seconds : 0;
    rates += fmt::format("  {} {:.0f}/s", tier_name(static_cast<Tier>(i)), rate);
    by_tier_[i] = 0;
  }
  screen.push_back(fmt::format("{} lines{}{}", lines_, record_time == kNoTime ? "" : "  at ",
                               record_time == kNoTime ? "" : format_time(record_time)));
  screen.push_back("by tier " + rates);
  std::vector<std::pair<std::uint64_t, std::string>> mix;
  for (const auto& [label, lines] : labels_) mix.emplace_back(lines, label);
  std::stable_sort(mix.begin(), mix.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string labels;
  for (std::size_t i = 0; i < std::min(mix.size(), kShownLabels); ++i)
    labels += fmt::format("  {} {:.1f} %", mix[i].second,
                          100.0 * static_cast<double>(mix[i].first) / static_cast<double>(lines_));
  screen.push_back("by label" + labels);
  screen.emplace_back();
  screen.push_back(fmt::format("open alerts: {}", open_.size()));
  std::size_t shown = 0;
  for (const auto& [fingerprint, alert] : open_) {
    if (++shown > kShownAlerts) break;
    screen.push_back(fmt::format("  {:8} since {}  {}", alert.severity,
                                 alert.since == kNoTime ? "-" : format_time(alert.since), alert.what));
  }
  screen.emplace_back();
  screen.emplace_back("new templates:");
  for (const std::string& text : new_templates_) screen.push_back("  " + text);
  std::string out;
  for (std::size_t i = 0; i < std::min(rows, screen.size()); ++i) out += fit(screen[i], columns) + '\n';
  return out;
}

}  // namespace logsieve
