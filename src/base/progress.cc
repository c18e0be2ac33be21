#include "base/progress.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <unistd.h>
#include <utility>

namespace logsieve {
namespace {
using std::chrono::steady_clock;
constexpr std::size_t kBarCells = 24;
constexpr auto kRedrawInterval = std::chrono::milliseconds(100);

std::string in_bytes(double bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < kUnits.size(); ++unit) bytes /= 1000;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
  return text.data();
}

std::string amount(double number, Progress::Unit unit) {
  return unit == Progress::Unit::kBytesRead ? in_bytes(number)
                                            : std::to_string(static_cast<std::size_t>(number));
}
}  // namespace

Progress::Progress(std::string title, std::size_t total, Unit unit)
    : title_(std::move(title)),
      total_(total),
      unit_(unit),
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
  std::string line = title_ + "  ";
  if (total_ > 0) {
    const std::size_t filled = done >= total_ ? kBarCells : done * kBarCells / total_;
    line = title_ + " [" + std::string(filled, '#') + std::string(kBarCells - filled, '.') + "] ";
  }
  line += amount(static_cast<double>(done), unit_);
  if (total_ > 0) line += (unit_ == Unit::kItems ? "/" : " of ") + amount(static_cast<double>(total_), unit_);
  if (unit_ == Unit::kBytesRead) line += " read";
  if (now - start_ >= kRedrawInterval)
    line += pace(done, std::chrono::duration<double>(now - start_).count());
  std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
}

std::string Progress::pace(std::size_t done, double seconds) const {
  const double rate = static_cast<double>(done) / seconds;
  std::string text = "  " + amount(rate, unit_) + "/s";
  if (total_ == 0) return text;
  const double left = rate > 0 && done < total_ ? static_cast<double>(total_ - done) / rate : 0;
  return text + "  " + std::to_string(std::llround(left)) + " s left";
}

}  // namespace logsieve
