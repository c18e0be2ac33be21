// Small functions on AVX-512 vectors of floats that several kernels share. Only for files of kernels; see avx2_math.h.
//
// Each does to a lane what the function of the same name in avx2_math.h does, operation by operation: results of the
// two instruction sets are equal to the last bit.
#ifndef LOGSIEVE_ENCODER_AVX512_MATH_H_
#define LOGSIEVE_ENCODER_AVX512_MATH_H_

#if defined(__x86_64__)

#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 warns of the undefined values that its own intrinsics are made of (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

#include "encoder/avx2_math.h"

#define LOGSIEVE_AVX512_TARGET "avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"
#define LOGSIEVE_AVX512 __attribute__((target(LOGSIEVE_AVX512_TARGET)))
#define LOGSIEVE_AVX512_INLINE __attribute__((target(LOGSIEVE_AVX512_TARGET), always_inline)) inline

namespace logsieve::avx512 {

constexpr std::size_t kLanes = 16;

LOGSIEVE_AVX512_INLINE __m512 broadcast(float value) {
  return _mm512_set1_ps(value);
}

LOGSIEVE_AVX512_INLINE __m256 lower(__m512 v) {
  return _mm512_castps512_ps256(v);
}

LOGSIEVE_AVX512_INLINE __m256 upper(__m512 v) {
  return _mm512_extractf32x8_ps(v, 1);
}

LOGSIEVE_AVX512_INLINE __m512 reciprocal(__m512 x) {
  __m512 y = _mm512_castsi512_ps(
      _mm512_sub_epi32(_mm512_set1_epi32(avx2::kReciprocalGuess), _mm512_castps_si512(x)));
  for (int step = 0; step < 3; ++step) y = _mm512_fmadd_ps(y, _mm512_fnmadd_ps(x, y, broadcast(1.0F)), y);
  return y;
}

LOGSIEVE_AVX512_INLINE __m512 gelu(__m512 x) {
  const __m512 limit = broadcast(3.92F);
  __m512 z = _mm512_mul_ps(x, broadcast(0.707106781186547524F));
  z = _mm512_max_ps(_mm512_sub_ps(_mm512_setzero_ps(), limit), _mm512_min_ps(limit, z));
  const __m512 square = _mm512_mul_ps(z, z);
  __m512 p = broadcast(avx2::kErfP[0]);
  __m512 q = broadcast(avx2::kErfQ[0]);
  for (int i = 1; i < 6; ++i) {
    p = _mm512_fmadd_ps(p, square, broadcast(avx2::kErfP[i]));
    q = _mm512_fmadd_ps(q, square, broadcast(avx2::kErfQ[i]));
  }
  const __m512 erf = _mm512_mul_ps(_mm512_mul_ps(z, p), reciprocal(q));
  const __m512 half = _mm512_mul_ps(x, broadcast(0.5F));
  return _mm512_fmadd_ps(half, erf, half);
}

LOGSIEVE_AVX512_INLINE __m512 power_of_two(__m512 x) {
  x = _mm512_max_ps(x, broadcast(-125.0F));
  const __m512 k = _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  const __m512 r = _mm512_sub_ps(x, k);
  __m512 value = broadcast(avx2::kPowerPolynomial[0]);
  for (int i = 1; i < 7; ++i) value = _mm512_fmadd_ps(value, r, broadcast(avx2::kPowerPolynomial[i]));
  const __m512i power = _mm512_slli_epi32(_mm512_cvtps_epi32(k), 23);
  return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(value), power));
}

}  // namespace logsieve::avx512

#endif
#endif  // LOGSIEVE_ENCODER_AVX512_MATH_H_
