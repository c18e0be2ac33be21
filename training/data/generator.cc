#include "training/data/generator.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <string_view>

#include "training/data/value_parts.h"

namespace logsieve {
namespace {

constexpr std::int64_t kFirstMoment = 1735689600;  // 2025-01-01 00:00:00 UTC
constexpr std::int64_t kDataSetSeconds = std::int64_t{180} * 86400;
constexpr std::uint64_t kWeightUnit = 1'000'000;
constexpr std::uint64_t kWeightOffset =
    5;  // the most frequent of 6,000 templates then has about 3 % of the lines
constexpr std::uint64_t kRareDivisor = 20;
constexpr std::size_t kLeastRows = 2;
constexpr std::size_t kCasts = 3;  // sets of names that a template is seen with in a stream
constexpr int kRedraws = 8;  // a template of one small slot may repeat a value; one without slots always does

bool is_rare(const LogTemplate& log_template) {
  return log_template.complexity == "llm";
}

// Which alternative a choice takes: dealt in turn (`turn` counts the lines of this template), or at random; and
// where names (of users, hosts, services …) come from: `names` if it is given, else the same source as values.
struct ChoicePolicy {
  bool is_dealt = false;
  std::size_t turn = 0;
  Random* names = nullptr;
};

bool is_name(const SlotType& type) {
  constexpr std::array<std::string_view, 14> kNames = {"user",  "host",  "file",    "word",    "service",
                                                       "db",    "table", "iface",   "dev",     "thread",
                                                       "class", "ua",    "country", "currency"};
  return std::find(kNames.begin(), kNames.end(), type.name) != kNames.end();
}

void append_pieces(const std::vector<TemplatePiece>& pieces, const ChoicePolicy& policy, Random& random,
                   std::string& out) {
  for (const TemplatePiece& piece : pieces) {
    switch (piece.kind) {
      case TemplatePiece::Kind::kLiteral:
        out += piece.text;
        break;
      case TemplatePiece::Kind::kSlot:
        append_slot(piece.slot, policy.names != nullptr && is_name(*piece.slot.type) ? *policy.names : random,
                    out);
        break;
      case TemplatePiece::Kind::kChoice: {
        const std::size_t count = piece.alternatives.size();
        const std::size_t taken = policy.is_dealt ? policy.turn % count : random.below(count);
        append_pieces(piece.alternatives[taken], policy, random, out);
      }
    }
  }
}

// Sums of weights: template i has 1 / (place + offset), its place being random; with `is_stream`, to the power of
// 1.5, and rare templates too.
std::vector<std::uint64_t> running_weights(std::span<const LogTemplate> templates, bool is_stream,
                                           Random& random) {
  std::vector<std::uint64_t> places(templates.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  random.shuffle(places);
  std::vector<std::uint64_t> sums(templates.size());
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::uint64_t place = places[i] + kWeightOffset;
    const std::uint64_t weight =
        is_stream
            ? static_cast<std::uint64_t>(1000.0 * static_cast<double>(kWeightUnit) /
                                         (static_cast<double>(place) * std::sqrt(static_cast<double>(place))))
            : kWeightUnit / place;
    if (!is_rare(templates[i])) {
      sum += weight;
    } else if (is_stream) {
      sum += weight / kRareDivisor + 1;
    }
    sums[i] = sum;
  }
  return sums;
}

std::size_t draw(const std::vector<std::uint64_t>& sums, Random& random) {
  const auto taken = static_cast<std::uint64_t>(random.below(sums.back()));
  return static_cast<std::size_t>(std::upper_bound(sums.begin(), sums.end(), taken) - sums.begin());
}

void write_timestamp(std::int64_t unix_seconds, std::string& out) {
  const values::Moment moment = values::moment_of(unix_seconds);
  out.clear();
  values::append_date(moment, '-', out);
  out += ' ';
  values::append_clock(moment, out);
}

void append_csv_field(std::string_view field, std::string& out) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

// The rows that every template must have, before the weighted rest.
std::vector<LogLine> least_rows(std::span<const LogTemplate> templates, Random& random) {
  std::vector<LogLine> rows;
  for (const LogTemplate& log_template : templates) {
    const std::size_t count = is_rare(log_template) ? 1 : kLeastRows;
    const std::size_t first_turn = random.below(kWeightUnit);
    for (std::size_t turn = 0; turn < count; ++turn) {
      LogLine row{.timestamp = {}, .message = {}, .origin = &log_template};
      for (int attempt = 0; attempt < kRedraws; ++attempt) {
        row.message.clear();
        append_pieces(log_template.pieces, {.is_dealt = true, .turn = first_turn + turn}, random,
                      row.message);
        if (turn == 0 || row.message != rows.back().message) break;
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace

LineSource::LineSource(std::span<const LogTemplate> templates, std::uint64_t seed)
    : templates_(templates),
      random_(seed),
      running_weights_(running_weights(templates, true, random_)),
      clock_(kFirstMoment) {
  assert(!templates.empty());
}

void LineSource::next(LogLine& line) {
  const std::size_t taken = draw(running_weights_, random_);
  const LogTemplate& origin = templates_[taken];
  line.origin = &origin;
  line.message.clear();
  Random names(taken * kCasts + random_.below(kCasts));
  append_pieces(origin.pieces, {.names = &names}, random_, line.message);
  clock_ += static_cast<std::int64_t>(random_.below(3));
  write_timestamp(clock_, line.timestamp);
}

Result<std::vector<LogLine>> make_data_set(std::span<const LogTemplate> templates,
                                           const DataSetOptions& options) {
  Random random(options.seed);
  std::vector<LogLine> rows = least_rows(templates, random);
  if (rows.empty() || rows.size() > options.rows)
    return Error{ErrorCode::kInvalidArgument, std::to_string(options.rows) + " rows are too few for " +
                                                  std::to_string(templates.size()) + " templates"}
        .with_help("every template needs two rows: ask for at least " + std::to_string(rows.size()));
  const auto sums = running_weights(templates, false, random);
  if (rows.size() < options.rows && sums.back() == 0)
    return Error{ErrorCode::kInvalidArgument, "only rare templates: nothing to draw further rows from"};
  while (rows.size() < options.rows) {
    const LogTemplate& origin = templates[draw(sums, random)];
    LogLine row{.timestamp = {}, .message = {}, .origin = &origin};
    append_pieces(origin.pieces, {}, random, row.message);
    rows.push_back(std::move(row));
  }
  random.shuffle(rows);
  const std::int64_t step = kDataSetSeconds / static_cast<std::int64_t>(rows.size());
  std::int64_t clock = kFirstMoment;
  for (LogLine& row : rows) {
    write_timestamp(clock, row.timestamp);
    clock += values::between(0, 2 * step, random);
  }
  return rows;
}

void append_csv_header(bool with_labels, std::string& out) {
  out += with_labels ? "timestamp,source,log_message,target_label,complexity\n"
                     : "timestamp,source,log_message\n";
}

void append_csv(const LogLine& line, bool with_labels, std::string& out) {
  (out += line.timestamp) += ',';
  append_csv_field(line.origin->source, out);
  out += ',';
  append_csv_field(line.message, out);
  if (with_labels) {
    out += ',';
    append_csv_field(line.origin->label, out);
    out += ',';
    append_csv_field(line.origin->complexity, out);
  }
  out += '\n';
}

}  // namespace logsieve
