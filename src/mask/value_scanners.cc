#include "mask/value_scanners.h"

#include <algorithm>
#include <array>

#include "mask/char_class.h"

namespace logsieve::mask_detail {
namespace {

bool ends_word(std::string_view text, std::size_t end) {
  return end >= text.size() || !is_word(text[end]);
}
char at_or_nul(std::string_view text, std::size_t at) {
  return at < text.size() ? text[at] : '\0';
}

// An optional ":8080" or "/24" behind an address.
std::size_t suffix_length(std::string_view text, std::size_t at, char mark, std::size_t most_digits) {
  if (at_or_nul(text, at) != mark) return 0;
  const std::size_t digits = run(text, at + 1, kDigit, most_digits + 1);
  return digits > 0 && digits <= most_digits && ends_word(text, at + 1 + digits) ? 1 + digits : 0;
}

}  // namespace

std::size_t uuid_length(std::string_view text, std::size_t at) {
  constexpr std::array<std::size_t, 5> kGroups = {8, 4, 4, 4, 12};
  std::size_t end = at;
  for (std::size_t i = 0; i < kGroups.size(); ++i) {
    if (run(text, end, kHex, kGroups[i]) != kGroups[i]) return 0;
    end += kGroups[i];
    if (i + 1 < kGroups.size() && at_or_nul(text, end++) != '-') return 0;
  }
  return ends_word(text, end) ? end - at : 0;
}

std::size_t mac_length(std::string_view text, std::size_t at) {
  const std::size_t first = run(text, at, kHex, 5);
  const std::size_t group = first == 2 ? 2 : 4;
  const std::size_t groups = first == 2 ? 6 : 3;
  if (first != group) return 0;
  const char mark = at_or_nul(text, at + group);
  if (group == 2 ? mark != ':' && mark != '-' : mark != '.') return 0;
  std::size_t end = at;
  bool has_digit = false;
  for (std::size_t i = 0; i < groups; ++i) {
    if (i > 0 && at_or_nul(text, end++) != mark) return 0;
    if (run(text, end, kHex, group) != group) return 0;
    has_digit = has_digit || run(text, end, kDigit, group) > 0;
    end += group;
  }
  // Three groups of letters with dots are words; a MAC of letters only is not worth the doubt.
  return has_digit && ends_word(text, end) && at_or_nul(text, end) != mark ? end - at : 0;
}

std::size_t ipv4_length(std::string_view text, std::size_t at) {
  std::size_t end = at;
  for (int i = 0; i < 4; ++i) {
    if (i > 0 && at_or_nul(text, end++) != '.') return 0;
    const std::size_t digits = run(text, end, kDigit, 4);
    if (digits == 0 || digits > 3) return 0;
    end += digits;
  }
  if (!ends_word(text, end)) return 0;
  // A fifth dotted group makes it a version or an object id.
  if (at_or_nul(text, end) == '.' && is(at_or_nul(text, end + 1), kDigit)) return 0;
  end += suffix_length(text, end, at_or_nul(text, end) == '#' ? '#' : ':', 5);
  end += suffix_length(text, end, '/', 5);
  return end - at;
}

std::size_t ipv6_length(std::string_view text, std::size_t at) {
  std::size_t end = at;
  std::size_t colons = 0;
  std::size_t groups = 0;
  bool has_gap = false;
  bool has_digit = false;
  while (end < text.size() && end - at < 40) {
    if (text[end] == ':') {
      if (at_or_nul(text, end + 1) == ':') {
        if (has_gap) return 0;
        has_gap = true;
        ++end;
        ++colons;
      } else if (groups == 0) {
        return 0;
      }
      ++end;
      ++colons;
      continue;
    }
    const std::size_t digits = run(text, end, kHex, 5);
    if (digits == 0) break;
    if (digits > 4) return 0;
    has_digit = has_digit || std::any_of(text.begin() + static_cast<std::ptrdiff_t>(end),
                                         text.begin() + static_cast<std::ptrdiff_t>(end + digits),
                                         [](char c) { return is(c, kDigit); });
    if (at_or_nul(text, end + digits) == '.' && ipv4_length(text, end) > 0) {  // ::ffff:10.0.0.1
      end += ipv4_length(text, end);
      ++groups;
      break;
    }
    end += digits;
    ++groups;
  }
  if (end > at && text[end - 1] == ':' && !(end > at + 1 && text[end - 2] == ':')) --end, --colons;
  const bool is_whole = has_gap ? groups <= 7 && groups > 0 : groups == 8;
  // "std::dead" or "a::b" would be addresses to a parser; without a digit they are words to a reader.
  if (!is_whole || !has_digit || colons < 2 || !ends_word(text, end)) return 0;
  if (at_or_nul(text, end) == '%') end += 1 + run(text, end + 1, kDigit | kLetter);
  end += suffix_length(text, end, '#', 5);
  return end + suffix_length(text, end, '/', 3) - at;
}

std::size_t bracketed_length(std::string_view text, std::size_t at) {
  const char first = at_or_nul(text, at + 1);
  if (!is(first, kHex) && first != ':') return 0;
  std::size_t end = at + 1;
  const std::size_t ipv4 = ipv4_length(text, end);
  end += ipv4 > 0 ? ipv4 : ipv6_length(text, end);
  if (end == at + 1 || at_or_nul(text, end) != ']') return 0;
  const std::size_t port = suffix_length(text, end + 1, ':', 5);
  return port > 0 ? end + 1 + port - at : 0;
}

std::size_t number_length(std::string_view text, std::size_t at) {
  std::size_t end = at + run(text, at, kDigit);
  if (end == at) return 0;
  // 1,284,500: groups of three behind one to three digits.
  if (end - at <= 3)
    while (at_or_nul(text, end) == ',' && run(text, end + 1, kDigit, 4) == 3 && ends_word(text, end + 4))
      end += 4;
  while (at_or_nul(text, end) == '.' && is(at_or_nul(text, end + 1), kDigit))
    end += 1 + run(text, end + 1, kDigit);
  if (lower(at_or_nul(text, end)) == 'e') {
    const char sign = at_or_nul(text, end + 1);
    const std::size_t first = end + (sign == '-' || sign == '+' ? 2U : 1U);
    const std::size_t digits = run(text, first, kDigit, 4);
    if (digits > 0 && digits <= 3 && ends_word(text, first + digits)) end = first + digits;
  }
  return end - at;
}

std::size_t email_length(std::string_view text, std::size_t at) {
  constexpr std::size_t kMostLocal = 64;
  constexpr std::size_t kMostDomain = 255;
  const auto is_local = [](char c) {
    return is_word(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
  };
  std::size_t end = at;
  while (end < text.size() && end - at <= kMostLocal && is_local(text[end])) ++end;
  if (end == at || end - at > kMostLocal || at_or_nul(text, end) != '@') return 0;
  const std::size_t domain = ++end;
  std::size_t last_dot = 0;
  while (end < text.size() && end - domain <= kMostDomain &&
         (is_word(text[end]) || text[end] == '.' || text[end] == '-')) {
    if (text[end] == '.') last_dot = end;
    ++end;
  }
  while (end > domain && !is_word(text[end - 1])) {
    --end;
    if (text[end] == '.') last_dot = 0;
  }
  if (last_dot == 0 || last_dot >= end)
    for (std::size_t i = domain; i < end; ++i)
      if (text[i] == '.') last_dot = i;
  if (last_dot <= domain || end - last_dot < 3) return 0;
  return run(text, last_dot + 1, kLetter) == end - last_dot - 1 ? end - at : 0;
}

std::size_t url_length(std::string_view text, std::size_t at) {
  constexpr std::size_t kMostScheme = 32;
  if (!is(at_or_nul(text, at), kLetter)) return 0;
  std::size_t end = at;
  while (
      end < text.size() && end - at < kMostScheme &&
      (is_word(text[end]) || text[end] == '+' || text[end] == '-' || text[end] == '.' || text[end] == ':') &&
      text.substr(end, 3) != "://")
    ++end;
  if (text.substr(end, 3) != "://") return 0;
  end += 3;
  const std::size_t rest = end;
  const auto ends_url = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '\'' || c == '<' || c == '>' ||
           c == '`' || c == '\x7F';
  };
  while (end < text.size() && !ends_url(text[end])) ++end;
  constexpr std::string_view kClosing = ".,;:!?)]}|=*";
  while (end > rest && kClosing.find(text[end - 1]) != std::string_view::npos) --end;
  return end > rest ? end - at : 0;
}

bool is_term(std::string_view word) {
  // Names of protocols, formats, algorithms and machines; sorted, lower case.
  constexpr auto kTerms = std::to_array<std::string_view>(
      {"2fa",    "3d",     "3des",   "4g",      "5g",        "aes128",  "aes192", "aes256", "arm64",
       "base32", "base64", "bz2",    "crc32",   "crc32c",    "ed25519", "ext2",   "ext3",   "ext4",
       "f32",    "f64",    "fat32",  "float32", "float64",   "h264",    "h265",   "http1",  "http2",
       "http3",  "i18n",   "i386",   "i686",    "ieee80211", "int16",   "int32",  "int64",  "int8",
       "ipv4",   "ipv6",   "ip4",    "ip6",     "k8s",       "l10n",    "log4j",  "lz4",    "md5",
       "mp3",    "mp4",    "oauth2", "p2p",     "pkcs12",    "s3",      "sha1",   "sha256", "sha384",
       "sha512", "uint32", "uint64", "utf16",   "utf8",      "win32",   "x509",   "x86"});
  constexpr std::size_t kLongest = 9;
  if (word.size() > kLongest) return false;
  std::array<char, kLongest> small{};
  std::transform(word.begin(), word.end(), small.begin(), lower);
  return std::find(kTerms.begin(), kTerms.end(), std::string_view(small.data(), word.size())) != kTerms.end();
}

bool is_unit(std::string_view word) {
  constexpr auto kUnits = std::to_array<std::string_view>(
      {"b",     "k",   "m",    "g",    "t",    "kb",   "mb",      "gb",     "tb",   "pb",   "kib",
       "mib",   "gib", "tib",  "kbit", "mbit", "gbit", "bps",     "kbps",   "mbps", "gbps", "byte",
       "bytes", "bit", "bits", "ns",   "us",   "ms",   "s",       "sec",    "secs", "min",  "mins",
       "h",     "hr",  "hrs",  "d",    "day",  "days", "w",       "y",      "hz",   "khz",  "mhz",
       "ghz",   "v",   "mv",   "a",    "ma",   "mw",   "kw",      "c",      "f",    "rpm",  "px",
       "pct",   "x",   "th",   "st",   "nd",   "rd",   "seconds", "minutes"});
  constexpr std::size_t kLongest = 7;
  if (word.empty() || word.size() > kLongest) return false;
  std::array<char, kLongest> small{};
  std::transform(word.begin(), word.end(), small.begin(), lower);
  return std::find(kUnits.begin(), kUnits.end(), std::string_view(small.data(), word.size())) != kUnits.end();
}

}  // namespace logsieve::mask_detail
