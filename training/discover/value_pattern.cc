#include "training/discover/value_pattern.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <re2/re2.h>

namespace logsieve {
namespace {

struct TypedPattern {
  MaskedKind kind;
  const char* pattern;
};

// By kind, the narrowest first. Bounded where RE2 would otherwise build large automata for nothing.
constexpr std::array kTypedPatterns = {
    TypedPattern{MaskedKind::kNumber, R"(\d+)"},
    TypedPattern{MaskedKind::kNumber, R"(-?\d+)"},
    TypedPattern{MaskedKind::kNumber, R"([-+]?\d+\.\d+)"},
    TypedPattern{MaskedKind::kNumber, R"([-+]?\d+(?:\.\d+)?)"},
    TypedPattern{MaskedKind::kNumber, R"(v?\d+(?:\.\d+)+)"},
    TypedPattern{MaskedKind::kNumber, R"(\d{1,3}(?:,\d{3})+)"},
    TypedPattern{MaskedKind::kNumber, R"([-+]?[\d.,]+(?:[eE][-+]?\d+)?)"},
    TypedPattern{MaskedKind::kAddress, R"(\d{1,3}(?:\.\d{1,3}){3})"},
    TypedPattern{MaskedKind::kAddress, R"(\d{1,3}(?:\.\d{1,3}){3}:\d{1,5})"},
    TypedPattern{MaskedKind::kAddress, R"(\d{1,3}(?:\.\d{1,3}){3}/\d{1,2})"},
    TypedPattern{MaskedKind::kAddress, R"([0-9a-fA-F]{2}(?:[:-][0-9a-fA-F]{2}){5})"},
    TypedPattern{MaskedKind::kAddress, R"([0-9a-fA-F:.]+)"},
    TypedPattern{MaskedKind::kId, R"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"},
    TypedPattern{MaskedKind::kId, R"([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"},
    TypedPattern{MaskedKind::kId, R"([0-9a-f]+)"},
    TypedPattern{MaskedKind::kId, R"([0-9A-Z]+)"},
    TypedPattern{MaskedKind::kId, R"([0-9a-zA-Z]+)"},
    TypedPattern{MaskedKind::kId, R"([0-9a-zA-Z_-]+)"},
    TypedPattern{MaskedKind::kHex, R"(0x[0-9a-f]+)"},
    TypedPattern{MaskedKind::kHex, R"(0[xX][0-9a-fA-F]+)"},
    TypedPattern{MaskedKind::kPath, R"(/[\w./-]*)"},
    TypedPattern{MaskedKind::kPath, R"(/[^\s"']*)"},
    TypedPattern{MaskedKind::kUrl, R"(https?://[^\s"']+)"},
    TypedPattern{MaskedKind::kUrl, R"([a-z][a-z0-9+.-]*://[^\s"']+)"},
    TypedPattern{MaskedKind::kEmail, R"([\w.+-]+@[\w.-]+)"},
};

const std::vector<std::pair<MaskedKind, std::unique_ptr<RE2>>>& compiled_types() {
  static const auto* types = [] {
    auto* made = new std::vector<std::pair<MaskedKind, std::unique_ptr<RE2>>>();
    for (const TypedPattern& type : kTypedPatterns)
      made->emplace_back(type.kind, std::make_unique<RE2>(type.pattern, RE2::Quiet));
    return made;
  }();
  return *types;
}

enum class Script : std::uint8_t { kDigit, kLower, kUpper, kOther };

Script script_of(char c) {
  if (c >= '0' && c <= '9') return Script::kDigit;
  if (c >= 'a' && c <= 'z') return Script::kLower;
  if (c >= 'A' && c <= 'Z') return Script::kUpper;
  return Script::kOther;
}

// Runs of digits and letters, other characters as they are: "12/Mar 09:1" -> digits 2, "/", letters, ...
struct Run {
  char kind;  // 'd' digits, 'a' letters, else the character itself
  std::size_t length;
};

std::vector<Run> runs_of(std::string_view value) {
  std::vector<Run> runs;
  for (const char c : value) {
    const Script script = script_of(c);
    const char kind = script == Script::kDigit ? 'd' : script == Script::kOther ? c : 'a';
    if (!runs.empty() && runs.back().kind == kind && script != Script::kOther)
      ++runs.back().length;
    else
      runs.push_back({kind, 1});
  }
  return runs;
}

std::string repeat_of(std::size_t low, std::size_t high) {
  if (low == 1 && high == 1) return "";
  return low == high ? fmt::format("{{{}}}", low) : fmt::format("{{{},{}}}", low, high);
}

// Where all values are built alike, as timestamps of one layout are: the layout. Empty where they are not.
std::string layout_pattern(std::span<const std::string_view> values) {
  std::vector<Run> low = runs_of(values.front());
  std::vector<Run> high = low;
  for (const std::string_view value : values.subspan(1)) {
    const std::vector<Run> runs = runs_of(value);
    if (runs.size() != low.size()) return "";
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (runs[i].kind != low[i].kind) return "";
      low[i].length = std::min(low[i].length, runs[i].length);
      high[i].length = std::max(high[i].length, runs[i].length);
    }
  }
  std::string out;
  for (std::size_t i = 0; i < low.size(); ++i) {
    // One digit of a day or hour was seen where two may come.
    const std::size_t most = low[i].kind == 'd' && high[i].length < 2 ? 2 : high[i].length;
    if (low[i].kind == 'd')
      out += "\\d" + repeat_of(std::min<std::size_t>(low[i].length, 2), most);
    else if (low[i].kind == 'a')
      out += "[A-Za-z]" + repeat_of(low[i].length, high[i].length);
    else
      out += escaped_literal(std::string_view(&low[i].kind, 1));
  }
  return out;
}

std::string class_member(char c) {
  return c == '\\' || c == ']' || c == '[' || c == '^' || c == '-' ? std::string("\\") + c
                                                                   : std::string(1, c);
}

// The characters seen, whole scripts where one of them occurs, up to twice the length seen.
std::string seen_characters(std::span<const std::string_view> values) {
  std::array<bool, 3> scripts{};
  std::string others;
  bool is_ascii = true;
  std::size_t longest = 1;
  for (const std::string_view value : values) {
    longest = std::max(longest, value.size());
    for (const char c : value) {
      const Script script = script_of(c);
      if (script != Script::kOther)
        scripts[static_cast<std::size_t>(script)] = true;
      else if (static_cast<unsigned char>(c) >= 0x80)
        is_ascii = false;
      else if (others.find(c) == std::string::npos)
        others += c;
    }
  }
  std::sort(others.begin(), others.end());
  std::string members;
  constexpr std::array<std::string_view, 3> kRanges = {"0-9", "a-z", "A-Z"};
  for (std::size_t i = 0; i < kRanges.size(); ++i)
    if (scripts[i]) members += kRanges[i];
  for (const char c : others) members += class_member(c);
  if (!is_ascii) members += "\\pL\\pN\\pP\\pS";
  constexpr std::size_t kLongest = 400;  // RE2 spells repeats out: its limit is 1,000
  return fmt::format("[{}]{{1,{}}}", members, std::min(2 * longest, kLongest));
}

}  // namespace

std::string escaped_literal(std::string_view text) {
  constexpr std::string_view kSpecial = R"(\.+*?()|[]{}^$)";
  std::string out;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string value_pattern(MaskedKind kind, std::span<const std::string_view> values) {
  for (const auto& type : compiled_types()) {
    if (type.first != kind) continue;
    const RE2& re2 = *type.second;
    if (std::all_of(values.begin(), values.end(), [&](std::string_view value) {
          return RE2::FullMatch(re2::StringPiece(value.data(), value.size()), re2);
        }))
      return re2.pattern();
  }
  if (kind == MaskedKind::kTime) {
    std::string layout = layout_pattern(values);
    if (!layout.empty()) return layout;
  }
  return seen_characters(values);
}

std::string word_pattern(std::span<const std::string_view> words) {
  return seen_characters(words);
}

}  // namespace logsieve
