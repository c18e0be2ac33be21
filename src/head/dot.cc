#include "head/dot.h"

#include <cassert>
#include <cstring>

namespace logsieve {
namespace {

// Vector types of GCC and Clang: 16 bytes exist on every target, and where not they are lowered to scalars in
// the same order.
using Float4 = float __attribute__((vector_size(16)));
using Double2 = double __attribute__((vector_size(16)));
constexpr std::size_t kFloatLanes = 16;
constexpr std::size_t kDoubleLanes = 8;

Float4 load4(const float* from) {
  Float4 out;
  std::memcpy(&out, from, sizeof out);
  return out;
}

Double2 widen2(const float* from) {
  return Double2{static_cast<double>(from[0]), static_cast<double>(from[1])};
}

}  // namespace

float dot(std::span<const float> a, std::span<const float> b) {
  assert(a.size() == b.size());
  Float4 lanes0{};
  Float4 lanes1{};
  Float4 lanes2{};
  Float4 lanes3{};
  std::size_t i = 0;
  for (; i + kFloatLanes <= a.size(); i += kFloatLanes) {
    lanes0 += load4(a.data() + i) * load4(b.data() + i);
    lanes1 += load4(a.data() + i + 4) * load4(b.data() + i + 4);
    lanes2 += load4(a.data() + i + 8) * load4(b.data() + i + 8);
    lanes3 += load4(a.data() + i + 12) * load4(b.data() + i + 12);
  }
  const Float4 sum = (lanes0 + lanes1) + (lanes2 + lanes3);
  float total = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  for (; i < a.size(); ++i) total += a[i] * b[i];
  return total;
}

double dot_double(std::span<const float> a, std::span<const float> b) {
  assert(a.size() == b.size());
  Double2 lanes0{};
  Double2 lanes1{};
  Double2 lanes2{};
  Double2 lanes3{};
  std::size_t i = 0;
  for (; i + kDoubleLanes <= a.size(); i += kDoubleLanes) {
    lanes0 += widen2(a.data() + i) * widen2(b.data() + i);
    lanes1 += widen2(a.data() + i + 2) * widen2(b.data() + i + 2);
    lanes2 += widen2(a.data() + i + 4) * widen2(b.data() + i + 4);
    lanes3 += widen2(a.data() + i + 6) * widen2(b.data() + i + 6);
  }
  const Double2 sum = (lanes0 + lanes1) + (lanes2 + lanes3);
  double total = sum[0] + sum[1];
  for (; i < a.size(); ++i) total += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return total;
}

}  // namespace logsieve
