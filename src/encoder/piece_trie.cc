#include "encoder/piece_trie.h"

#include <algorithm>
#include <cassert>

namespace logsieve {

// Places the nodes of sorted pieces, parents before children. Free places are found from a mark that only moves
// on: 30,522 pieces fill 98.8 % of the array (65,015 of 65,792).
class PieceTrie::Builder {
 public:
  explicit Builder(std::vector<Node>& nodes) : nodes_(nodes) {
    grow();
    is_used_[kStartRoot] = true;
    is_used_[kContinuationRoot] = true;
  }

  void add(std::span<const Piece> sorted, std::uint32_t root) {
    std::vector<Range> open = {{sorted, 0, root}};
    while (!open.empty()) {
      const Range range = open.back();
      open.pop_back();
      place_children(range, open);
    }
  }

 private:
  static constexpr std::size_t kBlock = 256;
  // A crowded stretch is given up after this many misses, else wide nodes would search the array again and again.
  static constexpr std::size_t kMaxMisses = 512;

  struct Range {
    std::span<const Piece> pieces;  // all that share the first `depth` bytes, those that lead to `node`
    std::size_t depth;
    std::uint32_t node;
  };

  void grow() {
    nodes_.resize(nodes_.size() + kBlock);
    is_used_.resize(nodes_.size());
  }

  void place_children(Range range, std::vector<Range>& open) {
    if (!range.pieces.empty() && range.pieces.front().text.size() == range.depth) {
      nodes_[range.node].id = range.pieces.front().id;
      range.pieces = range.pieces.subspan(1);
    }
    if (range.pieces.empty()) return;
    const std::size_t first_new = open.size();
    bytes_.clear();
    for (std::size_t i = 0; i < range.pieces.size(); ++i) {
      const auto byte = static_cast<unsigned char>(range.pieces[i].text[range.depth]);
      if (bytes_.empty() || bytes_.back() != byte) {
        bytes_.push_back(byte);
        open.push_back({range.pieces.subspan(i, 0), range.depth + 1, 0});
      }
      Range& child = open.back();
      child.pieces = {child.pieces.data(), child.pieces.size() + 1};
    }
    const std::uint32_t base = find_base();
    nodes_[range.node].base = base;
    for (std::size_t i = 0; i < bytes_.size(); ++i) {
      const std::uint32_t child = base ^ bytes_[i];
      nodes_[child].parent = range.node;
      is_used_[child] = true;
      open[first_new + i].node = child;
    }
  }

  // A base at which the places of all `bytes_` are free.
  std::uint32_t find_base() {
    while (first_free_ < nodes_.size() && is_used_[first_free_]) ++first_free_;
    std::size_t misses = 0;
    for (std::size_t place = first_free_;; ++place) {
      if (place == nodes_.size()) grow();
      if (is_used_[place]) continue;
      const auto base = static_cast<std::uint32_t>(place) ^ bytes_.front();
      if (std::ranges::none_of(bytes_, [&](unsigned char byte) { return is_used_[base ^ byte]; }))
        return base;
      if (++misses == kMaxMisses) first_free_ = place;
    }
  }

  std::vector<Node>& nodes_;
  std::vector<bool> is_used_;
  std::vector<unsigned char> bytes_;  // of the children being placed, rising
  std::size_t first_free_ = 0;
};

PieceTrie::PieceTrie(std::span<const Piece> sorted) {
  assert(std::adjacent_find(sorted.begin(), sorted.end(),
                            [](const Piece& a, const Piece& b) { return !(a < b); }) == sorted.end());
  const auto middle = std::ranges::find_if(sorted, [](const Piece& piece) { return piece.is_continuation; });
  const auto starts = static_cast<std::size_t>(middle - sorted.begin());
  Builder builder(nodes_);
  builder.add(sorted.first(starts), kStartRoot);
  builder.add(sorted.subspan(starts), kContinuationRoot);
}

}  // namespace logsieve
