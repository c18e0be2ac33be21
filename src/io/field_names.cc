#include "io/field_names.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace logsieve {
namespace {

constexpr std::array<std::string_view, 9> kMessageNames = {"log_message", "message", "msg",  "content", "log",
                                                           "text",        "body",    "line", "event"};
constexpr std::array<std::string_view, 12> kSourceNames = {
    "source",      "service", "service_name", "system", "app",  "app_name",
    "application", "program", "component",    "logger", "host", "hostname"};
constexpr std::array<std::string_view, 9> kTimeNames = {
    "timestamp", "@timestamp", "time", "ts", "datetime", "date_time", "date", "eventtime", "event_time"};
constexpr std::size_t kLongestName = 12;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == ' ' || c == '-' ? '_' : c;
}

std::size_t rank(std::string_view name, std::span<const std::string_view> names) {
  name = trimmed(name);
  if (name.size() > kLongestName) return kNoRank;
  std::array<char, kLongestName> buffer{};
  std::transform(name.begin(), name.end(), buffer.begin(), folded);
  const auto found = std::find(names.begin(), names.end(), std::string_view(buffer.data(), name.size()));
  return found == names.end() ? kNoRank : static_cast<std::size_t>(found - names.begin());
}

// Levenshtein distance without regard to ASCII case, one row of the table at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (folded(a[i - 1]) == folded(b[j - 1]) ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row[b.size()];
}

}  // namespace

std::size_t message_name_rank(std::string_view name) {
  return rank(name, kMessageNames);
}

std::size_t source_name_rank(std::string_view name) {
  return rank(name, kSourceNames);
}

std::size_t time_name_rank(std::string_view name) {
  return rank(name, kTimeNames);
}

std::string message_names() {
  std::string names;
  for (const std::string_view name : kMessageNames) names.append(names.empty() ? "" : ", ").append(name);
  return names;
}

std::string_view nearest_name(std::string_view wanted, std::span<const std::string> candidates) {
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > 2 * wanted.size() + 1)
      continue;  // a header that is no header may be of any length
    const std::size_t distance = edit_distance(wanted, candidate);
    if (distance >= least) continue;
    least = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace logsieve
