// The portable kernels: plain loops, the standard library's exp and erf. What the others are tested against.
#include <algorithm>
#include <cmath>

#include "encoder/integer_kernels.h"
#include "encoder/kernels.h"

namespace logsieve {
namespace {

float gelu(float x) {
  constexpr float kInverseSqrt2 = 0.707106781186547524F;
  return 0.5F * x * (1.0F + std::erf(x * kInverseSqrt2));
}

// sums[c] = sum over i of in[i] * panel[i][c]; the rows of `panel` are `stride` floats apart.
void multiply_row(const float* in, std::size_t inputs, const float* panel, std::size_t stride,
                  float (&sums)[kTileColumns]) {
  std::fill(std::begin(sums), std::end(sums), 0.0F);
  for (std::size_t i = 0; i < inputs; ++i)
    for (std::size_t c = 0; c < kTileColumns; ++c) sums[c] += in[i] * panel[i * stride + c];
}

void finish_row(const float (&sums)[kTileColumns], bool adds, const float* bias, Finish finish, float* out) {
  for (std::size_t c = 0; c < kTileColumns; ++c) {
    float sum = adds ? out[c] + sums[c] : sums[c];
    if (bias != nullptr) sum += bias[c];
    out[c] = bias != nullptr && finish == Finish::kGelu ? gelu(sum) : sum;
  }
}

void multiply(ConstRows in, std::size_t rows, const PackedMatrix& matrix, Finish finish, Rows out) {
  const float* panel = matrix.values;
  for (std::size_t first = 0; first < matrix.inputs; first += kBlockInputs) {
    const std::size_t inputs = std::min(kBlockInputs, matrix.inputs - first);
    const bool is_last = first + inputs == matrix.inputs;
    for (std::size_t column = 0; column < matrix.outputs; column += kTileColumns) {
      for (std::size_t row = 0; row < rows; ++row) {
        float sums[kTileColumns];
        multiply_row(in.values + row * in.stride + first, inputs, panel, kTileColumns, sums);
        finish_row(sums, first > 0 || finish == Finish::kAdd,
                   is_last && matrix.bias != nullptr ? matrix.bias + column : nullptr, finish,
                   out.values + row * out.stride + column);
      }
      panel += inputs * kTileColumns;
    }
  }
}

void normalise(Rows x, std::size_t rows, std::size_t width, const float* gain, const float* shift,
               float epsilon) {
  for (std::size_t row = 0; row < rows; ++row) {
    float* values = x.values + row * x.stride;
    float sum = 0;
    for (std::size_t i = 0; i < width; ++i) sum += values[i];
    const float mean = sum / static_cast<float>(width);
    float squares = 0;
    for (std::size_t i = 0; i < width; ++i) squares += (values[i] - mean) * (values[i] - mean);
    const float scale = 1.0F / std::sqrt(squares / static_cast<float>(width) + epsilon);
    for (std::size_t i = 0; i < width; ++i) values[i] = (values[i] - mean) * scale * gain[i] + shift[i];
  }
}

// Turns scores into exp(scale * (score - largest)); returns their sum.
float exponentiate(float* scores, std::size_t count, float scale) {
  const float largest = *std::max_element(scores, scores + count);
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    scores[i] = std::exp(scale * (scores[i] - largest));
    sum += scores[i];
  }
  return sum;
}

void attend(const AttentionHead& head) {
  float* scores = head.scratch;
  for (std::size_t row = 0; row < head.tokens; ++row) {
    const float* query = head.queries.values + row * head.queries.stride;
    for (std::size_t other = 0; other < head.tokens; ++other) {
      const float* key = head.keys.values + other * head.keys.stride;
      float score = 0;
      for (std::size_t i = 0; i < head.size; ++i) score += query[i] * key[i];
      scores[other] = score;
    }
    const float scale = 1.0F / exponentiate(scores, head.tokens, head.scale);
    for (std::size_t column = 0; column < head.size; column += kTileColumns) {
      float sums[kTileColumns];
      multiply_row(scores, head.tokens, head.values.values + column, head.values.stride, sums);
      float* out = head.out.values + row * head.out.stride + column;
      for (std::size_t c = 0; c < kTileColumns; ++c) out[c] = sums[c] * scale;
    }
  }
}

}  // namespace

const Kernels& scalar_kernels() {
  static constexpr Kernels kKernels = {"scalar", multiply,        normalise,
                                       attend,   quantise_scalar, multiply_integers_scalar};
  return kKernels;
}

}  // namespace logsieve
