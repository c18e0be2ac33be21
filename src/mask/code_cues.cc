#include "mask/code_cues.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "mask/char_class.h"
#include "mask/value_scanners.h"

namespace logsieve::mask_detail {
namespace {

constexpr std::size_t kLongestCode = 10;  // 3221225477: a Windows exception as an unsigned number
constexpr std::size_t kLongestWord = 24;

// What a word makes of the number behind it.
enum class Cue : std::uint8_t {
  kNone,
  kFiller,     // "with", "is": the word before it decides
  kCode,       // "code": the word before it says which
  kStatus,     // "status", "rc", "returned": at most three digits
  kAnyCode,    // "errno", "exit code": whatever its length, hexadecimal too
  kExit,       // "exit": three digits, and the "code" behind it is of any length
  kQualifier,  // "result": nothing alone, but the "code" behind it is of any length
  kResponse,   // "response", "HTTP": 100 to 599, and as for kQualifier
  kError,      // "error": 400 to 599, and as for kQualifier
  kSignal,     // 1 to 64
  kTarget,     // "path", "url": 100 to 599 behind an HTTP method
  kOtherCode,  // "postal": the "code" behind it is a value
};

// A word of at most eight letters as one number, in lower case.
constexpr std::uint64_t pack(std::string_view word) {
  std::uint64_t packed = 0;
  for (const char c : word) packed = packed << 8U | static_cast<unsigned char>(lower(c));
  return packed;
}

Cue cue_of_short(std::string_view word) {
  switch (pack(word)) {
    case pack("with"):
    case pack("is"):
    case pack("was"):
    case pack("value"):
    case pack("of"):
    case pack("a"):
    case pack("an"):
      return Cue::kFiller;
    case pack("code"):
      return Cue::kCode;
    case pack("status"):
    case pack("rc"):
    case pack("ret"):
    case pack("retval"):
      return Cue::kStatus;
    case pack("errno"):
    case pack("hresult"):
      return Cue::kAnyCode;
    case pack("exit"):
    case pack("exits"):
    case pack("exited"):
    case pack("return"):
    case pack("returns"):
    case pack("returned"):
      return Cue::kExit;
    case pack("err"):
    case pack("hr"):
    case pack("result"):
    case pack("reason"):
    case pack("failed"):
    case pack("failure"):
    case pack("fault"):
    case pack("stop"):
    case pack("stopped"):
    case pack("ended"):
    case pack("finished"):
    case pack("died"):
    case pack("aborted"):
    case pack("crashed"):
      return Cue::kQualifier;
    case pack("response"):
    case pack("responds"):
    case pack("answered"):
    case pack("replied"):
    case pack("reply"):
    case pack("http"):
    case pack("https"):
      return Cue::kResponse;
    case pack("error"):
      return Cue::kError;
    case pack("signal"):
      return Cue::kSignal;
    case pack("path"):
    case pack("url"):
      return Cue::kTarget;
    case pack("zip"):
    case pack("post"):
    case pack("postal"):
    case pack("country"):
    case pack("area"):
    case pack("city"):
    case pack("dialing"):
    case pack("security"):
    case pack("access"):
    case pack("pin"):
    case pack("sms"):
    case pack("otp"):
    case pack("auth"):
    case pack("login"):
    case pack("invite"):
    case pack("promo"):
    case pack("coupon"):
    case pack("voucher"):
    case pack("discount"):
    case pack("product"):
    case pack("item"):
    case pack("bar"):
    case pack("qr"):
    case pack("tax"):
    case pack("bank"):
    case pack("branch"):
    case pack("currency"):
    case pack("language"):
    case pack("source"):
      return Cue::kOtherCode;
    default:
      return Cue::kNone;
  }
}

bool is_any_of(std::string_view word, std::initializer_list<std::string_view> words) {
  const auto equals = [word](std::string_view other) {
    return word.size() == other.size() &&
           std::equal(word.begin(), word.end(), other.begin(), [](char a, char b) { return lower(a) == b; });
  };
  return std::any_of(words.begin(), words.end(), equals);
}

Cue cue_of_long(std::string_view word) {
  if (is_any_of(word, {"responded"})) return Cue::kResponse;
  if (is_any_of(word, {"exception", "completion", "terminated", "termination"})) return Cue::kQualifier;
  if (is_any_of(word, {"verification", "confirmation", "activation", "authorization", "authorisation",
                       "authentication", "promotion"}))
    return Cue::kOtherCode;
  return Cue::kNone;
}

Cue cue_of(std::string_view word) {
  return word.size() <= 8 ? cue_of_short(word) : cue_of_long(word);
}

bool qualifies(Cue cue) {
  return cue == Cue::kExit || cue == Cue::kQualifier || cue == Cue::kResponse || cue == Cue::kError ||
         cue == Cue::kStatus;
}

// "exitcode", "errcode", "httpstatus": a name of two words written as one. "zipcode" and "encode" are other words.
Cue cue_of_compound(std::string_view word) {
  if (const char last = lower(word.back()); last != 'e' && last != 's') return Cue::kNone;
  for (const std::string_view noun : {"code", "status"}) {
    if (word.size() <= noun.size() || !is_any_of(word.substr(word.size() - noun.size()), {noun})) continue;
    const std::string_view qualifier = word.substr(0, word.size() - noun.size());
    if (qualifies(cue_of(qualifier)) || is_any_of(qualifier, {"r", "nt", "sql"})) return Cue::kAnyCode;
  }
  return Cue::kNone;
}

// The last word before `end`, which moves to its begin; what stands between a name and its value is skipped:
// "Status" of "responseStatus: ", "code" of "exit_code=\"". Empty if there is none, or one too long.
std::string_view word_before(std::string_view text, std::size_t& end) {
  constexpr std::string_view kBetween = " :=\"'([-\t_\\>";
  constexpr std::size_t kMostBetween = 6;
  if (end > 1 && text[end - 1] == '.') --end;
  for (std::size_t i = 0; i < kMostBetween && end > 0 && !is(text[end - 1], kLetter); ++i, --end)
    if (kBetween.find(text[end - 1]) == std::string_view::npos) return {};
  const std::size_t last = end;
  while (end > 0 && is(text[end - 1], kLetter)) {
    if (last - end == kLongestWord) return {};
    --end;
    // In camelCase a capital begins a word, and so does the last capital of HTTPStatus.
    const bool is_capital = is(text[end], kUpper);
    if (is_capital && end > 0 &&
        (!is(text[end - 1], kUpper) || (end + 1 < last && !is(text[end + 1], kUpper))))
      break;
  }
  return text.substr(end, last - end);
}

Cue cue_before(std::string_view text, std::size_t& end) {
  const std::string_view word = word_before(text, end);
  if (word.empty()) return Cue::kNone;
  const Cue cue = cue_of(word);
  return cue == Cue::kNone ? cue_of_compound(word) : cue;
}

bool ends_in_method(std::string_view text, std::size_t end) {
  const std::string_view word = word_before(text, end);
  for (const std::string_view method : {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})
    if (word == method) return true;
  return false;
}

// "code" and "status" mean what the words before them say: exit code, postal code, HTTP status.
Cue qualified(Cue cue, std::string_view text, std::size_t end) {
  Cue qualifier = cue_before(text, end);
  if (qualifier == Cue::kFiller) qualifier = cue_before(text, end);
  if (cue == Cue::kError) return qualifier == Cue::kResponse ? Cue::kResponse : Cue::kError;
  if (cue == Cue::kCode && qualifier == Cue::kOtherCode) return Cue::kNone;
  return qualifies(qualifier) || qualifier == Cue::kCode ? Cue::kAnyCode : Cue::kStatus;
}

// `GET /x HTTP/1.1" 200`: the status stands behind the version.
bool follows_http_version(std::string_view form) {
  constexpr std::size_t kLongestVersion = 4;
  const std::size_t last = form.find_last_not_of(" \"'");
  if (last == std::string_view::npos || last + 1 == form.size() || !is(form[last], kDigit)) return false;
  std::size_t version = last + 1;
  while (version > 0 && last + 1 - version < kLongestVersion &&
         (is(form[version - 1], kDigit) || form[version - 1] == '.'))
    --version;
  return follows_http(form.substr(0, version));
}

// The meaning that the end of `form` gives to a number next.
Cue cue_at_end(std::string_view form) {
  std::size_t end = form.size();
  if (end == 0 || is_word(form[end - 1])) return Cue::kNone;
  if (follows_http_version(form)) return Cue::kStatus;
  Cue cue = cue_before(form, end);
  // exitCode and lastStatus are names of codes; finishExit:590 and onError:512 are places in a program.
  const bool is_camel = end > 0 && is(form[end - 1], kLetter);
  if (is_camel && cue != Cue::kCode && cue != Cue::kStatus && cue != Cue::kAnyCode) return Cue::kNone;
  for (int fillers = 0; fillers < 2 && cue == Cue::kFiller; ++fillers) cue = cue_before(form, end);
  if (cue == Cue::kCode || cue == Cue::kStatus || cue == Cue::kError) return qualified(cue, form, end);
  if (cue == Cue::kTarget) return ends_in_method(form, end) ? Cue::kResponse : Cue::kNone;
  return cue;
}

bool is_plural(std::string_view word) {
  if (word.size() < 4 || word.back() != 's') return false;
  constexpr std::string_view kNoPluralBefore = "sui";  // success, status, this
  if (kNoPluralBefore.find(word[word.size() - 2]) != std::string_view::npos) return false;
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return std::all_of(word.begin(), word.end(), is_lower) &&
         !is_any_of(word, {"means", "indicates", "says", "does", "always", "seems", "comes", "happens",
                           "occurs", "suggests", "causes", "towards", "sometimes", "perhaps"});
}

char at_or_nul(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

// True if a word that ends at `end` names the value behind it: bytes=512, rows: 3, bytes 512. What may become a
// placeholder counts as one, so that the form is read as its line was.
bool is_key(std::string_view text, std::size_t end) {
  const char next = at_or_nul(text, end);
  if (next == '=' || next == ':') return true;
  if (next != ' ') return false;
  if (is(at_or_nul(text, end + 1), kDigit)) return true;
  const std::string_view word = text.substr(end + 1, run(text, end + 1, kLetter, kLongestWord));
  return is_any_of(word, {"number", "time", "address", "id", "hex", "path", "url", "email"});
}

bool counts(std::string_view word, Cue cue) {
  if (word.size() < 2) return word == "s" || word == "h" || word == "B";
  if (cue == Cue::kResponse && is_any_of(word, {"errors", "responses"})) return false;
  return is_unit(word) || is_plural(word) ||
         is_any_of(word, {"more", "new", "matching", "distinct", "unique", "total", "dbm"});
}

// True if what stands behind a number says that it is an amount: 350 bytes, 404 rows, 50%, 3 of 5, 1/2. A value
// behind it never does, neither itself nor its placeholder.
bool is_amount(std::string_view text, std::size_t end, Cue cue) {
  if (at_or_nul(text, end) == '%' || (at_or_nul(text, end) == '/' && is(at_or_nul(text, end + 1), kDigit)))
    return true;
  for (int i = 0; i < 2 && (at_or_nul(text, end) == ' ' || at_or_nul(text, end) == '-'); ++i) ++end;
  const std::size_t length = run(text, end, kLetter, kLongestWord);
  const std::string_view word = text.substr(std::min(end, text.size()), length);
  return word == "of" || (counts(word, cue) && !is_key(text, end + length));
}

bool is_code_of(Cue cue, std::string_view digits) {
  if (cue == Cue::kAnyCode) return digits.size() <= kLongestCode;
  if (digits.size() > 3) return false;
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  if (cue == Cue::kStatus || cue == Cue::kExit) return true;
  if (cue == Cue::kResponse) return value >= 100 && value < 600;
  if (cue == Cue::kError) return value >= 400 && value < 600;
  return cue == Cue::kSignal && value >= 1 && value <= 64;
}

}  // namespace

bool follows_http(std::string_view form) {
  return form.size() >= 5 && form.back() == '/' && is_any_of(form.substr(form.size() - 5, 4), {"http"}) &&
         (form.size() == 5 || !is_word(form[form.size() - 6]));
}

bool keeps_number(std::string_view form, std::string_view line, std::size_t at, std::size_t length) {
  if (length > kLongestCode) return false;
  const Cue cue = cue_at_end(form);
  return cue != Cue::kNone && is_code_of(cue, line.substr(at, length)) &&
         (cue == Cue::kAnyCode || !is_amount(line, at + length, cue));
}

bool keeps_hex(std::string_view form, std::string_view word) {
  constexpr std::size_t kLongestHexCode = 10;  // 0x and 32 bits
  if (word.size() > kLongestHexCode) return false;
  const Cue cue = cue_at_end(form);
  // Windows: the top bits of HRESULT and NTSTATUS say that it is a failure.
  const bool is_failure = word.size() == kLongestHexCode && (word[2] == '8' || lower(word[2]) == 'c');
  return cue == Cue::kAnyCode || (is_failure && qualifies(cue));
}

}  // namespace logsieve::mask_detail
