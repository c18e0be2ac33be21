// Slot texts as numbers, each with what the grouping asks about it.
#ifndef LOGSIEVE_MINER_VOCABULARY_H_
#define LOGSIEVE_MINER_VOCABULARY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve::miner_detail {

using WordId = std::uint32_t;
inline constexpr WordId kWild = 0;  // stands for any text
inline constexpr WordId kNoWord = 0xFFFFFFFF;

enum WordTrait : std::uint8_t {
  kIsWord = 1,  // letters and signs: no value, no digit, no dotted name of three labels or more
  kHasLetter = 2,
  kIsUnit = 4,       // ms, MB, bytes
  kIsNoun = 8,       // user, host …: what follows names somebody
  kIsCapitals = 16,  // RUNNING, COMMIT_PENDING: the constant of an enumeration
  kEndsInValue = 32,
  kIsEmpty = 64,
};

class Vocabulary {
 public:
  Vocabulary();
  WordId intern(std::string_view text);
  // kNoWord if the text is not there.
  WordId find(std::string_view text) const;
  std::string_view text(WordId word) const;
  bool has(WordId word, std::uint8_t traits) const { return (words_[word].traits & traits) != 0; }
  std::size_t size() const { return words_.size(); }
  std::size_t bytes() const;

 private:
  struct Word {
    std::uint32_t begin;
    std::uint16_t length;
    std::uint8_t traits;
  };
  std::size_t place_of(std::string_view text) const;
  void grow();

  std::string characters_;
  std::vector<Word> words_;
  std::vector<WordId> table_;  // open addressing, at most half full; kNoWord: free
};

}  // namespace logsieve::miner_detail

#endif  // LOGSIEVE_MINER_VOCABULARY_H_
