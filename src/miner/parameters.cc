#include "miner/parameters.h"

namespace logsieve {
namespace {

constexpr std::string_view kAny = "<*>";

// Blanks and control bytes as single blanks, none at the ends.
std::string with_single_blanks(std::string_view line) {
  std::string out;
  for (const char c : line) {
    const bool is_blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!is_blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace

std::optional<std::vector<std::string>> parameters_of(std::string_view plain, std::string_view line) {
  const std::string text = with_single_blanks(line);
  std::string_view left = text;
  std::size_t any = plain.find(kAny);
  if (left.substr(0, any == std::string_view::npos ? left.size() : any) != plain.substr(0, any))
    return std::nullopt;
  std::vector<std::string> values;
  if (any == std::string_view::npos) return values;
  left.remove_prefix(any);
  while (any != std::string_view::npos) {
    plain.remove_prefix(any + kAny.size());
    any = plain.find(kAny);
    const std::string_view constant = plain.substr(0, any);
    std::size_t end = left.find(constant);
    // The last constant ends the line; `<*>` at the end takes the rest.
    if (any == std::string_view::npos)
      end = left.ends_with(constant) ? left.size() - constant.size() : std::string_view::npos;
    if (end == std::string_view::npos) return std::nullopt;
    values.emplace_back(left.substr(0, end));
    left.remove_prefix(end + constant.size());
  }
  return values;
}

}  // namespace logsieve
