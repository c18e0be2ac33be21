// Integer kernels for x86-64. A tile is 8 rows by 8 columns: 8 accumulators of 32 bits. A step treats 16 inputs of a
// row by
//   vpmaddubsw four times, vpaddw four times (the sums and the start), vpmaddwd by ones, vpaddd:
// 128 multiply-adds by 5 multiplications and 5 additions, against 8 multiply-adds by one FMA. That needs products of
// 8 bits whose sums stay in 16: see WeightGroup. With VNNI it is vpdpbusd four times, with the same integer result.
#include "encoder/integer_kernels.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "encoder/avx2_math.h"
#include "encoder/x86_kernels.h"

#define LOGSIEVE_AVX_VNNI __attribute__((target("avx2,fma,avxvnni")))
#define LOGSIEVE_AVX_VNNI_INLINE __attribute__((target("avx2,fma,avxvnni"), always_inline)) inline

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

// Columns [column, column + 8) of a panel.
template <std::size_t... kRow>
LOGSIEVE_AVX2_INLINE void multiply_rows_avx2(const std::uint8_t* rows, const IntegerPanel& panel,
                                             std::size_t column, Sums sums,
                                             std::index_sequence<kRow...> /*rows*/) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i totals[sizeof...(kRow)] = {(static_cast<void>(kRow), _mm256_setzero_si256())...};
  const WeightGroup* group = panel.groups;
  for (std::size_t g = 0; g < panel.count; ++g, ++group) {
    const GroupVectors vectors = {
        {load_integers(group->weights[0][column]), load_integers(group->weights[1][column]),
         load_integers(group->weights[2][column]), load_integers(group->weights[3][column])},
        load_integers(panel.group_starts[g].pairs[column])};
    (add_group(rows + g * kGroupInputs + kRow * kIntegerStride, vectors, ones, totals[kRow]), ...);
  }
  (store_integers(sums[kRow] + column, totals[kRow]), ...);
}

template <std::size_t kRows>
LOGSIEVE_AVX2 void tile_avx2(const std::uint8_t* rows, const IntegerPanel& panel, Sums sums) {
  for (std::size_t column = 0; column < kIntegerColumns; column += kLanes)
    multiply_rows_avx2(rows, panel, column, sums, std::make_index_sequence<kRows>());
}

template <std::size_t... kRow>
LOGSIEVE_AVX_VNNI_INLINE void multiply_rows_avx_vnni(const std::uint8_t* rows, const IntegerPanel& panel,
                                                     std::size_t column, Sums sums,
                                                     std::index_sequence<kRow...> /*rows*/) {
  const __m256i start = load_integers(panel.starts + column);
  __m256i totals[sizeof...(kRow)] = {(static_cast<void>(kRow), start)...};
  for (std::size_t g = 0; g < panel.count; ++g)
    for (std::size_t part = 0; part < kGroupInputs / 4; ++part) {
      const __m256i weights = load_integers(panel.groups[g].weights[part][column]);
      const std::uint8_t* four = rows + g * kGroupInputs + 4 * part;
      ((totals[kRow] =
            _mm256_dpbusd_avx_epi32(totals[kRow], broadcast_four(four + kRow * kIntegerStride), weights)),
       ...);
    }
  (store_integers(sums[kRow] + column, totals[kRow]), ...);
}

template <std::size_t kRows>
LOGSIEVE_AVX_VNNI void tile_avx_vnni(const std::uint8_t* rows, const IntegerPanel& panel, Sums sums) {
  for (std::size_t column = 0; column < kIntegerColumns; column += kLanes)
    multiply_rows_avx_vnni(rows, panel, column, sums, std::make_index_sequence<kRows>());
}

LOGSIEVE_AVX2_INLINE __m256 near_gelu(__m256 x) {
  const __m256 limit = broadcast(kNearErfLimit);
  const __m256 z = _mm256_max_ps(_mm256_sub_ps(_mm256_setzero_ps(), limit), _mm256_min_ps(limit, x));
  const __m256 square = _mm256_mul_ps(z, z);
  __m256 p = broadcast(kNearErf[0]);
  for (std::size_t i = 1; i < std::size(kNearErf); ++i)
    p = _mm256_fmadd_ps(p, square, broadcast(kNearErf[i]));
  const __m256 half = _mm256_mul_ps(x, broadcast(0.5F));
  return _mm256_fmadd_ps(half, _mm256_mul_ps(z, p), half);
}

// What happens to a tile of sums.
struct Leaving {
  const float* scales;
  const float* sums;
  const float* bias;  // nullptr: not the last block of inputs
  bool adds;
  bool gelus;
};

LOGSIEVE_AVX2_INLINE void finish_row(const std::int32_t* sums, RowScale scale, const Leaving& leaving,
                                     float* out) {
  for (std::size_t column = 0; column < kIntegerColumns; column += kLanes) {
    __m256 value = leaving.bias != nullptr ? _mm256_loadu_ps(leaving.bias + column) : _mm256_setzero_ps();
    if (leaving.adds) value = _mm256_add_ps(_mm256_loadu_ps(out + column), value);
    value = _mm256_fmadd_ps(broadcast(scale.offset), _mm256_loadu_ps(leaving.sums + column), value);
    const __m256 product = _mm256_mul_ps(_mm256_cvtepi32_ps(load_integers(sums + column)),
                                         _mm256_loadu_ps(leaving.scales + column));
    value = _mm256_fmadd_ps(broadcast(scale.step), product, value);
    if (leaving.gelus) value = near_gelu(value);
    _mm256_storeu_ps(out + column, value);
  }
}

LOGSIEVE_AVX2 void multiply_panel(const std::uint8_t* in, const RowScale* scales, std::size_t rows,
                                  const IntegerPanel& panel, const IntegerTiles& tiles,
                                  const Leaving& leaving, Rows out) {
  for (std::size_t row = 0; row < rows; row += kIntegerTileRows) {
    const std::size_t count = std::min(kIntegerTileRows, rows - row);
    alignas(32) std::int32_t sums[kIntegerTileRows][kIntegerColumns];
    tiles.of[count - 1](in + row * kIntegerStride, panel, sums);
    for (std::size_t r = 0; r < count; ++r)
      finish_row(sums[r], scales[row + r], leaving, out.values + (row + r) * out.stride);
  }
}

LOGSIEVE_AVX2 void multiply_integers(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix,
                                     Finish finish, Rows out, const IntegerTiles& tiles) {
  IntegerPanel panel = {matrix.groups, matrix.group_starts, 0, matrix.starts};
  std::size_t block = 0;
  for (std::size_t first = 0; first < matrix.inputs; first += kBlockInputs, ++block) {
    const std::size_t inputs = std::min(kBlockInputs, matrix.inputs - first);
    panel.count = round_up(inputs, kGroupInputs) / kGroupInputs;
    const bool is_last = first + inputs == matrix.inputs;
    const std::uint8_t* values = in.values + block * in.rows * kIntegerStride;
    for (std::size_t column = 0; column < matrix.outputs; column += kIntegerColumns) {
      const Leaving leaving = {matrix.scales + column, matrix.sums + block * matrix.outputs + column,
                               is_last && matrix.bias != nullptr ? matrix.bias + column : nullptr,
                               first > 0 || finish == Finish::kAdd, is_last && finish == Finish::kGelu};
      multiply_panel(values, in.scales + block * in.rows, rows, panel, tiles, leaving,
                     {out.values + column, out.stride});
      panel.groups += panel.count;
      panel.group_starts += panel.count;
      panel.starts += kIntegerColumns;
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

LOGSIEVE_AVX2_INLINE __m256i level_of(const float* in, const float* factors, __m256 low, __m256 inverse) {
  const __m256 above = _mm256_fmsub_ps(_mm256_loadu_ps(in), _mm256_loadu_ps(factors), low);
  return _mm256_cvtps_epi32(_mm256_mul_ps(above, inverse));
}

LOGSIEVE_AVX2 RowScale quantise_block(const float* in, std::size_t width, const float* factors,
                                      std::uint8_t* out) {
  const Range range = range_of(in, factors, width);
  const Levels levels = levels_between(range.low, range.high);
  const __m256 low = broadcast(range.low);
  const __m256 inverse = broadcast(levels.inverse);
  for (std::size_t i = 0; i < width; i += 2 * kLanes) {
    const __m256i left = level_of(in + i, factors + i, low, inverse);
    const __m256i right = level_of(in + i + kLanes, factors + i + kLanes, low, inverse);
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(left, right), 0xD8);
    const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), bytes);
  }
  return levels.scale;
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

}  // namespace logsieve

#endif
