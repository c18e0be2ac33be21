// The arithmetic of the encoder behind a table of functions, one table a kind of CPU, chosen at run time.
//
// What holds for every table: a row of a result is computed by the same operations in the same order wherever the
// row lies and whatever its neighbours are, so bits do not depend on batches or threads. All tables but "scalar" have
// the same order and so give the same bits; it differs from them by rounding only. Functions are thread-safe; they keep
// nothing.
#ifndef LOGSIEVE_ENCODER_KERNELS_H_
#define LOGSIEVE_ENCODER_KERNELS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace logsieve {

// Products are computed in tiles of 6 rows by 16 columns: 12 AVX2 accumulators, which hide the latency of FMA.
inline constexpr std::size_t kTileRows = 6;
inline constexpr std::size_t kTileColumns = 16;
// Inputs a pass: a panel of 384 x 16 weights (24 KiB) stays in the L1 cache while rows stream past it.
inline constexpr std::size_t kBlockInputs = 384;

constexpr std::size_t round_up(std::size_t n, std::size_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

// Row r is at values + r * stride.
struct ConstRows {
  const float* values;
  std::size_t stride;
};
struct Rows {
  float* values;
  std::size_t stride;
};

// A weight matrix W [outputs, inputs] laid out for `multiply`: blocks of kBlockInputs inputs (the last may be
// shorter), in a block panels of kTileColumns outputs, in a panel [inputs of the block][kTileColumns].
struct PackedMatrix {
  const float* values;
  const float* bias;  // [outputs], or null: none
  std::size_t inputs;
  std::size_t outputs;  // a multiple of kTileColumns
};

// A part of a matrix: some outputs of one block of inputs, or some whole blocks with all outputs.
struct Part {
  std::size_t first_input;
  std::size_t inputs;
  std::size_t first_output;
  std::size_t outputs;
};

// Fast mode: products of 8-bit integers. An activation x is offset + step * (q - 90) with q of 0 to 180; step and
// offset belong to one row of one block of kBlockInputs inputs, so that rows stay independent. A weight is scale * w
// with w of -127 to 127; scale belongs to a column.
inline constexpr std::size_t kIntegerColumns = 16;  // outputs of a panel
inline constexpr std::size_t kGroupInputs = 16;     // inputs of a panel that share 16-bit sums
inline constexpr std::size_t kIntegerRoom = 16;     // IntegerRows has room for a multiple of so many rows
inline constexpr int kLevels = 180;
inline constexpr int kMiddle = 90;
// Bytes between the rows of a block: odd in cache lines, so that eight rows do not fight for the same places.
inline constexpr std::size_t kIntegerStride = kBlockInputs + 64;

// 16 inputs by 16 outputs, a cache line for each four inputs. AVX2 multiplies u8 by s8 and adds pairs in 16 bits,
// saturating; four such sums and a start of -90 * (their eight weights) are added in 16 bits, wrapping. `integers_fit`
// says when that is exact.
struct alignas(64) WeightGroup {
  std::int8_t weights[4][kIntegerColumns][4];
};
struct alignas(64) GroupStart {
  std::int16_t pairs[kIntegerColumns][2];
};

// Whether all 16-bit sums stay within +-32767 whatever the activations are: two weights of one sign add up to at most
// 182 (180 * 182 = 32760), eight to at most 364 in absolute value (90 * 364 = 32760).
bool integers_fit(const WeightGroup& group, const GroupStart& start);

struct IntegerMatrix {
  const WeightGroup* groups;       // [blocks][outputs / 16][groups of the block]
  const GroupStart* group_starts;  // the same
  const float* scales;             // [outputs]
  const float* sums;               // [blocks][outputs]: scale * (sum of the block's w)
  const std::int32_t* starts;      // [blocks][outputs]: -90 * (sum of the block's w)
  const float* bias;               // [outputs], or null: none
  std::size_t inputs;
  std::size_t outputs;  // a multiple of kIntegerColumns
};

// The parts lie in the matrix as they are. The bias goes with the last inputs.
constexpr PackedMatrix part_of(const PackedMatrix& matrix, const Part& part) {
  const bool is_last = part.first_input + part.inputs == matrix.inputs;
  return {matrix.values + part.first_input * matrix.outputs + part.first_output * part.inputs,
          is_last ? matrix.bias + part.first_output : nullptr, part.inputs, part.outputs};
}
constexpr IntegerMatrix part_of(const IntegerMatrix& matrix, const Part& part) {
  const bool is_last = part.first_input + part.inputs == matrix.inputs;
  const std::size_t group =
      part.first_input / kGroupInputs * (matrix.outputs / kIntegerColumns) +
      part.first_output / kIntegerColumns * (round_up(part.inputs, kGroupInputs) / kGroupInputs);
  const std::size_t place = part.first_input / kBlockInputs * matrix.outputs + part.first_output;
  return {matrix.groups + group,
          matrix.group_starts + group,
          matrix.scales + part.first_output,
          matrix.sums + place,
          matrix.starts + place,
          is_last ? matrix.bias + part.first_output : nullptr,
          part.inputs,
          part.outputs};
}

struct RowScale {
  float step;
  float offset;
};

// Row r of block b is at values + (b * rows + r) * kIntegerStride, its scale at scales[b * rows + r].
struct IntegerRows {
  std::uint8_t* values;
  RowScale* scales;
  std::size_t rows;  // room, a multiple of kIntegerRoom
};

enum class Finish {
  kStore,  // out = in W^T + bias
  kGelu,   // out = gelu(in W^T + bias), the exact gelu with erf
  kAdd,    // out = out + in W^T + bias
};

// One head of one line: out = softmax(scale * queries keys^T) values, all [tokens, size].
struct AttentionHead {
  ConstRows queries;  // readable up to round_up(tokens, kTileRows) rows
  ConstRows keys;
  ConstRows values;
  Rows out;  // written up to round_up(tokens, kTileRows) rows: what lies past `tokens` is not a result
  std::size_t tokens;
  std::size_t size;  // a multiple of kTileColumns
  float scale;
  float* scratch;  // attention_scratch(tokens, size) floats
};

constexpr std::size_t attention_scratch(std::size_t tokens, std::size_t size) {
  return round_up(tokens, kTileColumns) * (size + kTileRows);
}

struct Kernels {
  std::string_view name;
  // `rows` must be a multiple of kTileRows. `in` and `out` must not overlap.
  void (*multiply)(ConstRows in, std::size_t rows, const PackedMatrix& matrix, Finish finish, Rows out);
  // Layer norm in place: (x - mean) / sqrt(variance + epsilon) * gain + shift; `width` a multiple of kTileColumns.
  void (*normalise)(Rows x, std::size_t rows, std::size_t width, const float* gain, const float* shift,
                    float epsilon);
  void (*attend)(const AttentionHead& head);
  // Rows of `width` floats, each multiplied by its input's factor, as integers. `width` is a multiple of kTileColumns.
  void (*quantise)(ConstRows in, std::size_t rows, std::size_t width, const float* factors, IntegerRows out);
  // As `multiply`, for any number of rows. The integer sums are exact: equal in every table.
  void (*multiply_integers)(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix, Finish finish,
                            Rows out);
};

const Kernels& scalar_kernels();
// nullptr if this build or this CPU cannot run them.
const Kernels* avx2_kernels();         // needs AVX2 and FMA
const Kernels* avx_vnni_kernels();     // and AVX-VNNI: integer products by vpdpbusd
const Kernels* avx512_kernels();       // AVX2 and AVX512-F, -BW, -DQ and -VL
const Kernels* avx512_vnni_kernels();  // and AVX512-VNNI
const Kernels* amx_kernels();          // and AMX-INT8: integer products in tiles

// The table of that name ("scalar", "avx2", "avx-vnni", "avx512", "avx512-vnni", "amx"), or the fastest that runs here
// if `name` is empty.
// Errors: kBadConfig if there is none of that name, or the CPU cannot run it.
Result<const Kernels*> select_kernels(std::string_view name);

// select_kernels(LOGSIEVE_CPU), decided once.
const Result<const Kernels*>& default_kernels();

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_KERNELS_H_
