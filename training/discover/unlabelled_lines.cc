#include "training/discover/unlabelled_lines.h"

#include <filesystem>
#include <utility>

#include "anomaly/timestamp.h"
#include "base/file.h"
#include "base/hash.h"
#include "rules/rule_engine.h"

namespace logsieve {
namespace {

// In brackets or not. The year may be missing: only the text is asked for.
std::string_view leading_timestamp(std::string_view line) {
  const std::size_t begin = line.starts_with('[') ? 1 : 0;
  const auto found = parse_timestamp(line, begin, 0);
  return found ? line.substr(begin, found->length) : std::string_view();
}

}  // namespace

Result<LabelledData> load_unlabelled(const std::string& path, const ReaderOptions& options) {
  auto reader = open_records(path, options);
  if (!reader) return std::move(reader).error();
  LabelledData data;
  data.labels = LabelSet({std::string(kUnlabelled)});
  Sha256 of_records;
  for (;;) {
    auto batch = (*reader)->next();
    if (!batch) return std::move(batch).error();
    if (batch->records.empty() && batch->rejects.empty()) break;
    for (const Reject& reject : batch->rejects) leave_out(reject.reason, reject.line, data);
    for (const Record& record : batch->records) {
      of_records.add(record.raw);
      of_records.add("\n");
      const std::string_view time = record.time.empty() ? leading_timestamp(record.raw) : record.time;
      data.lines.push_back(
          {std::string(record.message), std::string(record.source), std::string(time), 0, 0});
    }
  }
  if (data.lines.empty()) return Error{ErrorCode::kBadInput, "no line to look at"}.at(path);
  std::error_code absent;
  if (path != "-" && std::filesystem::is_regular_file(path, absent)) {
    auto file = MappedFile::open(path);
    if (!file) return std::move(file).error();
    data.sha256 = sha256_hex(file->bytes());
  } else {
    data.sha256 = of_records.hex();
  }
  fold_to_forms(data);
  return data;
}

Result<std::size_t> label_by_book(const RuleBook& book, LabelledData& data) {
  auto engine = RuleEngine::compile(book);
  if (!engine) return std::move(engine).error();
  RuleEngine::Scratch scratch = engine->make_scratch();
  std::vector<std::string> names;
  for (const Rule& rule : book.rules()) names.push_back(rule.label);
  data.labels = LabelSet(std::move(names));
  for (LabelledLine& line : data.lines) {
    const std::int32_t rule = engine->match(line.message, line.source, scratch);
    line.label = rule < 0 ? kNoLabel : data.labels.find(book.rules()[static_cast<std::size_t>(rule)].label);
  }
  const std::size_t unknown =
      std::erase_if(data.lines, [](const LabelledLine& line) { return line.label == kNoLabel; });
  fold_to_forms(data);
  return unknown;
}

}  // namespace logsieve
