// `classify --follow`: files that grow as one input of classify_stream, and what lasts of where they stand.
#ifndef LOGSIEVE_CLI_FOLLOW_SESSION_H_
#define LOGSIEVE_CLI_FOLLOW_SESSION_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/follow_reader.h"
#include "io/resumable_output.h"

namespace logsieve {

// The notes of a journal (docs/formats/journal.md). Damaged ones cannot be: each line has its check.
std::string follow_note(const KnownFile& file);
std::vector<KnownFile> followed_from(const std::map<std::uint64_t, std::string>& notes);

// A record of a followed file that ended an earlier run is still to come.
bool is_followed_death_ahead(const ResumableOutput& output);

// Waits for lines. Ends (an empty batch) where the next lines are of another layout, which `wait_for_layout` then takes;
// kInterrupted when a stop was asked for, or whoever reads the output is gone.
class FollowSession : public RecordReader {
 public:
  struct Options {
    ResumableOutput* output =
        nullptr;           // where it is kept how far files were read; null: nowhere. Must outlive this
    int output_pipe = -1;  // whose reader may go away
    std::function<void(const std::string&)> tell;
    std::function<void()> on_wait = {};  // now and then while nothing comes
  };

  FollowSession(std::unique_ptr<FollowReader> reader, Options options);

  // True: a batch is there, and format, columns and header are its. False: a stop was asked for. Errors: kIo (of the
  // output).
  Result<bool> wait_for_layout();
  // The file of the oldest batch that was given and is not committed.
  const std::string& name() const { return given_.front().file.name; }
  // That batch is in the output: commits it.
  Result<void> commit(const RecordBatch& batch);
  // Where the record of a batch that was just read stands, for CarefulReader.
  InputPosition place_of(const RecordBatch& batch) const;
  // Whether `next` will give something at once. Looks after the files all the same.
  bool has_ready();
  bool has_lost_reader() const { return has_lost_reader_; }
  // The end of the run. Batches that were given and not committed are left to the next one.
  Result<void> finish();

  Result<RecordBatch> next() override;
  Result<void> skip_to(std::uint64_t offset, std::uint64_t line) override;
  InputFormat format() const override { return layout_->format; }
  const std::vector<std::string>& columns() const override { return layout_->columns; }
  std::string_view raw_header() const override { return layout_->raw_header; }
  char delimiter() const override { return layout_->delimiter; }
  std::uint64_t bytes_read() const override { return 0; }

 private:
  // What is to be noted when a batch is committed.
  struct Given {
    KnownFile file;  // key 0: none
    std::vector<KnownFile> moved;
    std::vector<std::uint64_t> forgotten;
  };

  bool look();
  bool wait();
  void note(const Given& given);
  Result<void> settle();

  std::unique_ptr<FollowReader> reader_;
  Options options_;
  std::optional<FollowedBatch> next_;
  std::shared_ptr<const InputLayout> layout_;
  std::deque<Given> given_;  // to classify_stream, which gives them back in this order
  bool has_lost_reader_ = false;
  bool has_settled_ = false;
  std::vector<Given> held_;  // of batches that are in the output, but end amid a record
};

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_FOLLOW_SESSION_H_
