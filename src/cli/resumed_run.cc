#include "cli/resumed_run.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
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

// "input PATH DEVICE:INODE HASH" or "key value".
struct IdentityLine {
  std::string_view key;
  std::string_view value;
  std::string_view file = {};  // of an input, behind its path
};

IdentityLine parsed(std::string_view line) {
  const std::size_t key_end = std::min(line.find(' '), line.size());
  IdentityLine parsed{line.substr(0, key_end), line.substr(std::min(key_end + 1, line.size()))};
  if (parsed.key != "input") return parsed;
  const std::size_t file = parsed.value.rfind(' ', parsed.value.rfind(' ') - 1);
  parsed.file = parsed.value.substr(file + 1);
  parsed.value = parsed.value.substr(0, file);
  return parsed;
}

bool leads_to_the_same(const IdentityLine& was, const IdentityLine& is) {
  if (was.key != is.key) return false;
  if (is.key == "out" || is.key == "rejects") return full_path(std::string(was.value)) == is.value;
  if (is.key != "input") return false;
  return was.file == is.file ||
         (was.file.ends_with('*') && is.file.starts_with(was.file.substr(0, was.file.size() - 1)));
}

Error refused(const std::string& what, const std::string& help) {
  return Error{ErrorCode::kBadConfig, what}.with_help(help);
}

}  // namespace

std::string full_path(const std::string& path) {
  if (path.empty()) return path;
  std::error_code failure;
  const auto full = std::filesystem::weakly_canonical(std::filesystem::absolute(path, failure), failure);
  return failure ? path : full.string();
}

Result<bool> judge_changes(std::span<const IdentityChange> changes, bool accepts_new_model) {
  bool has_new_model = false;
  for (const IdentityChange& change : changes) {
    const IdentityLine was = parsed(change.was);
    const IdentityLine is = parsed(change.is);
    if (leads_to_the_same(was, is)) continue;
    const bool is_model =
        was.key == is.key && (is.key == "bundle" || is.key == "encoder-mode" || is.key == "llm");
    if (is_model && accepts_new_model) {
      has_new_model = true;
    } else if (is_model) {
      return refused(
          fmt::format("{} is another than in the run before", is.key == "bundle" ? "the model" : is.key),
          "--accept-new-model goes on from where that run stopped, and what it wrote keeps its labels; "
          "to label everything anew, name another --state folder and another --out");
    } else if (is.key == "input" && was.key == "input" && was.value == is.value) {
      return refused(
          fmt::format("{} was replaced or rewritten since the run before", is.value),
          "to classify what is in it now, name another --state folder and another --out; --follow goes "
          "along with files that are rotated");
    } else {
      return refused(
          fmt::format("the state is that of another run: then \"{}\", now \"{}\"", change.was, change.is),
          "repeat the command of that run, or name another --state folder");
    }
  }
  return has_new_model;
}

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
