#include "mask/masker.h"

#include <algorithm>
#include <array>

#include "mask/char_class.h"
#include "mask/code_cues.h"
#include "mask/value_scanners.h"

namespace logsieve {
namespace {

using namespace mask_detail;  // NOLINT: the scanners are this file's own tools

// Runs of word bytes at least this long that mix digits and letters are tokens of some encoding.
constexpr std::size_t kEncodedLength = 16;
constexpr std::size_t kLeastHexId = 8;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  std::array<char, 24> small{};
  if (word.empty() || word.size() > small.size()) return false;
  std::transform(word.begin(), word.end(), small.begin(), lower);
  return std::find(words.begin(), words.end(), std::string_view(small.data(), word.size())) != words.end();
}

class LineMasker {
 public:
  LineMasker(std::string_view line, std::string& form, std::vector<MaskedValue>* values = nullptr)
      : line_(line), form_(form), values_(values) {}

  void mask_line() {
    while (at_ < line_.size()) {
      const std::size_t chunk = at_;
      std::uint8_t seen = 0;
      std::size_t slashes = 0;
      while (at_ < line_.size() && !is(line_[at_], kBreak)) {
        seen |= kCharTable[static_cast<unsigned char>(line_[at_])];
        slashes += line_[at_] == '/' ? 1U : 0U;
        ++at_;
      }
      end_ = at_;
      if (end_ == chunk) {
        if (line_[at_] == '[' && !after_word() && replace(bracketed_length(line_, at_), MaskedKind::kAddress))
          continue;
        keep(1);
        continue;
      }
      at_ = chunk;
      mask_chunk(seen, slashes);
    }
    flush();
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0'; }
  bool after_word() const { return at_ > 0 && is_word(line_[at_ - 1]); }

  // What is kept is copied in one piece, as late as may be.
  void keep(std::size_t length) { at_ += length; }
  void flush() {
    if (at_ > kept_) form_.append(line_.data() + kept_, at_ - kept_);
    kept_ = at_;
  }
  // The form of everything before at_.
  std::string& form() {
    flush();
    return form_;
  }
  void skip_to(std::size_t at) { at_ = kept_ = at; }
  bool replace(std::size_t length, MaskedKind kind) {
    if (length == 0) return false;
    form() += placeholder(kind);
    if (values_ != nullptr) values_->push_back({at_, at_ + length, kind});
    skip_to(at_ + length);
    return true;
  }
  // What follows the last value goes the same way, without a word of its own.
  void drop_behind_value(std::size_t length) {
    skip_to(at_ + length);
    if (values_ != nullptr) values_->back().end = at_;
  }

  // One chunk: bytes without white space, quotes, brackets, comma, equals. Values may reach past its end.
  void mask_chunk(std::uint8_t seen, std::size_t slashes) {
    const bool is_letters = (seen & (kTrigger | kDigit)) == 0;
    if (is_letters) {
      if (end_ - at_ <= 9 && replace(time_length(line_, at_), MaskedKind::kTime)) return;
      return keep(end_ - at_);
    }
    const bool may_have = (seen & kAtOrColon) != 0;
    const std::string_view chunk = line_.substr(at_, end_ - at_);
    has_colon_ = may_have && chunk.find(':') != std::string_view::npos;
    has_scheme_ = has_colon_ && slashes >= 2 && chunk.find("://") != std::string_view::npos;
    has_at_ = may_have && chunk.find('@') != std::string_view::npos;
    if (slashes >= 2 && mask_relative_path(seen)) return;
    while (at_ < end_) mask_next();
  }

  // "conf/app/site.yml": at least two slashes and something that no enumeration of words has.
  bool mask_relative_path(std::uint8_t seen) {
    if (!is_word(peek()) || has_scheme_ || has_at_ || (seen & kLetter) == 0) return false;
    const std::string_view chunk = line_.substr(at_, end_ - at_);
    if ((seen & kDigit) == 0 && chunk.find_first_of("._") == std::string_view::npos) return false;
    if (time_length(line_, at_) > 0 || ipv4_length(line_, at_) > 0 ||
        chunk.find(':') != std::string_view::npos)
      return false;
    if (run(line_, at_, kPathChar) < chunk.size()) return false;
    return replace(without_closing(chunk), MaskedKind::kPath);
  }

  void mask_next() {
    const char c = peek();
    if (is_word(c)) {
      if (!mask_structured()) mask_word();
      return;
    }
    if (c == '/' && mask_posix_path()) return;
    if ((c == '.' || c == '~') && mask_dotted_path()) return;
    if (c == '\\' && mask_backslash_path()) return;
    if (c == ':' && peek(1) == ':' && !after_word() && replace(ipv6_length(line_, at_), MaskedKind::kAddress))
      return;
    if ((c == '-' || c == '+') && is(peek(1), kDigit) && !after_word() && mask_signed()) return;
    keep(1);
  }

  // A sign belongs to the number unless a word stands before it: 10-20, re-5.
  bool mask_signed() {
    flush();
    const std::size_t sign = at_;
    skip_to(sign + 1);
    const std::size_t first_value = values_ == nullptr ? 0 : values_->size();
    const auto includes_sign = [&] {
      if (values_ != nullptr) (*values_)[first_value].begin = sign;
      return true;
    };
    if (mask_structured()) return includes_sign();
    const std::size_t length = number_length(line_, at_);
    if (is_word(peek(length))) {
      if (mask_amounts()) return includes_sign();
      skip_to(sign);
      return false;
    }
    if (length != run(line_, at_, kDigit) || !keeps_number(form(), line_, at_, length)) {
      replace(length, MaskedKind::kNumber);
      return includes_sign();
    }
    skip_to(sign);
    keep(length + 1);
    return true;
  }

  // Values with an inner structure, longest and surest first. Called at the start of a word only.
  bool mask_structured() {
    const bool is_hex = is(peek(), kHex);
    const bool is_digit = is(peek(), kDigit);
    if (has_scheme_ && replace(url_length(line_, at_), MaskedKind::kUrl)) return true;
    if (has_at_ && replace(email_length(line_, at_), MaskedKind::kEmail)) return true;
    if ((is_digit || is(peek(), kUpper)) && replace(time_length(line_, at_), MaskedKind::kTime)) return true;
    if (is_hex && (replace(uuid_length(line_, at_), MaskedKind::kId) ||
                   replace(mac_length(line_, at_), MaskedKind::kAddress)))
      return true;
    if (is_digit && replace(ipv4_length(line_, at_), MaskedKind::kAddress)) return true;
    if (is_hex && has_colon_ && replace(ipv6_length(line_, at_), MaskedKind::kAddress)) return true;
    return peek(1) == ':' && (peek(2) == '\\' || (peek(2) == '/' && peek(3) != '/')) && is(peek(), kLetter) &&
           replace(windows_path_length(line_, at_), MaskedKind::kPath);
  }

  bool mask_posix_path() {
    if (after_word()) return false;
    const char next = peek(1);
    if (!is_word(next) && next != '.' && next != '_' && next != '-' && next != '~' && next != '%')
      return false;
    // "/10.0.0.7:50010" is an address, and stays one when the form is masked again.
    if (is(next, kDigit) && ipv4_length(line_, at_ + 1) > 0) return false;
    constexpr std::string_view kMasked = "/address";
    if (line_.substr(at_, kMasked.size()) == kMasked && !is_word(peek(kMasked.size()))) return false;
    return replace_path();
  }
  bool mask_dotted_path() {
    const std::size_t dots = peek() == '~' ? 1 : run_of_dots();
    if (after_word() || dots > 2 || peek(dots) != '/') return false;
    return replace_path();
  }
  std::size_t run_of_dots() const {
    std::size_t dots = 0;
    while (peek(dots) == '.' && dots < 4) ++dots;
    return dots;
  }
  // \\host\share and \Device\Disk; a lone backslash is an escape or a separator.
  bool mask_backslash_path() {
    if (after_word()) return false;
    const std::size_t length = run(line_, at_, kPathChar);
    const std::string_view value = line_.substr(at_, length);
    if (std::count(value.begin(), value.end(), '\\') < 2 || length < 4) return false;
    return replace(windows_path_length(line_, at_), MaskedKind::kPath);
  }
  // A query goes on over the bytes that separate elsewhere: /search?q=a,b&n=1
  bool replace_path() {
    std::size_t length = run(line_, at_, kPathChar);
    if (line_.substr(at_, length).find('?') != std::string_view::npos)
      while (at_ + length < line_.size() &&
             (is(line_[at_ + length], kPathChar) ||
              std::string_view("=,;|").find(line_[at_ + length]) != std::string_view::npos))
        ++length;
    std::size_t closing = without_closing(line_.substr(at_, length));
    while (closing > 1 && std::string_view("=,;|").find(line_[at_ + closing - 1]) != std::string_view::npos)
      --closing;
    return replace(closing, MaskedKind::kPath);
  }

  // A run of letters and digits.
  void mask_word() {
    const std::size_t length = run(line_, at_, kDigit | kLetter);
    const std::string_view word = line_.substr(at_, length);
    const std::size_t first_digit = std::min(letters_before_digit(word), length);
    if (first_digit == length) return keep(length);
    const bool is_number = first_digit == 0 && run(word, 0, kDigit) == length;
    if (!is_number && is_term(word)) return keep(length);
    if (is_prefixed_hex(word)) {
      if (keeps_hex(form(), word)) return keep(length);
      return void(replace(length, MaskedKind::kHex));
    }
    if (first_digit == 0) return mask_leading_digits(word);
    const std::size_t digits = run(word, first_digit, kDigit);
    if (is_id(word)) return replace_id(length);
    if (first_digit + digits == length) return mask_trailing_digits(first_digit);
    // Http2Server, sha256sum: a name with a small number inside is a constant.
    const std::size_t tail = length - first_digit - digits;
    if (first_digit >= 2 && digits <= 3 && tail >= 3 && run(word, first_digit + digits, kLetter) == tail)
      return keep(length);
    replace_id(length);
  }

  static std::size_t letters_before_digit(std::string_view word) { return run(word, 0, kLetter); }
  static bool is_prefixed_hex(std::string_view word) {
    return word.size() > 2 && word[0] == '0' && lower(word[1]) == 'x' &&
           run(word, 2, kHex) == word.size() - 2;
  }

  // Hexadecimal of some length, or letters and digits in turn: nobody's word.
  static bool is_id(std::string_view word) {
    if (word.size() >= kLeastHexId && run(word, 0, kHex) == word.size()) return true;
    std::size_t turns = 0;
    for (std::size_t i = 1; i < word.size(); ++i)
      turns += is(word[i], kDigit) != is(word[i - 1], kDigit) ? 1U : 0U;
    return turns >= 3 || (turns >= 2 && word.size() >= kEncodedLength);
  }

  // A long id goes on over the other bytes of base64.
  void replace_id(std::size_t length) {
    if (length >= kEncodedLength) {
      const auto is_base64 = [](char c) {
        return is_word(c) || c == '+' || c == '/' || c == '_' || c == '-';
      };
      std::size_t end = at_ + length;
      while (end < line_.size() && is_base64(line_[end])) ++end;
      length = end - at_;
      // At most two bytes of padding; `token=…` behind another name is no padding.
      for (std::size_t padding = 2; padding > 0; --padding)
        if (line_.substr(end, padding) == std::string_view("==").substr(0, padding) &&
            (end + padding >= line_.size() || is(line_[end + padding], kBreak))) {
          length += padding;
          break;
        }
    }
    replace(length, MaskedKind::kId);
  }

  // 200, 1,284.50, 512MB, 3h12m, 5xx, 9f31c
  void mask_leading_digits(std::string_view word) {
    if (word.size() == 3 && word[0] >= '1' && word[0] <= '5' && word.substr(1) == "xx") return keep(3);
    const std::size_t length = number_length(line_, at_);
    // 0244c21c is a register, not 244 °C and 21 °C; an amount has no leading zeros.
    if (word.size() >= kLeastHexId && run(word, 0, kHex) == word.size() &&
        (length != word.size() || word[0] == '0') && peek(word.size()) != '.')
      return replace_id(word.size());
    if (!is_word(peek(length))) {
      if (follows_http(form()) ||
          (length == run(line_, at_, kDigit) && keeps_number(form_, line_, at_, length)))
        return keep(length);
      return void(replace(length, MaskedKind::kNumber));
    }
    if (mask_amounts()) return;
    replace_id(length + run(line_, at_ + length, kDigit | kLetter));
  }

  // Numbers with units right behind them, to the end of the word; or nothing at all.
  bool mask_amounts() {
    std::size_t probe = at_;
    bool is_first = true;
    while (probe < line_.size() && is(line_[probe], kDigit)) {
      const std::size_t digits = number_length(line_, probe);
      const std::size_t letters = run(line_, probe + digits, kLetter);
      const std::string_view unit = line_.substr(probe + digits, letters);
      if (!is_unit(unit)) return false;
      // 88213A and 9f31c are ids: few amounts of ampere or volt are large, and only times come in turns.
      if (letters == 1 && digits > 4 && is_one_of(unit, {"a", "c", "f", "v", "b"})) return false;
      const bool goes_on =
          is(probe + digits + letters < line_.size() ? line_[probe + digits + letters] : ' ', kDigit);
      if ((!is_first || goes_on) &&
          !is_one_of(unit, {"w", "d", "h", "m", "s", "ms", "us", "ns", "min", "sec", "hr"}))
        return false;
      is_first = false;
      probe += digits + letters;
    }
    if (probe < line_.size() && is_word(line_[probe])) return false;
    while (at_ < probe) {
      if (!form().empty() && is_word(form_.back())) form_ += ' ';
      replace(number_length(line_, at_), MaskedKind::kNumber);
      form_ += ' ';
      keep(run(line_, at_, kLetter));
    }
    return true;
  }

  // User12345 -> User number
  void mask_trailing_digits(std::size_t letters) {
    keep(letters);
    form() += ' ';
    replace(number_length(line_, at_), MaskedKind::kNumber);
    // "v1.2rc1": what is glued to the number's end would start inside a word.
    if (is_word(peek())) drop_behind_value(run(line_, at_, kDigit | kLetter));
  }

  std::string_view line_;
  std::string& form_;
  std::vector<MaskedValue>* values_;
  std::size_t at_ = 0;
  std::size_t kept_ = 0;  // up to here the form is written
  std::size_t end_ = 0;
  bool has_scheme_ = false;
  bool has_at_ = false;
  bool has_colon_ = false;
};

// Whether masking the form again could find a value. E-mail addresses need @, times and addresses a colon and a digit,
// URLs and paths a slash that stands behind no word or is the second of its chunk, Windows paths a backslash.
bool may_hide_a_value(std::string_view form) {
  std::uint8_t seen = 0;
  for (const char c : form) seen |= kCharTable[static_cast<unsigned char>(c)];
  if ((seen & kTrigger) == 0) return false;
  bool has_slash = false;  // in this chunk
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = form[i];
    if (!is(c, kTrigger | kBreak) || is(c, kDigit)) continue;
    if (is(c, kBreak)) {
      has_slash = false;
    } else if (c == '/') {
      if (has_slash || (seen & kDigit) != 0 || i == 0 || !is_word(form[i - 1])) return true;
      has_slash = true;
    } else if (c != '~' && (c != ':' || (seen & kDigit) != 0)) {
      return true;
    }
  }
  return false;
}

// Values glued together (5msC:\\x@b.co) can leave what reads as a value of another kind. Only e-mail, URL and
// path can arise so, hence the marks; each round makes a value of what was left, so there are few. True if there
// was such a value.
bool mask_glued_values(std::string& form) {
  thread_local std::string again;
  bool has_changed = false;
  while (may_hide_a_value(form)) {
    again.clear();
    LineMasker(form, again).mask_line();
    if (again == form) break;
    form.swap(again);
    has_changed = true;
  }
  return has_changed;
}

}  // namespace

std::string_view placeholder(MaskedKind kind) {
  constexpr std::array<std::string_view, kMaskedKinds> kWords = {"number", "time", "address", "id",
                                                                 "hex",    "path", "url",     "email"};
  return kWords[static_cast<std::size_t>(kind)];
}

void mask(std::string_view line, std::string& form) {
  form.clear();
  LineMasker(line, form).mask_line();
  mask_glued_values(form);
}

bool mask(std::string_view line, std::string& form, std::vector<MaskedValue>& values) {
  form.clear();
  values.clear();
  LineMasker(line, form, &values).mask_line();
  if (!mask_glued_values(form)) return true;
  values.clear();
  return false;
}

}  // namespace logsieve
