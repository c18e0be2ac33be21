// Pattern and text, parted by the first line end: an automaton never misses a text that its pattern matches, and asks for
// nothing that such a text does not hold.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <re2/re2.h>
#include <string>
#include <string_view>

#include "rules/pattern_automaton.h"
#include "rules/pattern_demand.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMostPattern = 200;
  constexpr std::size_t kMostText = 60;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string pattern(input.substr(0, input.find('\n')));
  if (pattern.size() > kMostPattern) return 0;
  const auto automaton = logsieve::PatternAutomaton::make(pattern);
  if (!automaton) return 0;
  logsieve::Random random(size);
  for (int i = 0; i < 4; ++i) (void)automaton->sample(random);
  if (pattern.size() == input.size()) return 0;
  const std::string text(input.substr(pattern.size() + 1, kMostText));
  const bool is_ascii = std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
  if (!is_ascii || !RE2::PartialMatch(text, RE2(pattern, RE2::Quiet))) return 0;
  const auto is_word = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const auto word_bytes = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_word));
  if (logsieve::pattern_demand(*automaton).literal_bytes > word_bytes) std::abort();
  if (!text.starts_with(logsieve::demanded_prefix(*automaton))) std::abort();
  const std::string literal = "^" + RE2::QuoteMeta(text) + "$";
  const auto of_text = logsieve::PatternAutomaton::make(literal);
  if (!of_text) std::abort();
  if (!logsieve::PatternOutline(*automaton).meets(logsieve::PatternOutline(*of_text))) std::abort();
  if (logsieve::find_overlap(pattern, *automaton, literal, *of_text).overlap == logsieve::Overlap::kNone)
    std::abort();
  return 0;
}
