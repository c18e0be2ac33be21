// Text as a field of CSV, TSV or JSON: appended to a caller's string, without a locale, without allocation once
// the string has grown.
#ifndef LOGSIEVE_IO_FIELD_ESCAPES_H_
#define LOGSIEVE_IO_FIELD_ESCAPES_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace logsieve {

// In quotes only where it must be (RFC 4180): a delimiter, a quote, a line end. Bytes stay as they are.
void append_csv_field(std::string_view text, char delimiter, std::string& out);

// Tab, LF, CR and backslash as \t \n \r \\ (ClickHouse's TabSeparated reads them back). Bytes stay as they are.
void append_tsv_field(std::string_view text, std::string& out);

// Spreadsheets run a field that begins with = + - @, a tab or a CR as a formula (OWASP: CSV injection). Such a text gets
// an apostrophe in front, and so does one with apostrophes before such a byte, so that `unguarded` undoes it exactly.
// Returns `text` itself, or `scratch`, which is overwritten.
std::string_view guarded(std::string_view text, std::string& scratch);
std::string_view unguarded(std::string_view text);

// With its quotes. Always valid JSON: control bytes are escaped, ill-formed UTF-8 becomes U+FFFD.
void append_json_string(std::string_view text, std::string& out);

// The text with U+FFFD for each of its ill-formed parts; fast where it is ASCII.
void append_valid_utf8(std::string_view text, std::string& out);

void append_number(std::uint64_t number, std::string& out);

// "0.9876": four digits after the point, rounded half to even as printf does; outside [0, 1] and NaN: clamped.
void append_confidence(float confidence, std::string& out);

}  // namespace logsieve

#endif  // LOGSIEVE_IO_FIELD_ESCAPES_H_
