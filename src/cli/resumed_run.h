// `classify INPUT… --out FILE --state DIR`: what makes the same command go on where it stopped.
#ifndef LOGSIEVE_CLI_RESUMED_RUN_H_
#define LOGSIEVE_CLI_RESUMED_RUN_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/record_reader.h"
#include "io/resumable_output.h"

namespace logsieve {

// What must be as it was: one "key value" line each. `inputs` are looked at: device, inode and first line tell whether
// a path still leads to the same file. `settings` are further lines, whole.
// With `follows` the names alone count. Errors: kInvalidArgument (a pipe or device: they cannot be read again),
// kNotFound, kIo.
Result<std::string> run_identity(std::span<const std::string> inputs, bool follows,
                                 const std::string& settings);

// Whether a run may go on although these lines of its identity have changed. True: from here on another model (bundle,
// encoder mode, whether an LLM is asked) labels, which is fine with `accepts_new_model`. The same files under another
// name, as from another working folder, do not matter. Errors: kBadConfig, saying what to do.
Result<bool> judge_changes(std::span<const IdentityChange> changes, bool accepts_new_model);

// The place of a file, whatever the working folder; empty stays empty.
std::string full_path(const std::string& path);

// Records of `inner`, one a batch, each announced to `output` before it is given, so that one which ends the program is
// known by the next run; one that has done so twice comes as a reject. Ends after `budget` records, which it counts down.
// `place` says where the record of a batch stands. All must outlive the object. With each batch written and committed
// before the next one is read.
class CarefulReader : public RecordReader {
 public:
  using Place = std::function<InputPosition(const RecordBatch&)>;
  CarefulReader(RecordReader& inner, ResumableOutput& output, Place place, std::size_t& budget)
      : inner_(inner), output_(output), place_(std::move(place)), budget_(budget) {}

  Result<RecordBatch> next() override;
  Result<void> skip_to(std::uint64_t offset, std::uint64_t line) override {
    return inner_.skip_to(offset, line);
  }
  InputFormat format() const override { return inner_.format(); }
  const std::vector<std::string>& columns() const override { return inner_.columns(); }
  std::string_view raw_header() const override { return inner_.raw_header(); }
  char delimiter() const override { return inner_.delimiter(); }
  std::uint64_t bytes_read() const override { return inner_.bytes_read(); }

 private:
  RecordReader& inner_;
  ResumableOutput& output_;
  Place place_;
  std::size_t& budget_;
};

// "batch", "line" or "none"; empty is batch. Errors: kInvalidArgument.
Result<Durability> read_durability(const std::string& text);

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_RESUMED_RUN_H_
