// The form of a line as the miner keys it: values by one byte each, so that a known line costs one pass and one
// look-up. Unlike the masked form (mask/masker.h), from which it follows, it keeps the line's spacing around
// values: blk_-16 is `blk_` and a number byte, 512MB is a number byte. Every other byte of it is in the masked
// form too, so a template never shows more than a masked form does.
//
// Two traces of values are kept aside, for people at this machine only (`residues`): the single digit at the end
// of a name (ssh2, eth0) and the scheme of a URL. A template that saw only one shows it in its plain text.
#ifndef LOGSIEVE_MINER_FORM_TEXT_H_
#define LOGSIEVE_MINER_FORM_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mask/masker.h"

namespace logsieve::miner_detail {

// Value bytes: 1 + MaskedKind, and the shapes of numbers that are worth telling apart.
inline constexpr char kNumber = 1;
inline constexpr char kTime = 2;
inline constexpr char kAddress = 3;
inline constexpr char kId = 4;
inline constexpr char kHex = 5;
inline constexpr char kUrl = 7;
inline constexpr char kDigitOfName = 14;  // a single digit behind a letter; has a residue
inline constexpr char kDecimal = 15;      // one dot inside
inline constexpr char kTwoDots = 16;
inline constexpr char kMoreDots = 17;
inline constexpr char kLastValueByte = 17;

inline bool is_value(char c) {
  return c > 0 && c <= kLastValueByte;
}
inline bool has_residue(char c) {
  return c == kUrl || c == kDigitOfName;
}

struct FormText {
  std::string text;      // no byte below 0x20 but value bytes; blanks are single, none at the ends
  std::string residues;  // of the bytes of `text` with has_residue, in order, each ended by '\n'
  bool is_cut = false;
};

// Turns lines into form texts; keeps its scratch memory. One thread an object.
class FormTexts {
 public:
  explicit FormTexts(std::size_t most_line_bytes) : most_line_bytes_(most_line_bytes) {}

  // The result is valid until the next call. Linear in the length.
  const FormText& of_line(std::string_view line);
  // Of a masked form: its placeholder words become value bytes. Without residues.
  const FormText& of_form(std::string_view masked_form);

 private:
  void append(std::string_view constant);
  std::size_t append_number(std::string_view line, const MaskedValue& value);
  void append_value(std::string_view line, const MaskedValue& value);
  void start(std::string_view line);
  const FormText& finish();

  std::size_t most_line_bytes_;
  FormText result_;
  std::string masked_;
  std::vector<MaskedValue> values_;
};

// True for what is written right behind an amount: ms, MB, bytes …
bool is_unit_of_amount(std::string_view word);

}  // namespace logsieve::miner_detail

#endif  // LOGSIEVE_MINER_FORM_TEXT_H_
