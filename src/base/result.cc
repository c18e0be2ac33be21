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

void append_source(const Error& error, std::string& out) {
  if (error.source_line.empty()) return;
  const std::size_t column = error.column > 0 ? error.column - 1 : 0;
  const std::size_t first = column > kShownBytes ? column - kShownBytes / 2 : 0;
  const std::string_view line = error.source_line;
  const std::string_view shown = first < line.size() ? line.substr(first, kShownBytes) : std::string_view();
  out += "   |  " + printable(shown) + '\n';
  if (error.column == 0) return;
  const std::size_t lead = std::min(column - first, shown.size());
  out += "   |  " + std::string(printable(shown.substr(0, lead)).size(), ' ') + '^';
  if (!error.caret_note.empty()) out += ' ' + printable(error.caret_note);
  out += '\n';
}

void append_error(const Error& error, std::string& out) {
  out += "error: " + printable(error.message) + '\n';
  append_location(error, out);
  append_source(error, out);
  if (!error.help.empty()) out += "  help: " + printable(error.help) + '\n';
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
  append_error(error, out);
  for (const Error& other : error.others) append_error(other, out);
  if (!error.others.empty()) out += std::to_string(error.others.size() + 1) + " errors\n";
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
    case ErrorCode::kInternal:
      return 1;
  }
  return 1;
}

}  // namespace logsieve
