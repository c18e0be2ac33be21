// Memory for vector kernels: floats on cache-line borders, large arrays on huge pages where the system gives them.
#ifndef LOGSIEVE_ENCODER_ALIGNED_FLOATS_H_
#define LOGSIEVE_ENCODER_ALIGNED_FLOATS_H_

#include <cstddef>
#include <memory>

namespace logsieve {

// A fixed number of floats. Movable, not copyable; the memory stays where it is.
class AlignedFloats {
 public:
  // Both throw std::bad_alloc.
  static AlignedFloats zeroed(std::size_t count);
  static AlignedFloats uninitialised(std::size_t count);  // to be written before it is read
  AlignedFloats() = default;

  float* data() { return values_.get(); }
  const float* data() const { return values_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(float* values) const noexcept;
  };
  std::unique_ptr<float[], Free> values_;
  std::size_t size_ = 0;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_ALIGNED_FLOATS_H_
