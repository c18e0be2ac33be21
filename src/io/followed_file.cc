#include "io/followed_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "base/hash.h"

namespace logsieve {
namespace {

constexpr std::size_t kSearchBytes = std::size_t{256} << 10U;  // at a time, for the end of a long line

std::uint64_t hash_of(std::string_view bytes) {
  return xxh3_128(bytes).low;
}

std::uint64_t line_ends(std::string_view text) {
  return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

FollowedFile::FollowedFile(FollowedFile&& other) noexcept
    : at_(other.at_), fd_(std::exchange(other.fd_, -1)), searched_(other.searched_) {}

FollowedFile& FollowedFile::operator=(FollowedFile&& other) noexcept {
  std::swap(at_, other.at_);
  std::swap(fd_, other.fd_);
  std::swap(searched_, other.searched_);
  return *this;
}

FollowedFile::~FollowedFile() {
  close();
}

void FollowedFile::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Result<void> FollowedFile::open(const std::string& path) {
  close();
  // Not blocking: by the time that it is opened the name may be that of a pipe.
  fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd_ < 0) return io_error("open", path, errno);
  const auto found = status();
  if (found && found->id == id()) return ok();
  close();
  return Error{ErrorCode::kNotFound, path + " is another file now"};
}

Result<FileStatus> FollowedFile::status() const {
  return file_status(fd_, "a followed file");
}

Result<std::string> FollowedFile::read_at(std::uint64_t offset, std::size_t bytes) const {
  std::string text(bytes, '\0');
  std::size_t got = 0;
  while (got < bytes) {
    const ssize_t count = ::pread(fd_, text.data() + got, bytes - got, static_cast<off_t>(offset + got));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return io_error("read", "a followed file", errno);
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  text.resize(got);
  return text;
}

Result<bool> FollowedFile::matches(const Position& position) const {
  auto head = read_at(0, std::min<std::size_t>(position.head_bytes, kHeadBytes));
  if (!head) return std::move(head).error();
  const std::size_t tail_bytes = std::min<std::uint64_t>({position.tail_bytes, kTailBytes, position.offset});
  auto tail = read_at(position.offset - tail_bytes, tail_bytes);
  if (!tail) return std::move(tail).error();
  const bool has_head = position.head_bytes == 0 ||
                        (head->size() == position.head_bytes && hash_of(*head) == position.head_hash);
  const bool has_tail = position.tail_bytes == 0 ||
                        (tail->size() == position.tail_bytes && hash_of(*tail) == position.tail_hash);
  return has_head && has_tail;
}

FollowedFile::Lines FollowedFile::begin_anew() {
  Lines lines;
  lines.lost = at_;
  lines.has_more = true;
  at_ = {at_.device, at_.inode};
  searched_ = 0;
  return lines;
}

Result<FollowedFile::Lines> FollowedFile::peek(std::size_t max_bytes, bool is_last) {
  auto before = status();
  if (!before) return std::move(before).error();
  if (before->size < at_.offset) return begin_anew();
  const std::size_t wanted = std::min<std::uint64_t>(before->size - at_.offset, max_bytes);
  auto text = read_at(at_.offset, wanted);
  if (!text) return std::move(text).error();
  // Looked at after reading: what was read is good unless the file had been written anew before, and then it already was.
  // A file that was cut meanwhile gave what it had; the next call sees it.
  auto after = status();
  if (!after) return std::move(after).error();
  if (after->size >= at_.offset) {
    auto is_same = matches(at_);
    if (!is_same) return std::move(is_same).error();
    if (!*is_same) return begin_anew();
  }
  std::size_t end = text->rfind('\n') + 1;  // npos + 1 == 0
  if (end == 0 && text->size() == max_bytes) return peek_long(max_bytes, is_last);
  if (end == 0 && is_last) end = text->size();
  searched_ = end == 0 ? text->size() : 0;
  Lines lines;
  lines.has_more = text->size() == max_bytes;
  lines.text = std::move(*text);
  lines.text.resize(end);
  return lines;
}

// A line that is longer than what is looked at: its end is searched for without holding it.
Result<FollowedFile::Lines> FollowedFile::peek_long(std::size_t seen, bool is_last) {
  std::uint64_t length = std::max<std::uint64_t>(searched_, seen);
  for (;;) {
    auto piece = read_at(at_.offset + length, kSearchBytes);
    if (!piece) return std::move(piece).error();
    const std::size_t end = piece->find('\n');
    length += end == std::string::npos ? piece->size() : end + 1;
    if (end != std::string::npos) break;
    if (!piece->empty()) continue;
    searched_ = length;
    if (!is_last) return Lines{};
    break;
  }
  const bool is_kept = length <= kMaxLineBytes;
  auto text = read_at(at_.offset, is_kept ? length : kKeptBytes);
  if (!text) return std::move(text).error();
  Lines lines;
  lines.text = std::move(*text);
  lines.too_long = is_kept ? 0 : length;
  lines.has_more = true;
  return lines;
}

void FollowedFile::note_head() {
  const std::uint64_t wanted = std::min<std::uint64_t>(kHeadBytes, at_.offset);
  if (at_.head_bytes >= wanted) return;
  const auto head = read_at(0, wanted);
  if (!head || head->size() != wanted) return;  // it was cut: the next look sees it by the tail
  at_.head_bytes = wanted;
  at_.head_hash = hash_of(*head);
}

// With what was read at the position. The file itself may be another by now: then the head stays as it is.
void FollowedFile::note_head_with(std::string_view text) {
  if (at_.offset >= kHeadBytes || at_.head_bytes != at_.offset) return;
  auto head = read_at(0, at_.offset);
  if (!head || head->size() != at_.offset || (at_.offset > 0 && hash_of(*head) != at_.head_hash)) return;
  head->append(text.substr(0, kHeadBytes - at_.offset));
  at_.head_bytes = head->size();
  at_.head_hash = hash_of(*head);
}

Result<void> FollowedFile::note_tail() {
  const std::size_t bytes = std::min<std::uint64_t>(kTailBytes, at_.offset);
  auto tail = read_at(at_.offset - bytes, bytes);
  if (!tail) return std::move(tail).error();
  at_.tail_bytes = tail->size();
  at_.tail_hash = hash_of(*tail);
  return ok();
}

void FollowedFile::consume(std::string_view text) {
  if (text.empty()) return;
  note_head_with(text);
  at_.offset += text.size();
  at_.line += line_ends(text);
  searched_ = 0;
  // From what was read, not from the file, which may be another by now.
  const std::string_view tail = text.substr(text.size() - std::min(text.size(), kTailBytes));
  at_.tail_bytes = tail.size();
  at_.tail_hash = hash_of(tail);
}

Result<void> FollowedFile::skip_line(std::uint64_t bytes) {
  at_.offset += bytes;
  ++at_.line;
  searched_ = 0;
  note_head();
  return note_tail();
}

Result<void> FollowedFile::go_to_end() {
  auto found = status();
  if (!found) return std::move(found).error();
  std::uint64_t end = found->size;
  for (std::uint64_t at = end; at > 0;) {
    const std::size_t bytes = std::min<std::uint64_t>(at, kSearchBytes);
    auto piece = read_at(at - bytes, bytes);
    if (!piece) return std::move(piece).error();
    at -= bytes;
    end = at;
    const std::size_t line_end = piece->rfind('\n');
    if (line_end == std::string::npos) continue;
    end = at + line_end + 1;
    break;
  }
  at_.offset = end;
  note_head();
  return note_tail();
}

Result<std::string> FollowedFile::head(std::size_t max_bytes) const {
  auto head = read_at(0, max_bytes);
  if (!head) return head;
  const std::size_t end = head->rfind('\n');
  if (end != std::string::npos) head->resize(end + 1);
  return head;
}

}  // namespace logsieve
