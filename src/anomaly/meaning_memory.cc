#include "anomaly/meaning_memory.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace logsieve {
namespace {

// Coordinates of sentence vectors are far below 1: a finer step than 1/127 for what occurs.
constexpr float kStep = 1.0F / 400.0F;

std::int8_t quantized(float value) {
  return static_cast<std::int8_t>(std::clamp(std::round(value / kStep), -127.0F, 127.0F));
}

// Exact: below 2^31 for up to 133,000 coordinates. Words of 16 bits are what compilers make pmaddwd of.
template <typename Other>
std::int32_t dot(std::span<const std::int16_t> a, std::span<const Other> b) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * static_cast<std::int16_t>(b[i]);
  return sum;
}

}  // namespace

void MeaningMemory::add(std::span<const float> vector) {
  assert(vector.size() == dim_);
  std::size_t row = size();
  if (row < max_vectors_) {
    bytes_.resize(bytes_.size() + dim_);
    lengths_.push_back(0);
  } else {
    row = std::exchange(next_, (next_ + 1) % max_vectors_);
  }
  for (std::size_t i = 0; i < dim_; ++i) bytes_[row * dim_ + i] = quantized(vector[i]);
  lengths_[row] = length_of(row);
}

float MeaningMemory::nearest(std::span<const float> vector) const {
  assert(vector.size() == dim_);
  std::vector<std::int16_t> wanted(dim_);
  for (std::size_t i = 0; i < dim_; ++i) wanted[i] = quantized(vector[i]);
  const float own = std::sqrt(static_cast<float>(dot<std::int16_t>(wanted, wanted)));
  float best = -1;
  for (std::size_t row = 0; row < size(); ++row) {
    const float lengths = own * lengths_[row];
    const auto product =
        static_cast<float>(dot<std::int8_t>(wanted, std::span(bytes_).subspan(row * dim_, dim_)));
    if (lengths > 0) best = std::max(best, product / lengths);
  }
  return best;
}

float MeaningMemory::length_of(std::size_t row) const {
  const std::vector<std::int16_t> wide(bytes_.begin() + static_cast<std::ptrdiff_t>(row * dim_),
                                       bytes_.begin() + static_cast<std::ptrdiff_t>((row + 1) * dim_));
  return std::sqrt(static_cast<float>(dot<std::int16_t>(wide, wide)));
}

void MeaningMemory::restore(std::vector<std::int8_t> bytes, std::size_t next) {
  bytes_ = std::move(bytes);
  bytes_.resize(std::min(bytes_.size() / dim_, max_vectors_) * dim_);
  next_ = next < max_vectors_ ? next : 0;
  lengths_.resize(size());
  for (std::size_t row = 0; row < size(); ++row) lengths_[row] = length_of(row);
}

}  // namespace logsieve
