// Tests only: WordPiece the slow, obvious way, step by step as golden/README.md section 1 tells it. The oracle of
// the unit tests and of the fuzz target.
#ifndef LOGSIEVE_ENCODER_WORD_PIECE_REFERENCE_H_
#define LOGSIEVE_ENCODER_WORD_PIECE_REFERENCE_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/utf8.h"
#include "encoder/code_points.h"

namespace logsieve {

class WordPieceReference {
 public:
  explicit WordPieceReference(std::string_view vocab) {
    std::size_t begin = 0;
    while (begin < vocab.size()) {
      const std::size_t end = std::min(vocab.find('\n', begin), vocab.size());
      std::string_view piece = vocab.substr(begin, end - begin);
      if (piece.ends_with('\r')) piece.remove_suffix(1);
      const auto id = static_cast<std::int32_t>(ids_.size() + blanks_);
      longest_ = std::max(longest_, piece.size());
      if (piece.empty())
        ++blanks_;
      else
        ids_.emplace(piece, id);
      begin = end + 1;
    }
  }

  std::vector<std::int32_t> tokenize(std::string_view text, std::size_t max_ids) const {
    std::vector<std::int32_t> ids = {ids_.at("[CLS]")};
    std::string rest = to_valid_utf8(text);
    while (!rest.empty()) {
      std::size_t place = std::string::npos;
      std::string special;
      for (const auto* token : {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"})
        if (rest.find(token) < place) {
          place = rest.find(token);
          special = token;
        }
      for (const std::u32string& word : words(rest.substr(0, place))) add_word(word, ids);
      if (place == std::string::npos) break;
      ids.push_back(ids_.at(special));
      rest = rest.substr(place + special.size());
    }
    ids.resize(std::min(ids.size(), max_ids - 1));
    ids.push_back(ids_.at("[SEP]"));
    return ids;
  }

 private:
  struct Replacement {
    std::u32string text;
    void letter(char32_t c) { text += c; }
    void alone(char32_t c) { text += U' ', text += c, text += U' '; }
    void space() { text += U' '; }
  };

  static std::vector<std::u32string> words(std::string_view text) {
    Replacement replaced;
    for (std::size_t i = 0; i < text.size();) {
      const DecodedCodePoint decoded = decode_utf8(text, i);
      normalise(decoded.code_point, replaced);
      i += decoded.length;
    }
    std::vector<std::u32string> words(1);
    for (const char32_t c : replaced.text) {
      if (c == U' ')
        words.emplace_back();
      else
        words.back() += c;
    }
    std::erase(words, std::u32string());
    return words;
  }

  static std::string utf8(std::u32string_view text) {
    std::string bytes;
    for (const char32_t c : text) append_utf8(c, bytes);
    return bytes;
  }

  void add_word(const std::u32string& word, std::vector<std::int32_t>& ids) const {
    std::vector<std::int32_t> pieces;
    for (std::size_t begin = 0; begin < word.size() && word.size() <= 100;) {
      std::size_t length = std::min(word.size() - begin, longest_);
      std::string piece = (begin > 0 ? "##" : "") + utf8(std::u32string_view(word).substr(begin, length));
      auto found = ids_.find(piece);
      for (; found == ids_.end() && length > 1; found = ids_.find(piece)) {
        remove_last_code_point(piece);
        --length;
      }
      if (found == ids_.end()) {
        pieces.clear();
        break;
      }
      pieces.push_back(found->second);
      begin += length;
    }
    if (pieces.empty()) pieces = {ids_.at("[UNK]")};
    ids.insert(ids.end(), pieces.begin(), pieces.end());
  }

  static void remove_last_code_point(std::string& text) {
    while ((static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U) text.pop_back();
    text.pop_back();
  }

  std::unordered_map<std::string, std::int32_t> ids_;
  std::size_t blanks_ = 0;
  std::size_t longest_ = 0;  // bytes of a piece: spares hopeless tries
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_WORD_PIECE_REFERENCE_H_
