// Any bytes: the tokenizer equals the obvious one. The first byte says how many ids are kept (low 7 bits) and over
// which vocabulary: a small one that has every kind of piece, or (high bit) one whose pieces stand in the input, up to
// its first NUL.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/word_piece.h"
#include "encoder/word_piece_reference.h"

namespace {

constexpr std::string_view kVocab =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nab\nabc\n##a\n##b\n##ab\n##c\nuser\n##s\n1\n##1\n##11\n[\n]\n."
    "\n-\n"
    "\xC3\xA6\n##\xC3\xA6\n\xE4\xB8\xAD\n\xE1\x84\x80\n##\xE1\x85\xA1\n##\xE1\x86\xA8\n\xF0\x9F\x98\x80\n";
constexpr std::string_view kSpecials = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const logsieve::WordPiece& tokenizer, const logsieve::WordPieceReference& reference,
           std::string_view text, std::size_t max_ids) {
  std::vector<std::int32_t> ids = {-7};
  tokenizer.tokenize(text, max_ids, ids);
  require(ids.front() == -7);  // what was there stays
  ids.erase(ids.begin());
  require(ids == reference.tokenize(text, max_ids));
  require(ids.size() >= 2 && ids.size() <= max_ids);
  for (const std::int32_t id : ids) require(id >= 0 && static_cast<std::size_t>(id) < tokenizer.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t max_ids = 2 + (data[0] & 0x7FU);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 0x80U) == 0) {
    static const auto tokenizer = logsieve::WordPiece::parse(kVocab, "fuzz");
    static const logsieve::WordPieceReference reference(kVocab);
    check(*tokenizer, reference, text, max_ids);
    return 0;
  }
  const std::size_t end = std::min(text.find('\0'), text.size());
  const std::string vocab = std::string(kSpecials).append(text.substr(0, end));
  const auto tokenizer = logsieve::WordPiece::parse(vocab, "fuzz");
  if (tokenizer)
    check(*tokenizer, logsieve::WordPieceReference(vocab), text.substr(std::min(end + 1, text.size())),
          max_ids);
  else
    require(tokenizer.error().code == logsieve::ErrorCode::kCorruptModel && tokenizer.error().line > 0);
  return 0;
}
