// WordPiece of uncased BERT models, as Hugging Face tokenizers 0.23 does it: special tokens that stand literally in
// the text, clean-up and lower-casing by table, a word per punctuation mark, greedy longest match.
// Source: huggingface/tokenizers, normalizers/bert.rs, pre_tokenizers/bert.rs, models/wordpiece.
#ifndef LOGSIEVE_ENCODER_WORD_PIECE_H_
#define LOGSIEVE_ENCODER_WORD_PIECE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "encoder/piece_trie.h"

namespace logsieve {

// Immutable after load, thread-safe.
class WordPiece {
 public:
  static constexpr std::size_t kMaxWordCodePoints = 100;  // a longer word is [UNK]

  // Reads vocab.txt: one piece a line, its id is the line's number from 0.
  // Errors: kNotFound, kIo; kCorruptModel for a piece that is there twice or not UTF-8, a missing special token,
  // more than a million pieces.
  static Result<WordPiece> load(const std::filesystem::path& vocab);
  static Result<WordPiece> parse(std::string_view vocab, const std::string& file);

  // Appends [CLS], the pieces of `text` and [SEP], at most `max_ids` (at least 2) in all: the text's tail is lost.
  // Ill-formed UTF-8 vanishes. O(text); no allocation once `ids` has room for `max_ids` more and a word.
  void tokenize(std::string_view text, std::size_t max_ids, std::vector<std::int32_t>& ids) const;

  std::size_t size() const { return size_; }  // every id is below it

 private:
  class Cursor;

  struct SpecialToken {
    std::string_view text;
    std::int32_t id = 0;
  };
  enum : std::size_t { kPad, kUnknown, kBegin, kEnd, kMask };
  std::array<SpecialToken, 5> specials_ = {{{"[PAD]"}, {"[UNK]"}, {"[CLS]"}, {"[SEP]"}, {"[MASK]"}}};

  std::int32_t id(std::size_t special) const { return specials_[special].id; }

  PieceTrie trie_;
  std::array<std::int32_t, 128> ascii_ids_{};  // of the one-character words
  std::size_t size_ = 0;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_WORD_PIECE_H_
