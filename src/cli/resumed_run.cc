#include "cli/resumed_run.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"

namespace logsieve {
namespace {

constexpr std::size_t kHeadBytes = 1024;
constexpr std::uint64_t kMostDeaths = 2;
constexpr std::size_t kKeptBytes = std::size_t{64} << 10U;  // as of other rejects

// The first line, or as much of it as is looked at: it stays while a log grows.
Result<std::string> input_identity(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return io_error("open", path, errno);
  struct stat info {};
  std::array<char, kHeadBytes> head{};
  const bool is_seen = ::fstat(fd, &info) == 0;
  const ssize_t read = is_seen && S_ISREG(info.st_mode) ? ::pread(fd, head.data(), head.size(), 0) : 0;
  const int error_number = errno;
  ::close(fd);
  if (!is_seen || read < 0) return io_error("read", path, error_number);
  if (!S_ISREG(info.st_mode))
    return Error{ErrorCode::kInvalidArgument, path + " is no regular file: it cannot be read again"}
        .with_help("without --state it is classified in one go");
  const std::string_view all(head.data(), static_cast<std::size_t>(read));
  // One that has no end yet may still grow, and then it is the same file all the same.
  if (all.size() < kHeadBytes && all.find('\n') == std::string_view::npos)
    return fmt::format("input {} {}:{} *\n", path, info.st_dev, info.st_ino);
  const Hash128 hash = xxh3_128(all.substr(0, all.find('\n')));
  return fmt::format("input {} {}:{} {:016x}{:016x}\n", path, info.st_dev, info.st_ino, hash.high, hash.low);
}

}  // namespace

Result<std::string> run_identity(std::span<const std::string> inputs, bool follows,
                                 const std::string& settings) {
  std::string identity = settings;
  for (const std::string& path : inputs) {
    if (follows) {
      identity += "follow " + path + '\n';
      continue;
    }
    auto line = input_identity(path);
    if (!line) return line;
    identity += *line;
  }
  return identity;
}

Result<RecordBatch> CarefulReader::next() {
  if (budget_ == 0) return RecordBatch{};
  auto batch = inner_.next();
  if (!batch || batch->records.empty()) return batch;
  --budget_;
  const InputPosition place = place_(*batch);
  if (output_.deaths(place) < kMostDeaths) {
    if (auto begun = output_.begin_record(place); !begun) return std::move(begun).error();
    return batch;
  }
  for (const Record& record : batch->records)
    batch->rejects.push_back({record.line, 0, "the program ended twice while it worked on this record",
                              std::string(record.raw.substr(0, kKeptBytes))});
  batch->records.clear();
  return batch;
}

Result<Durability> read_durability(const std::string& text) {
  if (text.empty() || text == "batch") return Durability::kBatch;
  if (text == "line") return Durability::kLine;
  if (text == "none") return Durability::kNone;
  return Error{ErrorCode::kInvalidArgument, "--durability must be batch, line or none, not \"" + text + "\""}
      .with_help(
          "batch loses no line when the machine dies, line makes each last at once, none is for processes "
          "alone");
}

}  // namespace logsieve
