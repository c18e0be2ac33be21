#include "base/utf8.h"

#include <cstdio>

namespace logsieve {
namespace {

struct LeadByte {
  std::size_t length;        // 0: not a lead byte
  unsigned char low = 0x80;  // allowed range of the second byte
  unsigned char high = 0xBF;
};

LeadByte classify_lead(unsigned char byte) {
  if (byte < 0x80) return {1};
  if (byte < 0xC2) return {0};
  if (byte < 0xE0) return {2};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0};
}

bool is_unsafe_on_terminal(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

bool is_scalar_value(char32_t c) {
  return c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF);
}

void append_byte_escape(unsigned char byte, std::string& out) {
  char escape[8];
  std::snprintf(escape, sizeof escape, "\\x%02X", byte);
  out += escape;
}

void append_printable(const DecodedCodePoint& decoded, std::string_view part, std::string& out) {
  if (decoded.is_valid && !is_unsafe_on_terminal(decoded.code_point)) {
    out += part;
  } else if (decoded.code_point == '\t') {
    out += "\\t";
  } else if (decoded.is_valid && decoded.code_point >= 0x80) {
    char escape[16];
    std::snprintf(escape, sizeof escape, "\\u{%04X}", static_cast<unsigned>(decoded.code_point));
    out += escape;
  } else {
    for (const char byte : part) append_byte_escape(static_cast<unsigned char>(byte), out);
  }
}

}  // namespace

DecodedCodePoint decode_utf8(std::string_view bytes, std::size_t offset) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const LeadByte lead = classify_lead(at(offset));
  if (lead.length == 1) return {at(offset), 1, true};
  if (lead.length == 0) return {kReplacement, 1, false};
  char32_t value = at(offset) & (0xFFU >> (lead.length + 1));
  for (std::size_t i = 1; i < lead.length; ++i) {
    if (offset + i >= bytes.size()) return {kReplacement, i, false};
    const unsigned char low = i == 1 ? lead.low : 0x80;
    const unsigned char high = i == 1 ? lead.high : 0xBF;
    const unsigned char byte = at(offset + i);
    if (byte < low || byte > high) return {kReplacement, i, false};
    value = (value << 6U) | (byte & 0x3FU);
  }
  return {value, lead.length, true};
}

void append_utf8(char32_t code_point, std::string& out) {
  const char32_t c = is_scalar_value(code_point) ? code_point : kReplacement;
  const auto put = [&](char32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | (c >> 6U));
    put(0x80 | (c & 0x3FU));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12U));
    put(0x80 | ((c >> 6U) & 0x3FU));
    put(0x80 | (c & 0x3FU));
  } else {
    put(0xF0 | (c >> 18U));
    put(0x80 | ((c >> 12U) & 0x3FU));
    put(0x80 | ((c >> 6U) & 0x3FU));
    put(0x80 | (c & 0x3FU));
  }
}

bool is_valid_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const DecodedCodePoint decoded = decode_utf8(bytes, i);
    if (!decoded.is_valid) return false;
    i += decoded.length;
  }
  return true;
}

std::string to_valid_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const DecodedCodePoint decoded = decode_utf8(bytes, i);
    append_utf8(decoded.code_point, out);
    i += decoded.length;
  }
  return out;
}

std::string printable(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const DecodedCodePoint decoded = decode_utf8(bytes, i);
    append_printable(decoded, bytes.substr(i, decoded.length), out);
    i += decoded.length;
  }
  return out;
}

}  // namespace logsieve
