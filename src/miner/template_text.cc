#include "miner/template_text.h"

#include "miner/form_text.h"

namespace logsieve::miner_detail {
namespace {

constexpr std::string_view kAny = "<*>";

void append_typed(char value, std::string& out) {
  const auto kind = static_cast<std::size_t>(value) - 1;
  out += '<';
  out += placeholder(kind < kMaskedKinds ? static_cast<MaskedKind>(kind) : MaskedKind::kNumber);
  out += '>';
}

// `<*><*>` says no more than `<*>`.
void append_any(std::string& out) {
  if (!out.ends_with(kAny)) out += kAny;
}

void append_plain(char value, std::string_view residue, std::string& out) {
  if (value == kDigitOfName && !residue.empty()) {
    out += residue;
    return;
  }
  if (value == kUrl && !residue.empty()) {
    out += residue;
    out += "://";
  }
  append_any(out);
  const int dots = value == kDecimal ? 1 : value == kTwoDots ? 2 : value == kMoreDots ? 3 : 0;
  for (int i = 0; i < dots; ++i) out += ".<*>";
}

std::string_view next_line(std::string_view& lines) {
  const std::size_t end = lines.find('\n');
  const std::string_view line = lines.substr(0, end);
  lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  return line;
}

}  // namespace

std::string raw_template(std::span<const WordId> slots, std::span<const std::string> separators,
                         const Vocabulary& vocabulary) {
  std::string raw;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i] == kWild)
      raw += kAny;
    else
      raw += vocabulary.text(slots[i]);
    if (i < separators.size()) raw += separators[i];
  }
  return raw;
}

std::string typed_template(std::string_view raw) {
  std::string out;
  for (const char c : raw) {
    if (is_value(c))
      append_typed(c, out);
    else
      out += c;
  }
  return out;
}

std::string plain_template(std::string_view raw, std::string_view residues) {
  std::string out;
  for (const char c : raw) {
    if (!is_value(c))
      out += c;
    else
      append_plain(c, has_residue(c) ? next_line(residues) : std::string_view(), out);
  }
  return out;
}

}  // namespace logsieve::miner_detail
