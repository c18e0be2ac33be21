// Kernels for CPUs with AVX2 and FMA.
//
// A product is computed in tiles of 6 rows by 16 columns: 12 accumulators stay in registers, and each step loads
// two vectors of weights and broadcasts six inputs for 12 multiply-adds. The loop around it keeps one panel of
// weights in the L1 cache while all rows pass, and fetches the next panel meanwhile. This is the scheme of Goto and
// van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008), without packing the left side: it is
// small and dense.
//
// Only functions marked LOGSIEVE_AVX2 may use the instructions: the file is compiled for the baseline CPU, so no
// inline function of a header can leak AVX2 code into another file.
#include "encoder/x86_kernels.h"

#if defined(__x86_64__)

#include <algorithm>

#include "encoder/avx2_math.h"

namespace logsieve {
namespace {

using namespace avx2;

struct Tile {
  Pair row[kTileRows];
};

// One step of a row: sum += input * weights.
LOGSIEVE_AVX2_INLINE void multiply_add(Pair& sum, const float* input, const Pair& weights) {
  const __m256 factor = _mm256_broadcast_ss(input);
  sum.left = _mm256_fmadd_ps(factor, weights.left, sum.left);
  sum.right = _mm256_fmadd_ps(factor, weights.right, sum.right);
}

// The product of 6 rows of `in` with a panel of `inputs` x 16 weights, whose rows are `stride` floats apart.
// `ahead` is memory that will be needed soon: 4 floats of it are fetched a step, which lifts the whole product from
// 87 to 95 % of the multiply-add peak (384 x 1152, 96 rows). Unrolling the loop makes g++ 12 spill.
LOGSIEVE_AVX2_INLINE Tile multiply_tile(ConstRows in, std::size_t inputs, const float* panel,
                                        std::size_t stride, const float* ahead) {
  const Pair zero = {_mm256_setzero_ps(), _mm256_setzero_ps()};
  Pair s0 = zero;
  Pair s1 = zero;
  Pair s2 = zero;
  Pair s3 = zero;
  Pair s4 = zero;
  Pair s5 = zero;
  const float* in0 = in.values;
  const float* in3 = in0 + 3 * in.stride;
  for (std::size_t i = 0; i < inputs; ++i) {
    _mm_prefetch(reinterpret_cast<const char*>(ahead + 4 * i), _MM_HINT_T1);
    const Pair weights = load(panel + i * stride);
    multiply_add(s0, in0 + i, weights);
    multiply_add(s1, in0 + in.stride + i, weights);
    multiply_add(s2, in0 + 2 * in.stride + i, weights);
    multiply_add(s3, in3 + i, weights);
    multiply_add(s4, in3 + in.stride + i, weights);
    multiply_add(s5, in3 + 2 * in.stride + i, weights);
  }
  return {{s0, s1, s2, s3, s4, s5}};
}

// What happens to a tile that leaves the registers.
struct Leaving {
  const float* bias;  // nullptr: not the last block of inputs
  bool adds;          // to what is in `out`
  bool gelus;
};

LOGSIEVE_AVX2_INLINE void finish_row(const Pair& tile_row, const Leaving& leaving, float* out) {
  Pair sum = tile_row;
  if (leaving.adds) sum = sum_of(load(out), sum);
  if (leaving.bias != nullptr) sum = sum_of(sum, load(leaving.bias));
  if (leaving.gelus) sum = {gelu(sum.left), gelu(sum.right)};
  store(out, sum);
}

// All rows past one panel. The first four tiles fetch the next one.
LOGSIEVE_AVX2 void multiply_panel(ConstRows in, std::size_t rows, const float* panel, std::size_t inputs,
                                  const float* next, const Leaving& leaving, Rows out) {
  const std::size_t quarter = inputs * kTileColumns / 4;
  for (std::size_t row = 0; row < rows; row += kTileRows) {
    const float* ahead = next + std::min<std::size_t>(row / kTileRows, 3) * quarter;
    const Tile tile =
        multiply_tile({in.values + row * in.stride, in.stride}, inputs, panel, kTileColumns, ahead);
    float* target = out.values + row * out.stride;
    for (std::size_t r = 0; r < kTileRows; ++r) finish_row(tile.row[r], leaving, target + r * out.stride);
  }
}

LOGSIEVE_AVX2 void multiply(ConstRows in, std::size_t rows, const PackedMatrix& matrix, Finish finish,
                            Rows out) {
  const float* panel = matrix.values;
  const float* const end = matrix.values + matrix.inputs * matrix.outputs;
  for (std::size_t first = 0; first < matrix.inputs; first += kBlockInputs) {
    const std::size_t inputs = std::min(kBlockInputs, matrix.inputs - first);
    const bool is_last = first + inputs == matrix.inputs;
    const std::size_t panel_size = inputs * kTileColumns;
    for (std::size_t column = 0; column < matrix.outputs; column += kTileColumns) {
      const float* next = panel + 2 * panel_size <= end ? panel + panel_size : panel;
      const Leaving leaving = {is_last && matrix.bias != nullptr ? matrix.bias + column : nullptr,
                               first > 0 || finish == Finish::kAdd, is_last && finish == Finish::kGelu};
      multiply_panel({in.values + first, in.stride}, rows, panel, inputs, next, leaving,
                     {out.values + column, out.stride});
      panel += panel_size;
    }
  }
}

LOGSIEVE_AVX2 float mean_of(const float* values, std::size_t width) {
  Pair sum = {_mm256_setzero_ps(), _mm256_setzero_ps()};
  for (std::size_t i = 0; i < width; i += 2 * kLanes) sum = sum_of(sum, load(values + i));
  return sum_of_lanes(_mm256_add_ps(sum.left, sum.right)) / static_cast<float>(width);
}

LOGSIEVE_AVX2 float variance_of(const float* values, std::size_t width, __m256 mean) {
  Pair sum = {_mm256_setzero_ps(), _mm256_setzero_ps()};
  for (std::size_t i = 0; i < width; i += 2 * kLanes) {
    const Pair x = load(values + i);
    const Pair d = {_mm256_sub_ps(x.left, mean), _mm256_sub_ps(x.right, mean)};
    sum = {_mm256_fmadd_ps(d.left, d.left, sum.left), _mm256_fmadd_ps(d.right, d.right, sum.right)};
  }
  return sum_of_lanes(_mm256_add_ps(sum.left, sum.right)) / static_cast<float>(width);
}

LOGSIEVE_AVX2 void normalise(Rows x, std::size_t rows, std::size_t width, const float* gain,
                             const float* shift, float epsilon) {
  for (std::size_t row = 0; row < rows; ++row) {
    float* values = x.values + row * x.stride;
    const __m256 mean = broadcast(mean_of(values, width));
    const __m256 variance = broadcast(variance_of(values, width, mean) + epsilon);
    const __m256 scale = _mm256_div_ps(broadcast(1.0F), _mm256_sqrt_ps(variance));
    for (std::size_t i = 0; i < width; i += kLanes) {
      const __m256 centred = _mm256_sub_ps(_mm256_loadu_ps(values + i), mean);
      _mm256_storeu_ps(values + i, _mm256_fmadd_ps(_mm256_mul_ps(centred, scale), _mm256_loadu_ps(gain + i),
                                                   _mm256_loadu_ps(shift + i)));
    }
  }
}

// 8 x 8 floats from rows that are `rows[i]` on, transposed to rows that are kTileColumns floats apart.
LOGSIEVE_AVX2_INLINE void transpose(const float* const* rows, std::size_t column, float* out) {
  __m256 pairs[kLanes];
  for (std::size_t i = 0; i < kLanes; i += 2) {
    const __m256 even = _mm256_loadu_ps(rows[i] + column);
    const __m256 odd = _mm256_loadu_ps(rows[i + 1] + column);
    pairs[i] = _mm256_unpacklo_ps(even, odd);
    pairs[i + 1] = _mm256_unpackhi_ps(even, odd);
  }
  __m256 fours[kLanes];
  for (std::size_t i = 0; i < kLanes; i += 4)
    for (std::size_t high = 0; high < 2; ++high) {
      fours[i + 2 * high] = _mm256_shuffle_ps(pairs[i + high], pairs[i + 2 + high], 0x44);
      fours[i + 2 * high + 1] = _mm256_shuffle_ps(pairs[i + high], pairs[i + 2 + high], 0xEE);
    }
  for (std::size_t i = 0; i < 4; ++i) {
    _mm256_storeu_ps(out + i * kTileColumns, _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x20));
    _mm256_storeu_ps(out + (i + 4) * kTileColumns, _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x31));
  }
}

// Turns a row of scores into exp(scale * (score - largest)) and returns their sum; `padded` is a multiple of 16,
// scores from `tokens` on become about 0.
LOGSIEVE_AVX2 float exponentiate(float* scores, std::size_t tokens, std::size_t padded, float scale) {
  std::fill(scores + tokens, scores + padded, -1e30F);
  __m256 largest = _mm256_loadu_ps(scores);
  for (std::size_t i = kLanes; i < padded; i += kLanes)
    largest = _mm256_max_ps(largest, _mm256_loadu_ps(scores + i));
  const __m256 factor = broadcast(scale * 1.44269504089F);  // exp(x) = 2^(x / ln 2)
  const __m256 top = broadcast(largest_lane(largest));
  __m256 sum = _mm256_setzero_ps();
  for (std::size_t i = 0; i < padded; i += kLanes) {
    const __m256 below = _mm256_sub_ps(_mm256_loadu_ps(scores + i), top);
    const __m256 weights = power_of_two(_mm256_mul_ps(below, factor));
    _mm256_storeu_ps(scores + i, weights);
    sum = _mm256_add_ps(sum, weights);
  }
  return sum_of_lanes(sum);
}

LOGSIEVE_AVX2 void attend(const AttentionHead& head) {
  const std::size_t padded = round_up(head.tokens, kTileColumns);
  float* keys = head.scratch;
  float* scores = keys + padded * head.size;
  pack_keys_avx2(head.keys, head.tokens, head.size, keys);
  for (std::size_t row = 0; row < head.tokens; row += kTileRows) {
    const ConstRows queries = {head.queries.values + row * head.queries.stride, head.queries.stride};
    for (std::size_t column = 0; column < padded; column += kTileColumns) {
      const float* panel = keys + column * head.size;
      const Tile tile = multiply_tile(queries, head.size, panel, kTileColumns, panel);
      for (std::size_t r = 0; r < kTileRows; ++r) store(scores + r * padded + column, tile.row[r]);
    }
    __m256 scales[kTileRows];
    for (std::size_t r = 0; r < kTileRows; ++r)
      scales[r] = broadcast(1.0F / exponentiate(scores + r * padded, head.tokens, padded, head.scale));
    for (std::size_t column = 0; column < head.size; column += kTileColumns) {
      const float* values = head.values.values + column;
      const Tile tile = multiply_tile({scores, padded}, head.tokens, values, head.values.stride, values);
      for (std::size_t r = 0; r < kTileRows; ++r)
        store(head.out.values + (row + r) * head.out.stride + column,
              {_mm256_mul_ps(tile.row[r].left, scales[r]), _mm256_mul_ps(tile.row[r].right, scales[r])});
    }
  }
}

}  // namespace

LOGSIEVE_AVX2 void pack_keys_avx2(ConstRows keys, std::size_t tokens, std::size_t size, float* panels) {
  for (std::size_t first = 0; first < tokens; first += kTileColumns) {
    const float* rows[kTileColumns];
    for (std::size_t c = 0; c < kTileColumns; ++c)
      rows[c] = keys.values + std::min(first + c, tokens - 1) * keys.stride;
    for (std::size_t i = 0; i < size; i += kLanes) {
      transpose(rows, i, panels + i * kTileColumns);
      transpose(rows + kLanes, i, panels + i * kTileColumns + kLanes);
    }
    panels += size * kTileColumns;
  }
}

const Kernels* avx2_kernels() {
  static constexpr Kernels kKernels = {"avx2", multiply,      normalise,
                                       attend, quantise_avx2, multiply_integers_avx2};
  return has_avx2() ? &kKernels : nullptr;
}

const Kernels* avx_vnni_kernels() {
  static constexpr Kernels kKernels = {"avx-vnni", multiply,      normalise,
                                       attend,     quantise_avx2, multiply_integers_avx_vnni};
  return has_avx_vnni() ? &kKernels : nullptr;
}

}  // namespace logsieve

#else

namespace logsieve {

const Kernels* avx2_kernels() {
  return nullptr;
}

const Kernels* avx_vnni_kernels() {
  return nullptr;
}

}  // namespace logsieve

#endif
