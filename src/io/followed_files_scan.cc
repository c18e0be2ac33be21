// The look at all followed names and files: who is new, who has grown, who has lost its name.
#include <algorithm>
#include <iterator>
#include <string_view>

#include "io/file_status.h"
#include "io/followed_files.h"
#include "io/record_reader.h"

namespace logsieve {
namespace {

constexpr auto kExpandEvery = std::chrono::seconds(1);
// A file is not forgotten before a search can have told that it was found.
constexpr auto kLeastGrace = std::chrono::milliseconds(100);
constexpr std::size_t kBeginningBytes = 64;

}  // namespace

KnownFile FollowedFiles::new_file(const std::string& name, const FileStatus& found) {
  return {++last_key_, name, {found.id.first, found.id.second}, found.born_ns.value_or(0)};
}

void FollowedFiles::scan() {
  const Clock::time_point begin = Clock::now();
  ++scans_;
  scan_ns_ = file_now_ns();
  folders_.clear();
  if (begin >= next_expansion_) expand_names(begin);
  for (const std::vector<std::string>& paths : paths_)
    for (const std::string& path : paths) look_at(path, begin);
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
  bool are_all_known = true;
  paths_.resize(names_.size());
  for (std::size_t i = 0; i < names_.size(); ++i) {
    auto matching = matching_inputs(names_[i]);
    if (matching) {
      paths_[i] = std::move(*matching);
    } else {  // those of before stay
      are_all_known = false;
      complain(names_[i] + ": its folder cannot be read for now");
    }
  }
  const Clock::time_point end = Clock::now();
  next_expansion_ = end + std::max<Clock::duration>(kExpandEvery, 20 * (end - now));
  if (are_all_known) previous_expansion_ns_ = std::exchange(expansion_ns_, scan_ns_);
}

// Another time alone is enough: it may be another file of the same inode and as many bytes.
void FollowedFiles::has_status(Entry& entry, const FileStatus& found, Clock::time_point now) {
  const bool is_same = found.size == entry.size && (found.changed_ns == entry.changed_ns || found.size == 0);
  entry.changed_ns = found.changed_ns;
  if (is_same) return;
  entry.size = found.size;
  entry.quiet_since = now;
  entry.is_last = false;
  queue(entry);
}

bool FollowedFiles::is_left_out(const FileStatus& found) const {
  return std::find(options_.left_out.begin(), options_.left_out.end(), found.id) != options_.left_out.end();
}

void FollowedFiles::look_at(const std::string& path, Clock::time_point now) {
  const auto found = file_status(path);
  if (!found) {
    if (found.error().code != ErrorCode::kNotFound) complain(found.error().message);
    return;
  }
  const auto known = keys_.find(found->id);
  if (known == keys_.end()) return look_at_new(path, *found, now);
  Entry& entry = entries_.at(known->second);
  latest_[path] = entry.key;
  if (entry.seen == scans_) return;  // by another name
  entry.seen = scans_;
  entry.name = path;
  entry.path = path;
  entry.is_gone = false;
  entry.is_last = false;
  has_status(entry, *found, now);
}

void FollowedFiles::look_at_new(const std::string& path, const FileStatus& found, Clock::time_point now) {
  if (is_left_out(found)) return;
  if (!found.is_regular) {
    if (!found.is_folder) complain(path + " is no regular file: it is not followed");
    return;
  }
  // A pattern may lead to copies too. What was there at the very beginning is read whatever it is.
  if ((scans_ > 1 || is_resumed_) && is_copy(path, found.id)) return;
  Entry& entry = add(new_file(path, found), path);
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
void FollowedFiles::add_between(Entry& entry, const RotatedFiles::File& sibling) {
  Entry& found = add_gone(new_file(entry.name, sibling.status), sibling.path, Clock::now());
  found.size = sibling.status.size;
  std::uint64_t& last = entry.is_gone ? latest_[entry.name] : entry.waits_for;
  found.waits_for = std::exchange(last, found.key);
}

// The file of an entry, open; null: it cannot be opened. `own` keeps it if it is opened for that.
const FollowedFile* FollowedFiles::bytes_of(Entry& entry, FollowedFile& own) {
  if (entry.file.is_open()) return &entry.file;
  const FollowedFile::Position& at = entry.file.position();
  own = FollowedFile({at.device, at.inode});
  if (own.open(entry.path)) return &own;
  const auto path = folder_of(entry.name).find_renamed(entry.name, at);
  return path && own.open(*path) ? &own : nullptr;
}

bool FollowedFiles::begins_with(Entry& entry, const FollowedFile::Position& lines) {
  FollowedFile own{FollowedFile::Position{}};
  const FollowedFile* const bytes = bytes_of(entry, own);
  return bytes != nullptr && holds_file(*bytes, lines);
}

// Tells most files apart. Of those that are gone it does not change, and is kept.
bool FollowedFiles::may_begin_as(Entry& entry, const std::string& beginning) {
  if (!entry.is_gone) return true;
  if (entry.beginning.empty()) {
    FollowedFile own{FollowedFile::Position{}};
    const FollowedFile* const bytes = bytes_of(entry, own);
    auto head = bytes != nullptr ? bytes->head(kBeginningBytes) : std::string();
    if (head) entry.beginning = std::move(*head);
  }
  const std::size_t bytes = std::min(beginning.size(), entry.beginning.size());
  return std::string_view(beginning).substr(0, bytes) == std::string_view(entry.beginning).substr(0, bytes);
}

// Named as rotation names what it makes of a followed file, and a copy of that one or of what it made of it before.
bool FollowedFiles::is_copy(const std::string& path, const FileId& id) {
  const auto name = rotated_name(path, [&](const std::string& other) { return latest_.contains(other); });
  if (!name) return false;
  FollowedFile file({id.first, id.second});
  make_room();
  if (is_elsewhere(file, path)) return true;  // where it is now is another look
  const auto latest = entries_.find(latest_.at(*name));
  if (latest != entries_.end() && latest->second.file.position().offset > 0 &&
      holds_file(file, latest->second.file.position()))
    return true;  // it was cut, which is not seen yet
  return is_copy_of_known(file, *name);
}

// What it holds is read there. Of many files only those that begin alike are opened.
bool FollowedFiles::is_copy_of_known(FollowedFile& file, const std::string& name) {
  const auto beginning = file.head(kBeginningBytes);
  const auto lines = whole_lines(file);
  if (!beginning || !lines) return false;
  const auto is_name = [&](const std::string& other) { return other == name; };
  return std::any_of(entries_.begin(), entries_.end(), [&](auto& known) {
    Entry& entry = known.second;
    return entry.packed.empty() && entry.name.starts_with(name) &&
           (entry.name == name || rotated_name(entry.name, is_name)) && may_begin_as(entry, *beginning) &&
           begins_with(entry, *lines);
  });
}

// A copy of the file itself, which was cut just now, or will be: its rest is read when that is seen. Nothing is known yet of
// one that has no line, and was made just now.
bool FollowedFiles::is_copy_under_way(Entry& entry, FollowedFile& sibling, bool is_settled) {
  const FollowedFile::Position& at = entry.file.position();
  if (at.offset > 0 && holds_file(sibling, at)) return true;
  if (const auto found = sibling.status(); found && found->size == 0) return !is_settled;
  const auto lines = whole_lines(sibling);
  return lines && begins_with(entry, *lines);
}

// Not of interest if it begins as what was lost of the entry's file, of which the rest is known.
FollowedFiles::Sighting FollowedFiles::look_at_sibling(Entry& entry, const Search& search,
                                                       const RotatedFiles::File& sibling, bool is_settled) {
  const FileStatus& status = sibling.status;
  if (keys_.contains(status.id) || !status.is_regular || is_left_out(status)) return Sighting::kDone;
  FollowedFile file({status.id.first, status.id.second});
  make_room();
  if (is_elsewhere(file, sibling.path)) return Sighting::kMoved;
  if (search.lost && begins_as(file, *search.lost)) return Sighting::kDone;
  if (!entry.is_gone && is_copy_under_way(entry, file, is_settled)) return Sighting::kWaits;
  if (!is_copy_of_known(file, entry.name)) add_between(entry, sibling);
  return Sighting::kDone;
}

// Files that rotation made and that are not known yet come before the entry, or behind it if it was rotated itself. False:
// there may be more.
bool FollowedFiles::search_siblings(Entry& entry, const Search& search) {
  if (!entry.since_ns) return true;
  const auto siblings = folder_of(entry.name).made_since(entry.name, *entry.since_ns);
  if (!siblings) return false;
  // Cut or renamed, which is not seen yet: then what was made of it could not be told.
  if (!entry.is_gone && !holds_file(entry.path, entry.file.position())) return false;
  std::int64_t since = *entry.since_ns;
  bool is_settled = true;
  for (const RotatedFiles::File& sibling : siblings->files) {
    const std::int64_t born_ns = *sibling.status.born_ns;
    is_settled = is_settled && born_ns < siblings->settled_ns;
    const Sighting sighting = look_at_sibling(entry, search, sibling, is_settled);
    is_settled = is_settled && sighting != Sighting::kMoved;
    if (sighting != Sighting::kDone) break;
    since = std::max(since, std::min(born_ns + 1, siblings->settled_ns));
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
    const auto path = folder_of(entry.name).find_renamed(entry.name, entry.file.position());
    if (!path) return is_lost(entry, /*may_have_more=*/false);
    entry.path = *path;
    if (!open(entry)) return;
    queue(entry);  // it may have been ready when it could not be opened
  }
  const auto found = entry.file.status();
  if (!found) return is_lost(entry, /*may_have_more=*/true);
  has_status(entry, *found, now);
  if (entry.is_queued || now - entry.quiet_since < std::max(options_.grace, kLeastGrace)) return;
  entry.is_last = true;
  queue(entry);
}

}  // namespace logsieve
