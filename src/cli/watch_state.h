// The state folder of `watch`: held by one run at a time, with where each followed file was read to (watch.json).
#ifndef LOGSIEVE_CLI_WATCH_STATE_H_
#define LOGSIEVE_CLI_WATCH_STATE_H_

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/followed_files.h"

namespace logsieve {

class WatchState {
 public:
  // Makes the folder and takes its lock, which ends with the object or the process. Errors: kIo; kInvalidArgument:
  // another run has it.
  static Result<WatchState> open(const std::filesystem::path& folder);
  WatchState(WatchState&& other) noexcept;
  WatchState& operator=(WatchState&&) = delete;
  ~WatchState();

  const std::filesystem::path& folder() const { return folder_; }
  // Why the positions of earlier runs are lost; empty: they are not.
  const std::string& complaint() const { return complaint_; }
  // The files that earlier runs followed under these names and patterns, numbered from 1.
  std::vector<KnownFile> known(std::span<const std::string> inputs) const;
  // The files of this run, instead of those. Those of inputs that it does not follow stay as they were.
  void set_known(std::span<const std::string> inputs, std::span<const KnownFile> files);
  Result<void> save() const;

 private:
  explicit WatchState(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Result<void> lock();
  void read();

  std::filesystem::path folder_;
  int lock_ = -1;
  std::string complaint_;
  std::multimap<std::string, KnownFile> positions_;  // by the file's name, as valid UTF-8
};

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_WATCH_STATE_H_
