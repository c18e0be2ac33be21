#include "io/resumable_output.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "base/failpoint.h"
#include "base/file.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "logsieve journal ";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kJournalName = "classify.journal.";
constexpr std::size_t kNumbers = 6;  // of a record; an announcement has as many, the last ones 0
constexpr std::uint64_t kGenerationBytes = std::uint64_t{1} << 20U;  // then the next one is begun
constexpr std::uint64_t kGroupBytes = std::uint64_t{4} << 20U;
constexpr std::chrono::milliseconds kGroupTime{50};
constexpr std::size_t kMaxJournalBytes = std::size_t{1} << 30U;
constexpr std::string_view kNote = "note ";

std::string checked_line(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string line(text);
  line += ' ';
  const std::uint32_t crc = crc32c(text);
  for (unsigned shift = 32; shift > 0; shift -= 4) line += kHex[(crc >> (shift - 4)) & 15U];
  return line += '\n';
}

// The first line of `bytes`, without its check, which is right; nothing where it is torn or changed.
std::optional<std::string_view> take_checked_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::size_t space = bytes.substr(0, end).rfind(' ');
  if (end == std::string_view::npos || space == std::string_view::npos) return std::nullopt;
  const std::string_view text = bytes.substr(0, space);
  if (checked_line(text) != bytes.substr(0, end + 1)) return std::nullopt;
  bytes.remove_prefix(end + 1);
  return text;
}

std::optional<std::array<std::uint64_t, kNumbers>> numbers_of(std::string_view text) {
  std::array<std::uint64_t, kNumbers> numbers{};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::uint64_t& number : numbers) {
    while (at != end && *at == ' ') ++at;
    const auto [next, failure] = std::from_chars(at, end, number);
    if (failure != std::errc()) return std::nullopt;
    at = next;
  }
  return at == end ? std::optional(numbers) : std::nullopt;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_same_line(std::string_view was, std::string_view is) {
  return was == is || (was.ends_with('*') && is.starts_with(was.substr(0, was.size() - 1)));
}

std::vector<IdentityChange> changes_between(std::string_view then, std::string_view now) {
  const auto was = lines_of(then);
  const auto is = lines_of(now);
  std::vector<IdentityChange> changes;
  for (std::size_t i = 0; i < std::max(was.size(), is.size()); ++i) {
    const IdentityChange change{i < was.size() ? was[i] : "", i < is.size() ? is[i] : ""};
    if (!is_same_line(change.was, change.is)) changes.push_back(change);
  }
  return changes;
}

std::string identity_line(const std::string& identity) {
  // One line of the journal: its own line ends are spelt otherwise.
  std::string line = "run ";
  for (const char c : identity) line += c == '\n' ? '\x1F' : c;
  return line;
}

Result<void> of_another_run(std::span<const IdentityChange> changes) {
  const IdentityChange& first = changes.front();
  return Error{ErrorCode::kBadConfig, "the state is that of another run: then \"" + std::string(first.was) +
                                          "\", now \"" + std::string(first.is) + '"'}
      .with_help("repeat the command of that run, or name another --state folder");
}

// "note KEY TEXT", or nothing where it is no such line.
std::optional<std::pair<std::uint64_t, std::string>> note_from(std::string_view line) {
  if (!line.starts_with(kNote)) return std::nullopt;
  line.remove_prefix(kNote.size());
  std::uint64_t key = 0;
  const char* const end = line.data() + line.size();
  const auto [at, failure] = std::from_chars(line.data(), end, key);
  if (failure != std::errc() || at == end || *at != ' ') return std::nullopt;
  return std::pair(key, std::string(at + 1, end));
}

// Generations that are there, the newest first.
std::vector<std::uint64_t> generations_in(const fs::path& folder) {
  std::vector<std::uint64_t> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kJournalName)) continue;
    std::uint64_t number = 0;
    const char* const end = name.data() + name.size();
    const auto [at, failure] = std::from_chars(name.data() + kJournalName.size(), end, number);
    if (failure == std::errc() && at == end) found.push_back(number);
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

}  // namespace

ResumableOutput::ResumableOutput(ResumableOutput&& other) noexcept
    : options_(std::move(other.options_)),
      lock_(std::exchange(other.lock_, -1)),
      output_(std::exchange(other.output_, {})),
      rejects_(std::exchange(other.rejects_, {})),
      journal_(std::exchange(other.journal_, {})),
      generation_(other.generation_),
      committed_(other.committed_),
      committed_output_(other.committed_output_),
      committed_rejects_(other.committed_rejects_),
      runs_(other.runs_),
      failed_runs_(other.failed_runs_),
      announcement_(std::exchange(other.announcement_, -1)),
      announced_at_(other.announced_at_),
      announced_times_(other.announced_times_),
      has_announced_(other.has_announced_),
      is_resumed_(other.is_resumed_),
      is_dirty_(other.is_dirty_),
      has_failed_(other.has_failed_),
      has_lost_sync_(other.has_lost_sync_),
      notes_(std::move(other.notes_)),
      changed_notes_(std::move(other.changed_notes_)),
      generation_bytes_(other.generation_bytes_),
      synced_output_(other.synced_output_),
      synced_at_(other.synced_at_) {}

ResumableOutput::~ResumableOutput() {
  for (const int fd : {output_.fd, rejects_.fd, journal_.fd, announcement_, lock_})
    if (fd >= 0) ::close(fd);
}

std::string ResumableOutput::journal_path(std::uint64_t generation) const {
  return (fs::path(options_.state_dir) / (std::string(kJournalName) + std::to_string(generation))).string();
}

Result<ResumableOutput> ResumableOutput::open(ResumableOptions options, const JudgeChanges& judge) {
  ResumableOutput output(std::move(options));
  if (auto locked = output.lock_state(); !locked) return std::move(locked).error();
  if (auto recovered = output.recover(judge); !recovered) return std::move(recovered).error();
  failpoint("recovery.read");
  const ResumableOptions& chosen = output.options_;
  if (auto opened = output.open_output(output.output_, chosen.out, output.committed_output_); !opened)
    return std::move(opened).error();
  if (!chosen.rejects.empty())
    if (auto opened = output.open_output(output.rejects_, chosen.rejects, output.committed_rejects_); !opened)
      return std::move(opened).error();
  failpoint("recovery.truncated");
  ++output.runs_;
  if (auto opened = output.open_announcement(); !opened) return std::move(opened).error();
  if (auto begun = output.begin_generation(); !begun) return std::move(begun).error();
  output.synced_output_ = output.output_.bytes;
  output.synced_at_ = std::chrono::steady_clock::now();
  return output;
}

Result<void> ResumableOutput::lock_state() {
  std::error_code failure;
  fs::create_directories(options_.state_dir, failure);
  if (failure) return io_error("make", options_.state_dir, failure.value());
  const std::string path = (fs::path(options_.state_dir) / "classify.lock").string();
  lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return io_error("open", path, errno);
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return ok();
  if (errno != EWOULDBLOCK) return io_error("lock", path, errno);
  return Error{ErrorCode::kBadConfig, "another process uses the state folder " + options_.state_dir}
      .with_help("wait for it, or name another --state folder");
}

// The last whole record of the newest generation that can be read; without one, everything begins anew.
Result<void> ResumableOutput::recover(const JudgeChanges& judge) {
  const std::vector<std::uint64_t> found = generations_in(options_.state_dir);
  if (!found.empty()) generation_ = found.front();
  for (const std::uint64_t generation : found) {
    auto read = read_generation(generation, judge);
    if (!read) return std::move(read).error();
    if (*read) break;
  }
  return ok();
}

Result<bool> ResumableOutput::read_generation(std::uint64_t generation, const JudgeChanges& judge) {
  auto bytes = read_file(journal_path(generation), kMaxJournalBytes);
  if (!bytes) return std::move(bytes).error();
  std::string_view rest = *bytes;
  const auto version = take_checked_line(rest);
  if (!version || !version->starts_with(kMagic)) return false;
  if (version->substr(kMagic.size()) != kVersion)
    return Error{ErrorCode::kBadConfig, "the state was written by a newer version of logsieve"}
        .at(journal_path(generation))
        .with_help("use that version, or name another --state folder");
  const auto identity = take_checked_line(rest);
  if (!identity) return false;
  std::optional<std::array<std::uint64_t, kNumbers>> last;
  std::map<std::uint64_t, std::string> notes;
  std::vector<std::pair<std::uint64_t, std::string>> uncommitted;
  while (const auto line = take_checked_line(rest)) {
    if (auto note = note_from(*line)) {
      uncommitted.push_back(std::move(*note));
      continue;
    }
    const auto numbers = numbers_of(*line);
    if (!numbers) break;
    last = numbers;
    for (auto& [key, text] : uncommitted) notes[key] = std::move(text);
    uncommitted.clear();
  }
  if (!last) return false;
  std::string then(identity->substr(std::min<std::size_t>(4, identity->size())));
  std::replace(then.begin(), then.end(), '\x1F', '\n');
  if (const auto changes = changes_between(then, options_.identity); !changes.empty())
    if (auto judged = judge ? judge(changes) : of_another_run(changes); !judged)
      return std::move(judged).error().at(journal_path(generation));
  committed_ = {(*last)[0], (*last)[1], (*last)[2]};
  committed_output_ = (*last)[3];
  committed_rejects_ = (*last)[4];
  failed_runs_ = (*last)[5];
  runs_ = failed_runs_;
  std::erase_if(notes, [](const auto& note) { return note.second.empty(); });
  notes_ = std::move(notes);
  is_resumed_ = committed_ != InputPosition{} || !notes_.empty();
  return true;
}

Result<void> ResumableOutput::open_output(File& file, const std::string& path, std::uint64_t bytes) {
  file.path = path;
  file.fd = ::open(path.c_str(), O_WRONLY | (bytes == 0 ? O_CREAT : 0) | O_CLOEXEC, 0666);
  if (file.fd < 0 && errno == ENOENT && bytes > 0)
    return Error{ErrorCode::kBadInput,
                 path + " is gone, but " + std::to_string(bytes) + " bytes were committed"}
        .with_help("put it back, or remove the --state folder " + options_.state_dir + " to begin anew");
  if (file.fd < 0) return io_error("write", path, errno);
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) return io_error("look at", path, errno);
  if (!S_ISREG(info.st_mode))
    return Error{ErrorCode::kInvalidArgument, path + " is no regular file: it cannot be resumed"};
  if (static_cast<std::uint64_t>(info.st_size) < bytes)
    return Error{ErrorCode::kBadInput, path + " has " + std::to_string(info.st_size) + " bytes, but " +
                                           std::to_string(bytes) + " were committed"}
        .with_help("it was changed since; to begin anew, name another --state folder");
  if (::ftruncate(file.fd, static_cast<off_t>(bytes)) != 0) return io_error("truncate", path, errno);
  if (::lseek(file.fd, static_cast<off_t>(bytes), SEEK_SET) < 0) return io_error("seek in", path, errno);
  file.bytes = bytes;
  if (options_.durability == Durability::kNone) return ok();
  if (auto synced = sync(file, "recovery.sync"); !synced) return synced;
  return sync_directory(fs::path(path).parent_path());
}

std::string ResumableOutput::record() const {
  std::string text;
  for (const std::uint64_t number :
       {committed_.source, committed_.offset, committed_.line, committed_output_, committed_rejects_, runs_})
    text += (text.empty() ? "" : " ") + std::to_string(number);
  return checked_line(text);
}

void ResumableOutput::append_note(std::uint64_t key, std::string& out) const {
  const auto known = notes_.find(key);
  out += checked_line(std::string(kNote) + std::to_string(key) + ' ' +
                      (known == notes_.end() ? std::string() : known->second));
}

void ResumableOutput::note(std::uint64_t key, std::string text) {
  if (text.empty()) {
    notes_.erase(key);
  } else {
    notes_[key] = std::move(text);
  }
  changed_notes_.insert(key);
}

// A file of its own that is there whole or not at all; the one before it stays, the others go.
Result<void> ResumableOutput::begin_generation() {
  const std::string path = journal_path(++generation_);
  std::string header = checked_line(std::string(kMagic) + std::string(kVersion)) +
                       checked_line(identity_line(options_.identity));
  for (const auto& [key, text] : notes_) append_note(key, header);
  header += record();
  generation_bytes_ = kGenerationBytes + 4 * header.size();
  failpoint("generation.write");
  if (auto written = write_file_atomic(path, header); !written) return written;
  failpoint("generation.written");
  if (journal_.fd >= 0) ::close(journal_.fd);
  journal_ = {::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC), path, header.size()};
  if (journal_.fd < 0) return io_error("open", path, errno);
  const std::vector<std::uint64_t> found = generations_in(options_.state_dir);
  for (std::size_t i = 2; i < found.size(); ++i) ::unlink(journal_path(found[i]).c_str());
  return ok();
}

Result<void> ResumableOutput::append(File& file, std::string_view bytes) {
  if (has_failed_) return Error{ErrorCode::kIo, "nothing is written after an error: " + file.path};
  has_failed_ = true;  // until all of it is written
  while (!bytes.empty()) {
    if (failpoint("write")) return io_error("write", file.path, ENOSPC);
    const ssize_t written = ::write(file.fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error("write", file.path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    file.bytes += static_cast<std::uint64_t>(written);
  }
  has_failed_ = false;
  return ok();
}

Result<void> ResumableOutput::sync(File& file, std::string_view failpoint_name) {
  const bool fails = failpoint(failpoint_name);
  if (!fails && ::fdatasync(file.fd) == 0) return ok();
  const int error_number = fails ? EIO : errno;
  has_failed_ = true;
  has_lost_sync_ = true;
  return io_error("sync", file.path, error_number)
      .with_help(
          "the disk may have lost what was written: see to it, then repeat the command, which goes on "
          "at the last good commit");
}

Result<void> ResumableOutput::commit(const InputPosition& position) {
  if (has_failed_) return Error{ErrorCode::kIo, "nothing is committed after an error: " + output_.path};
  committed_ = position;
  committed_output_ = output_.bytes;
  committed_rejects_ = rejects_.bytes;
  runs_ = 0;
  is_dirty_ = true;
  const bool is_due = options_.durability != Durability::kBatch ||
                      output_.bytes - synced_output_ >= kGroupBytes ||
                      std::chrono::steady_clock::now() - synced_at_ >= kGroupTime;
  return is_due ? flush() : ok();
}

Result<void> ResumableOutput::end_run() {
  if (std::exchange(has_announced_, false))
    if (auto written = announce(announced_at_, 0); !written) return written;
  if (runs_ == 0 || has_failed_) return flush();
  runs_ = 0;
  is_dirty_ = true;
  return flush();
}

// A file of one line, written over before each record and never synced: a machine that dies is not killed by a record.
Result<void> ResumableOutput::open_announcement() {
  const std::string path = (fs::path(options_.state_dir) / "classify.record").string();
  announcement_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (announcement_ < 0) return io_error("open", path, errno);
  std::array<char, 256> bytes{};
  const ssize_t got = ::pread(announcement_, bytes.data(), bytes.size(), 0);
  std::string_view text(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  const auto line = take_checked_line(text);
  const auto numbers = line ? numbers_of(*line) : std::nullopt;
  if (!numbers) return ok();
  announced_at_ = {(*numbers)[0], (*numbers)[1], (*numbers)[2]};
  announced_times_ = (*numbers)[3];
  return ok();
}

Result<void> ResumableOutput::begin_record(const InputPosition& place) {
  // Else the run after a death would begin before the place, and forget it on the way there.
  if (auto flushed = flush(); !flushed) return flushed;
  has_announced_ = true;
  return announce(place, deaths(place) + 1);
}

Result<void> ResumableOutput::announce(const InputPosition& place, std::uint64_t times) {
  announced_at_ = place;
  announced_times_ = times;
  const std::string line =
      checked_line(std::to_string(announced_at_.source) + ' ' + std::to_string(announced_at_.offset) + ' ' +
                   std::to_string(announced_at_.line) + ' ' + std::to_string(announced_times_) + " 0 0");
  if (::pwrite(announcement_, line.data(), line.size(), 0) != static_cast<ssize_t>(line.size()))
    return io_error("write", fs::path(options_.state_dir) / "classify.record", errno);
  return ok();
}

bool ResumableOutput::has_death_ahead() const {
  const bool is_ahead =
      announced_at_.source > committed_.source ||
      (announced_at_.source == committed_.source && announced_at_.offset >= committed_.offset);
  return announced_times_ > 0 && is_ahead;
}

Result<void> ResumableOutput::flush() {
  if (!is_dirty_) return ok();
  const bool syncs = options_.durability != Durability::kNone;
  failpoint("commit.written");
  if (syncs)
    if (auto synced = sync(output_, "output.sync"); !synced) return synced;
  if (syncs && rejects_.fd >= 0)
    if (auto synced = sync(rejects_, "rejects.sync"); !synced) return synced;
  failpoint("commit.output_synced");
  std::string line;
  for (const std::uint64_t key : changed_notes_) append_note(key, line);
  line += record();
  // In two pieces where a test wants the record torn.
  const std::size_t half = failpoint("commit.tear") ? line.size() / 2 : line.size();
  if (auto written = append(journal_, std::string_view(line).substr(0, half)); !written) return written;
  if (half < line.size()) {
    has_failed_ = true;
    return Error{ErrorCode::kIo, "a torn record, as a test wants it"};
  }
  failpoint("commit.recorded");
  if (syncs)
    if (auto synced = sync(journal_, "journal.sync"); !synced) return synced;
  failpoint("commit.done");
  is_dirty_ = false;
  changed_notes_.clear();
  synced_output_ = output_.bytes;
  synced_at_ = std::chrono::steady_clock::now();
  return journal_.bytes < generation_bytes_ ? ok() : begin_generation();
}

}  // namespace logsieve
