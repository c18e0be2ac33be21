#include "io/record_reader.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/edit_distance.h"
#include "base/file.h"
#include "io/container_reader.h"
#include "io/csv_reader.h"
#include "io/format_detect.h"
#include "io/input_buffer.h"
#include "io/input_stream.h"
#include "io/jsonl_reader.h"
#include "io/line_reader.h"
#include "io/logfmt_reader.h"
#include "io/multiline_reader.h"
#include "io/text_reader.h"

namespace logsieve {
namespace {

constexpr std::size_t kLargestRecord = std::size_t{1}
                                       << 40U;  // a limit above it could overflow when added to
constexpr std::string_view kUtf8Bom = "\xEF\xBB\xBF";

// Reads until the buffer holds `bytes` of input or all of it. False: all of it.
Result<bool> read_ahead(InputBuffer& buffer, std::size_t bytes) {
  while (buffer.unread().size() < bytes) {
    auto filled = buffer.fill();
    if (!filled || !*filled) return filled;
  }
  return true;
}

Result<void> take_bom(InputBuffer& buffer, const std::string& name) {
  auto read = read_ahead(buffer, 1);
  if (!read) return read.error();
  const auto may_begin_with = [&](std::string_view mark) {
    return !buffer.unread().empty() && buffer.unread().front() == mark.front();
  };
  if (!may_begin_with(kUtf8Bom) && !may_begin_with("\xFF") && !may_begin_with("\xFE")) return ok();
  read = read_ahead(buffer, kUtf8Bom.size());
  if (!read) return read.error();
  const std::string_view head = buffer.unread();
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF"))
    return Error{ErrorCode::kBadInput, name + " is UTF-16"}.with_help(
        "turn it into UTF-8 on the way: iconv -f UTF-16 -t UTF-8 FILE | logsieve classify -");
  if (head.starts_with(kUtf8Bom)) buffer.consume(kUtf8Bom.size());
  return ok();
}

bool has_whole_line(std::string_view head) {
  const std::size_t first = head.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && head.find('\n', first) != std::string_view::npos;
}

// One whole line that is not blank at least, so that a pipe is looked at as soon as it has said something.
Result<InputFormat> detect(InputBuffer& buffer, const std::string& name, const ReaderOptions& options) {
  bool is_whole = false;
  while (!has_whole_line(buffer.unread()) && buffer.unread().size() < kDetectBytes) {
    auto filled = buffer.fill();
    if (!filled) return filled.error();
    if ((is_whole = !*filled)) break;
  }
  const std::string_view head = buffer.unread().substr(0, kDetectBytes);
  return detect_format(head, is_whole && head.size() == buffer.unread().size(), name, options);
}

Result<std::unique_ptr<LineParser>> make_parser(InputFormat format, const ReaderOptions& options) {
  if (!options.multiline.empty() && format != InputFormat::kText)
    return Error{ErrorCode::kInvalidArgument, "--multiline is for plain text"}.with_help(
        "with --from text the lines are taken as they are");
  switch (format) {
    case InputFormat::kJsonl:
      return make_jsonl_parser(options);
    case InputFormat::kSyslog:
      return make_syslog_parser();
    case InputFormat::kCri:
      return make_cri_parser(options);
    case InputFormat::kDocker:
      return make_docker_parser(options);
    case InputFormat::kLogfmt:
      return make_logfmt_parser(options);
    default:
      break;
  }
  return options.multiline.empty() ? make_text_parser() : make_multiline_parser(options);
}

bool has_wildcard(const std::string& path) {
  return path.find_first_of("*?[") != std::string::npos && ::access(path.c_str(), F_OK) != 0;
}

// A file beside `path` whose name is nearly that; empty: none.
std::string near_miss(const std::string& path) {
  const std::filesystem::path wanted(path);
  const std::filesystem::path folder = wanted.has_parent_path() ? wanted.parent_path() : ".";
  std::string nearest;
  std::error_code ended;
  for (std::filesystem::directory_iterator at(folder, ended), end; !ended && at != end; at.increment(ended)) {
    const std::string name = at->path().filename().string();
    if (is_nearly(name, wanted.filename().string()) && (nearest.empty() || name < nearest)) nearest = name;
  }
  return nearest.empty() ? nearest : (wanted.parent_path() / nearest).string();
}

Error missing(const std::string& path) {
  if (has_wildcard(path))
    return Error{ErrorCode::kNotFound, "no file matches " + path}.with_help(
        "check the pattern: * ? [] stand for parts of names, and not for names that begin with a dot");
  Error error = io_error("open", path, ENOENT);
  if (const std::string meant = near_miss(path); !meant.empty()) error.help = "did you mean " + meant + '?';
  return error;
}

Result<void> check_readable(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0)
    return errno == ENOENT ? missing(path) : io_error("open", path, errno);
  if (S_ISDIR(info.st_mode)) return io_error("read", path, EISDIR).with_help("name the files in it");
  if (::access(path.c_str(), R_OK) != 0) return io_error("open", path, errno);
  return ok();
}

// Of a folder: it may have what is looked for all the same. One that may not be read has nothing for us.
int is_passing_failure(const char* /*path*/, int error_number) {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOMEM || error_number == EIO ||
         error_number == ESTALE;
}

}  // namespace

Result<std::unique_ptr<RecordReader>> read_records(std::unique_ptr<InputStream> stream,
                                                   const std::string& name, const ReaderOptions& requested) {
  ReaderOptions options = requested;
  options.max_record_bytes = std::min(options.max_record_bytes, kLargestRecord);
  InputBuffer buffer(std::move(stream), options.batch_bytes);
  if (auto begun = options.has_begun ? ok() : take_bom(buffer, name); !begun) return begun.error();
  InputFormat format = options.format;
  if (format == InputFormat::kAuto && !options.multiline.empty()) format = InputFormat::kText;
  if (format == InputFormat::kAuto) {
    auto detected = detect(buffer, name, options);
    if (!detected) return detected.error();
    format = *detected;
  }
  if (format == InputFormat::kCsv && options.multiline.empty())
    return CsvReader::open(std::move(buffer), options, name);
  auto parser = make_parser(format, options);
  if (!parser) return std::move(parser).error();
  return std::unique_ptr<RecordReader>(
      std::make_unique<LineReader>(std::move(buffer), options, std::move(*parser)));
}

Result<std::unique_ptr<RecordReader>> open_records(const std::string& path, const ReaderOptions& options) {
  auto stream = open_input(path);
  if (!stream) return stream.error();
  return read_records(std::move(*stream), path == "-" ? "stdin" : path, options);
}

// As the shell does it, for paths that did not go through one: hidden files only if asked for.
std::optional<std::vector<std::string>> matching_inputs(const std::string& argument) {
  if (!has_wildcard(argument)) return std::vector{argument};
  glob_t found{};
  const int result = ::glob(argument.c_str(), 0, is_passing_failure, &found);
  std::optional<std::vector<std::string>> paths;
  if (result == 0 || result == GLOB_NOMATCH) paths.emplace();
  for (std::size_t i = 0; paths && i < found.gl_pathc; ++i) paths->emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  return paths;
}

Result<std::vector<std::string>> expand_inputs(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return std::vector<std::string>{"-"};
  if (std::count(arguments.begin(), arguments.end(), "-") > 1)
    return Error{ErrorCode::kInvalidArgument, "\"-\" (stdin) is named twice, but can be read only once"}
        .with_help("name it once");
  std::vector<Error> errors;
  std::vector<std::string> paths;
  for (const std::string& argument : arguments) {
    const auto found = matching_inputs(argument).value_or(std::vector<std::string>());
    if (found.empty()) paths.push_back(argument);  // which is told below
    paths.insert(paths.end(), found.begin(), found.end());
  }
  for (const std::string& path : paths) {
    if (path == "-") continue;
    auto checked = check_readable(path);
    if (!checked) errors.push_back(std::move(checked.error()));
  }
  if (errors.empty()) return paths;
  Error first = std::move(errors.front());
  first.others.assign(std::make_move_iterator(errors.begin() + 1), std::make_move_iterator(errors.end()));
  return first;
}

}  // namespace logsieve
