// Sentence vectors of all-MiniLM-L6-v2: 6 BERT layers, mean pooling, L2 norm. Relatives with 384 floats a vector
// load as well (12 layers, [CLS] pooling, a prompt before every text): the folder's settings are read, not assumed.
// Source: sentence-transformers Transformer + Pooling + Normalize.
#ifndef LOGSIEVE_ENCODER_SENTENCE_ENCODER_H_
#define LOGSIEVE_ENCODER_SENTENCE_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "encoder/arithmetic.h"

namespace logsieve {

inline constexpr std::size_t kDim = 384;           // floats a vector
inline constexpr std::size_t kWordDim = 2 * kDim;  // floats of word_extremes

// Thread-safe and immutable after load.
class SentenceEncoder {
 public:
  // Opens the folder of a sentence-transformers model (config.json, vocab.txt, model.safetensors …) and checks all
  // of it. model.safetensors stays mapped: it must not be changed while the encoder lives.
  // Errors: kNotFound, kIo; kCorruptModel (truncated, NaN, wrong shape, not supported), each with the file;
  // kBadConfig if LOGSIEVE_CPU asks for kernels that do not run here.
  // Vectors of the two kinds of arithmetic differ a little, and are near enough to be compared (docs/adr/0010). Fast
  // mode keeps its integers in the folder (fast_file.h) and makes them from the weights, in a second or so, where
  // it finds none.
  // That it has checked the weights and what their hash is, it notes beside them (hash_stamp.h), and takes from there
  // as long as the file is the same one, unchanged.
  static Result<SentenceEncoder> load(const std::filesystem::path& folder,
                                      Arithmetic arithmetic = Arithmetic::kFp32);
  // The next load reads and checks all of it again.
  static void forget_checks(const std::filesystem::path& folder);
  SentenceEncoder(SentenceEncoder&&) noexcept;
  SentenceEncoder& operator=(SentenceEncoder&&) noexcept;
  ~SentenceEncoder();

  // Writes one unit-length row a form; `out` is row-major [forms.size(), kDim]. Forms longer than max_tokens()
  // word pieces lose their tail. O(tokens), on `threads` threads; the bits of a row depend on its form alone.
  // Fast mode encodes a form of nearly one word piece with floats, which it lays out when the first one comes.
  // Errors: kInvalidArgument if out.size() != forms.size() * kDim; `out` is then untouched. An empty form is
  // no error: it encodes as [CLS] [SEP].
  Result<void> encode(std::span<const std::string_view> forms, std::span<float> out,
                      std::size_t threads) const;
  // Word-piece ids of one text (the model's prompt before it) with [CLS] and [SEP], at most max_tokens(); appended to
  // `ids`.
  void tokenize(std::string_view text, std::vector<std::int32_t>& ids) const;

  // The words of a text without their order: of the input vectors of its word pieces ([CLS] and [SEP] left out), the
  // largest value of each dimension, then the smallest; zeros for a text without a piece. `out` [kWordDim]. One word
  // that tells moves it, however long the sentence; nearly free beside encode, and the same in both kinds of
  // arithmetic. Source: Shen et al., "Baseline Needs More Love" (ACL 2018), SWEM-max.
  void word_extremes(std::string_view text, std::span<float> out) const;

  std::size_t max_tokens() const;  // 256 for all-MiniLM-L6-v2
  std::size_t vocabulary() const;  // every id is below it

  const std::string& weights_sha256() const;  // of model.safetensors
  const std::string& vocab_sha256() const;    // of vocab.txt
  static std::string_view kernel_name();      // the table of kernels chosen at run time: kernels.h

 private:
  struct Impl;
  explicit SentenceEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_SENTENCE_ENCODER_H_
