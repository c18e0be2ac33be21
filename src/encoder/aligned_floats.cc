#include "encoder/aligned_floats.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <sys/mman.h>

namespace logsieve {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20U;

}  // namespace

AlignedFloats AlignedFloats::uninitialised(std::size_t count) {
  AlignedFloats floats;
  const std::size_t needed = count * sizeof(float);
  const std::size_t alignment = needed >= kHugePage ? kHugePage : kCacheLine;
  const std::size_t bytes = (needed + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, bytes);
  if (memory == nullptr && bytes > 0) throw std::bad_alloc();
  floats.values_.reset(static_cast<float*>(memory));
  floats.size_ = count;
  // Only a wish: without huge pages everything works, with more TLB misses.
  if (alignment == kHugePage) ::madvise(memory, bytes, MADV_HUGEPAGE);
  return floats;
}

AlignedFloats AlignedFloats::zeroed(std::size_t count) {
  AlignedFloats floats = uninitialised(count);
  std::fill_n(floats.data(), count, 0.0F);
  return floats;
}

void AlignedFloats::Free::operator()(float* values) const noexcept {
  std::free(values);
}

}  // namespace logsieve
