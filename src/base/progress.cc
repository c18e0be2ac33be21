#include "base/progress.h"

#include <cstdio>
#include <unistd.h>
#include <utility>

namespace logsieve {
namespace {
using std::chrono::steady_clock;
constexpr std::size_t kBarCells = 24;
constexpr auto kRedrawInterval = std::chrono::milliseconds(100);
}  // namespace

Progress::Progress(std::string title, std::size_t total)
    : title_(std::move(title)),
      total_(total),
      is_shown_(::isatty(STDERR_FILENO) == 1),
      start_(steady_clock::now()) {}

Progress::~Progress() {
  if (is_shown_ && last_drawn_ != steady_clock::time_point()) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(std::size_t done) {
  if (!is_shown_) return;
  const auto now = steady_clock::now();
  if (now - last_drawn_ < kRedrawInterval) return;
  last_drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  if (total_ == 0) {
    std::fprintf(stderr, "\r\x1b[K%s  %zu  %.0f/s", title_.c_str(), done, rate);
    return;
  }
  const std::size_t filled = done >= total_ ? kBarCells : done * kBarCells / total_;
  const std::string bar = std::string(filled, '#') + std::string(kBarCells - filled, '.');
  const double left = rate > 0 && done < total_ ? static_cast<double>(total_ - done) / rate : 0;
  std::fprintf(stderr, "\r\x1b[K%s [%s] %zu/%zu  %.0f/s  %.0f s left", title_.c_str(), bar.c_str(), done,
               total_, rate, left);
}

}  // namespace logsieve
