// Integer kernels for x86-64. A tile is 8 rows by 8 columns: 8 accumulators of 32 bits. A step treats 16 inputs of a
// row by
//   vpmaddubsw four times, vpaddw four times (the sums and the start), vpmaddwd by ones, vpaddd:
// 128 multiply-adds by 5 multiplications and 5 additions, against 8 multiply-adds by one FMA. That needs products of
// 8 bits whose sums stay in 16: see WeightGroup. With VNNI it is vpdpbusd four times, with the same integer result.
#include "encoder/integer_kernels.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cstring>
#include <utility>

#include "encoder/avx2_math.h"

#define LOGSIEVE_AVX_VNNI __attribute__((target("avx2,fma,avxvnni")))
#define LOGSIEVE_AVX_VNNI_INLINE __attribute__((target("avx2,fma,avxvnni"), always_inline)) inline
#define LOGSIEVE_AVX512_VNNI __attribute__((target("avx2,fma,avx512vl,avx512vnni")))
#define LOGSIEVE_AVX512_VNNI_INLINE \
  __attribute__((target("avx2,fma,avx512vl,avx512vnni"), always_inline)) inline

namespace logsieve {
namespace {

using namespace avx2;

using Sums = std::int32_t (*)[kIntegerColumns];

LOGSIEVE_AVX2_INLINE __m256i load_integers(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

LOGSIEVE_AVX2_INLINE void store_integers(void* to, __m256i values) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), values);
}

// Four inputs of a row, for all columns.
LOGSIEVE_AVX2_INLINE __m256i broadcast_four(const std::uint8_t* inputs) {
  std::int32_t four = 0;
  std::memcpy(&four, inputs, sizeof four);
  return _mm256_set1_epi32(four);
}

struct GroupVectors {
  __m256i weights[4];
  __m256i start;
};

LOGSIEVE_AVX2_INLINE void add_group(const std::uint8_t* row, const GroupVectors& group, __m256i ones,
                                    __m256i& sum) {
  const __m256i p0 = _mm256_maddubs_epi16(broadcast_four(row), group.weights[0]);
  const __m256i p1 = _mm256_maddubs_epi16(broadcast_four(row + 4), group.weights[1]);
  const __m256i p2 = _mm256_maddubs_epi16(broadcast_four(row + 8), group.weights[2]);
  const __m256i p3 = _mm256_maddubs_epi16(broadcast_four(row + 12), group.weights[3]);
  const __m256i left = _mm256_add_epi16(_mm256_add_epi16(p0, group.start), p1);
  const __m256i eight = _mm256_add_epi16(_mm256_add_epi16(left, p2), p3);
  sum = _mm256_add_epi32(sum, _mm256_madd_epi16(eight, ones));
}

template <std::size_t... kRow>
LOGSIEVE_AVX2_INLINE void multiply_rows_avx2(const std::uint8_t* rows, std::size_t groups,
                                             const WeightGroup* panel, Sums sums,
                                             std::index_sequence<kRow...> /*rows*/) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i totals[sizeof...(kRow)] = {(static_cast<void>(kRow), _mm256_setzero_si256())...};
  for (std::size_t g = 0; g < groups; ++g) {
    const GroupVectors group = {{load_integers(panel[g].weights[0]), load_integers(panel[g].weights[1]),
                                 load_integers(panel[g].weights[2]), load_integers(panel[g].weights[3])},
                                load_integers(panel[g].start)};
    (add_group(rows + g * kGroupInputs + kRow * kIntegerStride, group, ones, totals[kRow]), ...);
  }
  (store_integers(sums[kRow], totals[kRow]), ...);
}

template <std::size_t kRows>
LOGSIEVE_AVX2 void tile_avx2(const std::uint8_t* rows, std::size_t groups, const WeightGroup* panel,
                             const std::int32_t* /*starts*/, Sums sums) {
  multiply_rows_avx2(rows, groups, panel, sums, std::make_index_sequence<kRows>());
}

template <std::size_t... kRow>
LOGSIEVE_AVX_VNNI_INLINE void multiply_rows_avx_vnni(const std::uint8_t* rows, std::size_t groups,
                                                     const WeightGroup* panel, __m256i start, Sums sums,
                                                     std::index_sequence<kRow...> /*rows*/) {
  __m256i totals[sizeof...(kRow)] = {(static_cast<void>(kRow), start)...};
  for (std::size_t g = 0; g < groups; ++g)
    for (std::size_t half = 0; half < kGroupInputs / 4; ++half) {
      const __m256i weights = load_integers(panel[g].weights[half]);
      const std::uint8_t* four = rows + g * kGroupInputs + 4 * half;
      ((totals[kRow] =
            _mm256_dpbusd_avx_epi32(totals[kRow], broadcast_four(four + kRow * kIntegerStride), weights)),
       ...);
    }
  (store_integers(sums[kRow], totals[kRow]), ...);
}

template <std::size_t kRows>
LOGSIEVE_AVX_VNNI void tile_avx_vnni(const std::uint8_t* rows, std::size_t groups, const WeightGroup* panel,
                                     const std::int32_t* starts, Sums sums) {
  multiply_rows_avx_vnni(rows, groups, panel, load_integers(starts), sums, std::make_index_sequence<kRows>());
}

template <std::size_t... kRow>
LOGSIEVE_AVX512_VNNI_INLINE void multiply_rows_avx512_vnni(const std::uint8_t* rows, std::size_t groups,
                                                           const WeightGroup* panel, __m256i start, Sums sums,
                                                           std::index_sequence<kRow...> /*rows*/) {
  __m256i totals[sizeof...(kRow)] = {(static_cast<void>(kRow), start)...};
  for (std::size_t g = 0; g < groups; ++g)
    for (std::size_t half = 0; half < kGroupInputs / 4; ++half) {
      const __m256i weights = load_integers(panel[g].weights[half]);
      const std::uint8_t* four = rows + g * kGroupInputs + 4 * half;
      ((totals[kRow] =
            _mm256_dpbusd_epi32(totals[kRow], broadcast_four(four + kRow * kIntegerStride), weights)),
       ...);
    }
  (store_integers(sums[kRow], totals[kRow]), ...);
}

template <std::size_t kRows>
LOGSIEVE_AVX512_VNNI void tile_avx512_vnni(const std::uint8_t* rows, std::size_t groups,
                                           const WeightGroup* panel, const std::int32_t* starts, Sums sums) {
  multiply_rows_avx512_vnni(rows, groups, panel, load_integers(starts), sums,
                            std::make_index_sequence<kRows>());
}

// What happens to a tile of sums.
struct Leaving {
  __m256 scales;
  __m256 sums;
  __m256 bias;
  bool adds;
  bool gelus;
};

LOGSIEVE_AVX2_INLINE void finish_row(const std::int32_t* sums, RowScale scale, const Leaving& leaving,
                                     float* out) {
  __m256 value = leaving.bias;
  if (leaving.adds) value = _mm256_add_ps(_mm256_loadu_ps(out), value);
  value = _mm256_fmadd_ps(broadcast(scale.offset), leaving.sums, value);
  const __m256 product = _mm256_mul_ps(_mm256_cvtepi32_ps(load_integers(sums)), leaving.scales);
  value = _mm256_fmadd_ps(broadcast(scale.step), product, value);
  if (leaving.gelus) value = gelu(value);
  _mm256_storeu_ps(out, value);
}

// One panel of one block past all rows.
struct Panel {
  const WeightGroup* weights;
  std::size_t groups;
  const std::int32_t* starts;
};

LOGSIEVE_AVX2 void multiply_panel(const std::uint8_t* in, const RowScale* scales, std::size_t rows,
                                  const Panel& panel, const IntegerTiles& tiles, const Leaving& leaving,
                                  Rows out) {
  for (std::size_t row = 0; row < rows; row += kIntegerTileRows) {
    const std::size_t count = std::min(kIntegerTileRows, rows - row);
    alignas(32) std::int32_t sums[kIntegerTileRows][kIntegerColumns];
    tiles.of[count - 1](in + row * kIntegerStride, panel.groups, panel.weights, panel.starts, sums);
    for (std::size_t r = 0; r < count; ++r)
      finish_row(sums[r], scales[row + r], leaving, out.values + (row + r) * out.stride);
  }
}

LOGSIEVE_AVX2 void multiply_integers(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix,
                                     Finish finish, Rows out, const IntegerTiles& tiles) {
  const WeightGroup* panel = matrix.groups;
  std::size_t block = 0;
  for (std::size_t first = 0; first < matrix.inputs; first += kBlockInputs, ++block) {
    const std::size_t inputs = std::min(kBlockInputs, matrix.inputs - first);
    const std::size_t groups = round_up(inputs, kGroupInputs) / kGroupInputs;
    const bool is_last = first + inputs == matrix.inputs;
    const std::uint8_t* values = in.values + block * in.rows * kIntegerStride;
    for (std::size_t column = 0; column < matrix.outputs; column += kIntegerColumns, panel += groups) {
      const std::size_t place = block * matrix.outputs + column;
      const Leaving leaving = {_mm256_loadu_ps(matrix.scales + column), _mm256_loadu_ps(matrix.sums + place),
                               is_last ? _mm256_loadu_ps(matrix.bias + column) : _mm256_setzero_ps(),
                               first > 0 || finish == Finish::kAdd, is_last && finish == Finish::kGelu};
      multiply_panel(values, in.scales + block * in.rows, rows, {panel, groups, matrix.starts + place}, tiles,
                     leaving, {out.values + column, out.stride});
    }
  }
}

struct Range {
  float low;
  float high;
};

LOGSIEVE_AVX2_INLINE __m256 scaled(const float* in, const float* factors) {
  return _mm256_mul_ps(_mm256_loadu_ps(in), _mm256_loadu_ps(factors));
}

LOGSIEVE_AVX2_INLINE Range range_of(const float* in, const float* factors, std::size_t width) {
  Pair low = {scaled(in, factors), scaled(in + kLanes, factors + kLanes)};
  Pair high = low;
  for (std::size_t i = 2 * kLanes; i < width; i += 2 * kLanes) {
    const Pair x = {scaled(in + i, factors + i), scaled(in + i + kLanes, factors + i + kLanes)};
    low = {_mm256_min_ps(low.left, x.left), _mm256_min_ps(low.right, x.right)};
    high = {_mm256_max_ps(high.left, x.left), _mm256_max_ps(high.right, x.right)};
  }
  const __m256 negated = _mm256_sub_ps(_mm256_setzero_ps(), _mm256_min_ps(low.left, low.right));
  return {-largest_lane(negated), largest_lane(_mm256_max_ps(high.left, high.right))};
}

LOGSIEVE_AVX2_INLINE __m256i level_of(__m256 x, __m256 low, __m256 inverse) {
  return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_sub_ps(x, low), inverse));
}

LOGSIEVE_AVX2 RowScale quantise_block(const float* in, std::size_t width, const float* factors,
                                      std::uint8_t* out) {
  const Range range = range_of(in, factors, width);
  const float size = range.high - range.low;
  const bool has_range = size > kLeastRange;
  const __m256 low = broadcast(range.low);
  const __m256 inverse = broadcast(has_range ? kLevels / size : 0.0F);
  for (std::size_t i = 0; i < width; i += 2 * kLanes) {
    const __m256i left = level_of(scaled(in + i, factors + i), low, inverse);
    const __m256i right = level_of(scaled(in + i + kLanes, factors + i + kLanes), low, inverse);
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(left, right), 0xD8);
    const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), bytes);
  }
  const float step = has_range ? size / kLevels : 0.0F;
  return {step, range.low + kMiddle * step};
}

}  // namespace

const IntegerTiles& integer_tiles_avx2() {
  static constexpr IntegerTiles kTiles = {{tile_avx2<1>, tile_avx2<2>, tile_avx2<3>, tile_avx2<4>,
                                           tile_avx2<5>, tile_avx2<6>, tile_avx2<7>, tile_avx2<8>}};
  return kTiles;
}

const IntegerTiles& integer_tiles_avx_vnni() {
  static constexpr IntegerTiles kTiles = {{tile_avx_vnni<1>, tile_avx_vnni<2>, tile_avx_vnni<3>,
                                           tile_avx_vnni<4>, tile_avx_vnni<5>, tile_avx_vnni<6>,
                                           tile_avx_vnni<7>, tile_avx_vnni<8>}};
  return kTiles;
}

const IntegerTiles& integer_tiles_avx512_vnni() {
  static constexpr IntegerTiles kTiles = {{tile_avx512_vnni<1>, tile_avx512_vnni<2>, tile_avx512_vnni<3>,
                                           tile_avx512_vnni<4>, tile_avx512_vnni<5>, tile_avx512_vnni<6>,
                                           tile_avx512_vnni<7>, tile_avx512_vnni<8>}};
  return kTiles;
}

void quantise_avx2(ConstRows in, std::size_t rows, std::size_t width, const float* factors, IntegerRows out) {
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t first = 0; first < width; first += kBlockInputs) {
      const std::size_t place = first / kBlockInputs * out.rows + row;
      out.scales[place] =
          quantise_block(in.values + row * in.stride + first, std::min(kBlockInputs, width - first),
                         factors + first, out.values + place * kIntegerStride);
    }
}

void multiply_integers_avx2(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix, Finish finish,
                            Rows out) {
  multiply_integers(in, rows, matrix, finish, out, integer_tiles_avx2());
}

void multiply_integers_avx_vnni(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix, Finish finish,
                                Rows out) {
  multiply_integers(in, rows, matrix, finish, out, integer_tiles_avx_vnni());
}

void multiply_integers_avx512_vnni(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix,
                                   Finish finish, Rows out) {
  multiply_integers(in, rows, matrix, finish, out, integer_tiles_avx512_vnni());
}

}  // namespace logsieve

#endif
