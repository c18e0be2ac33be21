// A byte trie over word pieces, for longest matches: a double array (Aoe 1989) in the XOR form, in which the child
// of node n by byte c stands at base(n) ^ c and knows its parent, so a step is one load and one comparison.
// Two roots: pieces that begin a word, and pieces that go on in one ("##...").
#ifndef LOGSIEVE_ENCODER_PIECE_TRIE_H_
#define LOGSIEVE_ENCODER_PIECE_TRIE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace logsieve {

// Immutable after build, thread-safe.
class PieceTrie {
 public:
  struct Piece {
    std::string_view text;  // not empty, without "##"
    std::int32_t id;        // at least 0
    bool is_continuation;

    // Pieces that begin a word first, then by their bytes.
    friend bool operator<(const Piece& a, const Piece& b) {
      return a.is_continuation == b.is_continuation ? a.text < b.text : b.is_continuation;
    }
  };
  struct Match {
    std::int32_t id = -1;    // -1: no piece is a prefix of the text
    std::size_t length = 0;  // bytes of the piece
  };

  PieceTrie() : PieceTrie(std::span<const Piece>()) {}
  // `sorted` must be in rising order, no two equal. O(bytes).
  explicit PieceTrie(std::span<const Piece> sorted);

  // The longest piece that is a prefix of `text`. O(length of the match).
  Match longest_at_start(std::string_view text) const { return longest(kStartRoot, text); }
  Match longest_continuation(std::string_view text) const { return longest(kContinuationRoot, text); }

 private:
  static constexpr std::uint32_t kStartRoot = 0;
  static constexpr std::uint32_t kContinuationRoot = 1;
  static constexpr std::uint32_t kNoParent = 0xFFFFFFFFU;

  struct Node {
    std::uint32_t base = 0;
    std::uint32_t parent = kNoParent;  // kNoParent: free (or a root)
    std::int32_t id = -1;
  };
  class Builder;

  Match longest(std::uint32_t node, std::string_view text) const {
    Match match;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::uint32_t next = nodes_[node].base ^ static_cast<unsigned char>(text[i]);
      if (nodes_[next].parent != node) break;
      node = next;
      if (nodes_[node].id >= 0) match = {nodes_[node].id, i + 1};
    }
    return match;
  }

  std::vector<Node> nodes_;  // a multiple of 256, so that base ^ byte is always inside
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_PIECE_TRIE_H_
