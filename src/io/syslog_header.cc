#include "io/syslog_header.h"

#include <array>
#include <cstddef>

namespace logsieve {
namespace {

constexpr std::size_t kLongestTag = 64;  // RFC 5424 allows 48 for APP-NAME; systemd units are longer

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Reads a line from the left; each take_ leaves the cursor where it was if it fails.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  std::string_view rest() const { return rest_; }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // A word and the one space behind it.
  std::optional<std::string_view> take_word() {
    const std::size_t space = rest_.find(' ');
    if (space == 0 || space == std::string_view::npos) return std::nullopt;
    const std::string_view word = rest_.substr(0, space);
    rest_.remove_prefix(space + 1);
    return word;
  }

  // Text in which '0' stands for a digit, 'x' for a digit or a space, and all else for itself.
  bool take_shape(std::string_view shape) {
    if (rest_.size() < shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const char c = rest_[i];
      const bool fits = shape[i] == '0'   ? is_digit(c)
                        : shape[i] == 'x' ? is_digit(c) || c == ' '
                                          : c == shape[i];
      if (!fits) return false;
    }
    rest_.remove_prefix(shape.size());
    return true;
  }

  void skip_while(bool (*holds)(char)) {
    while (!rest_.empty() && holds(rest_.front())) rest_.remove_prefix(1);
  }

  bool take_month() {
    static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (const std::string_view month : kMonths)
      if (take_shape(month)) return true;
    return false;
  }

 private:
  std::string_view rest_;
};

// "<0>" to "<191>".
bool take_priority(Cursor& cursor) {
  const std::string_view text = cursor.rest();
  const std::size_t end = text.substr(0, 5).find('>');
  if (text.empty() || text[0] != '<' || end == std::string_view::npos || end < 2) return false;
  int value = 0;
  for (const char c : text.substr(1, end - 1)) {
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  if (value > 191) return false;
  cursor = Cursor(text.substr(end + 1));
  return true;
}

// "Oct 11 22:14:15" or an ISO 8601 time, and the space behind it.
bool take_time(Cursor& cursor) {
  if (cursor.take_month()) return cursor.take_shape(" x0 00:00:00") && cursor.take(' ');
  if (!cursor.take_shape("0000-00-00T00:00:00")) return false;
  cursor.skip_while(
      [](char c) { return is_digit(c) || c == '.' || c == ':' || c == '+' || c == '-' || c == 'Z'; });
  return cursor.take(' ');
}

bool belongs_to_tag(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
         c == '.' || c == '/' || c == '@' || c == '(' || c == ')';
}

// "tag: " or "tag[pid]: "; the tag without the pid.
std::optional<std::string_view> take_tag(Cursor& cursor) {
  const std::string_view text = cursor.rest();
  Cursor ahead = cursor;
  ahead.skip_while(belongs_to_tag);
  const std::string_view tag = text.substr(0, text.size() - ahead.rest().size());
  if (tag.empty() || tag.size() > kLongestTag) return std::nullopt;
  if (ahead.take('[')) {
    ahead.skip_while([](char c) { return c != ']' && c != ' ' && c != ':'; });
    if (!ahead.take(']')) return std::nullopt;
  }
  if (!ahead.take(':')) return std::nullopt;
  ahead.take(' ');
  cursor = ahead;
  return tag;
}

// "-" or "[id name="value" ...][...]"; a value may hold \" and \].
bool take_structured_data(Cursor& cursor) {
  if (cursor.take('-')) return true;
  bool has_element = false;
  while (!cursor.rest().empty() && cursor.rest().front() == '[') {
    const std::string_view text = cursor.rest();
    bool is_quoted = false;
    std::size_t i = 1;
    for (; i < text.size() && (is_quoted || text[i] != ']'); ++i) {
      if (text[i] == '\\' && is_quoted)
        ++i;
      else if (text[i] == '"')
        is_quoted = !is_quoted;
    }
    if (i >= text.size()) return false;
    cursor = Cursor(text.substr(i + 1));
    has_element = true;
  }
  return has_element;
}

// What follows "<PRI>1 ".
std::optional<SyslogLine> parse_rfc5424(Cursor cursor) {
  const auto time = cursor.take_word();
  if (!time || !(*time == "-" || is_digit(time->front()))) return std::nullopt;
  const auto host = cursor.take_word();
  const auto app = host ? cursor.take_word() : std::nullopt;
  const auto process = app ? cursor.take_word() : std::nullopt;
  if (!process || !cursor.take_word() || !take_structured_data(cursor)) return std::nullopt;
  if (!cursor.rest().empty() && !cursor.take(' ')) return std::nullopt;
  std::string_view message = cursor.rest();
  if (message.starts_with("\xEF\xBB\xBF")) message.remove_prefix(3);
  return SyslogLine{*app == "-" ? std::string_view() : *app, message, true};
}

std::optional<SyslogLine> parse_rfc3164(Cursor cursor) {
  if (!take_time(cursor)) return std::nullopt;
  Cursor behind_host = cursor;
  const auto host = behind_host.take_word();
  // Local senders leave the host out; no host ends with a colon, and every tag does.
  if (host && host->back() != ':') cursor = behind_host;
  const auto tag = take_tag(cursor);
  if (!tag) return std::nullopt;
  return SyslogLine{*tag, cursor.rest(), false};
}

}  // namespace

std::optional<SyslogLine> parse_syslog(std::string_view line) {
  Cursor cursor(line);
  const bool has_priority = take_priority(cursor);
  const bool is_rfc5424 = has_priority && cursor.take_shape("1 ");
  auto parsed = is_rfc5424 ? parse_rfc5424(cursor) : parse_rfc3164(cursor);
  if (parsed) parsed->has_priority = has_priority;
  return parsed;
}

}  // namespace logsieve
