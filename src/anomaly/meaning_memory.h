// The meanings of the templates seen so far, as sentence vectors: how far is a new one from the nearest of them?
// Vectors are kept as one byte a coordinate (the cosine is then off by less than 0.01): 384 bytes a template.
#ifndef LOGSIEVE_ANOMALY_MEANING_MEMORY_H_
#define LOGSIEVE_ANOMALY_MEANING_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace logsieve {

class MeaningMemory {
 public:
  // The oldest vectors give way beyond `max_vectors`.
  explicit MeaningMemory(std::size_t dim, std::size_t max_vectors = 4096)
      : dim_(dim), max_vectors_(max_vectors) {}

  // `vector` [dim], unit length.
  void add(std::span<const float> vector);
  // Cosine to the nearest, [-1, 1]; -1 if there is none. O(size dim).
  float nearest(std::span<const float> vector) const;
  std::size_t size() const { return bytes_.size() / dim_; }

  std::span<const std::int8_t> bytes() const { return bytes_; }
  std::size_t next() const { return next_; }
  // `bytes` is a multiple of dim.
  void restore(std::vector<std::int8_t> bytes, std::size_t next);
  std::size_t dim() const { return dim_; }

 private:
  float length_of(std::size_t row) const;

  std::size_t dim_;
  std::size_t max_vectors_;
  std::size_t next_ = 0;  // the place that is overwritten next, once full
  std::vector<std::int8_t> bytes_;
  std::vector<float> lengths_;  // of the rows
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_MEANING_MEMORY_H_
