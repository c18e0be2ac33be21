#include "encoder/kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

std::vector<float> random_floats(Random& random, std::size_t count, double scale = 1.0) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>((random.unit() * 2 - 1) * scale);
  return values;
}

// W [outputs, inputs] as PackedMatrix wants it.
std::vector<float> packed(const std::vector<float>& weights, std::size_t outputs, std::size_t inputs) {
  std::vector<float> out;
  for (std::size_t begin = 0; begin < inputs; begin += kBlockInputs)
    for (std::size_t column = 0; column < outputs; column += kTileColumns)
      for (std::size_t i = begin; i < std::min(inputs, begin + kBlockInputs); ++i)
        for (std::size_t c = 0; c < kTileColumns; ++c) out.push_back(weights[(column + c) * inputs + i]);
  return out;
}

double gelu(double x) {
  return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
}

// Every kernel table that runs here, against double precision.
class KernelsTest : public testing::TestWithParam<const Kernels*> {
 protected:
  void SetUp() override {
    if (GetParam() == nullptr) GTEST_SKIP() << "this CPU has no such instructions";
  }
};

struct Product {
  std::size_t rows;
  std::size_t inputs;
  std::size_t outputs;
  std::size_t gap;    // floats between rows
  std::size_t shift;  // floats before the first: misaligns everything
};

void check_product(const Kernels& kernels, const Product& p, Finish finish) {
  Random random(p.rows * 1000 + p.inputs + p.outputs);
  const auto weights = random_floats(random, p.inputs * p.outputs, 0.2);
  const auto bias = random_floats(random, p.outputs);
  const std::size_t in_stride = p.inputs + p.gap;
  const std::size_t out_stride = p.outputs + p.gap;
  const auto in = random_floats(random, p.shift + p.rows * in_stride);
  const auto before = random_floats(random, p.shift + p.rows * out_stride);
  auto out = before;
  const auto values = packed(weights, p.outputs, p.inputs);
  kernels.multiply({in.data() + p.shift, in_stride}, p.rows,
                   {values.data(), bias.data(), p.inputs, p.outputs}, finish,
                   {out.data() + p.shift, out_stride});
  for (std::size_t row = 0; row < p.rows; ++row) {
    for (std::size_t column = 0; column < out_stride; ++column) {
      const std::size_t place = p.shift + row * out_stride + column;
      if (column >= p.outputs) {
        ASSERT_EQ(out[place], before[place]) << "wrote between the rows";
        continue;
      }
      double sum = bias[column];
      for (std::size_t i = 0; i < p.inputs; ++i)
        sum += static_cast<double>(in[p.shift + row * in_stride + i]) * weights[column * p.inputs + i];
      if (finish == Finish::kAdd) sum += before[place];
      if (finish == Finish::kGelu) sum = gelu(sum);
      // Rounding of a sum of n terms of size 0.2 grows with sqrt(n): 1536 terms give about 1e-6.
      ASSERT_NEAR(out[place], sum, 1e-5) << row << ' ' << column;
    }
  }
  for (std::size_t i = 0; i < p.shift; ++i) ASSERT_EQ(out[i], before[i]);
}

TEST_P(KernelsTest, MultiplyAtEveryShapeAndMisalignment) {
  for (const Finish finish : {Finish::kStore, Finish::kGelu, Finish::kAdd})
    for (const Product& p :
         {Product{6, 16, 16, 0, 0}, Product{6, 1, 16, 3, 1}, Product{12, 17, 32, 1, 2},
          Product{18, 384, 48, 16, 3}, Product{6, 385, 16, 0, 4}, Product{6, 400, 32, 5, 5},
          Product{12, 768, 16, 16, 6}, Product{6, 1536, 32, 7, 7}, Product{54, 64, 16, 0, 1}})
      check_product(*GetParam(), p, finish);
}

TEST_P(KernelsTest, MultiplyGivesARowTheSameBitsInEveryPlace) {
  Random random(9);
  const std::size_t inputs = 400;
  const std::size_t outputs = 32;
  const auto values = packed(random_floats(random, inputs * outputs), outputs, inputs);
  const auto bias = random_floats(random, outputs);
  const auto row = random_floats(random, inputs);
  std::vector<float> first;
  for (std::size_t place = 0; place < 18; ++place) {
    auto in = random_floats(random, 18 * inputs);
    std::copy(row.begin(), row.end(), in.begin() + static_cast<std::ptrdiff_t>(place * inputs));
    std::vector<float> out(18 * outputs);
    GetParam()->multiply({in.data(), inputs}, 18, {values.data(), bias.data(), inputs, outputs},
                         Finish::kGelu, {out.data(), outputs});
    const std::vector<float> result(&out[place * outputs], &out[place * outputs] + outputs);
    if (place == 0) first = result;
    ASSERT_EQ(result, first) << place;
  }
}

TEST_P(KernelsTest, GeluHoldsOverTheWholeRange) {
  // A product with the number itself: inputs 1, weight 1, bias 0.
  const std::vector<float> one(kTileColumns, 1.0F);
  const std::vector<float> zero(kTileColumns, 0.0F);
  double worst = 0;
  for (float x = -30.0F; x < 30.0F; x += 0.0137F) {
    const std::vector<float> in(kTileRows, x);
    std::vector<float> out(kTileRows * kTileColumns);
    GetParam()->multiply({in.data(), 1}, kTileRows, {one.data(), zero.data(), 1, kTileColumns}, Finish::kGelu,
                         {out.data(), kTileColumns});
    const double scale = std::max(1.0, std::abs(static_cast<double>(x)));
    worst = std::max(worst, std::abs(out[0] - gelu(x)) / scale);
  }
  EXPECT_LE(worst, 2.5e-7);  // a few roundings of x
}

TEST_P(KernelsTest, NormaliseEveryWidth) {
  Random random(4);
  for (const std::size_t width : {16U, 32U, 48U, 384U, 400U}) {
    const std::size_t stride = width + 5;
    auto x = random_floats(random, 1 + 7 * stride, 3.0);
    const auto before = x;
    const auto gain = random_floats(random, width);
    const auto shift = random_floats(random, width);
    GetParam()->normalise({x.data() + 1, stride}, 7, width, gain.data(), shift.data(), 1e-5F);
    for (std::size_t row = 0; row < 7; ++row) {
      const float* values = &before[1 + row * stride];
      double mean = 0;
      double variance = 0;
      for (std::size_t i = 0; i < width; ++i) mean += values[i];
      mean /= static_cast<double>(width);
      for (std::size_t i = 0; i < width; ++i) variance += (values[i] - mean) * (values[i] - mean);
      variance /= static_cast<double>(width);
      for (std::size_t i = 0; i < width; ++i)
        ASSERT_NEAR(x[1 + row * stride + i],
                    (values[i] - mean) / std::sqrt(variance + 1e-5) * gain[i] + shift[i], 2e-6);
      for (std::size_t i = width; i < stride && row < 6; ++i)
        ASSERT_EQ(x[1 + row * stride + i], before[1 + row * stride + i]);
    }
  }
}

TEST_P(KernelsTest, NormaliseKeepsAConstantRowFinite) {
  std::vector<float> x(16, 3.0F);
  const std::vector<float> gain(16, 2.0F);
  const std::vector<float> shift(16, 0.25F);
  GetParam()->normalise({x.data(), 16}, 1, 16, gain.data(), shift.data(), 1e-12F);
  for (const float value : x) EXPECT_EQ(value, 0.25F);
}

void check_attention(const Kernels& kernels, std::size_t tokens, std::size_t size, double spread) {
  Random random(tokens * 100 + size);
  const std::size_t stride = 3 * size + 7;
  const std::size_t rows = round_up(tokens, kTileRows);
  const auto projected = random_floats(random, rows * stride, spread);
  std::vector<float> out(rows * size + 1, 9.0F);
  std::vector<float> scratch(attention_scratch(tokens, size));
  const float* base = projected.data();
  kernels.attend({{base, stride},
                  {base + size, stride},
                  {base + 2 * size, stride},
                  {out.data(), size},
                  tokens,
                  size,
                  0.25F,
                  scratch.data()});
  EXPECT_EQ(out.back(), 9.0F);
  for (std::size_t row = 0; row < tokens; ++row) {
    std::vector<double> weights(tokens);
    for (std::size_t other = 0; other < tokens; ++other)
      for (std::size_t i = 0; i < size; ++i)
        weights[other] += 0.25 * base[row * stride + i] * base[other * stride + size + i];
    const double top = *std::max_element(weights.begin(), weights.end());
    double sum = 0;
    for (double& weight : weights) sum += weight = std::exp(weight - top);
    for (std::size_t i = 0; i < size; ++i) {
      double mean = 0;
      for (std::size_t other = 0; other < tokens; ++other)
        mean += weights[other] / sum * base[other * stride + 2 * size + i];
      ASSERT_NEAR(out[row * size + i], mean, 1e-5 * spread * spread) << tokens << ' ' << row << ' ' << i;
    }
  }
}

TEST_P(KernelsTest, AttendAtEveryLength) {
  for (std::size_t tokens = 1; tokens <= 50; ++tokens) check_attention(*GetParam(), tokens, 32, 1.0);
  for (const std::size_t tokens : {64U, 65U, 255U, 256U}) check_attention(*GetParam(), tokens, 32, 1.0);
  for (const std::size_t size : {16U, 48U, 64U}) check_attention(*GetParam(), 19, size, 1.0);
}

TEST_P(KernelsTest, AttendSurvivesScoresThatDwarfTheOthers) {
  // Scores differ by thousands: all but one weight underflow.
  check_attention(*GetParam(), 21, 32, 40.0);
}

std::string table_name(const testing::TestParamInfo<const Kernels*>& info) {
  constexpr std::array kNames = {"Scalar", "Avx2", "Avx512"};
  return kNames[info.index];
}

INSTANTIATE_TEST_SUITE_P(Tables, KernelsTest,
                         testing::Values(&scalar_kernels(), avx2_kernels(), avx512_kernels()), table_name);

// What a form becomes must not depend on the CPU.
TEST(KernelTables, OfWideVectorsGiveTheBitsOfAvx2) {
  if (avx512_kernels() == nullptr) GTEST_SKIP() << "this CPU has no AVX-512";
  Random random(12);
  for (const Product& p : {Product{6, 16, 16, 0, 0}, Product{12, 17, 32, 1, 2}, Product{18, 400, 48, 16, 3},
                           Product{48, 768, 64, 16, 6}}) {
    const auto values = packed(random_floats(random, p.inputs * p.outputs, 0.2), p.outputs, p.inputs);
    const auto bias = random_floats(random, p.outputs);
    const std::size_t in_stride = p.inputs + p.gap;
    const std::size_t out_stride = p.outputs + p.gap;
    const auto in = random_floats(random, p.shift + p.rows * in_stride);
    const auto before = random_floats(random, p.shift + p.rows * out_stride);
    const auto gain = random_floats(random, p.outputs);
    for (const Finish finish : {Finish::kStore, Finish::kGelu, Finish::kAdd}) {
      std::vector<std::vector<float>> results;
      for (const Kernels* table : {avx2_kernels(), avx512_kernels()}) {
        auto out = before;
        const Rows rows = {out.data() + p.shift, out_stride};
        table->multiply({in.data() + p.shift, in_stride}, p.rows,
                        {values.data(), bias.data(), p.inputs, p.outputs}, finish, rows);
        table->normalise(rows, p.rows, p.outputs, gain.data(), bias.data(), 1e-12F);
        results.push_back(std::move(out));
      }
      ASSERT_EQ(results[0], results[1]) << p.rows << ' ' << p.inputs;
    }
  }
  for (const std::size_t size : {16U, 32U, 48U})
    for (const std::size_t tokens : {1U, 15U, 16U, 17U, 33U, 64U, 256U}) {
      const std::size_t stride = 3 * size + 7;
      const std::size_t rows = round_up(tokens, kTileRows);
      const auto projected = random_floats(random, rows * stride, 3.0);
      std::vector<std::vector<float>> results;
      for (const Kernels* table : {avx2_kernels(), avx512_kernels()}) {
        std::vector<float> out(rows * size);
        std::vector<float> scratch(attention_scratch(tokens, size));
        table->attend({{projected.data(), stride},
                       {projected.data() + size, stride},
                       {projected.data() + 2 * size, stride},
                       {out.data(), size},
                       tokens,
                       size,
                       0.25F,
                       scratch.data()});
        out.resize(tokens * size);
        results.push_back(std::move(out));
      }
      ASSERT_EQ(results[0], results[1]) << tokens << ' ' << size;
    }
}

TEST(SelectKernels, TakesTheNamedTableOrTheFastest) {
  EXPECT_EQ(*select_kernels("scalar"), &scalar_kernels());
  const Kernels* fastest = &scalar_kernels();
  for (const Kernels* table :
       {avx2_kernels(), avx_vnni_kernels(), avx512_kernels(), avx512_vnni_kernels(), amx_kernels()})
    if (table != nullptr) {
      fastest = table;
      EXPECT_EQ(*select_kernels(table->name), table);
    }
  EXPECT_EQ(*select_kernels(""), fastest);
  const auto unknown = select_kernels("mmx");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kBadConfig);
  EXPECT_NE(unknown.error().message.find("mmx"), std::string::npos);
}

}  // namespace
}  // namespace logsieve
