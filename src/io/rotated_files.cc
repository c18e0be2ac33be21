#include "io/rotated_files.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <dirent.h>
#include <limits>
#include <memory>
#include <set>
#include <string_view>
#include <unistd.h>
#include <utility>

#include "base/hash.h"
#include "io/input_stream.h"

namespace logsieve {
namespace {

constexpr std::uint64_t kTellingBytes = 16;
constexpr std::int64_t kSettleNs = 50'000'000;
constexpr int kMostRounds = 20;
constexpr std::size_t kLeastListBytes = std::size_t{64} << 10U;
constexpr std::size_t kMostListBytes = std::size_t{64} << 20U;
constexpr std::size_t kFailed = std::numeric_limits<std::size_t>::max();

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
  const auto found = file_status(path);
  if (!found || !found->is_regular) return std::nullopt;
  FollowedFile file({found->id.first, found->id.second});
  if (!file.open(path)) return std::nullopt;
  return file;
}

FollowedFile of(const RotatedFiles::File& file) {
  return FollowedFile({file.status.id.first, file.status.id.second});
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

bool holds_file(const FollowedFile& file, const FollowedFile::Position& position) {
  const auto found = file.status();
  if (!found || found->size < position.offset) return false;
  const auto is_same = file.matches(position);
  return is_same && *is_same;
}

bool holds_file(const std::string& path, const FollowedFile::Position& position) {
  const auto file = open_regular(path);
  return file && holds_file(*file, position);
}

bool begins_as(const FollowedFile& file, const FollowedFile::Position& position) {
  FollowedFile::Position head;
  head.offset = head.head_bytes = position.head_bytes;
  head.head_hash = position.head_hash;
  return position.head_bytes == FollowedFile::kHeadBytes && holds_file(file, head);
}

bool is_elsewhere(FollowedFile& file, const std::string& path) {
  const auto opened = file.open(path);
  return !opened && opened.error().code == ErrorCode::kNotFound;
}

std::optional<FollowedFile::Position> whole_lines(FollowedFile& file) {
  if (!file.go_to_end() || file.position().offset == 0) return std::nullopt;
  return file.position();
}

RotatedFiles::RotatedFiles(const std::string& name)
    : folder_(name.substr(0, name_begin(name))), listed_ns_(file_now_ns()) {
  list();
}

// All that the folder has; what one call gives is a piece.
std::vector<RotatedFiles::Listed> RotatedFiles::read_entries(int fd, std::vector<std::byte>& buffer,
                                                             std::size_t& pieces) {
  std::vector<Listed> files;
  for (pieces = 0;; ++pieces) {
    const ssize_t bytes = ::getdents64(fd, buffer.data(), buffer.size());
    if (bytes < 0) pieces = kFailed;
    if (bytes <= 0) return files;
    for (ssize_t at = 0; at < bytes;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN)
        files.push_back({entry->d_name, entry->d_ino});
      at += entry->d_reclen;
    }
  }
}

// While one piece is read nothing is renamed. Where it takes more, a file that moves on meanwhile may be in none of them,
// so the folder is listed until two listings agree.
void RotatedFiles::list() {
  is_whole_ = true;
  files_.clear();
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(folder_.empty() ? "." : folder_.c_str()),
                                                   ::closedir);
  if (!folder) {
    is_whole_ = errno == ENOENT || errno == ENOTDIR;
    return;
  }
  std::vector<std::byte> buffer(kLeastListBytes);
  for (int round = 0; round < kMostRounds; ++round) {
    if (::lseek(::dirfd(folder.get()), 0, SEEK_SET) < 0) break;
    std::size_t pieces = 0;
    std::vector<Listed> files = read_entries(::dirfd(folder.get()), buffer, pieces);
    std::sort(files.begin(), files.end());
    const bool is_same = round > 0 && files == files_;
    files_ = std::move(files);
    if (pieces <= 1 || (is_same && pieces != kFailed)) return;
    if (buffer.size() < kMostListBytes) buffer.resize(4 * buffer.size());
  }
  is_whole_ = false;
}

// Shows the visitor each wanted file that was in the folder when it was listed, by a name that led to it a moment ago;
// kMoved: it does no longer. False: some moved on each time, or not all are listed.
bool RotatedFiles::visit(const std::string& name_begin, const std::function<bool(const Listed&)>& is_wanted,
                         const Visitor& visitor) {
  std::set<std::uint64_t> visited;
  std::vector<Listed> before;
  for (int round = 0; round < kMostRounds; ++round) {
    if (round > 0) {
      before = std::exchange(files_, {});
      list();
    }
    bool has_moved = !is_whole_;
    for (auto file = std::lower_bound(files_.begin(), files_.end(), Listed{name_begin, 0});
         file != files_.end() && file->name.starts_with(name_begin); ++file) {
      const Listed& listed = *file;
      if (!is_wanted(listed) || visited.contains(listed.inode)) continue;
      const std::string path = folder_ + listed.name;
      const auto status = file_status(path);
      const bool is_it = status && status->id.second == listed.inode;
      // Listed twice alike: then a folder of this file system has other numbers than its files.
      const bool is_taken = is_it || std::binary_search(before.begin(), before.end(), listed);
      const Visit next = !is_taken ? Visit::kMoved : status ? visitor({path, *status}) : Visit::kNext;
      if (next == Visit::kEnd) return true;
      if (next == Visit::kNext && is_it) visited.insert(listed.inode);
      has_moved = has_moved || next == Visit::kMoved;
    }
    if (!has_moved) return true;
  }
  return false;
}

std::optional<std::string> RotatedFiles::find_renamed(const std::string& name,
                                                      const FollowedFile::Position& position) {
  const std::string own = name.substr(name_begin(name));
  std::optional<std::string> path;
  std::optional<std::string> cut;
  const auto has_inode = [&](const Listed& listed) { return listed.inode == position.inode; };
  const bool is_sure = visit("", has_inode, [&](const File& file) {
    FollowedFile bytes = of(file);
    if (is_elsewhere(bytes, file.path)) return Visit::kMoved;
    if (holds_file(bytes, position)) {
      path = file.path;
      return Visit::kEnd;
    }
    const std::string found = file.path.substr(folder_.size());
    if (found.starts_with(own) && is_rotation_suffix(std::string_view(found).substr(own.size())))
      cut = file.path;
    return Visit::kNext;
  });
  if (path) return path;
  if (is_sure) return cut;
  const auto last = std::find_if(files_.begin(), files_.end(), has_inode);
  return last == files_.end() ? std::nullopt : std::optional(folder_ + last->name);
}

// Those whose names begin with what stands before the last dot of `name`: rotation may put a number before ".log".
bool RotatedFiles::visit_alike(const std::string& name, bool is_packed, const Visitor& visitor) {
  const std::string own = name.substr(name_begin(name));
  const std::string stem = own.substr(0, own.rfind('.'));
  const auto is_wanted = [&](const Listed& listed) {
    return listed.name != own && has_packed_name(listed.name) == is_packed;
  };
  return stem.empty() || visit(stem, is_wanted, visitor);
}

std::optional<RotatedFiles::File> RotatedFiles::find_copy(const std::string& name,
                                                          const FollowedFile::Position& position) {
  std::optional<File> found;
  if (position.head_bytes < kTellingBytes) return found;
  visit_alike(name, /*is_packed=*/false, [&](const File& file) {
    FollowedFile bytes = of(file);
    if (is_elsewhere(bytes, file.path)) return Visit::kMoved;
    if (!holds_file(bytes, position)) return Visit::kNext;
    found = file;
    return Visit::kEnd;
  });
  return found;
}

std::optional<RotatedFiles::File> RotatedFiles::find_packed(const std::string& name,
                                                            const FollowedFile::Position& position) {
  std::optional<File> found;
  if (position.head_bytes < kTellingBytes) return found;
  visit_alike(name, /*is_packed=*/true, [&](const File& file) {
    const bool is_it = unpacks_to(file.path, position);
    const auto status = file_status(file.path);
    if (!status || status->id != file.status.id) return Visit::kMoved;
    if (!is_it) return Visit::kNext;
    found = file;
    return Visit::kEnd;
  });
  return found;
}

std::optional<RotatedFiles::Siblings> RotatedFiles::made_since(const std::string& name,
                                                               std::int64_t since_ns) {
  const std::string own = name.substr(name_begin(name));
  Siblings siblings{{}, listed_ns_ - kSettleNs};
  const auto is_sibling = [&](const Listed& listed) {
    return is_rotation_suffix(std::string_view(listed.name).substr(own.size()));
  };
  const bool is_whole = visit(own, is_sibling, [&](const File& file) {
    if (file.status.born_ns && *file.status.born_ns >= since_ns) siblings.files.push_back(file);
    return Visit::kNext;
  });
  if (!is_whole) return std::nullopt;
  std::stable_sort(siblings.files.begin(), siblings.files.end(),
                   [](const File& a, const File& b) { return *a.status.born_ns < *b.status.born_ns; });
  return siblings;
}

std::int64_t file_now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace logsieve
