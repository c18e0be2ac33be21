#include "anomaly/meaning_memory.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace logsieve {
namespace {

// Coordinates of sentence vectors are far below 1: a finer step than 1/127 for what occurs.
constexpr float kStep = 1.0F / 400.0F;

std::int8_t quantized(float value) {
  return static_cast<std::int8_t>(std::clamp(std::round(value / kStep), -127.0F, 127.0F));
}

}  // namespace

void MeaningMemory::add(std::span<const float> vector) {
  assert(vector.size() == dim_);
  if (size() < max_vectors_) {
    for (const float value : vector) bytes_.push_back(quantized(value));
    return;
  }
  for (std::size_t i = 0; i < dim_; ++i) bytes_[next_ * dim_ + i] = quantized(vector[i]);
  next_ = (next_ + 1) % max_vectors_;
}

float MeaningMemory::nearest(std::span<const float> vector) const {
  assert(vector.size() == dim_);
  std::vector<std::int8_t> wanted(dim_);
  std::int64_t own = 0;
  for (std::size_t i = 0; i < dim_; ++i) {
    wanted[i] = quantized(vector[i]);
    own += wanted[i] * wanted[i];
  }
  float best = -1;
  for (std::size_t row = 0; row < size(); ++row) {
    const std::int8_t* known = bytes_.data() + row * dim_;
    std::int32_t dot = 0;
    std::int32_t length = 0;
    for (std::size_t i = 0; i < dim_; ++i) {
      dot += wanted[i] * known[i];
      length += known[i] * known[i];
    }
    const double lengths = std::sqrt(static_cast<double>(own) * length);
    if (lengths > 0) best = std::max(best, static_cast<float>(dot / lengths));
  }
  return best;
}

void MeaningMemory::restore(std::vector<std::int8_t> bytes, std::size_t next) {
  bytes_ = std::move(bytes);
  bytes_.resize(std::min(bytes_.size() / dim_, max_vectors_) * dim_);
  next_ = next < max_vectors_ ? next : 0;
}

}  // namespace logsieve
