#include "anomaly/anomaly_event.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/utf8.h"

namespace logsieve {
namespace {

constexpr std::array<std::string_view, kAnomalyKinds> kKindNames = {
    "new_template", "gone", "burst", "dip", "novel", "rare", "value", "sequence", "risk"};

double rounded(double value) {
  return std::round(value * 100) / 100;
}

nlohmann::ordered_json texts(const std::vector<std::string>& some) {
  auto list = nlohmann::ordered_json::array();
  for (const std::string& text : some) list.push_back(to_valid_utf8(text));
  return list;
}

}  // namespace

std::string_view anomaly_kind_name(AnomalyKind kind) {
  return kKindNames[static_cast<std::size_t>(kind)];
}

std::size_t anomaly_kind_index(std::string_view name) {
  return static_cast<std::size_t>(std::find(kKindNames.begin(), kKindNames.end(), name) - kKindNames.begin());
}

std::string_view severity_name(Severity severity) {
  constexpr std::array<std::string_view, 3> kNames = {"info", "warning", "critical"};
  return kNames[static_cast<std::size_t>(severity)];
}

void append_event_json(const AnomalyEvent& event, std::string& out) {
  nlohmann::ordered_json line = {
      {"line", event.line},
      {"kind", anomaly_kind_name(event.kind)},
      {"state", event.is_firing ? "firing" : "resolved"},
      {"time", event.time == kNoTime ? nlohmann::ordered_json(nullptr)
                                     : nlohmann::ordered_json(format_time(event.time))},
      {"since", event.since == kNoTime ? nlohmann::ordered_json(nullptr)
                                       : nlohmann::ordered_json(format_time(event.since))},
      {"severity", severity_name(event.severity)},
      {"what", to_valid_utf8(event.what)},
      {"expected", rounded(event.expected)},
      {"seen", rounded(event.seen)},
      {"window_s", rounded(event.window_s)},
      {"fingerprint", event.fingerprint},
      {"subject", event.subject},
      {"label", to_valid_utf8(event.label)},
      {"template", to_valid_utf8(event.template_text)},
      {"source", to_valid_utf8(event.source)},
      {"examples", texts(event.examples)}};
  if (event.novelty >= 0) line["novelty"] = rounded(event.novelty);
  auto sources = nlohmann::ordered_json::array();
  for (const Contributor& source : event.sources)
    if (!source.name.empty())  // records that name no source
      sources.push_back({{"source", to_valid_utf8(source.name)}, {"lines", rounded(source.lines)}});
  line["sources"] = std::move(sources);
  line["related"] = texts(event.related);
  out += line.dump();
  out += '\n';
}

std::string fingerprint_of(AnomalyKind kind, std::string_view subject, std::string_view name) {
  std::string text(anomaly_kind_name(kind));
  text.append(1, '\0').append(subject).append(1, '\0').append(name);
  return fmt::format("{:016x}", xxh3_128(text).low);
}

}  // namespace logsieve
