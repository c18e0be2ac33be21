// Log files that grow, by name or pattern, many of them: who has something to read, each in its turn. A file is known by
// device and inode, so one that is renamed stays the same, and one of two names is read once.
//
// Rotation. Renamed or deleted: read to its end, and for `grace` longer, since its writer may still have it open; the new
// file of that name comes after it, and between the two those that came and went meanwhile (app.log.1, told by when they
// were made). Cut (copytruncate): the copy, if it can be found by its bytes, is read to its end first. What was rotated
// while nobody followed is found in the same way, packed copies too; what cannot be found is told.
//
// Polls: one stat a file and look, so that it works on every file system; a look takes at most a fifth of the time. Files
// that are quiet are closed when more would be open than the process may have. One thread an object.
#ifndef LOGSIEVE_IO_FOLLOWED_FILES_H_
#define LOGSIEVE_IO_FOLLOWED_FILES_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/followed_file.h"
#include "io/rotated_files.h"

namespace logsieve {

// A file that an earlier run followed, or that this one does.
struct KnownFile {
  std::uint64_t key = 0;  // its number among all that were followed, from 1
  std::string name;       // under which it was followed
  FollowedFile::Position position;
  // Files that rotation made of it before that time (nanoseconds since 1970) are no concern of it any more: they were read,
  // are followed themselves, or were there before it was followed; 0: not known.
  std::int64_t since_ns = 0;
  friend bool operator==(const KnownFile&, const KnownFile&) = default;
};

struct FollowOptions {
  // Where reading begins in files that are there at the start, if no earlier run knew any: at the end, or the beginning.
  // Later ones are always read from their beginning.
  bool from_end = false;
  std::chrono::milliseconds scan_every{100};
  std::chrono::milliseconds grace{
      5'000};                    // without a new byte, until a file that has no name any more is let go
  std::size_t max_open = 0;      // files; 0: what the limits of the process leave
  std::vector<FileId> left_out;  // what this run writes
};

// Whether a path that leads somewhere can be followed. Errors: kBadInput (packed, a pipe, a device), kIo (a folder, no
// permission).
Result<void> check_followable(const std::string& path);

class FollowedFiles {
 public:
  using Clock = std::chrono::steady_clock;

  struct Entry {
    KnownFile known(const FollowedFile::Position& at) const { return {key, name, at, since_ns.value_or(0)}; }

    std::uint64_t key = 0;
    std::string name;  // the last of the followed names that led to it
    std::string path;  // where it can be opened
    FollowedFile file{FollowedFile::Position{}};
    std::string packed;    // the file is gone, but this one holds its bytes, packed
    bool is_last = false;  // nothing will be appended: the last line needs no end
    Clock::time_point revisit = Clock::time_point::max();  // it is ready then, though it has not grown

    // Kept by FollowedFiles.
    std::uint64_t seen = 0;  // the last scan that found it by a name
    std::uint64_t size = 0;  // as of the last scan
    std::int64_t changed_ns = 0;
    bool is_queued = false;
    bool is_gone = false;  // no name leads to it
    bool is_left_alone = false;
    std::uint64_t waits_for = 0;           // key of a file that is read to its end before
    std::optional<std::int64_t> since_ns;  // as in KnownFile
    std::string beginning;                 // of one that is gone, once it was looked at
    Clock::time_point quiet_since;
  };

  // `names` are paths, or patterns (expand_inputs). Files that are not there yet are waited for.
  FollowedFiles(std::vector<std::string> names, const std::vector<KnownFile>& known, FollowOptions options);
  FollowedFiles(const FollowedFiles&) = delete;
  FollowedFiles& operator=(const FollowedFiles&) = delete;

  // Whether something may be read now. Looks at the files if that is due.
  bool has_ready();
  // The next file that may have something to read, taken from the queue; null: none at the moment. Valid until the next
  // call of `has_ready` or `next`.
  Entry* next();
  // It has more: behind all others that have something.
  void again(Entry& entry);
  // What stands at the entry's position; it is opened if need be. Nothing: not now (it cannot be read, and that was told;
  // or it was cut, and is queued again behind its copy).
  std::optional<FollowedFile::Lines> peek(Entry& entry, std::size_t max_bytes);
  // It was read to its end for good, and is forgotten.
  void finish(Entry& entry);
  // It is not read any more, nor forgotten while it is there; `why` is told.
  void leave_alone(Entry& entry, const std::string& why);

  // Brings `since_ns` up to date.
  void update_since(KnownFile& file) const;

  // What happened since the last call: where files stand whose place changed without being read; the keys of those that
  // are done with.
  std::vector<KnownFile> take_moved();
  std::vector<std::uint64_t> take_forgotten();
  std::vector<std::string> take_notices();  // for people
  std::uint64_t truncations() const { return truncations_; }
  std::size_t open_files() const { return open_.size(); }

 private:
  // A folder may change while it is read: what was not seen then is seen in one of the next looks.
  static constexpr int kSearchScans = 3;
  struct Search {  // for files that came and went between two looks
    int scans_left = kSearchScans;
    std::optional<FollowedFile::Position>
        lost;  // of the file when it was cut: what begins like this is no news
  };

  void resume(const KnownFile& known);
  void look_behind(Entry& entry);
  void scan();
  void expand_names(Clock::time_point now);
  void look_at(const std::string& path, Clock::time_point now);
  void look_at_new(const std::string& path, const FileStatus& found, Clock::time_point now);
  void look_at_unnamed(Entry& entry, Clock::time_point now);
  KnownFile new_file(const std::string& name, const FileStatus& found);
  void begin_at_end(Entry& entry);
  void follows(const std::string& path, Entry& entry);
  bool is_search_over(const std::string& name, Search& search);
  void search(Entry& entry, const std::optional<FollowedFile::Position>& lost = std::nullopt);
  bool search_siblings(Entry& entry, const Search& search);
  enum class Sighting { kDone, kWaits, kMoved };
  Sighting look_at_sibling(Entry& entry, const Search& search, const RotatedFiles::File& sibling,
                           bool is_settled);
  void add_between(Entry& entry, const RotatedFiles::File& sibling);
  bool is_copy_under_way(Entry& entry, FollowedFile& sibling, bool is_settled);
  const FollowedFile* bytes_of(Entry& entry, FollowedFile& own);
  bool begins_with(Entry& entry, const FollowedFile::Position& lines);
  bool may_begin_as(Entry& entry, const std::string& beginning);
  bool is_copy(const std::string& path, const FileId& id);
  bool is_copy_of_known(FollowedFile& file, const std::string& name);
  void has_status(Entry& entry, const FileStatus& found, Clock::time_point now);
  void queue(Entry& entry);
  Entry& add(KnownFile known, std::string path);
  Entry& add_gone(KnownFile known, std::string path, Clock::time_point now);
  bool is_left_out(const FileStatus& found) const;
  bool waits(Entry& entry);
  bool open(Entry& entry);
  void close(Entry& entry);
  void make_room();
  void was_cut(Entry& entry, const FollowedFile::Position& lost);
  Entry& rest_in(const RotatedFiles::File& copy, Entry& entry, const FollowedFile::Position& lost);
  void is_lost(Entry& entry, bool may_have_more);
  void complain(const std::string& message);
  void forget(std::uint64_t key);
  RotatedFiles& folder_of(const std::string& name);

  std::vector<std::string> names_;
  FollowOptions options_;
  std::vector<std::vector<std::string>> paths_;  // by name: what it stands for now
  std::map<std::uint64_t, Entry> entries_;
  std::map<FileId, std::uint64_t> keys_;                   // by file
  std::unordered_map<std::string, std::uint64_t> latest_;  // the file that a path led to last
  std::deque<std::uint64_t> ready_;
  std::deque<std::uint64_t> open_;               // in the order in which they were opened
  std::map<std::string, Search> searches_;       // by followed name
  std::map<std::string, RotatedFiles> folders_;  // of this scan
  std::set<std::string> complaints_;
  std::vector<KnownFile> moved_;
  std::vector<std::uint64_t> forgotten_;
  std::vector<std::string> notices_;
  std::uint64_t last_key_ = 0;
  std::uint64_t scans_ = 0;
  std::uint64_t truncations_ = 0;
  bool begins_at_end_ = false;
  bool is_resumed_ = false;  // an earlier run knew files
  Clock::time_point next_scan_;
  Clock::time_point next_expansion_;
  // When the present scan, the last expansion of the names and the one before that began, in nanoseconds since 1970.
  std::int64_t scan_ns_ = 0;
  std::int64_t expansion_ns_ = 0;
  std::int64_t previous_expansion_ns_ = 0;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_FOLLOWED_FILES_H_
