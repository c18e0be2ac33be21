// Windows paths. Their folders have spaces, so where one ends is a guess outside quotes: the guess errs towards
// the longer path, since names of users stand in paths.
#include <algorithm>
#include <array>

#include "mask/char_class.h"
#include "mask/value_scanners.h"

namespace logsieve::mask_detail {
namespace {

constexpr std::size_t kLongestQuoted = 1024;
constexpr std::size_t kLongestName = 64;  // of what is swallowed up to the next separator
constexpr std::size_t kMostSpaces = 5;

// What no name of a Windows file holds, and the marks that separate paths and settings.
bool ends_path(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F ||
         std::string_view("<>\"|?*:;=`").find(c) != std::string_view::npos;
}

// "C:\x\setup.exe" is whole; "C:\Users\J.Doe" may go on.
bool ends_in_file(std::string_view path) {
  constexpr std::string_view kExtensions =
      ".exe.dll.sys.txt.log.dat.ini.xml.json.yml.yaml.csv.cfg.conf.config.bat.cmd.ps1.msi.zip.cab.tmp.bak.db."
      "mdb.doc.docx.xls.xlsx.pdf.inf.drv.ocx.mum.cat.manifest.evtx.etl.jar.py.js.html.png.jpg.";
  constexpr std::size_t kLongest = 9;  // .manifest
  const std::string_view tail = path.substr(path.size() - std::min(path.size(), kLongest));
  const std::size_t dot = tail.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == tail.size()) return false;
  std::array<char, kLongest + 1> name{};
  const std::size_t length = tail.size() - dot;
  std::transform(tail.begin() + static_cast<std::ptrdiff_t>(dot), tail.end(), name.begin(), lower);
  name[length] = '.';
  return kExtensions.find(std::string_view(name.data(), length + 1)) != std::string_view::npos;
}

// How a path writes its separators: C:/x with slashes, C:\\x (in JSON) with two backslashes, where one alone is
// an escape such as \n.
class Separators {
 public:
  Separators(std::string_view text, std::size_t at) {
    const std::string_view head = text.substr(at, 4);
    is_slash_ = head.substr(0, 1) != "\\" && head.substr(2, 1) == "/";
    is_double_ = head == "\\\\\\\\" || (head.substr(0, 1) != "\\" && head.substr(2) == "\\\\");
  }
  bool is_at(std::string_view text, std::size_t at) const {
    if (text[at] == '/') return is_slash_;
    return text[at] == '\\' && (!is_double_ || text.substr(at + 1, 1) == "\\");
  }

 private:
  bool is_slash_ = false;
  bool is_double_ = false;
};

// Bytes from `at` to the next separator, 0 if none follows that belongs to the same path.
std::size_t rest_of_name(std::string_view text, std::size_t at, const Separators& separators) {
  std::size_t spaces = 0;
  for (std::size_t end = at; end < text.size() && end - at <= kLongestName && !ends_path(text[end]); ++end) {
    if (separators.is_at(text, end)) return end > at && text[end - 1] != ' ' ? end - at : 0;
    spaces += text[end] == ' ' ? 1U : 0U;
    if (spaces > kMostSpaces) return 0;
  }
  return 0;
}

// C:\Users\John Smith: the rest of a user's name that ends the line or the phrase.
std::size_t rest_of_user(std::string_view text, std::size_t at, std::size_t end) {
  constexpr std::size_t kLongestUser = 24;
  std::size_t name = end;
  while (name > at && end - name <= kLongestUser && is_word(text[name - 1])) --name;
  if (name == end || !is(text[name], kUpper)) return 0;
  std::array<char, 6> folder{};
  if (name - at < folder.size()) return 0;
  std::transform(text.begin() + static_cast<std::ptrdiff_t>(name - folder.size()),
                 text.begin() + static_cast<std::ptrdiff_t>(name), folder.begin(), lower);
  const std::string_view parent(folder.data(), folder.size());
  if (parent.substr(0, 5) != "users" && parent != "sers\\\\" && parent != "tings\\") return 0;
  std::size_t next = end;
  for (int words = 0; words < 2 && next + 1 < text.size() && text[next] == ' ' && is(text[next + 1], kUpper);
       ++words)
    next += 1 + run(text, next + 1, kLetter, kLongestUser);
  const bool ends_phrase =
      next >= text.size() || std::string_view(".,;:)]}\"'").find(text[next]) != std::string_view::npos;
  return ends_phrase ? next - end : 0;
}

// The closing quote of a path that starts behind `quote`, 0 if there is none.
std::size_t closing_quote(std::string_view text, std::size_t at, char quote) {
  for (std::size_t end = at; end < text.size() && end - at < kLongestQuoted; ++end) {
    // O'Brien: an apostrophe inside a word closes nothing.
    const bool is_inside = quote == '\'' && end + 1 < text.size() && is_word(text[end + 1]);
    if (text[end] == quote && !is_inside) return end;
    if (static_cast<unsigned char>(text[end]) < 0x20) return 0;
  }
  return 0;
}

// The end of a path behind an opening quote: the closing quote, or the end of a file with arguments behind it.
std::size_t end_in_quotes(std::string_view text, std::size_t at, std::size_t close) {
  const Separators separators(text, at);
  std::size_t end = at;
  while ((end += run(text, end, kPathChar)) < close) {
    if (ends_in_file(text.substr(at, end - at)) && rest_of_name(text, end, separators) == 0) return end;
    ++end;
  }
  const bool is_escaped = at > 1 && text[at - 2] == '\\' && text[close - 1] == '\\';
  return is_escaped ? close - 1 : close;
}

std::size_t end_without_quotes(std::string_view text, std::size_t at) {
  const Separators separators(text, at);
  std::size_t end = at;
  while (true) {
    end += run(text, end, kPathChar);
    if (end >= text.size() || ends_in_file(text.substr(at, end - at))) return end;
    const std::size_t more = rest_of_name(text, end, separators);
    if (more == 0) return end + rest_of_user(text, at, end);
    end += more;
  }
}

}  // namespace

std::size_t windows_path_length(std::string_view text, std::size_t at) {
  const char quote = at > 0 ? text[at - 1] : '\0';
  const std::size_t close = quote == '"' || quote == '\'' ? closing_quote(text, at, quote) : 0;
  const std::size_t end = close > 0 ? end_in_quotes(text, at, close) : end_without_quotes(text, at);
  return without_closing(text.substr(at, end - at));
}

}  // namespace logsieve::mask_detail
