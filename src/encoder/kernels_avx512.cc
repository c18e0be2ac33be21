// Kernels for CPUs with AVX-512: the scheme of kernels_avx2.cc with tiles of 12 rows by 32 columns, 24 accumulators of
// 16 floats. Every sum is made in the same order as there, so the results are equal to the last bit.
#include "encoder/x86_kernels.h"

#if defined(__x86_64__)

#include <algorithm>
#include <utility>

#include "encoder/avx512_math.h"

namespace logsieve {
namespace {

using namespace avx512;

template <std::size_t kRows, std::size_t kPanels>
struct Tile {
  __m512 sums[kPanels][kRows];
};

LOGSIEVE_AVX512_INLINE void multiply_add(__m512 factor, __m512 left_weights, __m512 right_weights,
                                         __m512& left, __m512& right) {
  left = _mm512_fmadd_ps(factor, left_weights, left);
  right = _mm512_fmadd_ps(factor, right_weights, right);
}

// `rows` of `in` times one or two panels; the second begins `second` floats after the first. `ahead` is memory that
// will be needed soon: a cache line of it is fetched a step.
template <std::size_t kPanels, std::size_t... kRow>
LOGSIEVE_AVX512_INLINE Tile<sizeof...(kRow), kPanels> multiply_tile(ConstRows in, std::size_t inputs,
                                                                    const float* panel, std::size_t stride,
                                                                    std::size_t second, const float* ahead,
                                                                    std::index_sequence<kRow...> /*rows*/) {
  __m512 left[] = {(static_cast<void>(kRow), _mm512_setzero_ps())...};
  __m512 right[] = {(static_cast<void>(kRow), _mm512_setzero_ps())...};
  // Three rows can be reached from one pointer.
  const float* first = in.values;
  const float* fourth = first + 3 * in.stride;
  const float* seventh = fourth + 3 * in.stride;
  const float* tenth = seventh + 3 * in.stride;
  for (std::size_t i = 0; i < inputs; ++i) {
    _mm_prefetch(reinterpret_cast<const char*>(ahead + kLanes * i), _MM_HINT_T1);
    const float* const from[] = {first + i, fourth + i, seventh + i, tenth + i};
    const __m512 left_weights = _mm512_loadu_ps(panel);
    if constexpr (kPanels == 2) {
      const __m512 right_weights = _mm512_loadu_ps(panel + second);
      (multiply_add(_mm512_set1_ps(from[kRow / 3][kRow % 3 * in.stride]), left_weights, right_weights,
                    left[kRow], right[kRow]),
       ...);
    } else {
      ((left[kRow] =
            _mm512_fmadd_ps(_mm512_set1_ps(from[kRow / 3][kRow % 3 * in.stride]), left_weights, left[kRow])),
       ...);
    }
    panel += stride;
  }
  if constexpr (kPanels == 2)
    return {{{left[kRow]...}, {right[kRow]...}}};
  else
    return {{{left[kRow]...}}};
}

// What happens to a tile that leaves the registers.
struct Leaving {
  const float* bias;  // nullptr: not the last block of inputs
  bool adds;          // to what is in `out`
  bool gelus;
};

LOGSIEVE_AVX512_INLINE void finish_row(__m512 sum, const Leaving& leaving, std::size_t column, float* out) {
  if (leaving.adds) sum = _mm512_add_ps(_mm512_loadu_ps(out + column), sum);
  if (leaving.bias != nullptr) sum = _mm512_add_ps(sum, _mm512_loadu_ps(leaving.bias + column));
  _mm512_storeu_ps(out + column, sum);
}

// Rows are named one by one, so that the sums go from registers to their places.
template <std::size_t kPanels, std::size_t... kRow>
LOGSIEVE_AVX512_INLINE void finish_tile(const Tile<sizeof...(kRow), kPanels>& tile, const Leaving& leaving,
                                        Rows out, std::index_sequence<kRow...> /*rows*/) {
  (finish_row(tile.sums[0][kRow], leaving, 0, out.values + kRow * out.stride), ...);
  if constexpr (kPanels == 2)
    (finish_row(tile.sums[1][kRow], leaving, kTileColumns, out.values + kRow * out.stride), ...);
  if (!leaving.gelus) return;
  for (std::size_t row = 0; row < sizeof...(kRow); ++row)
    for (std::size_t column = 0; column < kPanels * kTileColumns; column += kLanes) {
      float* place = out.values + row * out.stride + column;
      _mm512_storeu_ps(place, gelu(_mm512_loadu_ps(place)));
    }
}

// One or two panels of a block.
struct Panels {
  const float* values;
  std::size_t inputs;
  const float* next;
};

template <std::size_t kRows, std::size_t kPanels>
LOGSIEVE_AVX512 void multiply_rows(ConstRows in, const Panels& panels, const float* ahead,
                                   const Leaving& leaving, Rows out) {
  constexpr std::make_index_sequence<kRows> kEachRow;
  const auto tile = multiply_tile<kPanels>(in, panels.inputs, panels.values, kTileColumns,
                                           panels.inputs * kTileColumns, ahead, kEachRow);
  finish_tile<kPanels>(tile, leaving, out, kEachRow);
}

// All rows past the panels. The first two tiles fetch the next ones: one line of text is three tiles.
template <std::size_t kPanels>
LOGSIEVE_AVX512 void multiply_panels(ConstRows in, std::size_t rows, const Panels& panels,
                                     const Leaving& leaving, Rows out) {
  constexpr std::size_t kRows = 2 * kTileRows;
  for (std::size_t row = 0; row < rows; row += kRows) {
    const float* ahead = panels.next + std::min<std::size_t>(row / kRows, 1) * panels.inputs * kTileColumns;
    const ConstRows from = {in.values + row * in.stride, in.stride};
    const Rows to = {out.values + row * out.stride, out.stride};
    if (row + kRows <= rows)
      multiply_rows<kRows, kPanels>(from, panels, ahead, leaving, to);
    else
      multiply_rows<kTileRows, kPanels>(from, panels, ahead, leaving, to);
  }
}

LOGSIEVE_AVX512 float mean_of(const float* values, std::size_t width) {
  __m512 sum = _mm512_setzero_ps();
  for (std::size_t i = 0; i < width; i += kLanes) sum = _mm512_add_ps(sum, _mm512_loadu_ps(values + i));
  return avx2::sum_of_lanes(_mm256_add_ps(lower(sum), upper(sum))) / static_cast<float>(width);
}

LOGSIEVE_AVX512 float variance_of(const float* values, std::size_t width, __m512 mean) {
  __m512 sum = _mm512_setzero_ps();
  for (std::size_t i = 0; i < width; i += kLanes) {
    const __m512 d = _mm512_sub_ps(_mm512_loadu_ps(values + i), mean);
    sum = _mm512_fmadd_ps(d, d, sum);
  }
  return avx2::sum_of_lanes(_mm256_add_ps(lower(sum), upper(sum))) / static_cast<float>(width);
}

// 16 scores; those from `tokens` on as if they were very low. Not written there: a load must not wait for such stores.
LOGSIEVE_AVX512_INLINE __m512 scores_at(const float* scores, std::size_t i, std::size_t tokens) {
  const std::size_t left = std::min(tokens - i, kLanes);
  const auto there = static_cast<__mmask16>((1U << left) - 1U);
  return _mm512_mask_loadu_ps(broadcast(-1e30F), there, scores + i);
}

// As in kernels_avx2.cc, which adds the weights 8 by 8.
LOGSIEVE_AVX512_INLINE float exponentiate(float* scores, std::size_t tokens, float scale) {
  __m512 largest = scores_at(scores, 0, tokens);
  for (std::size_t i = kLanes; i < tokens; i += kLanes)
    largest = _mm512_max_ps(largest, scores_at(scores, i, tokens));
  const __m512 factor = broadcast(scale * 1.44269504089F);  // exp(x) = 2^(x / ln 2)
  const __m512 top = broadcast(avx2::largest_lane(_mm256_max_ps(lower(largest), upper(largest))));
  __m256 sum = _mm256_setzero_ps();
  for (std::size_t i = 0; i < tokens; i += kLanes) {
    const __m512 below = _mm512_sub_ps(scores_at(scores, i, tokens), top);
    const __m512 weights = power_of_two(_mm512_mul_ps(below, factor));
    _mm512_storeu_ps(scores + i, weights);
    sum = _mm256_add_ps(_mm256_add_ps(sum, lower(weights)), upper(weights));
  }
  return avx2::sum_of_lanes(sum);
}

constexpr std::make_index_sequence<kTileRows> kSixRows;

// Functions of their own: inlined into one, they have so many constants that g++ 12 keeps the innermost loop's vectors in
// memory.
#define LOGSIEVE_AVX512_ALONE __attribute__((target(LOGSIEVE_AVX512_TARGET), noinline))

// Six rows of scores with one or two panels of keys.
template <std::size_t kPanels, std::size_t... kRow>
LOGSIEVE_AVX512_ALONE void score(ConstRows queries, std::size_t size, const float* panel, Rows scores,
                                 std::index_sequence<kRow...> rows) {
  const auto tile =
      multiply_tile<kPanels>(queries, size, panel, kTileColumns, size * kTileColumns, panel, rows);
  (_mm512_storeu_ps(scores.values + kRow * scores.stride, tile.sums[0][kRow]), ...);
  if constexpr (kPanels == 2)
    (_mm512_storeu_ps(scores.values + kRow * scores.stride + kTileColumns, tile.sums[1][kRow]), ...);
}

// Six rows of means of values, one or two panels of columns.
template <std::size_t kPanels, std::size_t... kRow>
LOGSIEVE_AVX512_ALONE void weigh(ConstRows weights, std::size_t tokens, ConstRows values,
                                 const float (&scales)[kTileRows], Rows out,
                                 std::index_sequence<kRow...> rows) {
  const auto tile = multiply_tile<kPanels>(weights, tokens, values.values, values.stride, kTileColumns,
                                           values.values, rows);
  (_mm512_storeu_ps(out.values + kRow * out.stride,
                    _mm512_mul_ps(tile.sums[0][kRow], broadcast(scales[kRow]))),
   ...);
  if constexpr (kPanels == 2)
    (_mm512_storeu_ps(out.values + kRow * out.stride + kTileColumns,
                      _mm512_mul_ps(tile.sums[1][kRow], broadcast(scales[kRow]))),
     ...);
}

// Six rows of scores, `stride` floats apart, become weights; `scales` says what makes them add up to 1.
LOGSIEVE_AVX512_ALONE void exponentiate_rows(float* scores, std::size_t stride, std::size_t tokens,
                                             float scale, float (&scales)[kTileRows]) {
  for (std::size_t r = 0; r < kTileRows; ++r)
    scales[r] = 1.0F / exponentiate(scores + r * stride, tokens, scale);
}

}  // namespace

LOGSIEVE_AVX512 void multiply_avx512(ConstRows in, std::size_t rows, const PackedMatrix& matrix,
                                     Finish finish, Rows out) {
  const float* panel = matrix.values;
  const float* const end = matrix.values + matrix.inputs * matrix.outputs;
  for (std::size_t first = 0; first < matrix.inputs; first += kBlockInputs) {
    const std::size_t inputs = std::min(kBlockInputs, matrix.inputs - first);
    const bool is_last = first + inputs == matrix.inputs;
    for (std::size_t column = 0; column < matrix.outputs;) {
      const std::size_t count = std::min<std::size_t>((matrix.outputs - column) / kTileColumns, 2);
      const std::size_t size = count * inputs * kTileColumns;
      const Panels panels = {panel, inputs, panel + 2 * size <= end ? panel + size : panel};
      const Leaving leaving = {is_last && matrix.bias != nullptr ? matrix.bias + column : nullptr,
                               first > 0 || finish == Finish::kAdd, is_last && finish == Finish::kGelu};
      const auto multiply = count == 2 ? multiply_panels<2> : multiply_panels<1>;
      multiply({in.values + first, in.stride}, rows, panels, leaving, {out.values + column, out.stride});
      panel += size;
      column += count * kTileColumns;
    }
  }
}

LOGSIEVE_AVX512 void normalise_avx512(Rows x, std::size_t rows, std::size_t width, const float* gain,
                                      const float* shift, float epsilon) {
  for (std::size_t row = 0; row < rows; ++row) {
    float* values = x.values + row * x.stride;
    const __m512 mean = broadcast(mean_of(values, width));
    const __m512 variance = broadcast(variance_of(values, width, mean) + epsilon);
    const __m512 scale = _mm512_div_ps(broadcast(1.0F), _mm512_sqrt_ps(variance));
    for (std::size_t i = 0; i < width; i += kLanes) {
      const __m512 centred = _mm512_sub_ps(_mm512_loadu_ps(values + i), mean);
      _mm512_storeu_ps(values + i, _mm512_fmadd_ps(_mm512_mul_ps(centred, scale), _mm512_loadu_ps(gain + i),
                                                   _mm512_loadu_ps(shift + i)));
    }
  }
}

LOGSIEVE_AVX512 void attend_avx512(const AttentionHead& head) {
  const std::size_t padded = round_up(head.tokens, kTileColumns);
  float* keys = head.scratch;
  float* scores = keys + padded * head.size;
  pack_keys_avx2(head.keys, head.tokens, head.size, keys);
  for (std::size_t row = 0; row < head.tokens; row += kTileRows) {
    const ConstRows queries = {head.queries.values + row * head.queries.stride, head.queries.stride};
    std::size_t column = 0;
    for (; column + 2 * kTileColumns <= padded; column += 2 * kTileColumns)
      score<2>(queries, head.size, keys + column * head.size, {scores + column, padded}, kSixRows);
    if (column < padded)
      score<1>(queries, head.size, keys + column * head.size, {scores + column, padded}, kSixRows);
    float scales[kTileRows];
    exponentiate_rows(scores, padded, head.tokens, head.scale, scales);
    const Rows out = {head.out.values + row * head.out.stride, head.out.stride};
    for (column = 0; column + 2 * kTileColumns <= head.size; column += 2 * kTileColumns)
      weigh<2>({scores, padded}, head.tokens, {head.values.values + column, head.values.stride}, scales,
               {out.values + column, out.stride}, kSixRows);
    if (column < head.size)
      weigh<1>({scores, padded}, head.tokens, {head.values.values + column, head.values.stride}, scales,
               {out.values + column, out.stride}, kSixRows);
  }
}

const Kernels* avx512_kernels() {
  static constexpr Kernels kKernels = {"avx512",      multiply_avx512, normalise_avx512,
                                       attend_avx512, quantise_avx512, multiply_integers_avx2};
  return has_avx512() ? &kKernels : nullptr;
}

const Kernels* avx512_vnni_kernels() {
  static constexpr Kernels kKernels = {"avx512-vnni", multiply_avx512, normalise_avx512,
                                       attend_avx512, quantise_avx512, multiply_integers_avx512_vnni};
  return has_avx512_vnni() ? &kKernels : nullptr;
}

const Kernels* amx_kernels() {
  static constexpr Kernels kKernels = {"amx",         multiply_avx512, normalise_avx512,
                                       attend_avx512, quantise_avx512, multiply_integers_amx};
  return has_amx() ? &kKernels : nullptr;
}

}  // namespace logsieve

#else

namespace logsieve {

const Kernels* avx512_kernels() {
  return nullptr;
}

const Kernels* avx512_vnni_kernels() {
  return nullptr;
}

const Kernels* amx_kernels() {
  return nullptr;
}

}  // namespace logsieve

#endif
