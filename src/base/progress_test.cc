#include "base/progress.h"

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

namespace logsieve {
namespace {

using std::chrono::steady_clock;
constexpr std::string_view kWipe = "\r\x1b[K";

// While it lives, stderr is `writer`; text() is what came out at `reader`.
class CapturedStderr {
 public:
  CapturedStderr(int reader, int writer) : reader_(reader), saved_(::dup(STDERR_FILENO)) {
    ::fcntl(reader_, F_SETFL, O_NONBLOCK);
    ::dup2(writer, STDERR_FILENO);
    ::close(writer);
  }
  CapturedStderr(const CapturedStderr&) = delete;
  CapturedStderr& operator=(const CapturedStderr&) = delete;
  ~CapturedStderr() {
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    ::close(reader_);
  }
  // Everything written since the last call.
  std::string text() const {
    std::string all;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(reader_, buffer, sizeof buffer)) > 0;)
      all.append(buffer, static_cast<std::size_t>(got));
    return all;
  }

 private:
  int reader_;
  int saved_;
};

// The two ends of a terminal; {-1, -1} where the system has none to give.
std::pair<int, int> open_terminal() {
  const int reader = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (reader < 0 || ::grantpt(reader) != 0 || ::unlockpt(reader) != 0) return {-1, -1};
  return {reader, ::open(::ptsname(reader), O_RDWR | O_NOCTTY)};
}

std::size_t count_of(std::string_view part, std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(Progress, PrintsNothingWhereStderrIsNoTerminal) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const CapturedStderr captured(ends[0], ends[1]);
  {
    Progress progress("training", 3);
    for (std::size_t done = 0; done <= 3; ++done) progress.update(done);
  }
  EXPECT_EQ(captured.text(), "");
}

TEST(Progress, DrawsABarOnATerminalAndWipesIt) {
  const auto [reader, writer] = open_terminal();
  ASSERT_GE(writer, 0) << "no pseudo-terminal here";
  const CapturedStderr captured(reader, writer);
  {
    Progress progress("training", 8);
    EXPECT_EQ(captured.text(), "");
    progress.update(2);
    const std::string drawn = captured.text();
    EXPECT_EQ(drawn.find("\r\x1b[Ktraining [######..................] 2/8"), 0U) << drawn;
    EXPECT_EQ(drawn.find('\n'), std::string::npos);
  }
  EXPECT_EQ(captured.text(), kWipe);
}

TEST(Progress, WipesNothingThatWasNotDrawn) {
  const auto [reader, writer] = open_terminal();
  ASSERT_GE(writer, 0) << "no pseudo-terminal here";
  const CapturedStderr captured(reader, writer);
  { const Progress progress("training", 8); }
  EXPECT_EQ(captured.text(), "");
}

TEST(Progress, KeepsTheBarFullPastTheTotalAndShowsACountWithoutOne) {
  const auto [reader, writer] = open_terminal();
  ASSERT_GE(writer, 0) << "no pseudo-terminal here";
  const CapturedStderr captured(reader, writer);
  Progress over("a", 8);
  over.update(9);
  EXPECT_NE(captured.text().find("a [########################] 9/8"), std::string::npos);
  Progress unknown("b", 0);
  unknown.update(9);
  const std::string drawn = captured.text();
  EXPECT_NE(drawn.find("b  9"), std::string::npos) << drawn;
  EXPECT_EQ(drawn.find('['), drawn.find("\x1b[") + 1) << "no bar: " << drawn;
}

TEST(Progress, ShowsBytesWithTheirUnitAndNoRateOfAnInstant) {
  const auto [reader, writer] = open_terminal();
  ASSERT_GE(writer, 0) << "no pseudo-terminal here";
  const CapturedStderr captured(reader, writer);
  Progress progress("classify", 216'485'000, Progress::Unit::kBytesRead);
  progress.update(999);
  EXPECT_EQ(captured.text(),
            std::string(kWipe) + "classify [........................] 999 B of 216.5 MB read");
  std::this_thread::sleep_for(std::chrono::milliseconds(110));
  progress.update(108'250'000);
  const std::string drawn = captured.text();
  EXPECT_EQ(
      drawn.find(std::string(kWipe) + "classify [############............] 108.2 MB of 216.5 MB read  "), 0U)
      << drawn;
  EXPECT_NE(drawn.find("B/s  "), std::string::npos) << drawn;
  EXPECT_TRUE(drawn.ends_with(" s left")) << drawn;
}

TEST(Progress, RedrawsAtMostTenTimesASecond) {
  const auto [reader, writer] = open_terminal();
  ASSERT_GE(writer, 0) << "no pseudo-terminal here";
  const CapturedStderr captured(reader, writer);
  const auto start = steady_clock::now();
  Progress progress("training", 0);
  std::size_t done = 0;
  while (steady_clock::now() - start < std::chrono::milliseconds(350)) progress.update(++done);
  const auto passed =
      std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - start).count();
  const std::size_t drawings = count_of("training", captured.text());
  EXPECT_LE(drawings, static_cast<std::size_t>(passed) / 100 + 1);
  EXPECT_GE(drawings, 1U);
}

}  // namespace
}  // namespace logsieve
