// Integer kernels for AVX-512: 8 rows by 32 columns by VNNI, or 32 by 32 in the tile registers of AMX. The sums are
// exact, and what follows them does to a lane what integer_kernels_avx2.cc does: the same bits.
#include "encoder/integer_kernels.h"

#if defined(__x86_64__)

#include <algorithm>
#include <cstring>
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

constexpr std::size_t kWideColumns = 2 * kIntegerColumns;

// The sums of some rows with one or two panels.
using WideSums = std::int32_t (*)[kWideColumns];

// One or two panels side by side; the second follows the first.
struct WidePanel {
  IntegerPanel first;
  std::size_t panels;
};

// What happens to a tile of sums.
struct Leaving {
  const float* scales;
  const float* sums;
  const float* bias;           // nullptr: not the last block of inputs
  const std::int32_t* starts;  // nullptr: the sums have them
  bool adds;
  bool gelus;
};

LOGSIEVE_AVX512_INLINE void finish_row(const std::int32_t* sums, std::size_t columns, RowScale scale,
                                       const Leaving& leaving, float* out) {
  for (std::size_t column = 0; column < columns; column += kLanes) {
    __m512 value = leaving.bias != nullptr ? _mm512_loadu_ps(leaving.bias + column) : _mm512_setzero_ps();
    if (leaving.adds) value = _mm512_add_ps(_mm512_loadu_ps(out + column), value);
    value = _mm512_fmadd_ps(broadcast(scale.offset), _mm512_loadu_ps(leaving.sums + column), value);
    __m512i sum = _mm512_loadu_si512(sums + column);
    if (leaving.starts != nullptr) sum = _mm512_add_epi32(sum, _mm512_loadu_si512(leaving.starts + column));
    const __m512 product = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_loadu_ps(leaving.scales + column));
    value = _mm512_fmadd_ps(broadcast(scale.step), product, value);
    if (leaving.gelus) value = gelu(value);
    _mm512_storeu_ps(out + column, value);
  }
}

LOGSIEVE_AVX512_INLINE __m512i broadcast_four(const std::uint8_t* inputs) {
  std::int32_t four = 0;
  std::memcpy(&four, inputs, sizeof four);
  return _mm512_set1_epi32(four);
}

LOGSIEVE_VNNI_INLINE void add_products(__m512i inputs, __m512i left_weights, __m512i right_weights,
                                       __m512i& left, __m512i& right) {
  left = _mm512_dpbusd_epi32(left, inputs, left_weights);
  right = _mm512_dpbusd_epi32(right, inputs, right_weights);
}

// 8 rows with two panels, or twice with the same one.
template <std::size_t... kRow>
LOGSIEVE_VNNI_INLINE void multiply_rows(const std::uint8_t* rows, const WidePanel& panel, WideSums sums,
                                        std::index_sequence<kRow...> /*rows*/) {
  const std::size_t second = panel.panels - 1;
  const __m512i left_start = _mm512_loadu_si512(panel.first.starts);
  const __m512i right_start = _mm512_loadu_si512(panel.first.starts + second * kIntegerColumns);
  __m512i left[] = {(static_cast<void>(kRow), left_start)...};
  __m512i right[] = {(static_cast<void>(kRow), right_start)...};
  const std::uint8_t* fourth = rows + 3 * kIntegerStride;  // nearer to all rows than the first
  const auto* left_weights = reinterpret_cast<const __m512i*>(panel.first.groups);
  const auto* right_weights =
      reinterpret_cast<const __m512i*>(panel.first.groups + second * panel.first.count);
  for (std::size_t part = 0; part < panel.first.count * (kGroupInputs / 4); ++part) {
    const __m512i l = _mm512_loadu_si512(left_weights + part);
    const __m512i r = _mm512_loadu_si512(right_weights + part);
    (add_products(broadcast_four(fourth + 4 * part + kRow * kIntegerStride - 3 * kIntegerStride), l, r,
                  left[kRow], right[kRow]),
     ...);
  }
  (_mm512_storeu_si512(sums[kRow], left[kRow]), ...);
  (_mm512_storeu_si512(sums[kRow] + kIntegerColumns, right[kRow]), ...);
}

LOGSIEVE_VNNI void multiply_panel_vnni(const std::uint8_t* in, const RowScale* scales, std::size_t rows,
                                       const WidePanel& panel, const Leaving& leaving, Rows out) {
  for (std::size_t row = 0; row < rows; row += kIntegerTileRows) {
    alignas(64) std::int32_t sums[kIntegerTileRows][kWideColumns];
    multiply_rows(in + row * kIntegerStride, panel, sums, std::make_index_sequence<kIntegerTileRows>());
    for (std::size_t r = 0; r < std::min(kIntegerTileRows, rows - row); ++r)
      finish_row(sums[r], panel.panels * kIntegerColumns, scales[row + r], leaving,
                 out.values + (row + r) * out.stride);
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
LOGSIEVE_AMX void multiply_tiles(const std::uint8_t* rows, const IntegerPanel& panel, WideSums sums) {
  constexpr std::size_t kSumBytes = kWideColumns * sizeof(std::int32_t);
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

LOGSIEVE_AVX512 void multiply_panel_amx(const std::uint8_t* in, const RowScale* scales, std::size_t rows,
                                        const WidePanel& panel, const Leaving& leaving, Rows out) {
  constexpr std::size_t kRows = 2 * kTileHeight;
  for (std::size_t row = 0; row < rows; row += kRows) {
    const std::size_t count = std::min(kRows, rows - row);
    alignas(64) std::int32_t sums[kRows][kWideColumns];
    const std::uint8_t* from = in + row * kIntegerStride;
    if (count > kTileHeight)
      panel.panels == 2 ? multiply_tiles<2, 2>(from, panel.first, sums)
                        : multiply_tiles<2, 1>(from, panel.first, sums);
    else
      panel.panels == 2 ? multiply_tiles<1, 2>(from, panel.first, sums)
                        : multiply_tiles<1, 1>(from, panel.first, sums);
    for (std::size_t r = 0; r < count; ++r)
      finish_row(sums[r], panel.panels * kIntegerColumns, scales[row + r], leaving,
                 out.values + (row + r) * out.stride);
  }
}

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
  WidePanel panel = {{matrix.groups, matrix.group_starts, 0, matrix.starts}, 0};
  std::size_t block = 0;
  for (std::size_t first = 0; first < matrix.inputs; first += kBlockInputs, ++block) {
    const std::size_t inputs = std::min(kBlockInputs, matrix.inputs - first);
    panel.first.count = round_up(inputs, kGroupInputs) / kGroupInputs;
    const bool is_last = first + inputs == matrix.inputs;
    const bool in_tiles = kTiles && panel.first.count % kTileGroups == 0;
    const std::uint8_t* values = in.values + block * in.rows * kIntegerStride;
    for (std::size_t column = 0; column < matrix.outputs; column += panel.panels * kIntegerColumns) {
      panel.panels = std::min<std::size_t>((matrix.outputs - column) / kIntegerColumns, 2);
      const Leaving leaving = {matrix.scales + column,
                               matrix.sums + block * matrix.outputs + column,
                               is_last && matrix.bias != nullptr ? matrix.bias + column : nullptr,
                               in_tiles ? panel.first.starts : nullptr,
                               first > 0 || finish == Finish::kAdd,
                               is_last && finish == Finish::kGelu};
      const auto multiply = in_tiles ? multiply_panel_amx : multiply_panel_vnni;
      multiply(values, in.scales + block * in.rows, rows, panel, leaving, {out.values + column, out.stride});
      panel.first.groups += panel.panels * panel.first.count;
      panel.first.group_starts += panel.panels * panel.first.count;
      panel.first.starts += panel.panels * kIntegerColumns;
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
