// The look at all followed names and files: who is new, who has grown, who has lost its name.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/followed_files.h"
#include "io/record_reader.h"

namespace logsieve {
namespace {

constexpr auto kExpandEvery = std::chrono::seconds(1);

}  // namespace

void FollowedFiles::scan() {
  const Clock::time_point begin = Clock::now();
  ++scans_;
  folders_.clear();
  if (begin >= next_expansion_) expand_names(begin);
  for (const std::string& path : paths_) look_at(path, begin);
  std::vector<std::uint64_t> keys;
  for (const auto& [key, entry] : entries_) keys.push_back(key);
  for (const std::uint64_t key : keys) {
    const auto known = entries_.find(key);
    if (known == entries_.end()) continue;
    if (known->second.revisit <= begin) queue(known->second);
    if (known->second.seen != scans_) look_at_unnamed(known->second, begin);
  }
  for (Search& search : searches_) {
    search_siblings(search, 0, begin);
    if (search.was_cut) keep_since(search);
    // Of a file that is empty since it was cut nothing tells that it was cut again. What was found is not looked for
    // again: once it has been read it is forgotten.
    if (--search.scans_left > 0 || !search.was_cut || !is_empty(search.name)) continue;
    search.since_ns = std::max(search.since_ns, search.newest_ns + 1);
    search.scans_left = 1;
  }
  std::erase_if(searches_, [](const Search& search) { return search.scans_left <= 0; });
  begins_at_end_ = false;
  const Clock::time_point end = Clock::now();
  next_scan_ = end + std::max<Clock::duration>(options_.scan_every, 4 * (end - begin));
}

void FollowedFiles::expand_names(Clock::time_point now) {
  paths_.clear();
  for (const std::string& name : names_)
    for (std::string& path : matching_inputs(name)) paths_.push_back(std::move(path));
  const Clock::time_point end = Clock::now();
  next_expansion_ = end + std::max<Clock::duration>(kExpandEvery, 20 * (end - now));
}

// Another time alone is enough: it may be another file of the same inode and as many bytes.
void FollowedFiles::has_status(Entry& entry, const struct stat& found, Clock::time_point now) {
  const auto size = static_cast<std::uint64_t>(found.st_size);
  const std::int64_t changed_ns = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
  const bool is_same = size == entry.size && (changed_ns == entry.changed_ns || size == 0);
  entry.changed_ns = changed_ns;
  if (is_same) return;
  entry.size = size;
  entry.quiet_since = now;
  entry.is_last = false;
  queue(entry);
}

bool FollowedFiles::is_left_out(const struct stat& found) const {
  const FileId id{found.st_dev, found.st_ino};
  return std::find(options_.left_out.begin(), options_.left_out.end(), id) != options_.left_out.end();
}

void FollowedFiles::look_at(const std::string& path, Clock::time_point now) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) complain("cannot look at " + path + ": " + std::strerror(errno));
    return;
  }
  const auto known = keys_.find({found.st_dev, found.st_ino});
  if (known == keys_.end()) return look_at_new(path, found, now);
  Entry& entry = entries_.at(known->second);
  latest_[path] = entry.key;
  if (entry.seen == scans_) return;  // by another name
  entry.seen = scans_;
  entry.name = path;
  entry.path = path;
  entry.is_gone = false;
  entry.is_last = false;
  has_status(entry, found, now);
}

void FollowedFiles::look_at_new(const std::string& path, const struct stat& found, Clock::time_point now) {
  if (is_left_out(found)) return;
  if (!S_ISREG(found.st_mode)) {
    if (!S_ISDIR(found.st_mode)) complain(path + " is no regular file: it is not followed");
    return;
  }
  Entry& entry = add({++last_key_, path, {found.st_dev, found.st_ino}}, path);
  entry.seen = scans_;
  if (begins_at_end_) begin_at_end(entry);
  follows(path, entry, now);
  has_status(entry, found, now);
}

void FollowedFiles::begin_at_end(Entry& entry) {
  if (!open(entry)) return;
  if (auto moved = entry.file.go_to_end(); !moved) return complain(entry.path + ": " + moved.error().message);
  entry.size = entry.file.position().offset;
  moved_.push_back(entry.known(entry.file.position()));
}

// A new file behind a name that led to another one: that one comes before, and what came and went in between.
void FollowedFiles::follows(const std::string& path, Entry& entry, Clock::time_point now) {
  const std::uint64_t before = std::exchange(latest_[path], entry.key);
  const auto known = entries_.find(before);
  if (known == entries_.end()) return;
  entry.waits_for = before;
  if (!known->second.since_ns) return;
  searches_.push_back({path, *known->second.since_ns, /*was_cut=*/false, kSearchScans});
  entry.waits_for = search_siblings(searches_.back(), before, now);
}

// A later run must not take the copies that were found for new ones.
void FollowedFiles::keep_since(const Search& search) {
  const auto latest = latest_.find(search.name);
  const auto entry = latest == latest_.end() ? entries_.end() : entries_.find(latest->second);
  if (entry == entries_.end() || search.newest_ns < entry->second.since_ns.value_or(0)) return;
  entry->second.since_ns = search.newest_ns + 1;
  moved_.push_back(entry->second.known(entry->second.file.position()));
}

bool FollowedFiles::is_empty(const std::string& name) const {
  const auto latest = latest_.find(name);
  const auto entry = latest == latest_.end() ? entries_.end() : entries_.find(latest->second);
  return entry != entries_.end() && entry->second.file.position().offset == 0;
}

// It was cut just now, which is not seen yet: then its copy is not read from the beginning.
bool FollowedFiles::is_copy_of_latest(const Search& search, const std::string& path) const {
  if (!search.was_cut) return false;
  const auto latest = latest_.find(search.name);
  const auto entry = latest == latest_.end() ? entries_.end() : entries_.find(latest->second);
  return entry != entries_.end() && entry->second.file.position().offset > 0 &&
         holds_file(path, entry->second.file.position());
}

// The last of those that were found, or `before`.
std::uint64_t FollowedFiles::search_siblings(Search& search, std::uint64_t before, Clock::time_point now) {
  for (const RotatedFiles::Sibling& sibling :
       folder_of(search.name).made_since(search.name, search.since_ns)) {
    const FileId id{sibling.status.st_dev, sibling.status.st_ino};
    search.newest_ns = std::max(search.newest_ns, sibling.born_ns);
    if (keys_.contains(id) || !S_ISREG(sibling.status.st_mode) || is_left_out(sibling.status) ||
        is_copy_of_latest(search, sibling.path))
      continue;
    Entry& entry = add_gone({++last_key_, search.name, {id.first, id.second}}, sibling.path, now);
    entry.waits_for = before;
    before = entry.key;
  }
  return before;
}

void FollowedFiles::look_at_unnamed(Entry& entry, Clock::time_point now) {
  if (entry.is_left_alone) return forget(entry.key);
  if (!entry.packed.empty()) return queue(entry);
  if (!std::exchange(entry.is_gone, true)) entry.quiet_since = now;
  if (!entry.file.is_open()) {
    const auto path = folder_of(entry.name).find_renamed(entry.file.position());
    if (!path) return is_lost(entry, /*may_have_more=*/false);
    entry.path = *path;
    if (!open(entry)) return;
  }
  const auto found = entry.file.status();
  if (!found) return is_lost(entry, /*may_have_more=*/true);
  has_status(entry, *found, now);
  if (entry.is_queued || now - entry.quiet_since < options_.grace) return;
  entry.is_last = true;
  queue(entry);
}

}  // namespace logsieve
