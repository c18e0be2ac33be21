// Integer kernels for AVX-512: 8 rows by 48 columns by VNNI, or 32 by 32 in the tile registers of AMX. The sums are
// exact, and what follows them does to a lane what integer_kernels_avx2.cc does: the same bits.
#include "encoder/integer_kernels.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "encoder/avx512_math.h"
#include "encoder/x86_kernels.h"

#define LOGSIEVE_VNNI __attribute__((target(LOGSIEVE_AVX512_TARGET ",avx512vnni")))
#define LOGSIEVE_VNNI_INLINE \
  __attribute__((target(LOGSIEVE_AVX512_TARGET ",avx512vnni"), always_inline)) inline
#define LOGSIEVE_AMX __attribute__((target(LOGSIEVE_AVX512_TARGET ",avx512vnni,amx-tile,amx-int8")))

namespace logsieve {
namespace {

using namespace avx512;

// The sums of some rows with the panels side by side.
template <std::size_t kPanels>
using SumsOf = std::int32_t (*)[kPanels * kIntegerColumns];

// What happens to a tile of sums.
struct Leaving {
  const float* scales;
  const float* sums;
  const float* bias;           // nullptr: not the last block of inputs
  const std::int32_t* starts;  // nullptr: the sums have them
  bool adds;
  bool gelus;
};

LOGSIEVE_AVX512_INLINE __m512 near_gelu(__m512 x) {
  const __m512 limit = broadcast(kNearErfLimit);
  const __m512 z = _mm512_max_ps(_mm512_sub_ps(_mm512_setzero_ps(), limit), _mm512_min_ps(limit, x));
  const __m512 square = _mm512_mul_ps(z, z);
  __m512 p = broadcast(kNearErf[0]);
  for (std::size_t i = 1; i < std::size(kNearErf); ++i)
    p = _mm512_fmadd_ps(p, square, broadcast(kNearErf[i]));
  const __m512 half = _mm512_mul_ps(x, broadcast(0.5F));
  return _mm512_fmadd_ps(half, _mm512_mul_ps(z, p), half);
}

// 16 columns of `rows` rows; `sums` are `stride` apart.
template <bool kGelus>
LOGSIEVE_AVX512_INLINE void finish_columns(const std::int32_t* sums, std::size_t stride, std::size_t rows,
                                           const RowScale* row_scales, const Leaving& leaving,
                                           std::size_t column, Rows out) {
  const __m512 bias = leaving.bias != nullptr ? _mm512_loadu_ps(leaving.bias + column) : _mm512_setzero_ps();
  const __m512 offset_sums = _mm512_loadu_ps(leaving.sums + column);
  const __m512 scales = _mm512_loadu_ps(leaving.scales + column);
  const __m512i starts =
      leaving.starts != nullptr ? _mm512_loadu_si512(leaving.starts + column) : _mm512_setzero_si512();
  const auto added = static_cast<__mmask16>(leaving.adds ? 0xFFFF : 0);
  for (std::size_t row = 0; row < rows; ++row) {
    float* to = out.values + row * out.stride + column;
    __m512 value = _mm512_add_ps(_mm512_maskz_loadu_ps(added, to), bias);
    value = _mm512_fmadd_ps(broadcast(row_scales[row].offset), offset_sums, value);
    const __m512i sum = _mm512_add_epi32(_mm512_loadu_si512(sums + row * stride + column), starts);
    value = _mm512_fmadd_ps(broadcast(row_scales[row].step), _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scales),
                            value);
    if constexpr (kGelus) value = near_gelu(value);
    _mm512_storeu_ps(to, value);
  }
}

LOGSIEVE_AVX512_INLINE void finish_tile(const std::int32_t* sums, std::size_t columns, std::size_t rows,
                                        const RowScale* row_scales, const Leaving& leaving, Rows out) {
  for (std::size_t column = 0; column < columns; column += kLanes)
    if (leaving.gelus)
      finish_columns<true>(sums, columns, rows, row_scales, leaving, column, out);
    else
      finish_columns<false>(sums, columns, rows, row_scales, leaving, column, out);
}

LOGSIEVE_AVX512_INLINE __m512i broadcast_four(const std::uint8_t* inputs) {
  std::int32_t four = 0;
  std::memcpy(&four, inputs, sizeof four);
  return _mm512_set1_epi32(four);
}

// The totals of a row; what is unused costs nothing.
struct RowTotals {
  __m512i left;
  __m512i middle;
  __m512i right;
};

template <std::size_t kPanels>
LOGSIEVE_VNNI_INLINE void add_products(__m512i inputs, const RowTotals& weights, RowTotals& totals) {
  totals.left = _mm512_dpbusd_epi32(totals.left, inputs, weights.left);
  if constexpr (kPanels > 1) totals.middle = _mm512_dpbusd_epi32(totals.middle, inputs, weights.middle);
  if constexpr (kPanels > 2) totals.right = _mm512_dpbusd_epi32(totals.right, inputs, weights.right);
}

// One to three panels' vectors, `next` bytes apart.
template <std::size_t kPanels>
LOGSIEVE_VNNI_INLINE RowTotals load_panels(const void* from, std::size_t next) {
  const auto* bytes = static_cast<const std::uint8_t*>(from);
  RowTotals vectors;
  vectors.left = _mm512_loadu_si512(bytes);
  if constexpr (kPanels > 1) vectors.middle = _mm512_loadu_si512(bytes + next);
  if constexpr (kPanels > 2) vectors.right = _mm512_loadu_si512(bytes + 2 * next);
  return vectors;
}

template <std::size_t kPanels>
LOGSIEVE_VNNI_INLINE void store_totals(const RowTotals& totals, std::int32_t* to) {
  _mm512_storeu_si512(to, totals.left);
  if constexpr (kPanels > 1) _mm512_storeu_si512(to + kIntegerColumns, totals.middle);
  if constexpr (kPanels > 2) _mm512_storeu_si512(to + 2 * kIntegerColumns, totals.right);
}

// 8 rows with one, two or three panels: with three, eleven loads feed 24 multiplications. `ahead` is memory that will be
// needed soon: a cache line of it is fetched a step.
template <std::size_t kPanels, std::size_t... kRow>
LOGSIEVE_VNNI_INLINE void multiply_rows(const std::uint8_t* rows, const IntegerPanel& panel,
                                        const WeightGroup* ahead, SumsOf<kPanels> sums,
                                        std::index_sequence<kRow...> /*rows*/) {
  const RowTotals starts = load_panels<kPanels>(panel.starts, kIntegerColumns * sizeof(std::int32_t));
  RowTotals totals[] = {(static_cast<void>(kRow), starts)...};
  const std::uint8_t* fourth = rows + 3 * kIntegerStride;  // nearer to all rows than the first
  const auto* weights = reinterpret_cast<const std::uint8_t*>(panel.groups);
  for (std::size_t part = 0; part < panel.count * (kGroupInputs / 4); ++part) {
    _mm_prefetch(reinterpret_cast<const char*>(ahead) + part * sizeof(__m512i), _MM_HINT_T1);
    const RowTotals of_part =
        load_panels<kPanels>(weights + part * sizeof(__m512i), panel.count * sizeof(WeightGroup));
    (add_products<kPanels>(broadcast_four(fourth + 4 * part + kRow * kIntegerStride - 3 * kIntegerStride),
                           of_part, totals[kRow]),
     ...);
  }
  (store_totals<kPanels>(totals[kRow], sums[kRow]), ...);
}

template <std::size_t kPanels>
LOGSIEVE_VNNI void multiply_panels_vnni(const std::uint8_t* in, const RowScale* scales, std::size_t rows,
                                        const IntegerPanel& panel, const WeightGroup* next,
                                        const Leaving& leaving, Rows out) {
  for (std::size_t row = 0; row < rows; row += kIntegerTileRows) {
    alignas(64) std::int32_t sums[kIntegerTileRows][kPanels * kIntegerColumns];
    // The first tiles fetch a panel each.
    const WeightGroup* ahead = next + std::min(row / kIntegerTileRows, kPanels - 1) * panel.count;
    multiply_rows<kPanels>(in + row * kIntegerStride, panel, ahead, sums,
                           std::make_index_sequence<kIntegerTileRows>());
    finish_tile(sums[0], kPanels * kIntegerColumns, std::min(kIntegerTileRows, rows - row), scales + row,
                leaving, {out.values + row * out.stride, out.stride});
  }
}

constexpr std::size_t kTileInputs = 64;  // a tile of AMX is 16 rows of 64 bytes
constexpr std::size_t kTileGroups = kTileInputs / kGroupInputs;
constexpr std::size_t kTileHeight = 16;

struct alignas(64) TileConfig {
  std::uint8_t palette = 1;
  std::uint8_t start_row = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {};
  std::uint8_t rows[16] = {};
};

// All eight tiles whole: 0 to 3 for sums, 4 and 5 for inputs, 6 and 7 for weights.
constexpr TileConfig whole_tiles() {
  TileConfig config;
  for (std::size_t tile = 0; tile < 8; ++tile) {
    config.row_bytes[tile] = 64;
    config.rows[tile] = kTileHeight;
  }
  return config;
}

// 16 or 32 rows with one or two panels.
template <std::size_t kHeight, std::size_t kPanels>
LOGSIEVE_AMX void multiply_tiles(const std::uint8_t* rows, const IntegerPanel& panel, SumsOf<kPanels> sums) {
  constexpr std::size_t kSumBytes = kPanels * kIntegerColumns * sizeof(std::int32_t);
  const std::uint8_t* const low = rows + kTileHeight * kIntegerStride;
  const WeightGroup* const right = panel.groups + panel.count;
  _tile_zero(0);
  if constexpr (kPanels == 2) _tile_zero(1);
  if constexpr (kHeight == 2) _tile_zero(2);
  if constexpr (kHeight == 2 && kPanels == 2) _tile_zero(3);
  for (std::size_t g = 0; g < panel.count; g += kTileGroups) {
    _tile_loadd(6, panel.groups + g, 64);
    _tile_loadd(4, rows + g * kGroupInputs, kIntegerStride);
    _tile_dpbusd(0, 4, 6);
    if constexpr (kPanels == 2) {
      _tile_loadd(7, right + g, 64);
      _tile_dpbusd(1, 4, 7);
    }
    if constexpr (kHeight == 2) {
      _tile_loadd(5, low + g * kGroupInputs, kIntegerStride);
      _tile_dpbusd(2, 5, 6);
    }
    if constexpr (kHeight == 2 && kPanels == 2) _tile_dpbusd(3, 5, 7);
  }
  _tile_stored(0, sums[0], kSumBytes);
  if constexpr (kPanels == 2) _tile_stored(1, sums[0] + kIntegerColumns, kSumBytes);
  if constexpr (kHeight == 2) _tile_stored(2, sums[kTileHeight], kSumBytes);
  if constexpr (kHeight == 2 && kPanels == 2) _tile_stored(3, sums[kTileHeight] + kIntegerColumns, kSumBytes);
}

LOGSIEVE_AVX512_INLINE void fetch_panel(const WeightGroup* groups, std::size_t count) {
  const auto* const bytes = reinterpret_cast<const char*>(groups);
  for (std::size_t line = 0; line < count * sizeof(WeightGroup); line += sizeof(__m512i))
    _mm_prefetch(bytes + line, _MM_HINT_T1);
}

template <std::size_t kPanels>
LOGSIEVE_AVX512 void multiply_panels_amx(const std::uint8_t* in, const RowScale* scales, std::size_t rows,
                                         const IntegerPanel& panel, const WeightGroup* next,
                                         const Leaving& leaving, Rows out) {
  constexpr std::size_t kRows = 2 * kTileHeight;
  for (std::size_t row = 0; row < rows; row += kRows) {
    const std::size_t count = std::min(kRows, rows - row);
    if (row / kRows < kPanels) fetch_panel(next + row / kRows * panel.count, panel.count);
    alignas(64) std::int32_t sums[kRows][kPanels * kIntegerColumns];
    const std::uint8_t* from = in + row * kIntegerStride;
    count > kTileHeight ? multiply_tiles<2, kPanels>(from, panel, sums)
                        : multiply_tiles<1, kPanels>(from, panel, sums);
    finish_tile(sums[0], kPanels * kIntegerColumns, count, scales + row, leaving,
                {out.values + row * out.stride, out.stride});
  }
}

using MultiplyPanels = void (*)(const std::uint8_t* in, const RowScale* scales, std::size_t rows,
                                const IntegerPanel& panel, const WeightGroup* next, const Leaving& leaving,
                                Rows out);
// [n - 1] is for n panels.
constexpr MultiplyPanels kByVnni[] = {multiply_panels_vnni<1>, multiply_panels_vnni<2>,
                                      multiply_panels_vnni<3>};
constexpr MultiplyPanels kByAmx[] = {multiply_panels_amx<1>, multiply_panels_amx<2>};

LOGSIEVE_AMX void load_tile_config() {
  static constexpr TileConfig kConfig = whole_tiles();
  _tile_loadconfig(&kConfig);
}

LOGSIEVE_AMX void release_tiles() {
  _tile_release();
}

template <bool kTiles>
LOGSIEVE_AVX512 void multiply_integers(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix,
                                       Finish finish, Rows out) {
  IntegerPanel panel = {matrix.groups, matrix.group_starts, 0, matrix.starts};
  std::size_t block = 0;
  for (std::size_t first = 0; first < matrix.inputs; first += kBlockInputs, ++block) {
    const std::size_t inputs = std::min(kBlockInputs, matrix.inputs - first);
    panel.count = round_up(inputs, kGroupInputs) / kGroupInputs;
    const bool is_last = first + inputs == matrix.inputs;
    const bool in_tiles = kTiles && panel.count % kTileGroups == 0;
    const std::size_t most = in_tiles ? std::size(kByAmx) : std::size(kByVnni);
    const std::uint8_t* values = in.values + block * in.rows * kIntegerStride;
    for (std::size_t column = 0; column < matrix.outputs;) {
      const std::size_t panels = std::min<std::size_t>((matrix.outputs - column) / kIntegerColumns, most);
      const Leaving leaving = {matrix.scales + column,
                               matrix.sums + block * matrix.outputs + column,
                               is_last && matrix.bias != nullptr ? matrix.bias + column : nullptr,
                               in_tiles ? panel.starts : nullptr,
                               first > 0 || finish == Finish::kAdd,
                               is_last && finish == Finish::kGelu};
      const MultiplyPanels multiply = in_tiles ? kByAmx[panels - 1] : kByVnni[panels - 1];
      const bool has_next =
          first + inputs < matrix.inputs || column + 2 * panels * kIntegerColumns <= matrix.outputs;
      const WeightGroup* next = has_next ? panel.groups + panels * panel.count : panel.groups;
      multiply(values, in.scales + block * in.rows, rows, panel, next, leaving,
               {out.values + column, out.stride});
      panel.groups += panels * panel.count;
      panel.group_starts += panels * panel.count;
      panel.starts += panels * kIntegerColumns;
      column += panels * kIntegerColumns;
    }
  }
}

LOGSIEVE_AVX512_INLINE __m512 scaled(const float* in, const float* factors) {
  return _mm512_mul_ps(_mm512_loadu_ps(in), _mm512_loadu_ps(factors));
}

LOGSIEVE_AVX512 RowScale quantise_block(const float* in, std::size_t width, const float* factors,
                                        std::uint8_t* out) {
  __m512 least = scaled(in, factors);
  __m512 largest = least;
  __m512 other_least = least;  // two chains: the latency of one would be most of the time
  __m512 other_largest = least;
  for (std::size_t i = width % (2 * kLanes); i < width; i += 2 * kLanes) {
    const __m512 x = scaled(in + i, factors + i);
    const __m512 y = scaled(in + i + kLanes, factors + i + kLanes);
    least = _mm512_min_ps(least, x);
    largest = _mm512_max_ps(largest, x);
    other_least = _mm512_min_ps(other_least, y);
    other_largest = _mm512_max_ps(other_largest, y);
  }
  least = _mm512_min_ps(least, other_least);
  largest = _mm512_max_ps(largest, other_largest);
  const __m512 negated = _mm512_sub_ps(_mm512_setzero_ps(), least);
  const float bottom = -avx2::largest_lane(_mm256_max_ps(lower(negated), upper(negated)));
  const float top = avx2::largest_lane(_mm256_max_ps(lower(largest), upper(largest)));
  const Levels levels = levels_between(bottom, top);
  const __m512 low = broadcast(bottom);
  const __m512 inverse = broadcast(levels.inverse);
  for (std::size_t i = 0; i < width; i += kLanes) {
    const __m512 above = _mm512_fmsub_ps(_mm512_loadu_ps(in + i), _mm512_loadu_ps(factors + i), low);
    const __m512i level = _mm512_cvtps_epi32(_mm512_mul_ps(above, inverse));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm512_cvtepi32_epi8(level));
  }
  return levels.scale;
}

}  // namespace

void quantise_avx512(ConstRows in, std::size_t rows, std::size_t width, const float* factors,
                     IntegerRows out) {
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t first = 0; first < width; first += kBlockInputs) {
      const std::size_t place = first / kBlockInputs * out.rows + row;
      out.scales[place] =
          quantise_block(in.values + row * in.stride + first, std::min(kBlockInputs, width - first),
                         factors + first, out.values + place * kIntegerStride);
    }
}

void multiply_integers_avx512_vnni(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix,
                                   Finish finish, Rows out) {
  multiply_integers<false>(in, rows, matrix, finish, out);
}

void multiply_integers_amx(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix, Finish finish,
                           Rows out) {
  load_tile_config();
  multiply_integers<true>(in, rows, matrix, finish, out);
  release_tiles();  // so that a thread that waits has no tiles to be saved
}

}  // namespace logsieve

#endif
