// Open addressing from 128-bit keys to one number: 24 bytes an entry at most half full, no allocation to look up.
// Keys are taken as given: equal hashes are equal texts (2^-64 at four billion of them).
#ifndef LOGSIEVE_MINER_HASH_INDEX_H_
#define LOGSIEVE_MINER_HASH_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/hash.h"

namespace logsieve::miner_detail {

class HashIndex {
 public:
  struct Entry {
    Hash128 key;
    std::uint32_t value = kNone;
    std::uint32_t note = 0;  // the caller's
  };
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // nullptr if the key is not there. Valid until the next `insert` or `clear`.
  Entry* find(const Hash128& key) {
    if (entries_.empty()) return nullptr;
    Entry& entry = entries_[slot_of(key)];
    return entry.value == kNone ? nullptr : &entry;
  }
  const Entry* find(const Hash128& key) const { return const_cast<HashIndex*>(this)->find(key); }

  // Replaces the value of a key that is there.
  void insert(const Hash128& key, std::uint32_t value, std::uint32_t note = 0) {
    if (2 * (size_ + 1) > entries_.size()) grow();
    Entry& entry = entries_[slot_of(key)];
    if (entry.value == kNone) ++size_;
    entry = {key, value, note};
  }
  // Closes the gap that a removed entry would leave (Knuth, TAOCP 6.4, algorithm R).
  void erase(const Hash128& key) {
    if (find(key) == nullptr) return;
    const std::size_t mask = entries_.size() - 1;
    std::size_t gap = slot_of(key);
    for (std::size_t at = (gap + 1) & mask; entries_[at].value != kNone; at = (at + 1) & mask) {
      const std::size_t home = static_cast<std::size_t>(entries_[at].key.low) & mask;
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      entries_[gap] = entries_[at];
      gap = at;
    }
    entries_[gap] = Entry();
    --size_;
  }
  void clear() {
    entries_.clear();
    entries_.shrink_to_fit();
    size_ = 0;
  }
  std::size_t size() const { return size_; }
  std::size_t bytes() const { return entries_.capacity() * sizeof(Entry); }

 private:
  // The key's place, or the free one where it would go.
  std::size_t slot_of(const Hash128& key) const {
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = static_cast<std::size_t>(key.low) & mask;
    while (entries_[at].value != kNone && !(entries_[at].key == key)) at = (at + 1) & mask;
    return at;
  }
  void grow() {
    std::vector<Entry> old(entries_.empty() ? 64 : entries_.size() * 2);
    old.swap(entries_);
    for (const Entry& entry : old)
      if (entry.value != kNone) entries_[slot_of(entry.key)] = entry;
  }

  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace logsieve::miner_detail

#endif  // LOGSIEVE_MINER_HASH_INDEX_H_
