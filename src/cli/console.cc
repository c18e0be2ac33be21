#include "cli/console.h"

#include <cstdio>
#include <cstdlib>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"

namespace logsieve {

bool has_colour(int fd) {
  const char* no_colour = std::getenv("NO_COLOR");
  return ::isatty(fd) == 1 && (no_colour == nullptr || *no_colour == '\0');
}

std::size_t terminal_columns(std::size_t fallback) {
  struct winsize size {};
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO})  // stdout may go through a pager
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return fallback;
}

int report(const Error& error) {
  std::string text = render(error);
  if (has_colour(STDERR_FILENO)) {
    constexpr std::string_view kWord = "error:";
    constexpr std::string_view kRed = "\x1b[1;31merror:\x1b[0m";
    for (std::size_t at = 0; (at = text.find(kWord, at)) != std::string::npos; at += kRed.size()) {
      const bool starts_line = at == 0 || text[at - 1] == '\n';
      if (starts_line) text.replace(at, kWord.size(), kRed);
    }
  }
  std::fputs(text.c_str(), stderr);
  return exit_code(error.code);
}

bool is_pipe(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
}

void note(std::string_view message) {
  // A progress bar may stand on this line of a terminal.
  const std::string wipe = ::isatty(STDERR_FILENO) == 1 ? "\r\x1b[K" : "";
  const std::string line = wipe + "logsieve: " + printable(message) + '\n';
  std::fputs(line.c_str(), stderr);
}

std::string fit(std::string_view text, std::size_t columns) {
  const std::string safe = printable(text);
  std::string out;
  std::size_t cells = 0;
  for (std::size_t i = 0; i < safe.size(); ++cells) {
    const DecodedCodePoint decoded = decode_utf8(safe, i);
    i += decoded.length;
    if (cells + 1 == columns && i < safe.size()) return out + "…";
    if (cells == columns) return out;
    append_utf8(decoded.code_point, out);
  }
  return out + std::string(columns - cells, ' ');
}

}  // namespace logsieve
