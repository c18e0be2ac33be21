#include "encoder/integer_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/random.h"
#include "encoder/integer_weights.h"

namespace logsieve {
namespace {

std::vector<float> random_floats(Random& random, std::size_t count, double scale) {
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>((random.unit() * 2 - 1) * scale);
  return values;
}

// Weights of every kind that the limits are for: small, all large, of one sign.
std::vector<float> harsh_weights(Random& random, std::size_t count) {
  std::vector<float> values = random_floats(random, count, 0.2);
  for (std::size_t i = 0; i < count; ++i)
    if (random.below(3) == 0) values[i] = random.below(2) == 0 ? 0.5F : -0.5F;
  return values;
}

struct Tiles {
  std::string name;
  const IntegerTiles* tiles;
};

std::vector<Tiles> tiles_that_run_here() {
  std::vector<Tiles> all = {{"scalar", &integer_tiles_scalar()}};
#if defined(__x86_64__)
  if (avx2_kernels() != nullptr) all.push_back({"avx2", &integer_tiles_avx2()});
  if (avx_vnni_kernels() != nullptr) all.push_back({"avx-vnni", &integer_tiles_avx_vnni()});
#endif
  return all;
}

// A byte of activations that is as bad as can be for a column: the top level where its weight has this sign.
std::uint8_t worst_level(std::int8_t weight, bool positive) {
  return (weight > 0) == positive ? static_cast<std::uint8_t>(kLevels) : std::uint8_t{0};
}

TEST(IntegerTiles, EqualTheExactSumsForEveryNumberOfRowsAndMisalignment) {
  Random random(1);
  for (std::size_t groups = 1; groups <= 24; groups += groups < 4 ? 1 : 5) {
    const std::size_t inputs = groups * kGroupInputs;
    const IntegerWeights weights(harsh_weights(random, inputs * kIntegerColumns),
                                 std::vector<float>(inputs, 1.0F), std::vector<float>(kIntegerColumns));
    const IntegerMatrix matrix = weights.matrix();
    for (std::size_t count = 1; count <= kIntegerTileRows; ++count)
      for (std::size_t shift = 0; shift < 4; ++shift) {
        std::vector<std::uint8_t> rows(shift + kIntegerTileRows * kIntegerStride);
        for (std::uint8_t& level : rows) level = static_cast<std::uint8_t>(random.below(kLevels + 1));
        // The first row brings column 2 to its largest sums, the last one to its smallest.
        for (std::size_t i = 0; i < inputs; ++i) {
          const std::int8_t weight = matrix.groups[i / kGroupInputs].weights[i % kGroupInputs / 4][2][i % 4];
          rows[shift + i] = worst_level(weight, true);
          rows[shift + (count - 1) * kIntegerStride + i] = worst_level(weight, false);
        }
        for (const Tiles& tiles : tiles_that_run_here()) {
          std::int32_t sums[kIntegerTileRows][kIntegerColumns];
          tiles.tiles->of[count - 1](rows.data() + shift,
                                     {matrix.groups, matrix.group_starts, groups, matrix.starts}, sums);
          for (std::size_t row = 0; row < count; ++row)
            for (std::size_t c = 0; c < kIntegerColumns; ++c) {
              std::int64_t exact = 0;
              for (std::size_t i = 0; i < inputs; ++i)
                exact += (static_cast<std::int64_t>(rows[shift + row * kIntegerStride + i]) - kMiddle) *
                         matrix.groups[i / kGroupInputs].weights[i % kGroupInputs / 4][c][i % 4];
              ASSERT_EQ(sums[row][c], exact) << tiles.name << ' ' << groups << ' ' << count << ' ' << row;
            }
        }
      }
  }
}

TEST(IntegersFit, HoldsForEveryPackedMatrixAndSeesWhatDoesNot) {
  Random random(2);
  for (const std::size_t inputs : {16U, 48U, 384U, 400U, 1536U}) {
    const std::size_t outputs = 16;
    const IntegerWeights weights(harsh_weights(random, inputs * outputs),
                                 random_floats(random, 3 * inputs, 3.0), std::vector<float>(outputs));
    const std::size_t groups = inputs / kGroupInputs * (outputs / kIntegerColumns);
    for (std::size_t g = 0; g < groups; ++g)
      ASSERT_TRUE(integers_fit(weights.matrix().groups[g], weights.matrix().group_starts[g])) << g;
  }
  WeightGroup group = {};
  GroupStart start = {};
  EXPECT_TRUE(integers_fit(group, start));
  group.weights[1][3][0] = 91;
  group.weights[1][3][1] = 91;
  start.pairs[3][0] = -kMiddle * 182;
  EXPECT_TRUE(integers_fit(group, start));
  WeightGroup pair = group;
  pair.weights[1][3][1] = 92;
  GroupStart pair_start = start;
  pair_start.pairs[3][0] = -kMiddle * 183;
  EXPECT_FALSE(integers_fit(pair, pair_start)) << "two weights of one sign";
  WeightGroup eight = {};
  GroupStart eight_start = {};
  for (auto& part : eight.weights) part[0][2] = 92;
  eight_start.pairs[0][1] = static_cast<std::int16_t>(-kMiddle * 364 - kMiddle * 4);
  EXPECT_FALSE(integers_fit(eight, eight_start)) << "eight weights";
  ++start.pairs[0][0];
  EXPECT_FALSE(integers_fit(group, start)) << "a start that does not belong to the weights";
}

TEST(IntegerWeights, MakeUpForEachOthersErrors) {
  // One output of 16 inputs that always come alike: what one weight loses, the others can give.
  const std::size_t outputs = kIntegerColumns;
  std::vector<float> weights(kGroupInputs * outputs, 0.0F);
  weights[0] = 1.0F;
  for (std::size_t i = 1; i < kGroupInputs; ++i) weights[i] = 0.1F + 0.0077F * static_cast<float>(i);
  std::vector<float> sample;
  for (int row = 0; row < 64; ++row) sample.insert(sample.end(), kGroupInputs, 1.0F);
  const IntegerWeights packed(weights, sample, std::vector<float>(outputs));
  const IntegerMatrix matrix = packed.matrix();
  EXPECT_TRUE(integers_fit(matrix.groups[0], matrix.group_starts[0]));
  double sum = 0;
  double exact = 0;
  double apart = 0;
  for (std::size_t i = 0; i < kGroupInputs; ++i) {
    const std::size_t quad = i / 4;
    const double rounded = matrix.groups[0].weights[quad][0][i % 4] * matrix.scales[0] * packed.factors()[i];
    sum += rounded;
    exact += weights[i];
    apart += std::abs(rounded - weights[i]);
  }
  EXPECT_GT(apart, 0.005);
  EXPECT_LT(std::abs(sum - exact), 0.25 * apart);
}

class IntegerKernels : public testing::TestWithParam<const Kernels*> {
 protected:
  void SetUp() override {
    if (GetParam() == nullptr) GTEST_SKIP() << "this CPU has no such instructions";
  }
};

struct QuantisedRows {
  std::vector<std::uint8_t> values;
  std::vector<RowScale> scales;
  std::size_t room;
  QuantisedRows(std::size_t rows, std::size_t width)
      : values((width + kBlockInputs - 1) / kBlockInputs * round_up(rows, kIntegerRoom) * kIntegerStride),
        scales((width + kBlockInputs - 1) / kBlockInputs * round_up(rows, kIntegerRoom)),
        room(round_up(rows, kIntegerRoom)) {}
  IntegerRows view() { return {values.data(), scales.data(), room}; }
};

TEST_P(IntegerKernels, QuantiseWithinHalfAStepOfEveryValue) {
  Random random(3);
  for (const std::size_t width : {16U, 32U, 48U, 384U, 400U, 1536U})
    for (const std::size_t rows : {1U, 3U, 8U}) {
      const std::size_t stride = width + 3;
      const auto in = random_floats(random, 1 + rows * stride, 5.0);
      const auto factors = random_floats(random, width, 1.0);
      QuantisedRows out(rows, width);
      GetParam()->quantise({in.data() + 1, stride}, rows, width, factors.data(), out.view());
      for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t i = 0; i < width; ++i) {
          const std::size_t place = i / kBlockInputs * out.room + row;
          const RowScale scale = out.scales[place];
          const int level = out.values[place * kIntegerStride + i % kBlockInputs];
          ASSERT_LE(level, kLevels);
          const float value = in[1 + row * stride + i] * factors[i];
          ASSERT_NEAR(scale.offset + scale.step * static_cast<float>(level - kMiddle), value,
                      0.5001 * scale.step + 1e-6);
        }
    }
}

TEST_P(IntegerKernels, QuantiseARowOfEqualValuesExactly) {
  const std::vector<float> in(16, -2.5F);
  const std::vector<float> factors(16, 1.0F);
  QuantisedRows out(1, 16);
  GetParam()->quantise({in.data(), 16}, 1, 16, factors.data(), out.view());
  EXPECT_EQ(out.scales[0].step, 0.0F);
  EXPECT_EQ(out.scales[0].offset, -2.5F);
}

void check_product(const Kernels& kernels, std::size_t rows, std::size_t inputs, Finish finish) {
  Random random(rows * 1000 + inputs);
  const std::size_t outputs = 48;
  // Bell-shaped, as the weights of a trained network are: the limits on packed weights then rarely bind.
  auto weights = random_floats(random, inputs * outputs, 0.1);
  for (int more = 0; more < 3; ++more) {
    const auto others = random_floats(random, inputs * outputs, 0.1);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] += others[i];
  }
  const auto bias = random_floats(random, outputs, 1.0);
  const IntegerWeights packed(weights, std::vector<float>(inputs, 1.0F), bias);
  const auto in = random_floats(random, rows * inputs, 1.0);
  QuantisedRows quantised(rows, inputs);
  kernels.quantise({in.data(), inputs}, rows, inputs, packed.factors().data(), quantised.view());
  const std::size_t stride = outputs + 5;
  const auto before = random_floats(random, 1 + rows * stride, 1.0);
  auto out = before;
  kernels.multiply_integers(quantised.view(), rows, packed.matrix(), finish, {out.data() + 1, stride});
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < stride; ++column) {
      const std::size_t place = 1 + row * stride + column;
      if (place >= out.size()) continue;
      if (column >= outputs) {
        ASSERT_EQ(out[place], before[place]) << "wrote between the rows";
        continue;
      }
      double sum = bias[column];
      double in_squares = 0;
      double weight_squares = 0;
      for (std::size_t i = 0; i < inputs; ++i) {
        const double value = in[row * inputs + i];
        const double weight = weights[column * inputs + i];
        sum += value * weight;
        in_squares += value * value;
        weight_squares += weight * weight;
      }
      if (finish == Finish::kAdd) sum += before[place];
      if (finish == Finish::kGelu) sum = 0.5 * sum * (1 + std::erf(sum / std::sqrt(2.0)));
      // Rounding errors are independent of what they multiply, so they add up as random steps do: about 2 % of
      // |in| |weights| / sqrt(inputs), the usual size of the sum itself, weights that were shrunk to their limit
      // included. Six such steps are never seen by chance; a product of other
      // numbers is farther off.
      const double usual = std::sqrt(in_squares * weight_squares / static_cast<double>(inputs));
      ASSERT_NEAR(out[place], sum, 0.12 * usual + 0.001) << row << ' ' << column;
    }
}

TEST_P(IntegerKernels, MultiplyAnyNumberOfRowsNearTheExactProduct) {
  for (const Finish finish : {Finish::kStore, Finish::kGelu, Finish::kAdd})
    for (const std::size_t inputs : {16U, 80U, 384U, 400U, 1536U})
      for (const std::size_t rows : {1U, 2U, 7U, 8U, 9U, 17U, 33U})
        check_product(*GetParam(), rows, inputs, finish);
}

TEST_P(IntegerKernels, GeluHoldsOverTheWholeRange) {
  const std::vector<float> in(16, 1.0F);
  QuantisedRows quantised(1, 16);
  GetParam()->quantise({in.data(), 16}, 1, 16, in.data(), quantised.view());
  double worst = 0;
  for (float first = -30.0F; first < 30.0F; first += 16 * 0.0137F) {
    std::vector<float> bias(16);
    for (std::size_t i = 0; i < 16; ++i) bias[i] = first + 0.0137F * static_cast<float>(i);
    const IntegerWeights nothing(std::vector<float>(256), std::vector<float>(16, 1.0F), bias);
    std::vector<float> out(16);
    GetParam()->multiply_integers(quantised.view(), 1, nothing.matrix(), Finish::kGelu, {out.data(), 16});
    for (std::size_t i = 0; i < 16; ++i)
      worst = std::max(worst, std::abs(out[i] - 0.5 * bias[i] * (1 + std::erf(bias[i] / std::sqrt(2.0)))));
  }
  EXPECT_LT(worst, 2e-4);
  EXPECT_GT(worst, 1e-4);  // it is the approximation that was measured
}

TEST_P(IntegerKernels, GiveARowTheSameBitsInEveryPlace) {
  Random random(7);
  const std::size_t inputs = 400;
  const std::size_t outputs = 16;
  const IntegerWeights packed(random_floats(random, inputs * outputs, 0.3), std::vector<float>(inputs, 1.0F),
                              random_floats(random, outputs, 1.0));
  const auto row = random_floats(random, inputs, 1.0);
  std::vector<float> first;
  for (std::size_t rows = 1; rows <= 17; ++rows)
    for (std::size_t place = 0; place < rows; ++place) {
      auto in = random_floats(random, rows * inputs, 2.0);
      std::copy(row.begin(), row.end(), in.begin() + static_cast<std::ptrdiff_t>(place * inputs));
      QuantisedRows quantised(rows, inputs);
      GetParam()->quantise({in.data(), inputs}, rows, inputs, packed.factors().data(), quantised.view());
      std::vector<float> out(rows * outputs);
      GetParam()->multiply_integers(quantised.view(), rows, packed.matrix(), Finish::kGelu,
                                    {out.data(), outputs});
      const std::vector<float> result(&out[place * outputs], &out[place * outputs] + outputs);
      if (first.empty()) first = result;
      ASSERT_EQ(result, first) << rows << ' ' << place;
    }
}

std::string table_name(const testing::TestParamInfo<const Kernels*>& info) {
  constexpr std::array kNames = {"Scalar", "Avx2", "AvxVnni", "Avx512Vnni", "Amx"};
  return kNames[info.index];
}

INSTANTIATE_TEST_SUITE_P(Tables, IntegerKernels,
                         testing::Values(&scalar_kernels(), avx2_kernels(), avx_vnni_kernels(),
                                         avx512_vnni_kernels(), amx_kernels()),
                         table_name);

// What a form becomes must not depend on the CPU. The sums of the AVX2 tile are checked above.
TEST(IntegerTables, OfOtherInstructionsGiveTheBitsOfAvx2) {
  if (avx2_kernels() == nullptr) GTEST_SKIP() << "this CPU has no AVX2";
  Random random(8);
  for (const std::size_t inputs : {16U, 64U, 384U, 400U, 1536U})
    for (const std::size_t rows : {1U, 15U, 16U, 17U, 33U, 48U})
      for (const Finish finish : {Finish::kStore, Finish::kGelu, Finish::kAdd}) {
        const std::size_t outputs = 80;
        const IntegerWeights weights(harsh_weights(random, inputs * outputs),
                                     random_floats(random, 5 * inputs, 3.0),
                                     random_floats(random, outputs, 1.0));
        const auto in = random_floats(random, rows * inputs, 2.0);
        const auto before = random_floats(random, rows * outputs, 1.0);
        std::vector<float> expected;
        for (const Kernels* table :
             {avx2_kernels(), avx_vnni_kernels(), avx512_kernels(), avx512_vnni_kernels(), amx_kernels()}) {
          if (table == nullptr) continue;
          QuantisedRows quantised(rows, inputs);
          table->quantise({in.data(), inputs}, rows, inputs, weights.factors().data(), quantised.view());
          auto out = before;
          table->multiply_integers(quantised.view(), rows, weights.matrix(), finish, {out.data(), outputs});
          if (expected.empty()) expected = out;
          ASSERT_EQ(out, expected) << table->name << ' ' << inputs << ' ' << rows;
        }
      }
}

}  // namespace
}  // namespace logsieve
