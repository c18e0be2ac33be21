// The integer kernels of each table, see kernels.h. Only for files of kernels and their tests.
#ifndef LOGSIEVE_ENCODER_INTEGER_KERNELS_H_
#define LOGSIEVE_ENCODER_INTEGER_KERNELS_H_

#include <cstddef>
#include <cstdint>

#include "encoder/kernels.h"

namespace logsieve {

inline constexpr std::size_t kIntegerTileRows = 8;
// See integers_fit.
inline constexpr int kPairLimit = 32767 / kLevels;
inline constexpr int kEightLimit = 32767 / kMiddle;
inline constexpr float kLeastRange = 1e-30F;  // a block of equal values has step 0

// The weights of one block of inputs by 16 outputs.
struct IntegerPanel {
  const WeightGroup* groups;
  const GroupStart* group_starts;
  std::size_t count;           // groups
  const std::int32_t* starts;  // [16]
};

// sums[r][c] = starts[c] + sum of q * w over the panel, for as many rows as the function is made for; the rows are
// kIntegerStride bytes apart. Exact.
using IntegerTile = void (*)(const std::uint8_t* rows, const IntegerPanel& panel,
                             std::int32_t (*sums)[kIntegerColumns]);
// [r - 1] is for r rows.
struct IntegerTiles {
  IntegerTile of[kIntegerTileRows];
};

const IntegerTiles& integer_tiles_scalar();
#if defined(__x86_64__)
const IntegerTiles& integer_tiles_avx2();
const IntegerTiles& integer_tiles_avx_vnni();
#endif

// How a block of values from `low` to `high` becomes levels: (value - low) * inverse, rounded.
struct Levels {
  float inverse;
  RowScale scale;
};
Levels levels_between(float low, float high);

// gelu without a division, for what is rounded to levels a hundred times as far apart: 0.5 x (1 + x P(x^2)) with x held
// to 4 in magnitude in the second place; within 2e-4 of the exact one. Odd polynomial fit of erf(x / sqrt 2) by
// iteratively reweighted least squares, 2000 Chebyshev nodes, 4 P(16) = 1.
inline constexpr float kNearErf[] = {4.517528483140198e-8F,   -3.1775911186292655e-6F, 9.552639675766368e-5F,
                                     -1.6243601947942177e-3F, 0.017527302063990786F,   -0.1291086250370329F,
                                     0.7957403655076003F};
inline constexpr float kNearErfLimit = 4.0F;

void quantise_scalar(ConstRows in, std::size_t rows, std::size_t width, const float* factors,
                     IntegerRows out);
void multiply_integers_scalar(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix, Finish finish,
                              Rows out);

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_INTEGER_KERNELS_H_
