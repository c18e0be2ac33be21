// A progress bar on stderr, drawn only when stderr is a terminal. One thread.
#ifndef LOGSIEVE_BASE_PROGRESS_H_
#define LOGSIEVE_BASE_PROGRESS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace logsieve {

class Progress {
 public:
  enum class Unit : std::uint8_t {
    kItems,
    kBytesRead
  };  // items by their number, bytes as "1.5 MB read" (10^6)

  // `total` 0: unknown, only a count and a rate are shown. The rate is shown from the first tenth of a second on.
  Progress(std::string title, std::size_t total, Unit unit = Unit::kItems);
  ~Progress();  // wipes the bar's line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Redraws at most ten times a second.
  void update(std::size_t done);

 private:
  std::string pace(std::size_t done, double seconds) const;

  std::string title_;
  std::size_t total_;
  Unit unit_;
  bool is_shown_;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_drawn_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_PROGRESS_H_
