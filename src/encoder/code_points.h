// What the uncased BERT tokenizer makes of each code point: its clean-up, NFD, mark removal and lower-casing as
// one table lookup. No context matters, so one code point at a time is exact.
//
// The table is generated (generate_code_points.py): the reference mixes Unicode versions, no library equals it.
#ifndef LOGSIEVE_ENCODER_CODE_POINTS_H_
#define LOGSIEVE_ENCODER_CODE_POINTS_H_

#include <cstddef>
#include <cstdint>

namespace logsieve {
namespace code_points {
#include "encoder/code_points.inc"
}  // namespace code_points

// In the order of generate_code_points.py; from kFirstMapped on, an entry points to a replacement.
enum class CodePointClass : std::uint16_t { kKeep, kRemoved, kSpace, kPunctuation, kIdeograph, kHangul };

inline constexpr char32_t kCodePointEnd = 0x110000;

// Tells `sink` what stands for `c` (below kCodePointEnd), in order, by calling
//   sink.letter(code_point)  it joins the word to its left and right
//   sink.alone(code_point)   it is a word of its own
//   sink.space()             words end here
// or nothing, if `c` vanishes.
template <typename Sink>
constexpr void normalise(char32_t c, Sink& sink);

namespace code_points {

constexpr std::uint16_t entry_of(char32_t c) {
  return kBlocks[kBlockOf[c / kBlockSize] * kBlockSize + c % kBlockSize];
}

// Canonical decomposition of a Hangul syllable: Unicode 15 section 3.12.
template <typename Sink>
constexpr void normalise_hangul(char32_t c, Sink& sink) {
  const char32_t index = c - 0xAC00;
  sink.letter(0x1100 + index / 588);
  sink.letter(0x1161 + index % 588 / 28);
  if (index % 28 != 0) sink.letter(0x11A7 + index % 28);
}

template <typename Sink>
constexpr void normalise_mapped(std::uint16_t entry, Sink& sink) {
  constexpr std::uint32_t kLast = 0x80000000U;
  constexpr std::uint32_t kAlone = 0x40000000U;
  for (std::size_t place = entry - kFirstMapped;; ++place) {
    const std::uint32_t stored = kReplacements[place];
    const char32_t c = stored & ~(kLast | kAlone);
    if ((stored & kAlone) != 0)
      sink.alone(c);
    else
      sink.letter(c);
    if ((stored & kLast) != 0) return;
  }
}

}  // namespace code_points

template <typename Sink>
constexpr void normalise(char32_t c, Sink& sink) {
  const std::uint16_t entry = code_points::entry_of(c);
  if (entry >= code_points::kFirstMapped) return code_points::normalise_mapped(entry, sink);
  switch (static_cast<CodePointClass>(entry)) {
    case CodePointClass::kKeep:
      return sink.letter(c);
    case CodePointClass::kRemoved:
      return;
    case CodePointClass::kSpace:
      return sink.space();
    case CodePointClass::kPunctuation:
    case CodePointClass::kIdeograph:
      return sink.alone(c);
    case CodePointClass::kHangul:
      return code_points::normalise_hangul(c, sink);
  }
}

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_CODE_POINTS_H_
