// The look at all followed names and files: who is new, who has grown, who has lost its name.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

#include "io/followed_files.h"
#include "io/record_reader.h"

namespace logsieve {
namespace {

constexpr auto kExpandEvery = std::chrono::seconds(1);
// A file is not forgotten before a search can have told that it was found.
constexpr auto kLeastGrace = std::chrono::milliseconds(100);

}  // namespace

void FollowedFiles::scan() {
  const Clock::time_point begin = Clock::now();
  ++scans_;
  scan_ns_ = now_ns();
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
  for (auto search = searches_.begin(); search != searches_.end();)
    search = is_search_over(search->first, search->second) ? searches_.erase(search) : std::next(search);
  begins_at_end_ = false;
  const Clock::time_point end = Clock::now();
  next_scan_ = end + std::max<Clock::duration>(options_.scan_every, 4 * (end - begin));
}

bool FollowedFiles::is_search_over(const std::string& name, Search& search) {
  const auto latest = latest_.find(name);
  const auto known = latest == latest_.end() ? entries_.end() : entries_.find(latest->second);
  if (known == entries_.end()) return true;
  Entry& entry = known->second;
  if (!search_siblings(entry, search) || --search.scans_left > 0) return false;
  // Of a file from which nothing was read nothing tells that it was cut.
  return entry.is_gone || entry.file.position().offset > 0;
}

void FollowedFiles::expand_names(Clock::time_point now) {
  previous_expansion_ns_ = std::exchange(expansion_ns_, scan_ns_);
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
  // A pattern may lead to copies too. What was there at the very beginning is read whatever it is.
  if ((scans_ > 1 || is_resumed_) && is_copy(path)) return;
  Entry& entry = add({++last_key_, path, {found.st_dev, found.st_ino}}, path);
  entry.seen = scans_;
  if (begins_at_end_) begin_at_end(entry);
  follows(path, entry);
  has_status(entry, found, now);
}

void FollowedFiles::begin_at_end(Entry& entry) {
  if (!open(entry)) return;
  if (auto moved = entry.file.go_to_end(); !moved) return complain(entry.path + ": " + moved.error().message);
  entry.size = entry.file.position().offset;
  moved_.push_back(entry.known(entry.file.position()));
}

// A new file behind a name that led to another one: that one comes before, and what came and went in between. If the name
// led to none, rotation cannot have made anything of it before it was looked for.
void FollowedFiles::follows(const std::string& path, Entry& entry) {
  const auto before = entries_.find(std::exchange(latest_[path], entry.key));
  if (before != entries_.end()) {
    entry.waits_for = before->first;
    entry.since_ns = before->second.since_ns;
  } else if (entry.since_ns) {
    const std::int64_t looked_ns = previous_expansion_ns_ > 0 ? previous_expansion_ns_ : scan_ns_;
    entry.since_ns = std::max(*entry.since_ns, looked_ns);
  }
  search(entry);
}

// Before the file that the name leads to, but behind one that was rotated itself.
void FollowedFiles::add_between(Entry& entry, FileId id, const std::string& path) {
  Entry& found = add_gone({++last_key_, entry.name, {id.first, id.second}}, path, Clock::now());
  std::uint64_t& last = entry.is_gone ? latest_[entry.name] : entry.waits_for;
  found.waits_for = std::exchange(last, found.key);
}

// Named as rotation names what it makes of a followed file, and a copy of that one or of what it made of it before.
bool FollowedFiles::is_copy(const std::string& path) {
  const auto name = rotated_name(path, [&](const std::string& other) { return latest_.contains(other); });
  if (!name) return false;
  const auto latest = entries_.find(latest_.at(*name));
  if (latest != entries_.end() && latest->second.file.position().offset > 0 &&
      holds_file(path, latest->second.file.position()))
    return true;  // it was cut, which is not seen yet
  return is_copy_of_known(path, *name);
}

bool FollowedFiles::begins_with(const Entry& entry, const FollowedFile::Position& lines) {
  if (!entry.file.is_open()) return holds_file(entry.path, lines);
  const auto is_same = entry.file.matches(lines);  // its path may lead to another one by now
  return is_same && *is_same;
}

// What it holds is read there. Of many files only those that begin alike are opened.
bool FollowedFiles::is_copy_of_known(const std::string& path, const std::string& name) {
  const std::string beginning = beginning_of(path);
  const auto lines = whole_lines(path);
  if (!lines) return false;
  const auto is_name = [&](const std::string& other) { return other == name; };
  const auto begins_alike = [&](Entry& entry) {
    if (!entry.is_gone) return true;
    if (entry.beginning.empty() && entry.file.is_open()) {
      if (auto head = entry.file.head(kBeginningBytes)) entry.beginning = std::move(*head);
    } else if (entry.beginning.empty()) {
      entry.beginning = beginning_of(entry.path);
    }
    const std::size_t bytes = std::min(beginning.size(), entry.beginning.size());
    return std::equal(beginning.begin(), beginning.begin() + static_cast<std::ptrdiff_t>(bytes),
                      entry.beginning.begin());
  };
  return std::any_of(entries_.begin(), entries_.end(), [&](auto& known) {
    Entry& entry = known.second;
    return entry.packed.empty() && entry.name.starts_with(name) &&
           (entry.name == name || rotated_name(entry.name, is_name)) && begins_alike(entry) &&
           begins_with(entry, *lines);
  });
}

// A copy of the file itself, which was cut just now, or will be: its rest is read when that is seen. Nothing is known yet of
// one that has no line.
bool FollowedFiles::is_copy_under_way(const Entry& entry, const RotatedFiles::Sibling& sibling) {
  const FollowedFile::Position& at = entry.file.position();
  if (at.offset > 0 && holds_file(sibling.path, at)) return true;
  if (sibling.status.st_size == 0) return sibling.born_ns >= folder_of(entry.name).settled_ns();
  const auto lines = whole_lines(sibling.path);
  return lines && begins_with(entry, *lines);
}

// Files that rotation made and that are not known yet come before the entry, or behind it if it was rotated itself; not
// those that begin as what was lost of it, of which the rest is known. False: there may be more.
bool FollowedFiles::search_siblings(Entry& entry, const Search& search) {
  if (!entry.since_ns) return true;
  // Cut or renamed, which is not seen yet: then what was made of it could not be told.
  if (!entry.is_gone && !holds_file(entry.path, entry.file.position())) return false;
  const RotatedFiles& folder = folder_of(entry.name);
  std::int64_t since = *entry.since_ns;
  bool is_settled = true;
  for (const RotatedFiles::Sibling& sibling : folder.made_since(entry.name, since)) {
    const FileId id{sibling.status.st_dev, sibling.status.st_ino};
    is_settled = is_settled && sibling.born_ns < folder.settled_ns();
    if (!keys_.contains(id) && S_ISREG(sibling.status.st_mode) && !is_left_out(sibling.status) &&
        !(search.lost && begins_as(sibling.path, *search.lost))) {
      if (!entry.is_gone && is_copy_under_way(entry, sibling)) break;
      if (!is_copy_of_known(sibling.path, entry.name)) add_between(entry, id, sibling.path);
    }
    since = std::max(since, std::min(sibling.born_ns + 1, folder.settled_ns()));
  }
  if (since > *entry.since_ns) {
    entry.since_ns = since;
    moved_.push_back(entry.known(entry.file.position()));
  }
  return is_settled;
}

void FollowedFiles::look_at_unnamed(Entry& entry, Clock::time_point now) {
  if (entry.is_left_alone) return forget(entry.key);
  if (!entry.packed.empty()) return queue(entry);
  if (!std::exchange(entry.is_gone, true)) {
    entry.quiet_since = now;
    // A search that finds it among what rotation made takes it for known: so it must be to a later run.
    moved_.push_back(entry.known(entry.file.position()));
  }
  if (!entry.file.is_open()) {
    const auto path = folder_of(entry.name).find_renamed(entry.file.position());
    if (!path) return is_lost(entry, /*may_have_more=*/false);
    entry.path = *path;
    if (!open(entry)) return;
  }
  const auto found = entry.file.status();
  if (!found) return is_lost(entry, /*may_have_more=*/true);
  has_status(entry, *found, now);
  if (entry.is_queued || now - entry.quiet_since < std::max(options_.grace, kLeastGrace)) return;
  entry.is_last = true;
  queue(entry);
}

}  // namespace logsieve
