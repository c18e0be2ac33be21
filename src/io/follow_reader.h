// Records of files that grow (followed_files.h): a batch holds records of one file and says where that file then stands.
// A record that may not be whole yet, such as a stack trace or a quoted field at the end, is waited for a second. One
// thread an object.
#ifndef LOGSIEVE_IO_FOLLOW_READER_H_
#define LOGSIEVE_IO_FOLLOW_READER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/followed_files.h"
#include "io/record_reader.h"

namespace logsieve {

// What an output must know of an input.
struct InputLayout {
  InputFormat format = InputFormat::kText;
  std::vector<std::string> columns;
  std::string raw_header;
  char delimiter = ',';
  friend bool operator==(const InputLayout&, const InputLayout&) = default;
};

struct FollowedBatch {
  RecordBatch records;  // lines and offsets are those of the file
  KnownFile file;       // `position` is behind the batch
  std::shared_ptr<const InputLayout> layout;
};

class FollowReader {
 public:
  // A CSV's header is its first row, as ever. Other names and options: followed_files.h, record_reader.h.
  FollowReader(std::vector<std::string> names, const std::vector<KnownFile>& known, ReaderOptions options,
               FollowOptions follow_options);

  // Looks at the files if that is due, whatever there still is to give.
  void watch() { static_cast<void>(files_.has_ready()); }
  // Nothing that was read is still to be given.
  bool has_given_all() const { return batches_.empty(); }
  // The next batch, of each file that has something in its turn; nothing: there is none at the moment. Never waits. A
  // file that cannot be read is told (take_notices) and left alone or tried again; the others go on.
  std::optional<FollowedBatch> next();

  // Since the last call, and to be kept with or behind the batch that was given last: where files stand whose place has
  // changed without a batch, and the keys of those that are done with.
  std::vector<KnownFile> take_moved() { return files_.take_moved(); }
  std::vector<std::uint64_t> take_forgotten();
  std::vector<std::string> take_notices() { return files_.take_notices(); }
  const FollowedFiles& files() const { return files_; }

 private:
  struct FileState {
    std::shared_ptr<const InputLayout> layout;  // null: not told yet
    std::size_t held_bytes = 0;  // at the end, of a record that may not be whole; as of `held_since`
    FollowedFiles::Clock::time_point held_since;
    std::unique_ptr<RecordReader> packed;  // of a file that is read from a packed copy
  };
  struct Parsed {
    std::vector<RecordBatch> batches;
    std::size_t bytes = 0;  // of the text that they hold
  };

  void read(FollowedFiles::Entry& entry);
  void read_packed(FollowedFiles::Entry& entry);
  void skip_line(FollowedFiles::Entry& entry, FileState& state, const FollowedFile::Lines& lines);
  void give(FollowedFiles::Entry& entry, const FileState& state, const std::string& text, Parsed parsed);
  void hold(FollowedFiles::Entry& entry, FileState& state, std::size_t bytes);
  bool is_packed_file(FollowedFiles::Entry& entry);
  bool learn_layout(FollowedFiles::Entry& entry, FileState& state);
  std::shared_ptr<const InputLayout> shared(InputLayout layout);
  Result<Parsed> parse(const FollowedFiles::Entry& entry, const InputLayout& layout, std::string_view text,
                       bool is_final) const;

  ReaderOptions options_;
  std::size_t portion_bytes_;
  FollowedFiles files_;
  std::map<std::uint64_t, FileState> states_;  // by key
  std::vector<std::shared_ptr<const InputLayout>> layouts_;
  std::deque<FollowedBatch> batches_;  // of one portion, not given yet
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_FOLLOW_READER_H_
