#include "io/followed_files.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <sys/resource.h>
#include <utility>

#include "base/file.h"
#include "io/input_stream.h"

namespace logsieve {
namespace {

constexpr auto kRetryAfter = std::chrono::seconds(1);
// Files beside the followed ones: model, state, output, what libraries open.
constexpr std::size_t kOtherFiles = 128;
constexpr std::size_t kMostOpen = 4096;
constexpr std::size_t kLeastOpen = 8;
constexpr std::size_t kPackedHeadBytes = 16;  // tell a compression
constexpr std::size_t kMostComplaints = 10'000;

std::size_t allowed_open_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kLeastOpen;
  const auto files = static_cast<std::size_t>(std::min<rlim_t>(limit.rlim_cur, kMostOpen + kOtherFiles));
  return std::max(kLeastOpen, files > kOtherFiles ? files - kOtherFiles : files / 2);
}

// What was read of another file, in its copy.
FollowedFile::Position position_in(const RotatedFiles::File& copy, FollowedFile::Position at) {
  at.device = copy.status.id.first;
  at.inode = copy.status.id.second;
  return at;
}

}  // namespace

Result<void> check_followable(const std::string& path) {
  const auto refused = [&](std::string_view what, std::string_view way) {
    return Error{ErrorCode::kBadInput, "a " + std::string(what) + " cannot be followed"}.at(path).with_help(
        std::string(way));
  };
  auto found = file_status(path);
  if (!found) return std::move(found).error();
  if (found->is_folder) return io_error("read", path, EISDIR).with_help("name the files in it");
  if (!found->is_regular) return refused("pipe or device", "its bytes can be read on stdin: … <" + path);
  FollowedFile file(FollowedFile::Position{found->id.first, found->id.second});
  if (auto opened = file.open(path); !opened) return opened;
  auto head = file.head(kPackedHeadBytes);
  if (!head) return std::move(head).error();
  return is_packed(*head) ? refused("compressed file", "logsieve classify FILE reads it as it is") : ok();
}

FollowedFiles::FollowedFiles(std::vector<std::string> names, const std::vector<KnownFile>& known,
                             FollowOptions options)
    : names_(std::move(names)), options_(std::move(options)) {
  if (options_.max_open == 0) options_.max_open = allowed_open_files();
  is_resumed_ = !known.empty();
  begins_at_end_ = options_.from_end && !is_resumed_;
  for (const KnownFile& file : known) last_key_ = std::max(last_key_, file.key);
  for (const KnownFile& file : known) resume(file);
  for (const KnownFile& file : known)
    if (const auto entry = entries_.find(file.key); entry != entries_.end()) look_behind(entry->second);
}

void FollowedFiles::complain(const std::string& message) {
  if (complaints_.size() >= kMostComplaints) complaints_.clear();
  if (complaints_.insert(message).second) notices_.push_back(message);
}

RotatedFiles& FollowedFiles::folder_of(const std::string& name) {
  const std::string folder = name.substr(0, name.rfind('/') + 1);
  const auto known = folders_.find(folder);
  return known != folders_.end() ? known->second : folders_.try_emplace(folder, name).first->second;
}

void FollowedFiles::queue(Entry& entry) {
  if (entry.is_left_alone || std::exchange(entry.is_queued, true)) return;
  ready_.push_back(entry.key);
}

FollowedFiles::Entry& FollowedFiles::add(KnownFile known, std::string path) {
  const FollowedFile::Position at = known.position;
  Entry& entry = entries_[known.key];
  entry.key = known.key;
  entry.name = std::move(known.name);
  entry.path = std::move(path);
  entry.file = FollowedFile(at);
  entry.size = at.offset;
  if (known.since_ns > 0) entry.since_ns = known.since_ns;
  keys_[{at.device, at.inode}] = entry.key;
  return entry;
}

// What no name leads to: it is read to its end, and let go. That it is to be read must be known after a kill, from the
// moment on at which the place in the file that it belongs to is no longer the old one.
FollowedFiles::Entry& FollowedFiles::add_gone(KnownFile known, std::string path, Clock::time_point now) {
  Entry& entry = add(std::move(known), std::move(path));
  entry.is_gone = true;
  entry.quiet_since = now;
  moved_.push_back(entry.known(entry.file.position()));
  queue(entry);
  return entry;
}

void FollowedFiles::forget(std::uint64_t key) {
  const auto known = entries_.find(key);
  if (known == entries_.end()) return;
  const FollowedFile::Position& at = known->second.file.position();
  const auto id = keys_.find({at.device, at.inode});
  if (id != keys_.end() && id->second == key) keys_.erase(id);
  const auto latest = latest_.find(known->second.name);
  if (latest != latest_.end() && latest->second == key) latest_.erase(latest);
  close(known->second);
  entries_.erase(known);
  forgotten_.push_back(key);
}

void FollowedFiles::finish(Entry& entry) {
  forget(entry.key);
}

void FollowedFiles::leave_alone(Entry& entry, const std::string& why) {
  complain(entry.path + ' ' + why);
  close(entry);
  entry.is_left_alone = true;
}

// Where it lies now; its bytes are compared when it is read. The device of a file system may have another number since the
// machine was started again.
void FollowedFiles::resume(const KnownFile& known) {
  const FollowedFile::Position& at = known.position;
  const auto named = file_status(known.name);
  const bool is_there =
      named && named->id.second == at.inode && (named->id.first == at.device || holds_file(known.name, at));
  const auto latest = latest_.find(known.name);
  const auto other = latest == latest_.end() ? entries_.end() : entries_.find(latest->second);
  if (is_there || other == entries_.end() || other->second.is_gone) latest_[known.name] = known.key;
  const auto path = is_there ? std::optional(known.name) : folder_of(known.name).find_renamed(known.name, at);
  if (!path) return is_lost(add(known, known.name), /*may_have_more=*/true);
  KnownFile here = known;
  if (const auto found = file_status(*path); found && found->id.second == at.inode) {
    here.position.device = found->id.first;
    if (here.since_ns == 0) here.since_ns = found->born_ns.value_or(0);
  }
  Entry& entry = add(std::move(here), *path);
  entry.is_gone = !is_there;
  entry.quiet_since = Clock::now();
  queue(entry);
}

// What came and went before it, and was not seen when the earlier run ended.
void FollowedFiles::look_behind(Entry& entry) {
  const auto latest = latest_.find(entry.name);
  if (latest == latest_.end() || latest->second != entry.key || !entry.packed.empty()) return;
  search(entry);
}

void FollowedFiles::search(Entry& entry, const std::optional<FollowedFile::Position>& lost) {
  Search& search = searches_[entry.name] = {.lost = lost};
  search_siblings(entry, search);
}

// It cannot be opened any more. What was in it may still be in a copy.
void FollowedFiles::is_lost(Entry& entry, bool may_have_more) {
  const KnownFile known = entry.known(entry.file.position());
  RotatedFiles& folder = folder_of(known.name);
  const auto look_again = [&] {
    entry.is_gone = true;
    entry.quiet_since = Clock::now();
  };
  if (!folder.is_whole()) return look_again();
  if (!may_have_more && entry.size <= known.position.offset) return forget(entry.key);
  const auto copy = folder.find_copy(known.name, known.position);
  const bool is_new = copy && !keys_.contains(copy->status.id);
  const auto packed = is_new ? std::nullopt : folder.find_packed(known.name, known.position);
  if (!copy && !packed && !folder.is_whole()) return look_again();
  keys_.erase({known.position.device, known.position.inode});  // the inode may be that of another file now
  if (is_new) {
    entry.file = FollowedFile(position_in(*copy, known.position));
    entry.path = copy->path;
    entry.is_gone = true;
    entry.quiet_since = Clock::now();
    keys_[copy->status.id] = entry.key;
    return queue(entry);
  }
  if (packed) {
    entry.packed = packed->path;
    return queue(entry);
  }
  complain(known.name + ": what followed byte " + std::to_string(known.position.offset) +
           (may_have_more ? ", if anything," : "") + " was removed, or packed, before it was read");
  forget(known.key);
}

// The copy of a file that was cut, from where the file was read to; it comes before the file. If the file was rotated too
// before the cut was seen, the copy may have been taken for something made in between: then it waits for nothing that
// comes after it.
FollowedFiles::Entry& FollowedFiles::rest_in(const RotatedFiles::File& copy, Entry& entry,
                                             const FollowedFile::Position& lost) {
  const FollowedFile::Position at = position_in(copy, lost);
  const auto known = keys_.find(copy.status.id);
  if (known == keys_.end()) {
    KnownFile rest = new_file(entry.name, copy.status);
    rest.position = at;
    Entry& added = add_gone(std::move(rest), copy.path, Clock::now());
    entry.waits_for = added.key;
    return added;
  }
  Entry& rest = entries_.at(known->second);
  if (rest.file.position().offset == 0) {
    close(rest);
    rest.file = FollowedFile(at);
    moved_.push_back(rest.known(at));
  }
  for (auto& [unused, other] : entries_)
    if (other.waits_for == rest.key) other.waits_for = entry.key;
  rest.waits_for = 0;
  entry.waits_for = rest.key;
  return rest;
}

// The copy that was made before the file was cut is read first.
void FollowedFiles::was_cut(Entry& entry, const FollowedFile::Position& lost) {
  ++truncations_;
  // The copy was made before the cut.
  const auto found = entry.file.status();
  if (!found || !folder_of(entry.name).is_newer_than(found->changed_ns)) folders_.clear();
  RotatedFiles& folder = folder_of(entry.name);
  auto copy = folder.find_copy(entry.name, lost);
  const bool is_packed = !copy;
  if (!copy) copy = folder.find_packed(entry.name, lost);
  if (copy) {
    Entry& rest = rest_in(*copy, entry, lost);
    if (is_packed) rest.packed = copy->path;
  } else {
    entry.waits_for = 0;
    complain(entry.name + " was cut or written anew: what it had behind byte " + std::to_string(lost.offset) +
             " is not known, it is read from its beginning");
    // Nothing tells another copy of what was read from what is new.
    entry.since_ns = file_now_ns() + 1;
  }
  // It may have been cut more than once since, each time with a copy.
  search(entry, lost);
  moved_.push_back(entry.known(entry.file.position()));
}

bool FollowedFiles::has_ready() {
  if (Clock::now() >= next_scan_) scan();
  return !ready_.empty();
}

FollowedFiles::Entry* FollowedFiles::next() {
  if (!has_ready()) return nullptr;
  for (std::size_t left = ready_.size(); left > 0; --left) {
    const std::uint64_t key = ready_.front();
    ready_.pop_front();
    const auto known = entries_.find(key);
    if (known == entries_.end()) continue;
    Entry& entry = known->second;
    if (waits(entry)) {
      ready_.push_back(key);
      continue;
    }
    entry.is_queued = false;
    return &entry;
  }
  return nullptr;
}

bool FollowedFiles::waits(Entry& entry) {
  const auto before = entries_.find(entry.waits_for);
  const bool waits = before != entries_.end() && before->second.is_queued;
  if (!waits) entry.waits_for = 0;
  return waits;
}

void FollowedFiles::again(Entry& entry) {
  queue(entry);
}

std::optional<FollowedFile::Lines> FollowedFiles::peek(Entry& entry, std::size_t max_bytes) {
  if (!open(entry)) return std::nullopt;
  auto lines = entry.file.peek(max_bytes, entry.is_last);
  if (!lines) {
    complain(entry.path + ": " + lines.error().message);
    close(entry);
    entry.revisit = Clock::now() + kRetryAfter;
    return std::nullopt;
  }
  if (!lines->lost) return std::move(*lines);
  was_cut(entry, *lines->lost);
  queue(entry);
  return std::nullopt;
}

bool FollowedFiles::open(Entry& entry) {
  if (entry.file.is_open()) return true;
  make_room();
  if (open_.size() >= options_.max_open) {  // all are files without a name, which are let go in a while
    entry.revisit = Clock::now() + kRetryAfter;
    return false;
  }
  const auto opened = entry.file.open(entry.path);
  const int error_number = errno;
  if (opened) {
    open_.push_back(entry.key);
    return true;
  }
  // Under another name by now: the next scan sees to it.
  if (opened.error().code == ErrorCode::kNotFound) return false;
  if (error_number == EMFILE || error_number == ENFILE) {
    options_.max_open = std::max(kLeastOpen, open_.size());
    complain("no more than " + std::to_string(open_.size()) + " files can be open: they take turns");
  } else {
    complain(opened.error().message);
  }
  entry.revisit = Clock::now() + kRetryAfter;
  return false;
}

void FollowedFiles::close(Entry& entry) {
  if (entry.file.is_open()) std::erase(open_, entry.key);
  entry.file.close();
}

// Closes those that have been open longest, but for files without a name, which could not be opened again.
void FollowedFiles::make_room() {
  for (std::size_t left = open_.size(); left > 0 && open_.size() >= options_.max_open; --left) {
    const std::uint64_t key = open_.front();
    open_.pop_front();
    const auto known = entries_.find(key);
    if (known == entries_.end() || !known->second.file.is_open()) continue;
    if (known->second.is_gone) {
      open_.push_back(key);
    } else {
      known->second.file.close();
    }
  }
}

void FollowedFiles::update_since(KnownFile& file) const {
  const auto entry = entries_.find(file.key);
  if (entry != entries_.end()) file.since_ns = entry->second.since_ns.value_or(0);
}

std::vector<KnownFile> FollowedFiles::take_moved() {
  return std::exchange(moved_, {});
}

std::vector<std::uint64_t> FollowedFiles::take_forgotten() {
  return std::exchange(forgotten_, {});
}

std::vector<std::string> FollowedFiles::take_notices() {
  return std::exchange(notices_, {});
}

}  // namespace logsieve
