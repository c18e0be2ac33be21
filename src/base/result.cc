#include "base/result.h"

#include <algorithm>

#include "base/utf8.h"

namespace logsieve {
namespace {

// A caret line stays readable on a terminal: longer source lines are cut around the column.
constexpr std::size_t kShownBytes = 100;

void append_location(const Error& error, std::string& out) {
  if (error.file.empty()) return;
  out += "  --> " + printable(error.file);
  if (error.line > 0) out += ":" + std::to_string(error.line);
  if (error.line > 0 && error.column > 0) out += ":" + std::to_string(error.column);
  out += '\n';
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80;
}

// The start of the character that holds `offset`, so that no cut splits one; in ill-formed text `offset` may stay.
std::size_t character_start(std::string_view text, std::size_t offset) {
  std::size_t start = offset;
  while (start > 0 && start < text.size() && is_continuation(text[start])) --start;
  return offset - start < 4 ? start : offset;
}

// Terminal cells of printable text: a code point is one. (Wide East Asian letters would be two.)
std::size_t cells(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
}

void append_source(const Error& error, std::string& out) {
  if (error.source_line.empty()) return;
  const std::string_view line = error.source_line;
  const std::size_t column = error.column > 0 ? error.column - 1 : 0;
  const std::size_t caret = character_start(line, std::min(column, line.size()));
  const std::size_t first = caret < kShownBytes ? 0 : character_start(line, caret - kShownBytes / 2);
  const std::size_t end = character_start(line, std::min(first + kShownBytes, line.size()));
  out += "   |  " + printable(line.substr(first, end - first)) + '\n';
  if (error.column == 0) return;
  out += "   |  " + std::string(cells(printable(line.substr(first, caret - first))), ' ') + '^';
  if (!error.caret_note.empty()) out += ' ' + printable(error.caret_note);
  out += '\n';
}

// Returns how many errors were written: an error that was gathered may have gathered others itself.
std::size_t append_errors(const Error& error, std::string& out) {
  out += "error: " + printable(error.message) + '\n';
  append_location(error, out);
  append_source(error, out);
  if (!error.help.empty()) out += "  help: " + printable(error.help) + '\n';
  std::size_t count = 1;
  for (const Error& other : error.others) count += append_errors(other, out);
  return count;
}

}  // namespace

Error Error::at(std::string path, std::size_t line_number, std::size_t column_number) && {
  file = std::move(path);
  line = line_number;
  column = column_number;
  return std::move(*this);
}

Error Error::with_source(std::string text, std::string note) && {
  source_line = std::move(text);
  caret_note = std::move(note);
  return std::move(*this);
}

Error Error::with_help(std::string text) && {
  help = std::move(text);
  return std::move(*this);
}

Error Error::with_context(std::string_view context) && {
  message = std::string(context) + ": " + message;
  return std::move(*this);
}

std::string render(const Error& error) {
  std::string out;
  const std::size_t count = append_errors(error, out);
  if (count > 1) out += std::to_string(count) + " errors\n";
  return out;
}

int exit_code(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 2;
    case ErrorCode::kBadInput:
      return 65;
    case ErrorCode::kUnavailable:
      return 69;
    case ErrorCode::kNotFound:
    case ErrorCode::kIo:
      return 74;
    case ErrorCode::kInvalidRule:
    case ErrorCode::kBadConfig:
    case ErrorCode::kCorruptModel:
      return 78;
    case ErrorCode::kInterrupted:
      return 130;
    case ErrorCode::kInternal:
      return 1;
  }
  return 1;
}

}  // namespace logsieve
