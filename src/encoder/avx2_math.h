// Small functions on AVX2 vectors of floats that several kernels share. Only for files of kernels.
//
// Everything is marked with its target and inlined always, so that including this header puts no AVX2 code into
// functions that may run anywhere.
#ifndef LOGSIEVE_ENCODER_AVX2_MATH_H_
#define LOGSIEVE_ENCODER_AVX2_MATH_H_

#if defined(__x86_64__)

#include <cstddef>
#include <immintrin.h>

#define LOGSIEVE_AVX2 __attribute__((target("avx2,fma")))
#define LOGSIEVE_AVX2_INLINE __attribute__((target("avx2,fma"), always_inline)) inline

namespace logsieve::avx2 {

constexpr std::size_t kLanes = 8;

struct Pair {  // 16 columns
  __m256 left;
  __m256 right;
};

LOGSIEVE_AVX2_INLINE __m256 broadcast(float value) {
  return _mm256_set1_ps(value);
}

LOGSIEVE_AVX2_INLINE void store(float* out, const Pair& values) {
  _mm256_storeu_ps(out, values.left);
  _mm256_storeu_ps(out + kLanes, values.right);
}

LOGSIEVE_AVX2_INLINE Pair load(const float* values) {
  return {_mm256_loadu_ps(values), _mm256_loadu_ps(values + kLanes)};
}

LOGSIEVE_AVX2_INLINE Pair sum_of(const Pair& a, const Pair& b) {
  return {_mm256_add_ps(a.left, b.left), _mm256_add_ps(a.right, b.right)};
}

// 1 / x for x from 1 to 200, within 2 units in the last place: an integer subtraction gives it within 12 %, each Newton
// step squares the error. Division takes longer than all seven operations, and approximate reciprocals differ between
// instruction sets.
inline constexpr int kReciprocalGuess = 0x7EF127EA;
LOGSIEVE_AVX2_INLINE __m256 reciprocal(__m256 x) {
  __m256 y =
      _mm256_castsi256_ps(_mm256_sub_epi32(_mm256_set1_epi32(kReciprocalGuess), _mm256_castps_si256(x)));
  for (int step = 0; step < 3; ++step) y = _mm256_fmadd_ps(y, _mm256_fnmadd_ps(x, y, broadcast(1.0F)), y);
  return y;
}

// 0.5 x (1 + erf(x / sqrt 2)). erf(z) is z P(z^2) / Q(z^2) for |z| <= 3.92, beyond which it rounds to 1: a rational
// fit of degree 5 by 5 (iteratively reweighted least squares, 160 Chebyshev nodes) with a relative error of 1.9e-8.
// In float the result is within 2.5e-7 max(1, |x|), which a test checks.
inline constexpr float kErfP[] = {2.0501418862e-6F, 2.84876462805e-4F, 3.76533147943e-3F,
                                  0.0527478505503F, 0.190399789667F,   1.12837914638F};
inline constexpr float kErfQ[] = {3.80919505165e-5F, 1.16246640199e-3F, 0.0149686478501F,
                                  0.114106359731F,   0.502070163389F,   1.0F};
LOGSIEVE_AVX2_INLINE __m256 gelu(__m256 x) {
  const __m256 limit = broadcast(3.92F);
  __m256 z = _mm256_mul_ps(x, broadcast(0.707106781186547524F));
  z = _mm256_max_ps(_mm256_sub_ps(_mm256_setzero_ps(), limit), _mm256_min_ps(limit, z));
  const __m256 square = _mm256_mul_ps(z, z);
  __m256 p = broadcast(kErfP[0]);
  __m256 q = broadcast(kErfQ[0]);
  for (int i = 1; i < 6; ++i) {
    p = _mm256_fmadd_ps(p, square, broadcast(kErfP[i]));
    q = _mm256_fmadd_ps(q, square, broadcast(kErfQ[i]));
  }
  const __m256 erf = _mm256_mul_ps(_mm256_mul_ps(z, p), reciprocal(q));
  const __m256 half = _mm256_mul_ps(x, broadcast(0.5F));
  return _mm256_fmadd_ps(half, erf, half);
}

// 2^x for x <= 0; below -125 it stays at 2^-125. x = k + r, 2^x = 2^k 2^r, 2^r by the polynomial of degree 6 through
// 7 Chebyshev nodes: relative error 2.5e-9 exactly evaluated.
inline constexpr float kPowerPolynomial[] = {
    1.546150272e-4F, 1.34004952e-3F, 9.618056533e-3F, 0.05550327059F, 0.2402265092F, 0.6931472068F, 1.0F};
LOGSIEVE_AVX2_INLINE __m256 power_of_two(__m256 x) {
  x = _mm256_max_ps(x, broadcast(-125.0F));
  const __m256 k = _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m256 r = _mm256_sub_ps(x, k);
  __m256 value = broadcast(kPowerPolynomial[0]);
  for (int i = 1; i < 7; ++i) value = _mm256_fmadd_ps(value, r, broadcast(kPowerPolynomial[i]));
  const __m256i power = _mm256_slli_epi32(_mm256_cvtps_epi32(k), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(value), power));
}

LOGSIEVE_AVX2_INLINE __m128 halves_added(__m256 v) {
  return _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
}

LOGSIEVE_AVX2_INLINE float sum_of_lanes(__m256 v) {
  __m128 sum = halves_added(v);
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

LOGSIEVE_AVX2_INLINE float largest_lane(__m256 v) {
  __m128 largest = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  largest = _mm_max_ps(largest, _mm_movehl_ps(largest, largest));
  return _mm_cvtss_f32(_mm_max_ss(largest, _mm_movehdup_ps(largest)));
}

}  // namespace logsieve::avx2

#endif
#endif  // LOGSIEVE_ENCODER_AVX2_MATH_H_
