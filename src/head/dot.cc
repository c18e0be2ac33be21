#include "head/dot.h"

#include <cassert>
#include <cstring>
#include <utility>

namespace logsieve {
namespace {

// Vector types of GCC and Clang: 16 bytes exist on every target, and where not they are lowered to scalars in
// the same order.
using Float4 = float __attribute__((vector_size(16)));
using Float8 = float __attribute__((vector_size(32)));
using Float16 = float __attribute__((vector_size(64)));
using Double2 = double __attribute__((vector_size(16)));
constexpr std::size_t kFloatLanes = 16;
constexpr std::size_t kDoubleLanes = 8;

// The 16 lanes of a sum, in as many vectors as it takes; named one by one, so that they stay in registers.
template <typename Vector, std::size_t... kVector>
struct Lanes {
  Vector vectors[sizeof...(kVector)] = {};

  // Inlined into functions of several instruction sets: a product and a sum of each lane, whatever the width.
  [[gnu::always_inline]] void add_products(const float* a, const float* b) {
    (add_product(a + kVector * kWidth, b + kVector * kWidth, vectors[kVector]), ...);
  }

  [[gnu::always_inline]] float sum() const {
    Float4 quarters[4];
    std::memcpy(quarters, vectors, sizeof quarters);
    const Float4 sum = (quarters[0] + quarters[1]) + (quarters[2] + quarters[3]);
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
  }

 private:
  static constexpr std::size_t kWidth = sizeof(Vector) / sizeof(float);
  static_assert(kWidth * sizeof...(kVector) == kFloatLanes);

  [[gnu::always_inline]] static void add_product(const float* a, const float* b, Vector& sum) {
    Vector x;
    Vector y;
    std::memcpy(&x, a, sizeof x);
    std::memcpy(&y, b, sizeof y);
    sum += x * y;
  }
};

// A tile of pairs: what is loaded serves several products, and the sums stay in registers.
template <typename Lanes, std::size_t kRows, std::size_t... kPair>
[[gnu::always_inline]] inline void dots_of(const float* a, std::size_t size, const float* rows, float* out,
                                           std::size_t out_stride, std::index_sequence<kPair...> /*pairs*/) {
  Lanes sums[sizeof...(kPair)] = {};
  std::size_t i = 0;
  for (; i + kFloatLanes <= size; i += kFloatLanes)
    (sums[kPair].add_products(a + kPair / kRows * size + i, rows + kPair % kRows * size + i), ...);
  ((out[kPair / kRows * out_stride + kPair % kRows] = sums[kPair].sum()), ...);
  for (; i < size; ++i)
    ((out[kPair / kRows * out_stride + kPair % kRows] +=
      a[kPair / kRows * size + i] * rows[kPair % kRows * size + i]),
     ...);
}

using Lanes4 = Lanes<Float4, 0, 1, 2, 3>;
using Lanes8 = Lanes<Float8, 0, 1>;
using Lanes16 = Lanes<Float16, 0>;

struct Operands {
  const float* a;
  std::size_t count;  // vectors of a
  std::size_t size;   // floats of a vector
  const float* rows;
  std::size_t rows_count;
  float* out;  // [count, rows_count]
};

template <typename Lanes, std::size_t kVectors, std::size_t kRows>
[[gnu::always_inline]] inline void dots_of_strip(const Operands& o, std::size_t vector) {
  const float* a = o.a + vector * o.size;
  float* out = o.out + vector * o.rows_count;
  std::size_t row = 0;
  for (; row + kRows <= o.rows_count; row += kRows)
    dots_of<Lanes, kRows>(a, o.size, o.rows + row * o.size, out + row, o.rows_count,
                          std::make_index_sequence<kVectors * kRows>());
  for (; row < o.rows_count; ++row)
    dots_of<Lanes, 1>(a, o.size, o.rows + row * o.size, out + row, o.rows_count,
                      std::make_index_sequence<kVectors>());
}

template <typename Lanes, std::size_t kVectors, std::size_t kRows>
[[gnu::always_inline]] inline void dots_by(const Operands& o) {
  std::size_t vector = 0;
  for (; vector + kVectors <= o.count; vector += kVectors) dots_of_strip<Lanes, kVectors, kRows>(o, vector);
  for (; vector < o.count; ++vector) dots_of_strip<Lanes, 1, 4>(o, vector);
}

using Dots = void (*)(const Operands& operands);

void dots_anywhere(const Operands& operands) {
  dots_by<Lanes4, 1, 2>(operands);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void dots_avx2(const Operands& operands) {
  dots_by<Lanes8, 2, 3>(operands);
}

[[gnu::target("avx512f")]] void dots_avx512(const Operands& operands) {
  dots_by<Lanes16, 4, 4>(operands);
}
#endif

Dots best_dots() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return dots_avx512;
  if (__builtin_cpu_supports("avx2")) return dots_avx2;
#endif
  return dots_anywhere;
}

Double2 widen2(const float* from) {
  return Double2{static_cast<double>(from[0]), static_cast<double>(from[1])};
}

}  // namespace

float dot(std::span<const float> a, std::span<const float> b) {
  assert(a.size() == b.size());
  float out = 0;
  dots_of<Lanes4, 1>(a.data(), a.size(), b.data(), &out, 1, std::make_index_sequence<1>());
  return out;
}

void dots(std::span<const float> a, std::span<const float> rows, std::size_t size, std::span<float> out) {
  assert(size > 0 && a.size() % size == 0 && rows.size() % size == 0);
  assert(out.size() == a.size() / size * (rows.size() / size));
  static const Dots kDots = best_dots();
  kDots({a.data(), a.size() / size, size, rows.data(), rows.size() / size, out.data()});
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
