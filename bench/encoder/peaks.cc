#include "peaks.h"

#if defined(__x86_64__)

#include <cstdint>
#include <immintrin.h>

#define LOGSIEVE_TARGET(names) __attribute__((target(names)))

namespace logsieve {
namespace {

constexpr int kSteps = 20000000;
constexpr int kChains =
    12;  // independent sums: more than latency times rate. Each starts elsewhere, else they are one.

LOGSIEVE_TARGET("avx2,fma") double floats_avx2() {
  __m256 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  __m256 factor = _mm256_set1_ps(0.999F);
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (__m256& sum : sums) sum = _mm256_fmadd_ps(sum, factor, factor);
  }
#pragma GCC unroll 12
  for (__m256& sum : sums) asm volatile("" : : "x"(sum));
  return 2.0 * 8 * kChains * kSteps;
}

LOGSIEVE_TARGET("avx512f") double floats_avx512() {
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  __m512 factor = _mm512_set1_ps(0.999F);
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (__m512& sum : sums) sum = _mm512_fmadd_ps(sum, factor, factor);
  }
#pragma GCC unroll 12
  for (__m512& sum : sums) asm volatile("" : : "v"(sum));
  return 2.0 * 16 * kChains * kSteps;
}

// Four products of bytes, summed in 16 bits and then widened, as tile_avx2 has it.
LOGSIEVE_TARGET("avx2") double integers_avx2() {
  constexpr int kSums = 6;
  constexpr int kLessSteps = kSteps / 4;
  __m256i sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = _mm256_set1_epi32(i);
  __m256i inputs = _mm256_set1_epi8(3);
  __m256i weights = _mm256_set1_epi8(2);
  const __m256i ones = _mm256_set1_epi16(1);
  for (int step = 0; step < kLessSteps; ++step) {
    asm volatile("" : "+x"(inputs));  // else the products would be made once
#pragma GCC unroll 6
    for (__m256i& sum : sums) {
      __m256i eight = weights;
#pragma GCC unroll 4
      for (int part = 0; part < 4; ++part) {
        asm volatile("" : "+x"(weights));
        eight = _mm256_add_epi16(eight, _mm256_maddubs_epi16(inputs, weights));
      }
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(eight, ones));
    }
  }
#pragma GCC unroll 6
  for (__m256i& sum : sums) asm volatile("" : : "x"(sum));
  return 2.0 * 128 * kSums * kLessSteps;
}

LOGSIEVE_TARGET("avx2,avxvnni") double integers_avx_vnni() {
  __m256i sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_epi32(i);
  const __m256i bytes = _mm256_set1_epi8(3);
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (__m256i& sum : sums) sum = _mm256_dpbusd_avx_epi32(sum, bytes, bytes);
  }
#pragma GCC unroll 12
  for (__m256i& sum : sums) asm volatile("" : : "x"(sum));
  return 2.0 * 32 * kChains * kSteps;
}

LOGSIEVE_TARGET("avx512f,avx512vnni") double integers_avx512_vnni() {
  __m512i sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_epi32(i);
  const __m512i bytes = _mm512_set1_epi8(3);
  for (int step = 0; step < kSteps; ++step) {
#pragma GCC unroll 12
    for (__m512i& sum : sums) sum = _mm512_dpbusd_epi32(sum, bytes, bytes);
  }
#pragma GCC unroll 12
  for (__m512i& sum : sums) asm volatile("" : : "v"(sum));
  return 2.0 * 64 * kChains * kSteps;
}

LOGSIEVE_TARGET("amx-tile,amx-int8") double integers_amx() {
  constexpr int kTileSteps = kSteps / 8;
  struct alignas(64) Config {
    std::uint8_t palette = 1;
    std::uint8_t start_row = 0;
    std::uint8_t reserved[14] = {};
    std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  };
  static constexpr Config kConfig;  // static: the intrinsic does not tell the compiler how much it reads
  _tile_loadconfig(&kConfig);
  for (int step = 0; step < kTileSteps; ++step) {
    _tile_dpbusd(0, 4, 6);
    _tile_dpbusd(1, 4, 7);
    _tile_dpbusd(2, 5, 6);
    _tile_dpbusd(3, 5, 7);
  }
  _tile_release();
  return 2.0 * 16 * 16 * 64 * 4 * kTileSteps;
}

}  // namespace

PeakLoop peak_loop(std::string_view kernels, Arithmetic arithmetic) {
  const bool is_wide = kernels == "avx512" || kernels == "avx512-vnni" || kernels == "amx";
  if (kernels == "scalar") return nullptr;
  if (arithmetic == Arithmetic::kFp32) return is_wide ? floats_avx512 : floats_avx2;
  if (kernels == "amx") return integers_amx;
  if (kernels == "avx512-vnni") return integers_avx512_vnni;
  if (kernels == "avx-vnni") return integers_avx_vnni;
  return integers_avx2;
}

}  // namespace logsieve

#else

namespace logsieve {

PeakLoop peak_loop(std::string_view, Arithmetic) {
  return nullptr;
}

}  // namespace logsieve

#endif
