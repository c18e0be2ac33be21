#include "training/fit/labelled_data.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "io/record_reader.h"
#include "mask/masker.h"
#include "rules/rule_checks.h"

namespace logsieve {
namespace {

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char left, char right) { return lower(left) == lower(right); });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::optional<std::size_t> find_column(const std::vector<std::string>& columns, std::string_view name) {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (equals_ignoring_case(trimmed(columns[i]), name)) return i;
  return std::nullopt;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

Error bad_input(std::string message, const std::string& path, std::string help) {
  return Error{ErrorCode::kBadInput, std::move(message)}.at(path).with_help(std::move(help));
}

struct Columns {
  std::size_t label = 0;
  std::optional<std::size_t> timestamp;
};

// Lines with their labels' names beside them: the LabelSet is known only when all have been read.
struct Table {
  LabelledData data;
  std::vector<std::string> label_names;  // [lines]
  std::string raw;                       // of what cannot be read again for its hash
  std::optional<Error> bad_label;        // the first
};

void add_batch(const RecordBatch& batch, char delimiter, const Columns& columns, bool keeps_raw,
               bool keeps_unclassified, Table& table) {
  std::vector<std::string> fields;
  for (const Reject& reject : batch.rejects) leave_out(reject.reason, reject.line, table.data);
  for (const Record& record : batch.records) {
    if (keeps_raw) table.raw.append(record.raw).push_back('\n');
    split_csv_record(record.raw, fields, delimiter);
    const std::string_view label =
        columns.label < fields.size() ? trimmed(fields[columns.label]) : std::string_view();
    if (label.empty()) {
      leave_out("no label", record.line, table.data);
      continue;
    }
    if (std::string fault = label_fault(label); !fault.empty() && !table.bad_label)
      table.bad_label = Error{ErrorCode::kBadInput, "a label that no rule book can hold: " + fault}
                            .at("", record.line)
                            .with_help("mend the label; --label-column names another column");
    LabelledLine line;
    line.message = record.message;
    line.source = record.source;
    if (columns.timestamp && *columns.timestamp < fields.size()) line.timestamp = fields[*columns.timestamp];
    if (label == kUnclassified && !keeps_unclassified) {
      leave_out("labelled Unclassified: no rule may match them, nothing else learns of them", record.line,
                table.data);
      table.data.counterexamples.push_back(std::move(line));
      continue;
    }
    table.data.lines.push_back(std::move(line));
    table.label_names.emplace_back(label);
  }
}

// Stdin, a pipe: all but regular files.
bool is_read_only_once(const std::string& path) {
  std::error_code absent;
  return path == "-" || !std::filesystem::is_regular_file(path, absent);
}

// Of two columns of one name, which holds the labels is anyone's guess.
Result<std::size_t> label_column(const std::vector<std::string>& columns, const std::string& name,
                                 const std::string& path) {
  const auto is_label = [&](const std::string& column) {
    return equals_ignoring_case(trimmed(column), name);
  };
  const auto found = std::count_if(columns.begin(), columns.end(), is_label);
  if (found == 0)
    return bad_input("no column \"" + name + "\" with the labels; there are " + joined(columns), path,
                     "name the column by --label-column");
  if (found > 1)
    return bad_input(std::to_string(found) + " columns \"" + name + "\": which one holds the labels is open",
                     path, "rename all but one in the header");
  return *find_column(columns, name);
}

Result<Table> read_table(const std::string& path, const LabelledDataOptions& options) {
  ReaderOptions reader_options;
  reader_options.format = InputFormat::kCsv;
  reader_options.message_column = options.message_column;
  reader_options.source_column = options.source_column;
  auto opened = open_records(path, reader_options);
  if (!opened) return std::move(opened).error();
  RecordReader& reader = **opened;
  const auto label = label_column(reader.columns(), options.label_column, path);
  if (!label) return label.error();
  const Columns columns{*label, find_column(reader.columns(), "timestamp")};
  const bool keeps_raw = is_read_only_once(path);
  Table table;
  if (keeps_raw) table.raw.append(reader.raw_header()).push_back('\n');
  for (;;) {
    auto batch = reader.next();
    if (!batch) return std::move(batch).error();
    if (batch->records.empty() && batch->rejects.empty()) break;
    add_batch(*batch, reader.delimiter(), columns, keeps_raw, options.keeps_unclassified, table);
    if (options.is_for_rules && table.bad_label)
      return std::move(*table.bad_label).at(path, table.bad_label->line);
  }
  return table;
}

Result<std::string> hash_of(const std::string& path, const Table& table) {
  if (is_read_only_once(path)) return sha256_hex(table.raw);
  auto file = MappedFile::open(path);
  if (!file) return std::move(file).error();
  return sha256_hex(file->bytes());
}

Result<void> check_rows(const Table& table, const std::string& path, bool is_for_training) {
  const std::size_t rows = table.data.lines.size();
  if (rows == 0)
    return bad_input("no labelled row" + (table.data.rejected_records > 0
                                              ? " (unreadable, without a label or labelled Unclassified: " +
                                                    std::to_string(table.data.rejected_records) + ")"
                                              : std::string()),
                     path,
                     is_for_training ? "training needs a header and at least two rows with different labels"
                                     : "needed are a header and at least one row with a label");
  if (!is_for_training) return ok();
  const bool is_blank = std::all_of(table.data.lines.begin(), table.data.lines.end(),
                                    [](const LabelledLine& line) { return trimmed(line.message).empty(); });
  if (is_blank)
    return bad_input("the messages of all " + std::to_string(rows) + " labelled rows are blank", path,
                     "name the column of the messages by --message-column");
  const std::string& first = table.label_names.front();
  const bool is_one_label = std::all_of(table.label_names.begin(), table.label_names.end(),
                                        [&](const std::string& name) { return name == first; });
  if (is_one_label)
    return bad_input("only one label, \"" + first + "\", in " +
                         (rows == 1 ? "the only row" : "all " + std::to_string(rows) + " rows"),
                     path, "a classifier needs at least two labels to tell apart");
  return ok();
}

// The label that most lines of a form carry; ties go to the first in sorted order, which a map walks first.
LabelId majority(const std::map<LabelId, std::size_t>& counts) {
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

}  // namespace

std::string label_fault(std::string_view label) {
  if (label.size() > kMaxNameBytes)
    return "it has " + std::to_string(label.size()) + " bytes; the limit is " + std::to_string(kMaxNameBytes);
  const bool has_control =
      std::any_of(label.begin(), label.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
  return has_control ? "it has a line feed or another control character" : "";
}

void leave_out(std::string_view reason, std::uint64_t line, LabelledData& data) {
  ++data.rejected_records;
  const auto known = std::find_if(data.left_out.begin(), data.left_out.end(),
                                  [&](const LeftOut& other) { return other.reason == reason; });
  if (known != data.left_out.end())
    ++known->rows;
  else
    data.left_out.push_back({std::string(reason), 1, line});
}

void fold_to_forms(LabelledData& data) {
  data.forms.clear();
  std::unordered_map<std::string, std::size_t> index_of;
  std::vector<std::map<LabelId, std::size_t>> counts;
  std::string form;
  for (LabelledLine& line : data.lines) {
    mask(line.message, form);
    const auto [place, is_new] = index_of.try_emplace(form, data.forms.size());
    if (is_new) {
      data.forms.push_back({form});
      counts.emplace_back();
    }
    line.form = place->second;
    ++data.forms[line.form].lines;
    ++counts[line.form][line.label];
  }
  for (std::size_t i = 0; i < data.forms.size(); ++i) {
    data.forms[i].label = majority(counts[i]);
    data.forms[i].has_conflict = counts[i].size() > 1;
  }
}

Result<LabelledData> load_labelled_csv(const std::string& path, const LabelledDataOptions& options) {
  auto table = read_table(path, options);
  if (!table) return std::move(table).error();
  if (auto checked = check_rows(*table, path, options.is_for_training); !checked)
    return std::move(checked).error();
  auto hash = hash_of(path, *table);
  if (!hash) return std::move(hash).error();
  LabelledData data = std::move(table->data);
  data.sha256 = std::move(*hash);
  data.labels = LabelSet(table->label_names);
  for (std::size_t i = 0; i < data.lines.size(); ++i)
    data.lines[i].label = data.labels.find(table->label_names[i]);
  fold_to_forms(data);
  return data;
}

Result<void> add_labelled_csv(const std::string& path, const LabelledDataOptions& options,
                              LabelledData& data) {
  auto table = read_table(path, options);
  if (!table) return std::move(table).error();
  auto hash = hash_of(path, *table);
  if (!hash) return std::move(hash).error();
  std::vector<std::string> names = std::move(table->label_names);
  const std::size_t added = names.size();
  for (const LabelledLine& line : data.lines) names.emplace_back(data.labels.name(line.label));
  const LabelSet both(names);
  for (LabelledLine& line : data.lines) line.label = both.find(data.labels.name(line.label));
  for (std::size_t i = 0; i < added; ++i) {
    table->data.lines[i].label = both.find(names[i]);
    data.lines.push_back(std::move(table->data.lines[i]));
  }
  data.labels = both;
  data.sha256 = sha256_hex(data.sha256 + *hash);
  data.rejected_records += table->data.rejected_records;
  std::move(table->data.counterexamples.begin(), table->data.counterexamples.end(),
            std::back_inserter(data.counterexamples));
  fold_to_forms(data);
  return ok();
}

}  // namespace logsieve
