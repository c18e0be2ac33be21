// Any bytes: the tokenizer equals the obvious one, over a vocabulary that is small but has every kind of piece.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "encoder/word_piece.h"
#include "encoder/word_piece_reference.h"

namespace {

constexpr std::string_view kVocab =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nab\nabc\n##a\n##b\n##ab\n##c\nuser\n##s\n1\n##1\n##11\n[\n]\n."
    "\n-\n"
    "\xC3\xA6\n##\xC3\xA6\n\xE4\xB8\xAD\n\xE1\x84\x80\n##\xE1\x85\xA1\n##\xE1\x86\xA8\n\xF0\x9F\x98\x80\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto tokenizer = logsieve::WordPiece::parse(kVocab, "fuzz");
  static const logsieve::WordPieceReference reference(kVocab);
  if (size == 0) return 0;
  const std::size_t max_ids = 2 + data[0];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::vector<std::int32_t> ids;
  tokenizer->tokenize(text, max_ids, ids);
  if (ids != reference.tokenize(text, max_ids)) std::abort();
  return 0;
}
