#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/number_of.h"
#include "cli/commands.h"
#include "cli/console.h"
#include "cli/input_formats.h"
#include "cli/output_checks.h"
#include "io/field_escapes.h"
#include "io/verdict_writer.h"
#include "miner/miner.h"

namespace logsieve {
namespace {

struct MineArgs {
  std::string input = "-";
  std::string from = "auto";
  std::string out;
  std::string state;
  ReaderOptions reader;
  std::size_t memory_mb = 64;
  bool is_plain = false;
  bool is_online = false;
  bool has_summary = false;
};

// The wording of each line, kept on disk until the last line is read: four bytes a line, whatever their number.
class FormSpool {
 public:
  static constexpr FormNumber kNoLine = 0xFFFFFFFF;  // a record that could not be read

  static Result<FormSpool> create() {
    std::FILE* file = std::tmpfile();
    if (file == nullptr)
      return io_error("make a temporary file in", std::filesystem::temp_directory_path(), errno);
    return FormSpool(file);
  }
  void append(FormNumber form) { has_failed_ |= std::fwrite(&form, sizeof form, 1, file_.get()) != 1; }
  // Calls `each` with every number, in order.
  template <typename Each>
  Result<void> read_back(Each each) {
    if (has_failed_ || std::fflush(file_.get()) != 0)
      return io_error("write the temporary file in", std::filesystem::temp_directory_path(), errno);
    std::rewind(file_.get());
    FormNumber form = 0;
    while (std::fread(&form, sizeof form, 1, file_.get()) == 1)
      if (auto done = each(form); !done) return done;
    if (std::ferror(file_.get()) != 0)
      return io_error("read the temporary file in", std::filesystem::temp_directory_path(), errno);
    return ok();
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit FormSpool(std::FILE* file) : file_(file) {}
  std::unique_ptr<std::FILE, Close> file_;
  bool has_failed_ = false;
};

// What was left out; normally nothing.
std::string account_of(const MinerTotals& totals) {
  std::vector<std::string> parts;
  if (totals.evicted_forms > 0)
    parts.push_back(fmt::format("{} ({}) evicted to stay within the memory",
                                number_of(totals.evicted_forms, "form"),
                                number_of(totals.evicted_lines, "line")));
  if (totals.unlearned_lines > 0)
    parts.push_back(fmt::format("{} not learned while nearly every line was new",
                                number_of(totals.unlearned_lines, "line")));
  if (totals.cut_lines > 0)
    parts.push_back(fmt::format("{} mined by the beginning only", number_of(totals.cut_lines, "long line")));
  return fmt::format("{}, {}; {}", number_of(totals.lines, "line"), number_of(totals.templates, "template"),
                     parts.empty() ? "nothing evicted or cut" : fmt::format("{}", fmt::join(parts, ", ")));
}

class MineRun {
 public:
  explicit MineRun(const MineArgs& args) : args_(args) {}

  Result<int> run() {
    std::vector<std::string> outputs = {args_.out};
    if (!args_.state.empty()) outputs.push_back(args_.state);
    if (auto checked = check_outputs({&args_.input, 1}, outputs); !checked) return std::move(checked).error();
    MinerOptions options;
    options.budget_bytes = args_.memory_mb << 20U;
    if (auto opened = open_miner(options); !opened) return std::move(opened).error();
    auto reader = open_records(args_.input, args_.reader);
    if (!reader) return std::move(reader).error();
    auto file = OutputFile::create(args_.out);
    if (!file) return std::move(file).error();
    auto spool = FormSpool::create();
    if (!spool) return std::move(spool).error();
    auto done = mine(**reader, *spool, *file);
    if (done && !args_.is_online)
      done = args_.has_summary ? write_summary(*file) : write_lines(*spool, *file);
    if (done) done = flush(*file);
    if (done) done = file->close();
    if (!done && !file->is_broken_pipe()) return std::move(done).error();
    if (!args_.state.empty())
      if (auto kept = write_file_atomic(args_.state, miner_.snapshot()); !kept)
        return std::move(kept).error();
    tell();
    return 0;
  }

 private:
  Result<void> open_miner(const MinerOptions& options) {
    miner_ = Miner(options);
    std::error_code none;
    if (args_.state.empty() || !std::filesystem::exists(args_.state, none)) return ok();
    auto bytes = read_file(args_.state);
    if (!bytes) return std::move(bytes).error();
    auto miner = Miner::restore(*bytes, options);
    if (!miner) return std::move(miner).error().at(args_.state);
    miner_ = std::move(*miner);
    return ok();
  }

  Result<void> mine(RecordReader& reader, FormSpool& spool, OutputFile& file) {
    for (;;) {
      auto batch = reader.next();
      if (!batch) return std::move(batch).error();
      if (batch->records.empty() && batch->rejects.empty()) return ok();
      std::size_t rejects = 0;
      const auto skip_rejects = [&](std::uint64_t before_line) {
        for (; rejects < batch->rejects.size() && batch->rejects[rejects].line < before_line; ++rejects) {
          keep_reject(batch->rejects[rejects]);
          if (!args_.is_online && !args_.has_summary) spool.append(FormSpool::kNoLine);
        }
      };
      for (const Record& record : batch->records) {
        skip_rejects(record.line);
        const Mined mined = miner_.observe(record.message);
        ++line_;
        if (args_.is_online)
          append_line(mined.index, mined.is_new ? ",\"new\":true}\n" : "}\n");
        else if (!args_.has_summary)
          spool.append(mined.form);
      }
      skip_rejects(std::uint64_t(-1));
      if (auto flushed = flush(file); !flushed) return flushed;
    }
  }

  void keep_reject(const Reject& reject) {
    ++line_;
    if (rejects_++ == 0) first_reject_ = fmt::format("{}:{}: {}", args_.input, reject.line, reject.reason);
  }

  // One object a line; the text behind the number is the same for all lines of a template.
  void append_line(TemplateIndex index, std::string_view end) {
    if (tails_.size() <= index) tails_.resize(miner_.end_index());
    std::string& tail = tails_[index];
    if (tail.empty()) {
      const MinedTemplate mined = miner_.at(index);
      tail = fmt::format(",\"template_id\":\"{}\",\"template\":", template_id_text(mined.id));
      append_json_string(args_.is_plain ? mined.plain : mined.text, tail);
    }
    buffer_ += "{\"line\":";
    append_number(line_, buffer_);
    buffer_ += tail;
    buffer_ += end;
  }

  Result<void> write_lines(FormSpool& spool, OutputFile& file) {
    miner_.settle();
    line_ = 0;
    return spool.read_back([&](FormNumber form) -> Result<void> {
      ++line_;
      if (form == FormSpool::kNoLine) return ok();
      append_line(miner_.template_of(form), "}\n");
      return buffer_.size() < kBlockBytes ? ok() : flush(file);
    });
  }

  Result<void> write_summary(OutputFile& file) {
    const std::vector<TemplateIndex> templates = miner_.templates();
    const double lines = static_cast<double>(std::max<std::uint64_t>(1, miner_.totals().lines));
    buffer_ += fmt::format("{:>12} {:>7}  {:16}  {}\n", "lines", "share", "template_id", "template");
    for (const TemplateIndex index : templates) {
      const MinedTemplate mined = miner_.at(index);
      std::string text = args_.is_plain ? mined.plain : mined.text;
      std::replace_if(
          text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
      buffer_ +=
          fmt::format("{:>12} {:>6.2f}%  {}  {}\n", mined.count,
                      100 * static_cast<double>(mined.count) / lines, template_id_text(mined.id), text);
    }
    return flush(file);
  }

  Result<void> flush(OutputFile& file) {
    auto written = file.write(buffer_);
    buffer_.clear();
    return written;
  }

  void tell() const {
    if (rejects_ > 0)
      note(fmt::format("{} could not be read; the first: {}", number_of(rejects_, "record"), first_reject_));
    note(account_of(miner_.totals()));
  }

  static constexpr std::size_t kBlockBytes = std::size_t{1} << 20U;

  const MineArgs& args_;
  Miner miner_;
  std::string buffer_;
  std::vector<std::string> tails_;
  std::uint64_t line_ = 0;  // number of the record in the input, from 1
  std::uint64_t rejects_ = 0;
  std::string first_reject_;
};

}  // namespace

Run add_mine(CLI::App& app) {
  auto args = std::make_shared<MineArgs>();
  CLI::App* command = app.add_subcommand("mine", "Find the templates of log lines, and each line's template");
  command->add_option("INPUT", args->input, "File to read; `-` or none: stdin");
  command->add_option("--from", args->from, "Input format [auto]")
      ->check(CLI::IsMember(input_format_names()))
      ->type_name("FORMAT");
  command->add_option("--message-column", args->reader.message_column, "Column or field of the message")
      ->type_name("NAME");
  command->add_option("--out,-o", args->out, "Output file [stdout]")->type_name("FILE");
  command->add_flag("--plain", args->is_plain, "Variables as <*> instead of their kind: <number>, <address>");
  auto* summary = command->add_flag("--summary", args->has_summary,
                                    "A table of the templates by count instead of a row a line");
  command
      ->add_flag("--online", args->is_online,
                 "Write each line at once, with its template as known then, and \"new\" with the first of a "
                 "template; "
                 "else as known after the last line")
      ->excludes(summary);
  command
      ->add_option("--state", args->state,
                   "Go on from this file if it is there, and keep the templates in it")
      ->type_name("FILE");
  command->add_option("--memory", args->memory_mb, "Most memory for templates, in MiB [64]")
      ->check(CLI::Range(std::size_t{1}, std::size_t{65536}))
      ->type_name("N");
  return [args] {
    args->reader.format = input_format_from(args->from);
    auto code = MineRun(*args).run();
    return code ? *code : report(code.error());
  };
}

}  // namespace logsieve
