// Recognisers of single values. Each returns the length of the value that starts at `at`, 0 if there is none.
// They look forward only, read each byte a bounded number of times, and allocate nothing. That the value does
// not start inside a word is the caller's to check; that it does not end inside one is checked here.
#ifndef LOGSIEVE_MASK_VALUE_SCANNERS_H_
#define LOGSIEVE_MASK_VALUE_SCANNERS_H_

#include <cstddef>
#include <string_view>

namespace logsieve::mask_detail {

// 8-4-4-4-12 hexadecimal digits.
std::size_t uuid_length(std::string_view text, std::size_t at);
// Six pairs with : or - between, or three groups of four with dots.
std::size_t mac_length(std::string_view text, std::size_t at);
// Four decimal groups of at most three digits, with an optional :port or #port and /prefix.
std::size_t ipv4_length(std::string_view text, std::size_t at);
// RFC 4291 text forms with at least two colons, with an optional %zone, #port and /prefix.
std::size_t ipv6_length(std::string_view text, std::size_t at);
// An address in square brackets with a port: [::1]:443. 0 without the port.
std::size_t bracketed_length(std::string_view text, std::size_t at);
// A date, a time, or both, with fraction and zone: ISO 8601 and its relatives, syslog, ctime, access logs,
// 17/06/09 20:10:40, 1/14/2025 23:07, 03-17 16:13:38.811, 2005-06-03-15.42.50.675872, 20171223-22:15:29:606, 081109 20:36:15, and, where a
// timestamp may stand, 081109 203615.
std::size_t time_length(std::string_view text, std::size_t at);
// Digits with sign (taken by the caller), thousands, fraction, further dotted groups (versions), exponent.
std::size_t number_length(std::string_view text, std::size_t at);
// local@domain.tld
std::size_t email_length(std::string_view text, std::size_t at);
// scheme://rest, up to white space or a quote; closing punctuation stays outside.
std::size_t url_length(std::string_view text, std::size_t at);

// C:\dir\file, \\host\share\dir: the caller has seen the beginning. Behind a quote it runs to the closing one;
// elsewhere it runs on over spaces and brackets if a further separator shows that they are a folder's name.
std::size_t windows_path_length(std::string_view text, std::size_t at);

// True for a name whose digits are part of it: ipv4, sha256, utf8, x86 …
bool is_term(std::string_view word);
// True for what is written right behind an amount: ms, MB, rpm …
bool is_unit(std::string_view word);

}  // namespace logsieve::mask_detail

#endif  // LOGSIEVE_MASK_VALUE_SCANNERS_H_
