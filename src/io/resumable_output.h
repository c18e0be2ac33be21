// An output file that survives a kill at any moment: what is written is committed together with how far the input was
// read, so that the next run goes on exactly there. Format: docs/formats/journal.md.
//
// Order of a commit: output written, output synced, journal record appended, journal synced. A run that begins takes the
// last whole record of the journal, cuts the output to its length, and reads on at its offset. So each record of the
// input is in the output once, whenever the process or (with syncs) the machine dies. Source of the method: group commit
// of write-ahead logs; what a file system may reorder is taken from ALICE (Pillai et al., OSDI 2014).
//
// One thread. A failed sync is never tried again: the kernel may have dropped the pages and would report success.
#ifndef LOGSIEVE_IO_RESUMABLE_OUTPUT_H_
#define LOGSIEVE_IO_RESUMABLE_OUTPUT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace logsieve {

enum class Durability : std::uint8_t {
  kBatch,  // synced at least every 4 MiB of output or 50 ms
  kLine,   // at every commit; the caller commits every line
  kNone,   // never: survives the end of the process, not that of the machine
};

// How far the inputs were read.
struct InputPosition {
  std::uint64_t source = 0;  // index among the inputs
  std::uint64_t offset = 0;  // bytes of it, decompressed
  std::uint64_t line = 1;    // number of the line that begins there
  friend bool operator==(const InputPosition&, const InputPosition&) = default;
};

struct ResumableOptions {
  std::string state_dir;  // made if it is not there; locked while the object lives
  std::string out;
  std::string rejects;  // empty: none
  // What must be the same for a run to go on: one "key value" line each. Compared line by line, so that a
  // difference can be named. Of a line that ended in "*" when it was kept, what stands before that counts.
  std::string identity;
  Durability durability = Durability::kBatch;
};

// A line of the identity that is not as it was; empty where there was or is none.
struct IdentityChange {
  std::string_view was;
  std::string_view is;
};
// Whether a run may go on all the same: what it returns is what `open` does, but for success.
using JudgeChanges = std::function<Result<void>(std::span<const IdentityChange>)>;

class ResumableOutput {
 public:
  // `judge` is called where the identity is not the same; none: an error that names the first change. The new identity
  // is kept from then on. Errors: kBadConfig (the state is of another command, of a newer version, damaged, or in use by
  // another process), kBadInput (the output is gone or shorter than the journal says), kIo.
  static Result<ResumableOutput> open(ResumableOptions options, const JudgeChanges& judge = {});
  ResumableOutput(ResumableOutput&& other) noexcept;
  ResumableOutput& operator=(ResumableOutput&&) = delete;
  ~ResumableOutput();

  // Where to go on, and whether anything was committed before.
  const InputPosition& position() const { return committed_; }
  bool is_resumed() const { return is_resumed_; }
  bool is_empty() const { return output_bytes() == 0; }
  std::uint64_t output_bytes() const { return output_.bytes; }

  // How many runs, this one not counted, began at position() and ended without a commit. Two may have been killed from
  // outside; the third should go record by record, and announce each, to find one that kills it.
  std::uint64_t failed_runs() const { return failed_runs_; }
  // The record at `place` is the only one that is worked on until the next commit. Errors: kIo.
  Result<void> begin_record(const InputPosition& place);
  // How many runs ended while they worked on the record at `place` alone.
  std::uint64_t deaths(const InputPosition& place) const {
    return announced_at_ == place ? announced_times_ : 0;
  }
  // A run has ended while it worked on a record behind position() in the order of the inputs.
  bool has_death_ahead() const;
  // Where a run has ended while it worked on one record; nothing: none has.
  std::optional<InputPosition> death() const {
    return announced_times_ > 0 ? std::optional(announced_at_) : std::nullopt;
  }

  // What is known of things by their numbers and lasts with the next commit, such as where each of many inputs was read
  // to: one line of text, without line ends; empty: forgotten.
  void note(std::uint64_t key, std::string text);
  const std::map<std::uint64_t, std::string>& notes() const { return notes_; }

  // Errors: kIo; nothing may be written or committed after one.
  Result<void> write(std::string_view bytes) { return append(output_, bytes); }
  Result<void> write_reject(std::string_view bytes) { return append(rejects_, bytes); }
  // All input before `position` is in what was written. Lasting when the policy says so; see `flush`.
  Result<void> commit(const InputPosition& position);
  // Makes the last commit last.
  Result<void> flush();
  // This run comes to its end without having met its end at a record: it does not count as failed. Errors: kIo.
  Result<void> end_run();
  // A sync has failed: what was written since the last good commit may be lost.
  bool has_lost_sync() const { return has_lost_sync_; }

 private:
  struct File {
    int fd = -1;
    std::string path;
    std::uint64_t bytes = 0;
  };

  explicit ResumableOutput(ResumableOptions options) : options_(std::move(options)) {}
  Result<void> lock_state();
  Result<void> recover(const JudgeChanges& judge);
  Result<bool> read_generation(std::uint64_t generation, const JudgeChanges& judge);
  Result<void> begin_generation();
  Result<void> open_announcement();
  Result<void> announce(const InputPosition& place, std::uint64_t times);
  Result<void> open_output(File& file, const std::string& path, std::uint64_t bytes);
  Result<void> append(File& file, std::string_view bytes);
  Result<void> sync(File& file, std::string_view failpoint_name);
  std::string journal_path(std::uint64_t generation) const;
  std::string record() const;
  void append_note(std::uint64_t key, std::string& out) const;

  ResumableOptions options_;
  int lock_ = -1;
  File output_;
  File rejects_;
  File journal_;
  std::uint64_t generation_ = 0;
  InputPosition committed_;
  std::uint64_t committed_output_ = 0;
  std::uint64_t committed_rejects_ = 0;
  std::uint64_t runs_ = 0;  // that began at committed_, this one counted; 0 after a commit
  std::uint64_t failed_runs_ = 0;
  int announcement_ = -1;  // file of the record that is worked on
  InputPosition announced_at_;
  std::uint64_t announced_times_ = 0;
  bool has_announced_ = false;  // in this run
  bool is_resumed_ = false;
  bool is_dirty_ = false;  // the last commit is not in the journal
  bool has_failed_ = false;
  bool has_lost_sync_ = false;
  std::map<std::uint64_t, std::string> notes_;
  std::set<std::uint64_t> changed_notes_;  // that are not in the journal
  std::uint64_t generation_bytes_ = 0;     // at which the next generation is begun
  std::uint64_t synced_output_ = 0;
  std::chrono::steady_clock::time_point synced_at_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_RESUMABLE_OUTPUT_H_
