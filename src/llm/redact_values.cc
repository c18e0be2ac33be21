#include "llm/redact_values.h"

#include <algorithm>
#include <array>

#include "llm/ascii.h"
#include "llm/redact_keys.h"
#include "llm/redact_tokens.h"

namespace logsieve {
namespace {

constexpr std::size_t kLongestKey = 64;
constexpr std::size_t kLongestLook =
    256;  // bytes of a value that is only looked at, so that the time stays linear
constexpr std::size_t kLongestName = 24;
constexpr std::string_view kQuotes = "\"'`";

bool is_key_byte(char c) {
  return is_ascii_letter(c) || is_ascii_digit(c) || c == '_' || c == '-' || c == '.';
}
bool is_quote(char c) {
  return kQuotes.find(c) != std::string_view::npos;
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// How a key is tied to what follows it, the firmest first.
enum class Tie : std::uint8_t {
  kMark,   // = => -> a tag, or a colon right before the value
  kColon,  // a colon and white space: a value, or what a sentence says of the key
  kQuote,  // a quoted value follows, or one of a command line
  kWords,  // "is", "set to"
  kSpace,  // white space
  kNone,
};

struct Value {
  Tie tie = Tie::kNone;
  std::size_t begin = 0;
  std::size_t end = 0;
  bool is_quoted = false;
  bool is_option = false;  // of a command line
};

class ValueFinder {
 public:
  explicit ValueFinder(std::string_view text) : text_(text) {}

  // What belongs to the key that ends before `at`. `is_option`: dashes stand before the key.
  Value behind(std::size_t at, bool is_option) const {
    Value value;
    value.is_option = is_option;
    std::size_t cursor = skip_masked_number(at);
    const bool was_quoted = skip_quote(cursor);
    if (was_quoted && is_option && skip_list_mark(cursor)) {
      value.tie = Tie::kQuote;
    } else if (was_quoted && skip_word(cursor, "value=")) {
      value.tie = Tie::kMark;
    } else if (skip_mark(cursor)) {
      value.tie = text_[cursor - 1] == ' ' &&
                          text_.substr(at, cursor - at).find_first_of("=>") == std::string_view::npos
                      ? Tie::kColon
                      : Tie::kMark;
    } else {
      value.tie = skip_loose(cursor, is_option);
    }
    if (value.tie == Tie::kNone) return value;
    value.is_quoted = skip_quote(cursor);
    if (value.is_quoted) value.tie = value.tie <= Tie::kColon ? Tie::kMark : Tie::kQuote;
    value.begin = cursor;
    value.end = value.is_quoted ? quoted_end(cursor) : bare_end(cursor);
    if (value.end == value.begin) value.tie = Tie::kNone;
    return value;
  }

 private:
  char peek(std::size_t at) const { return at < text_.size() ? text_[at] : '\0'; }
  bool starts(std::size_t at, std::string_view word) const { return text_.substr(at).starts_with(word); }

  void skip_spaces(std::size_t& at, std::size_t most) const {
    for (; most > 0 && is_space(peek(at)); --most) ++at;
  }
  // "cvv2=" is "cvv number=" now.
  std::size_t skip_masked_number(std::size_t at) const {
    constexpr std::string_view kNumber = " number";
    const char next = peek(at + kNumber.size());
    return starts(at, kNumber) && (next == '=' || is_quote(next)) ? at + kNumber.size() : at;
  }

  // An opening or closing quote, with the backslash of a string in a string before it.
  bool skip_quote(std::size_t& at) const {
    std::size_t cursor = at;
    while (peek(cursor) == '\\' && cursor - at < 4) ++cursor;
    if (!is_quote(peek(cursor))) return false;
    at = cursor + 1;
    return true;
  }
  bool skip_word(std::size_t& at, std::string_view word) const {
    std::size_t cursor = at;
    skip_spaces(cursor, 2);
    if (!starts(cursor, word)) return false;
    at = cursor + word.size();
    return true;
  }
  // ", " between the words of a command line in quotes.
  bool skip_list_mark(std::size_t& at) const {
    std::size_t cursor = at;
    if (!skip_word(cursor, ",")) return false;
    skip_spaces(cursor, 2);
    if (!is_quote(peek(cursor))) return false;
    at = cursor;
    return true;
  }

  bool skip_mark(std::size_t& at) const {
    std::size_t cursor = at;
    if (peek(cursor) == ']') ++cursor;
    skip_spaces(cursor, 4);
    const std::size_t mark = cursor;
    const bool is_spaced = cursor > at;
    if (starts(cursor, "://") || starts(cursor, "::")) return false;
    while ((peek(cursor) == '=' || peek(cursor) == ':') && cursor - mark < 3) ++cursor;
    if (cursor == mark && starts(cursor, "->")) cursor += 2;
    if (peek(cursor) == '>') ++cursor;
    if (cursor == mark || starts_end_tag(cursor)) return false;
    // "ruser= rhost=": nothing stands behind the mark.
    if (text_[cursor - 1] != '=' || is_spaced) skip_spaces(cursor, 4);
    at = cursor;
    return true;
  }

  // What ties without a mark. The value of an option or of a verb is one; after bare space it may be.
  Tie skip_loose(std::size_t& at, bool is_option) const {
    if (!is_space(peek(at))) return Tie::kNone;
    skip_spaces(at, 2);
    for (const std::string_view words : {"is now ", "is ", "was ", "set to ", "changed to ", "equals "}) {
      if (!starts(at, words)) continue;
      at += words.size();
      return Tie::kWords;
    }
    if (is_option) return peek(at) == '-' ? Tie::kNone : Tie::kQuote;
    return Tie::kSpace;
  }

  // Up to the quote that was opened before `at`; to the end of the text if it is never closed.
  std::size_t quoted_end(std::size_t at) const {
    const char quote = text_[at - 1];
    const bool is_nested = at >= 2 && text_[at - 2] == '\\';
    std::size_t end = at;
    while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' && !is_nested ? 2U : 1U;
    end = std::min(end, text_.size());
    while (is_nested && end > at && text_[end - 1] == '\\') --end;
    return end;
  }

  // Up to white space or a tag, without what closes a clause; a key of its own behind , ; or & ends it too.
  std::size_t bare_end(std::size_t at) const {
    std::size_t end = at;
    while (end < text_.size() && !is_space(text_[end]) && text_[end] != '"' && !starts_end_tag(end)) {
      if (end > at && std::string_view(",;&").find(text_[end]) != std::string_view::npos &&
          starts_key(end + 1))
        break;
      ++end;
    }
    while (end > at && std::string_view(",;)]}>'`").find(text_[end - 1]) != std::string_view::npos) --end;
    return end;
  }
  bool starts_end_tag(std::size_t at) const { return starts(at, "</") || starts(at, "<path>"); }  // as masked
  bool starts_key(std::size_t at) const {
    std::size_t end = at;
    if (is_quote(peek(end))) ++end;
    const std::size_t first = end;
    while (end - first < kLongestKey && is_key_byte(peek(end))) ++end;
    return end > first && (peek(end) == '=' || peek(end) == ':' || is_quote(peek(end)));
  }

  std::string_view text_;
};

// One to four words with a capital each: Maria Lopez. The end of the last.
std::size_t person_end(std::string_view text, std::size_t at) {
  std::size_t end = at;
  std::size_t words = 0;
  for (std::size_t cursor = at; words < 4 && cursor < text.size() && is_ascii_upper(text[cursor]); ++words) {
    std::size_t small = cursor + 1;
    while (small < text.size() && (is_ascii_letter(text[small]) || text[small] == '-' || text[small] == '.'))
      ++small;
    if (small - cursor < 2 || is_ascii_upper(text[cursor + 1])) break;
    end = small;
    cursor = small < text.size() && text[small] == ' ' ? small + 1 : text.size();
  }
  return words >= 2 ? end : at;
}

class Redactor {
 public:
  explicit Redactor(std::string_view text) : text_(text), finder_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      std::size_t end = at_;
      while (end < text_.size() && end - at_ < kLongestKey && is_key_byte(text_[end])) ++end;
      if (end == at_) {
        out_ += text_[at_++];
        continue;
      }
      read_key(end);
    }
    return std::move(out_);
  }

 private:
  void keep_to(std::size_t end) {
    out_.append(text_, at_, end - at_);
    at_ = end;
  }

  void read_key(std::size_t end) {
    const std::string_view word = text_.substr(at_, end - at_);
    KeyKind kind = kind_of_key(word);
    if (kind == KeyKind::kMaybe || kind == KeyKind::kPerson) kind = stronger_with_word_before(kind, end);
    word_before_ = at_;
    const bool is_option = word.starts_with('-');
    if (kind == KeyKind::kNone) return keep_to(end);
    const Value value = finder_.behind(end, is_option);
    if (value.tie == Tie::kNone) return keep_to(end);
    redact_value(kind, value, end);
  }

  // "api key", "access token", "user name": the word before says more.
  KeyKind stronger_with_word_before(KeyKind kind, std::size_t end) const {
    if (word_before_ == std::string_view::npos || at_ - word_before_ > kLongestKey) return kind;
    const std::string_view both = text_.substr(word_before_, end - word_before_);
    const std::size_t gap = both.find_first_of(" -");
    if (gap == std::string_view::npos || both.find_first_of("=:,;\"'()[]{}<>") != std::string_view::npos)
      return kind;
    const KeyKind found = kind_of_key(both);
    return found == KeyKind::kNone ? kind : found;
  }

  void redact_value(KeyKind kind, const Value& value, std::size_t key_end) {
    const std::string_view content = text_.substr(value.begin, value.end - value.begin);
    switch (kind) {
      case KeyKind::kSecret:
        return redact_secret(content, value, key_end);
      case KeyKind::kMaybe:
        if (is_secret_token(content.substr(0, kLongestLook), Doubt::kExpected))
          return replace(value, masked_value_end(text_, value.end), "secret");
        return keep_to(key_end);
      case KeyKind::kLogin:
        if (value.tie > Tie::kQuote || is_harmless_value(content) || is_common_account(content))
          return keep_to(key_end);
        if (value.tie == Tie::kColon && starts_sentence(content, value.end)) return keep_to(key_end);
        return replace(value, std::max(value.end, value.is_quoted ? 0 : person_end(text_, value.begin)),
                       "name");
      default:
        if (const std::size_t end = person_end(text_, value.begin);
            value.tie <= Tie::kQuote && end > value.begin)
          return replace(value, end, "name");
        return keep_to(key_end);
    }
  }

  // "imap-login: Disconnected", "passwd: grace changed her password": a program or a subject, then what it says.
  bool starts_sentence(std::string_view content, std::size_t end) const {
    const auto is_name_byte = [](char c) { return is_ascii_letter(c) || c == '.' || c == '_'; };
    if (content.ends_with(':')) content.remove_suffix(1);
    if (content.empty()) return false;
    if (!std::all_of(content.begin(), content.end(), is_name_byte)) return false;
    if (is_ascii_upper(content.front())) return true;
    std::size_t words = 0;
    while (words < 2 && end + 1 < text_.size() && text_[end] == ' ' && is_ascii_letter(text_[end + 1])) {
      for (++end; end < text_.size() && is_ascii_letter(text_[end]);) ++end;
      ++words;
    }
    return words == 2;
  }

  void redact_secret(std::string_view content, const Value& value, std::size_t key_end) {
    const std::size_t end = value.is_quoted ? value.end : masked_value_end(text_, value.end);
    const bool is_long = end > value.end;  // the mask has found digits in it
    if (is_harmless_value(content) && !is_long) return keep_to(key_end);
    const bool is_strong = !may_hold_a_word(text_.substr(at_, key_end - at_));
    if (value.tie == Tie::kColon && !is_strong && !is_long && starts_sentence(content, value.end))
      return keep_to(key_end);
    if (value.tie == Tie::kQuote && !value.is_option && !is_strong && is_name_like(content))
      return keep_to(key_end);
    if (value.tie == Tie::kWords && !is_long && is_prose(content)) return keep_to(key_end);
    if (value.tie == Tie::kSpace && !is_secret_token(content, Doubt::kExpected)) return keep_to(key_end);
    replace(value, end, "secret");
  }

  // secret "db-credentials" not found; parser choked on token "then": the name of a secret, or no secret at all.
  static bool is_name_like(std::string_view content) {
    return content.size() < kLongestName && !is_secret_token(content, Doubt::kExpected);
  }

  static bool is_prose(std::string_view content) {
    return std::all_of(content.begin(), content.end(), [](char c) {
      return (is_ascii_letter(c) && !is_ascii_upper(c)) || c == '.' || c == ',';
    });
  }

  void replace(const Value& value, std::size_t end, std::string_view word) {
    keep_to(value.begin);
    out_ += word;
    at_ = std::max(end, value.begin);
  }

  std::string_view text_;
  ValueFinder finder_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t word_before_ = std::string_view::npos;
};

}  // namespace

std::string redact_keyed_values(std::string_view text) {
  return Redactor(text).run();
}

}  // namespace logsieve
