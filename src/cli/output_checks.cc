#include "cli/output_checks.h"

#include <cerrno>
#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace logsieve {
namespace {

std::string shown(const std::string& path) {
  return path.empty() || path == "-" ? "stdout" : path;
}

bool is_same_name(const std::string& a, const std::string& b) {
  std::error_code ignored;
  const auto whole = [&](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored);
  };
  return whole(a) == whole(b);
}

Error cannot_write(const std::string& path, int error_number) {
  return Error{ErrorCode::kIo, "cannot write " + path + ": " + std::generic_category().message(error_number)};
}

}  // namespace

std::optional<std::pair<std::uint64_t, std::uint64_t>> file_id(const std::string& path, int standard_fd) {
  struct stat info {};
  const bool is_there =
      path.empty() || path == "-" ? ::fstat(standard_fd, &info) == 0 : ::stat(path.c_str(), &info) == 0;
  if (!is_there || !S_ISREG(info.st_mode)) return std::nullopt;
  return std::pair<std::uint64_t, std::uint64_t>(info.st_dev, info.st_ino);
}

Result<void> check_outputs(std::span<const std::string> inputs, std::span<const std::string> outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto written = file_id(outputs[i], STDOUT_FILENO);
    for (const std::string& input : inputs)
      if (written && written == file_id(input, STDIN_FILENO))
        return Error{ErrorCode::kInvalidArgument, "the output " + shown(outputs[i]) + " is also an input"}
            .with_help("write to another file: what is read must not change meanwhile");
    for (std::size_t j = 0; j < i; ++j) {
      if (shown(outputs[i]) == "stdout" && shown(outputs[j]) == "stdout")
        return Error{ErrorCode::kInvalidArgument, "two outputs would be mixed on stdout"}.with_help(
            "name a file for one of them");
      const auto other = file_id(outputs[j], STDOUT_FILENO);
      if ((written && written == other) || (shown(outputs[i]) != "stdout" && shown(outputs[j]) != "stdout" &&
                                            is_same_name(outputs[i], outputs[j])))
        return Error{ErrorCode::kInvalidArgument,
                     shown(outputs[i]) + " and " + shown(outputs[j]) + " are one file, for two outputs"};
    }
  }
  return ok();
}

Result<void> check_writable(const std::string& path) {
  if (path.empty() || path == "-") return ok();
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (std::filesystem::is_directory(status)) return cannot_write(path, EISDIR);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    return ::access(path.c_str(), W_OK) == 0 ? ok() : Result<void>(cannot_write(path, errno));
  // The file is replaced, so its folder counts. Links are followed, also to what is not there yet.
  const auto target =
      std::filesystem::weakly_canonical(std::filesystem::absolute(path, ignored), ignored).parent_path();
  if (::access(target.c_str(), W_OK | X_OK) != 0) return cannot_write(path, errno);
  return ok();
}

}  // namespace logsieve
