#include "training/evaluate/splits.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "anomaly/timestamp.h"
#include "training/evaluate/families.h"
#include "training/fit/folds.h"

namespace logsieve {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"form", "family", "line", "source", "time"};

// Deals whole groups of lines; a group's label is that of most of its lines.
std::vector<std::size_t> deal_groups(const LabelledData& data, const std::vector<std::size_t>& group_of_line,
                                     std::size_t folds, std::uint64_t seed) {
  const std::size_t groups =
      group_of_line.empty() ? 0 : 1 + *std::max_element(group_of_line.begin(), group_of_line.end());
  std::vector<std::map<LabelId, std::size_t>> votes(groups);
  std::vector<std::size_t> lines(groups);
  for (std::size_t i = 0; i < group_of_line.size(); ++i) {
    ++votes[group_of_line[i]][data.lines[i].label];
    ++lines[group_of_line[i]];
  }
  std::vector<LabelId> labels;
  for (const auto& vote : votes)
    labels.push_back(std::max_element(vote.begin(), vote.end(), [](const auto& a, const auto& b) {
                       return a.second < b.second;
                     })->first);
  const std::vector<std::size_t> fold_of = form_folds(labels, lines, folds, seed);
  std::vector<std::size_t> out;
  out.reserve(group_of_line.size());
  for (const std::size_t group : group_of_line) out.push_back(fold_of[group]);
  return out;
}

std::vector<std::size_t> groups_of_lines(const LabelledData& data, SplitBy by) {
  std::vector<std::size_t> groups(data.lines.size());
  std::iota(groups.begin(), groups.end(), std::size_t{0});
  if (by == SplitBy::kLine) return groups;
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = data.lines[i].form;
  if (by == SplitBy::kForm) return groups;
  const std::vector<std::size_t> family = families_of_forms(data);
  for (std::size_t& group : groups) group = family[group];
  return groups;
}

// The largest sources first, each to the emptiest part.
std::vector<std::size_t> parts_by_source(const LabelledData& data) {
  std::map<std::string_view, std::size_t> lines;
  for (const LabelledLine& line : data.lines) ++lines[line.source];
  std::vector<std::pair<std::string_view, std::size_t>> sources(lines.begin(), lines.end());
  std::stable_sort(sources.begin(), sources.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::size_t> load(std::min(sources.size(), kMostSourceParts), 0);
  std::map<std::string_view, std::size_t> part_of;
  for (const auto& [source, count] : sources) {
    const auto emptiest = std::min_element(load.begin(), load.end());
    part_of[source] = static_cast<std::size_t>(emptiest - load.begin());
    *emptiest += count;
  }
  std::vector<std::size_t> out;
  for (const LabelledLine& line : data.lines) out.push_back(part_of[line.source]);
  return out;
}

Result<std::vector<std::size_t>> parts_by_time(const LabelledData& data, std::size_t parts) {
  std::vector<std::pair<TimeMs, std::size_t>> timed;
  for (std::size_t i = 0; i < data.lines.size(); ++i)
    if (const auto found = parse_timestamp(data.lines[i].timestamp, 0, 0)) timed.emplace_back(found->time, i);
  if (timed.empty())
    return Error{ErrorCode::kBadInput, "no line has a time that can be read, so none is later than another"}
        .with_help(
            "give the data a column `timestamp`, or split it by something else (`evaluate --protocol`)");
  std::sort(timed.begin(), timed.end());
  std::vector<std::size_t> out(data.lines.size(), Split::kNoPart);
  std::size_t part = 0;
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < timed.size(); ++i) {
    // A new part begins where its share of the lines does, but never between equal times.
    if (i > 0 && timed[i].first != timed[i - 1].first && i * parts / timed.size() > wanted) {
      ++part;
      wanted = i * parts / timed.size();
    }
    out[timed[i].second] = part;
  }
  return out;
}

}  // namespace

std::string_view split_name(SplitBy by) {
  return kNames[static_cast<std::size_t>(by)];
}

std::optional<SplitBy> split_from(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<SplitBy>(found - kNames.begin());
}

bool depends_on_seed(SplitBy by) {
  return by != SplitBy::kSource && by != SplitBy::kTime;
}

std::vector<std::size_t> families_of_forms(const LabelledData& data) {
  std::vector<std::string_view> texts;
  for (const LabelledForm& form : data.forms) texts.push_back(form.text);
  return near_duplicate_families(texts);
}

Result<Split> split_lines(const LabelledData& data, SplitBy by, std::size_t folds, std::uint64_t seed) {
  Split split;
  split.is_by_time = by == SplitBy::kTime;
  if (split.is_by_time) {
    auto parts = parts_by_time(data, folds + 1);
    if (!parts) return std::move(parts).error();
    split.part_of_line = std::move(*parts);
  } else if (by == SplitBy::kSource) {
    split.part_of_line = parts_by_source(data);
  } else {
    split.part_of_line = deal_groups(data, groups_of_lines(data, by), folds, seed);
  }
  for (const std::size_t part : split.part_of_line)
    if (part != Split::kNoPart) split.parts = std::max(split.parts, part + 1);
  if (split.parts < 2)
    return Error{ErrorCode::kBadInput, "this data cannot be split: it has one " + std::string(split_name(by))}
        .with_help("give more data, or split it by something else (`evaluate --protocol`)");
  return split;
}

}  // namespace logsieve
