#include "cli/classify_output.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "cascade/explanation.h"
#include "cli/console.h"
#include "io/csv_header.h"

namespace logsieve {
namespace {

// Before the record at `index` in the order of the input.
bool is_before(const Reject& reject, const RecordBatch& input, std::size_t index) {
  return index == input.records.size() || reject.line < input.records[index].line;
}

// The first one behind the record before `begin`.
std::size_t first_reject(const RecordBatch& input, std::size_t begin) {
  if (begin == 0) return 0;
  const auto first = std::find_if(input.rejects.begin(), input.rejects.end(),
                                  [&](const Reject& reject) { return !is_before(reject, input, begin - 1); });
  return static_cast<std::size_t>(first - input.rejects.begin());
}

}  // namespace

OutputFormat ClassifyOutput::format_of(const RecordReader& reader) const {
  if (options_.to == "csv") return OutputFormat::kCsv;
  if (options_.to == "tsv") return OutputFormat::kTsv;
  if (options_.to == "jsonl") return OutputFormat::kJsonl;
  return reader.format() == InputFormat::kCsv ? OutputFormat::kCsv : OutputFormat::kJsonl;
}

Result<void> ClassifyOutput::begin_input(const RecordReader& reader) {
  if (options_.to == "table") {
    if (!table_) buffer_ += table_.emplace(terminal_columns(160)).header();
    return ok();
  }
  formatter_.emplace(format_of(reader), reader, options_.with_deferral, options_.guards);
  message_column_ = find_message_column(reader.columns(), options_.message_column).value_or(0);
  ids_ = {};
  std::string header;
  formatter_->header(header);
  if (header_ && *header_ != header)
    return Error{ErrorCode::kBadInput, "this input's columns differ from those of the first one"}.with_help(
        "classify it in a run of its own, or write --to jsonl");
  if (!header_ && !options_.has_header) buffer_ += header;
  header_ = header;
  return ok();
}

ChunkFormat ClassifyOutput::chunk_format(std::size_t threads) const {
  if (table_) return {};
  // A copy a worker: a formatter has scratch memory.
  auto formatters = std::make_shared<std::vector<VerdictFormatter>>(threads, *formatter_);
  return [this, formatters](const RecordBatch& input, const ResolvedBatch& resolved, LineRange lines,
                            std::size_t worker, std::string& out) {
    const VerdictFormatter& formatter = (*formatters)[worker];
    std::size_t reject = options_.with_rejects ? first_reject(input, lines.begin) : input.rejects.size();
    for (std::size_t i = lines.begin; i <= lines.end; ++i) {
      for (; reject < input.rejects.size() && is_before(input.rejects[reject], input, i); ++reject)
        formatter.append_reject(input.rejects[reject], named({}, {}), message_column_, out);
      if (i < lines.end)
        formatter.append(input.records[i], named(resolved.verdicts[i], resolved.forms[i]), out);
    }
  };
}

Result<void> ClassifyOutput::append(std::string_view text) {
  if (text.size() < kBlockBytes / 2) {
    buffer_ += text;
    return buffer_.size() < kBlockBytes ? ok() : flush();
  }
  auto flushed = flush();
  return flushed ? write_(text) : std::move(flushed);
}

Result<void> ClassifyOutput::append(const Record& record, const Verdict& verdict, std::string_view form) {
  if (table_) {
    auto reason = why(cascade_, verdict, form);
    if (!reason) return std::move(reason).error();
    buffer_ += table_->row(record, cascade_.bundle().labels.name(verdict.label), verdict, *reason);
  } else {
    NamedVerdict words = named(verdict, form);
    std::array<char, 32> id{};
    if (verdict.is_deferred) {
      id = hex_digits(ids_.of(record));
      words.record_id = {id.data(), id.size()};
    }
    formatter_->append(record, words, buffer_);
  }
  return buffer_.size() < kBlockBytes ? ok() : flush();
}

Result<void> ClassifyOutput::append(const Reject& reject) {
  if (table_) return append(Record{reject.line, reject.raw, {}, reject.raw}, {}, {});
  formatter_->append_reject(reject, named({}, {}), message_column_, buffer_);
  return buffer_.size() < kBlockBytes ? ok() : flush();
}

Result<void> ClassifyOutput::flush() {
  if (buffer_.empty()) return ok();
  auto written = write_(buffer_);
  buffer_.clear();
  return written;
}

NamedVerdict ClassifyOutput::named(const Verdict& verdict, std::string_view form) const {
  const std::string_view rule =
      verdict.rule < 0 ? std::string_view()
                       : cascade_.bundle().rules.rules()[static_cast<std::size_t>(verdict.rule)].name;
  return {cascade_.bundle().labels.name(verdict.label),
          verdict.confidence,
          tier_name(verdict.tier),
          rule,
          form,
          verdict.is_deferred};
}

}  // namespace logsieve
