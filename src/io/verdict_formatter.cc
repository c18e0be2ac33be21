#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "io/csv_record.h"
#include "io/field_escapes.h"
#include "io/json_text.h"
#include "io/verdict_writer.h"

namespace logsieve {
namespace {

constexpr std::array<std::string_view, VerdictFormatter::kOurColumns> kNames = {
    "target_label", "confidence", "tier", "rule", "template", "llm_deferred", "record_id"};
constexpr std::size_t kAlways = 5;  // of them; the others only if asked for
constexpr std::string_view kPrefix = "logsieve_";

// `name`, prefixed so often that no column has it.
std::string free_name(std::string_view name, const std::vector<std::string>& columns) {
  std::string free(name);
  while (std::find(columns.begin(), columns.end(), free) != columns.end()) free.insert(0, kPrefix);
  return free;
}

// Columns as keys of an object: a name that was there before gets "_2", "_3" and so on, since a second member of
// the same name would hide the first.
std::vector<std::string> unique_names(const std::vector<std::string>& columns) {
  std::vector<std::string> names;
  for (const std::string& column : columns) {
    std::string name = column;
    const auto is_taken = [&] { return std::find(names.begin(), names.end(), name) != names.end(); };
    for (int n = 2; is_taken(); ++n) name = column + '_' + std::to_string(n);
    names.push_back(std::move(name));
  }
  return names;
}

std::string as_member_start(std::string_view name) {
  std::string start;
  append_json_string(name, start);
  return start += ':';
}

// For each of our names, a bit for each number of prefixes with which the object's top level already has it.
using TakenNames = std::array<std::uint32_t, VerdictFormatter::kOurColumns>;

void mark_taken(std::string_view key, TakenNames& taken) {
  unsigned prefixes = 0;
  for (; key.starts_with(kPrefix); key.remove_prefix(kPrefix.size())) ++prefixes;
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (key == kNames[i] && prefixes < 31) taken[i] |= 1U << prefixes;
}

TakenNames taken_names(std::string_view object) {
  TakenNames taken{};
  TopLevelKeys keys(object);
  std::string unescaped;
  for (std::string_view key; keys.next(key);) {
    if (key.find('\\') != std::string_view::npos) {
      unescaped.clear();
      unescape_json(key, unescaped);
      key = unescaped;
    }
    mark_taken(key, taken);
  }
  return taken;
}

// The object without its closing brace.
std::string_view open_object(std::string_view object) {
  return object.substr(0, object.find_last_of('}'));
}

}  // namespace

VerdictFormatter::VerdictFormatter(OutputFormat format, const RecordReader& reader, bool with_deferral,
                                   bool guards)
    : format_(format),
      input_(reader.format()),
      guards_(guards),
      delimiter_(format == OutputFormat::kTsv ? '\t' : reader.delimiter()),
      input_delimiter_(reader.delimiter()),
      columns_(reader.columns()),
      raw_header_(reader.raw_header()) {
  if (input_ != InputFormat::kCsv) columns_ = {"line", "message"};
  if (format_ == OutputFormat::kJsonl) columns_ = unique_names(columns_);
  for (std::size_t i = 0; i < (with_deferral ? kNames.size() : kAlways); ++i)
    our_columns_.push_back(free_name(kNames[i], columns_));
  for (const std::string& name : columns_) column_members_.push_back(as_member_start(name));
  for (const std::string& name : our_columns_) our_members_.push_back(as_member_start(name));
}

void VerdictFormatter::append_field(std::string_view text, std::string& out) const {
  if (guards_) text = guarded(text, guarded_);
  if (format_ == OutputFormat::kTsv) return append_tsv_field(text, out);
  append_csv_field(text, delimiter_, out);
}

void VerdictFormatter::header(std::string& out) const {
  if (format_ == OutputFormat::kJsonl) return;
  const bool keeps_raw = format_ == OutputFormat::kCsv && input_ == InputFormat::kCsv && !guards_;
  if (keeps_raw) out += raw_header_;
  for (std::size_t i = 0; i < columns_.size() && !keeps_raw; ++i) {
    if (i > 0) out += delimiter_;
    append_field(columns_[i], out);
  }
  for (const std::string& name : our_columns_) {
    out += delimiter_;
    append_field(name, out);
  }
  out += '\n';
}

void VerdictFormatter::append(const Record& record, const NamedVerdict& verdict, std::string& out) const {
  if (format_ == OutputFormat::kJsonl) {
    append_object(record, verdict, out);
  } else {
    append_row(record, verdict, out);
  }
  out += '\n';
}

void VerdictFormatter::append_reject(const Reject& reject, const NamedVerdict& verdict,
                                     std::size_t message_column, std::string& out) const {
  if (format_ == OutputFormat::kJsonl) {
    out += "{\"line\":";
    append_number(reject.line, out);
    out += ",\"message\":";
    append_json_string(reject.raw, out);
    out += ",\"reject_reason\":";
    append_json_string(reject.reason, out);
    append_our_members(verdict, nullptr, out);
  } else if (input_ == InputFormat::kCsv) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) out += delimiter_;
      if (i == message_column) append_field(reject.raw, out);
    }
    append_our_fields(verdict, out);
  } else {
    append_row({reject.line, reject.raw, {}, reject.raw}, verdict, out);
  }
  out += '\n';
}

// Where a line has a header or fields: the whole line, so that what they said is not lost.
std::string_view VerdictFormatter::shown_message(const Record& record) const {
  const bool has_more =
      input_ == InputFormat::kSyslog || input_ == InputFormat::kCri || input_ == InputFormat::kLogfmt;
  return has_more ? record.raw : record.message;
}

void VerdictFormatter::append_row(const Record& record, const NamedVerdict& verdict, std::string& out) const {
  if (input_ != InputFormat::kCsv) {
    append_number(record.line, out);
    out += delimiter_;
    append_field(shown_message(record), out);
  } else if (format_ == OutputFormat::kCsv && !guards_) {
    out += record.raw;
  } else {
    split_csv_record(record.raw, fields_, input_delimiter_);
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (i > 0) out += delimiter_;
      append_field(fields_[i], out);
    }
  }
  append_our_fields(verdict, out);
}

void VerdictFormatter::append_our_fields(const NamedVerdict& verdict, std::string& out) const {
  out += delimiter_;
  append_field(verdict.label, out);
  out += delimiter_;
  append_confidence(verdict.confidence, out);
  for (const std::string_view text : {verdict.tier, verdict.rule, verdict.form}) {
    out += delimiter_;
    append_field(text, out);
  }
  if (our_columns_.size() == kAlways) return;
  out += delimiter_;
  out += verdict.is_deferred ? "true" : "false";
  out += delimiter_;
  out += verdict.record_id;  // digits
}

void VerdictFormatter::append_object(const Record& record, const NamedVerdict& verdict,
                                     std::string& out) const {
  if (input_ == InputFormat::kJsonl || input_ == InputFormat::kDocker) {
    const TakenNames taken = taken_names(record.raw);
    append_repaired_json(open_object(record.raw), out);
    return append_our_members(verdict, &taken, out);
  }
  out += '{';
  if (input_ == InputFormat::kCsv) {
    append_columns(record, out);
  } else {
    out += column_members_[0];
    append_number(record.line, out);
    out.append(1, ',').append(column_members_[1]);
    append_json_string(shown_message(record), out);
    if (!record.source.empty()) {
      out += ",\"source\":";
      append_json_string(record.source, out);
    }
  }
  append_our_members(verdict, nullptr, out);
}

void VerdictFormatter::append_columns(const Record& record, std::string& out) const {
  split_csv_record(record.raw, fields_, input_delimiter_);
  for (std::size_t i = 0; i < std::min(fields_.size(), column_members_.size()); ++i) {
    if (i > 0) out += ',';
    out += column_members_[i];
    append_json_string(fields_[i], out);
  }
}

void VerdictFormatter::append_our_members(const NamedVerdict& verdict, const TakenNames* taken,
                                          std::string& out) const {
  const auto start = [&](std::size_t i) {
    out += ',';
    if (taken == nullptr || (*taken)[i] == 0) {
      out += our_members_[i];
      return;
    }
    out += '"';
    for (int n = std::countr_one((*taken)[i]); n > 0; --n) out += kPrefix;
    out.append(kNames[i]).append("\":");
  };
  start(0);
  append_json_string(verdict.label, out);
  start(1);
  append_confidence(verdict.confidence, out);
  const std::array<std::string_view, 3> texts = {verdict.tier, verdict.rule, verdict.form};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    start(2 + i);
    append_json_string(texts[i], out);
  }
  if (our_columns_.size() > kAlways) {
    start(kAlways);
    out += verdict.is_deferred ? "true" : "false";
    if (verdict.record_id.empty()) {
      out += '}';
      return;
    }
    start(kAlways + 1);
    append_json_string(verdict.record_id, out);
  }
  out += '}';
}

}  // namespace logsieve
