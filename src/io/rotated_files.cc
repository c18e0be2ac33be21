#include "io/rotated_files.h"

#include <algorithm>
#include <chrono>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>

#include "base/hash.h"
#include "io/input_stream.h"

namespace logsieve {
namespace {

constexpr std::uint64_t kTellingBytes = 16;
constexpr std::int64_t kSettleNs = 50'000'000;

std::size_t name_begin(const std::string& path) {
  return path.rfind('/') + 1;  // npos + 1 == 0
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Behind the name: ".1", "-20260131", ".2026-01-31T10:15", but not ".err".
bool is_rotation_suffix(std::string_view suffix) {
  if (suffix.size() < 2 || std::string_view(".-_").find(suffix[0]) == std::string_view::npos) return false;
  return is_digit(suffix[1]) && std::all_of(suffix.begin() + 1, suffix.end(), [](char c) {
           return is_digit(c) || std::string_view(".-_:T").find(c) != std::string_view::npos;
         });
}

bool has_packed_name(std::string_view name) {
  return name.ends_with(".gz") || name.ends_with(".zst");
}

std::optional<FollowedFile> open_regular(const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return std::nullopt;
  FollowedFile file({found.st_dev, found.st_ino});
  if (!file.open(path)) return std::nullopt;
  return file;
}

bool unpacks_to(const std::string& path, const FollowedFile::Position& position) {
  auto stream = open_input(path);
  std::string head(position.head_bytes, '\0');
  std::size_t got = 0;
  while (stream && got < head.size()) {
    auto some = (*stream)->read({head.data() + got, head.size() - got});
    if (!some || *some == 0) return false;
    got += *some;
  }
  return stream && xxh3_128(head).low == position.head_hash;
}

}  // namespace

std::optional<std::string> rotated_name(const std::string& path,
                                        const std::function<bool(const std::string&)>& is_name) {
  for (std::size_t end = path.size(); end-- > name_begin(path) + 1;) {
    if (!is_rotation_suffix(std::string_view(path).substr(end))) continue;
    if (std::string name = path.substr(0, end); is_name(name)) return name;
  }
  return std::nullopt;
}

bool holds_file(const std::string& path, const FollowedFile::Position& position) {
  const auto file = open_regular(path);
  if (!file) return false;
  const auto found = file->status();
  if (!found || static_cast<std::uint64_t>(found->st_size) < position.offset) return false;
  const auto is_same = file->matches(position);
  return is_same && *is_same;
}

bool begins_as(const std::string& path, const FollowedFile::Position& position) {
  FollowedFile::Position head;
  head.offset = head.head_bytes = position.head_bytes;
  head.head_hash = position.head_hash;
  return position.head_bytes == FollowedFile::kHeadBytes && holds_file(path, head);
}

std::string beginning_of(const std::string& path) {
  const auto file = open_regular(path);
  auto head = file ? file->head(kBeginningBytes) : std::string();
  return head ? std::move(*head) : std::string();
}

std::optional<FollowedFile::Position> whole_lines(const std::string& path) {
  auto file = open_regular(path);
  if (!file || !file->go_to_end() || file->position().offset == 0) return std::nullopt;
  return file->position();
}

RotatedFiles::RotatedFiles(const std::string& name)
    : folder_(name.substr(0, name_begin(name))), settled_ns_(now_ns() - kSettleNs) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(folder_.empty() ? "." : folder_.c_str()),
                                                   ::closedir);
  if (!folder) return;
  while (const dirent* const entry = ::readdir(folder.get()))
    if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN)
      files_.emplace_back(entry->d_name, entry->d_ino);
  std::sort(files_.begin(), files_.end());
}

std::optional<std::string> RotatedFiles::find_renamed(const FollowedFile::Position& position) const {
  for (const auto& [name, inode] : files_) {
    if (inode != position.inode) continue;
    std::string path = folder_ + name;
    if (holds_file(path, position)) return path;
  }
  return std::nullopt;
}

// Those whose names begin with what stands before the last dot of `name`: rotation may put a number before ".log".
std::vector<std::string> RotatedFiles::alike(const std::string& name, bool is_packed) const {
  const std::string own = name.substr(name_begin(name));
  const std::string_view stem = std::string_view(own).substr(0, own.rfind('.'));
  std::vector<std::string> paths;
  for (const auto& [other, inode] : files_)
    if (other != own && !stem.empty() && other.starts_with(stem) && has_packed_name(other) == is_packed)
      paths.push_back(folder_ + other);
  return paths;
}

std::optional<std::string> RotatedFiles::find_copy(const std::string& name,
                                                   const FollowedFile::Position& position) const {
  if (position.head_bytes < kTellingBytes) return std::nullopt;
  for (std::string& path : alike(name, /*is_packed=*/false))
    if (holds_file(path, position)) return std::move(path);
  return std::nullopt;
}

std::optional<std::string> RotatedFiles::find_packed(const std::string& name,
                                                     const FollowedFile::Position& position) const {
  if (position.head_bytes < kTellingBytes) return std::nullopt;
  for (std::string& path : alike(name, /*is_packed=*/true))
    if (unpacks_to(path, position)) return std::move(path);
  return std::nullopt;
}

std::vector<RotatedFiles::Sibling> RotatedFiles::made_since(const std::string& name,
                                                            std::int64_t since_ns) const {
  const std::string own = name.substr(name_begin(name));
  std::vector<Sibling> siblings;
  const auto first = std::lower_bound(files_.begin(), files_.end(), std::pair(own, std::uint64_t{0}));
  for (auto file = first; file != files_.end() && file->first.starts_with(own); ++file) {
    const std::string& other = file->first;
    if (!is_rotation_suffix(std::string_view(other).substr(own.size()))) continue;
    Sibling sibling{folder_ + other, 0, {}};
    const auto born = born_ns(sibling.path);
    if (!born || *born < since_ns || ::stat(sibling.path.c_str(), &sibling.status) != 0) continue;
    sibling.born_ns = *born;
    siblings.push_back(std::move(sibling));
  }
  std::stable_sort(siblings.begin(), siblings.end(),
                   [](const Sibling& a, const Sibling& b) { return a.born_ns < b.born_ns; });
  return siblings;
}

std::optional<std::int64_t> born_ns(const std::string& path) {
  struct statx found {};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_BTIME, &found) != 0 || (found.stx_mask & STATX_BTIME) == 0)
    return std::nullopt;
  return std::int64_t{found.stx_btime.tv_sec} * 1'000'000'000 + found.stx_btime.tv_nsec;
}

std::int64_t now_ns() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

}  // namespace logsieve
