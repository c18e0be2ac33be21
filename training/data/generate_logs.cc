// generate_logs: writes the committed data set, or any number of lines with known truth for benches.
//   generate_logs --out training/data/logs.csv
//   generate_logs --lines 5000000 --format text --out lines.txt --truth truth.txt
#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>

#include "base/file.h"
#include "training/data/generator.h"

namespace logsieve {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 20U;

struct Arguments {
  std::string templates = "training/data/templates";
  std::string out = "-";
  std::string truth;
  std::string format = "csv";
  bool without_labels = false;
  std::size_t lines = 0;  // 0: the data set of `rows`
  DataSetOptions data_set;
};

// A file or, for "-", stdout; written in large pieces.
class Output {
 public:
  static Result<Output> open(const std::string& path) {
    Output output;
    output.path_ = path;
    if (path == "-") {
      output.file_ = {stdout, [](std::FILE*) { return 0; }};
    } else if (std::FILE* file = std::fopen(path.c_str(), "wb"); file != nullptr) {
      output.file_ = {file, std::fclose};
    } else {
      return io_error("open", path, errno);
    }
    return output;
  }

  Result<void> write(std::string& bytes, bool is_last) {
    if (bytes.size() < kFlushBytes && !is_last) return ok();
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size() ||
        (is_last && std::fflush(file_.get()) != 0))
      return io_error("write", path_, errno);
    bytes.clear();
    return ok();
  }

 private:
  std::string path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, std::fclose};
};

Result<void> write_data_set(std::span<const LogTemplate> templates, const Arguments& arguments) {
  auto rows = make_data_set(templates, arguments.data_set);
  if (!rows) return std::move(rows).error();
  std::string csv;
  append_csv_header(!arguments.without_labels, csv);
  for (const LogLine& row : *rows) append_csv(row, !arguments.without_labels, csv);
  if (arguments.out != "-") return write_file_atomic(arguments.out, csv);
  auto output = Output::open(arguments.out);
  return output ? output->write(csv, true) : std::move(output).error();
}

Result<void> write_lines(std::span<const LogTemplate> templates, const Arguments& arguments) {
  auto output = Output::open(arguments.out);
  if (!output) return std::move(output).error();
  auto truth = Output::open(arguments.truth.empty() ? "/dev/null" : arguments.truth);
  if (!truth) return std::move(truth).error();
  const bool is_csv = arguments.format == "csv";
  LineSource source(templates, arguments.data_set.seed);
  LogLine line;
  std::string bytes;
  std::string labels;
  if (is_csv) append_csv_header(!arguments.without_labels, bytes);
  for (std::size_t i = 0; i < arguments.lines; ++i) {
    source.next(line);
    if (is_csv) {
      append_csv(line, !arguments.without_labels, bytes);
    } else {
      (bytes += line.message) += '\n';
    }
    (labels += line.origin->label) += '\n';
    if (auto written = output->write(bytes, false); !written) return written;
    if (auto written = truth->write(labels, false); !written) return written;
  }
  if (auto written = output->write(bytes, true); !written) return written;
  return truth->write(labels, true);
}

Result<void> generate(const Arguments& arguments) {
  auto templates = load_templates(arguments.templates);
  if (!templates) return std::move(templates).error();
  if (templates->empty()) return Error{ErrorCode::kBadInput, "no template"}.at(arguments.templates);
  return arguments.lines == 0 ? write_data_set(*templates, arguments) : write_lines(*templates, arguments);
}

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Writes log lines with known truth, drawn from authored templates.");
  app.add_option("--templates", arguments.templates, "folder of template files")->capture_default_str();
  app.add_option("--out", arguments.out, "output file; - is stdout")->capture_default_str();
  app.add_option("--rows", arguments.data_set.rows, "rows of the training set")->capture_default_str();
  app.add_option("--seed", arguments.data_set.seed, "same seed, same bytes")->capture_default_str();
  app.add_option("--lines", arguments.lines, "instead of the training set: so many lines by weight");
  app.add_option("--format", arguments.format, "of --lines")
      ->check(CLI::IsMember({"csv", "text"}))
      ->capture_default_str();
  app.add_flag("--without-labels", arguments.without_labels, "CSV without target_label and complexity");
  app.add_option("--truth", arguments.truth, "with --lines: one label a line, in order");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : exit_code(ErrorCode::kInvalidArgument);
  }
  const auto done = generate(arguments);
  if (done) return 0;
  std::fputs(render(done.error()).c_str(), stderr);
  return exit_code(done.error().code);
}

}  // namespace
}  // namespace logsieve

int main(int argc, char** argv) {
  return logsieve::run(argc, argv);
}
