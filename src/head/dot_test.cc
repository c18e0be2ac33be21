#include "head/dot.h"

#include <array>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

std::vector<float> noise(std::size_t size, std::uint64_t seed) {
  Random random(seed);
  std::vector<float> out(size);
  for (float& value : out) value = static_cast<float>(random.unit() * 2.0 - 1.0);
  return out;
}

// The order of summation in plain words: lane i takes elements i, i + 16, ...; lanes are added as the header's
// tree; the tail follows in order.
float dot_by_lanes(const std::vector<float>& a, const std::vector<float>& b) {
  std::array<volatile float, 16> lanes{};
  const std::size_t whole = a.size() / 16 * 16;
  for (std::size_t i = 0; i < whole; ++i) {
    const volatile float product = a[i] * b[i];
    lanes[i % 16] = lanes[i % 16] + product;
  }
  std::array<volatile float, 4> sums{};
  for (std::size_t i = 0; i < 4; ++i) {
    const volatile float left = lanes[i] + lanes[i + 4];
    const volatile float right = lanes[i + 8] + lanes[i + 12];
    sums[i] = left + right;
  }
  const volatile float left = sums[0] + sums[1];
  const volatile float right = sums[2] + sums[3];
  volatile float total = left + right;
  for (std::size_t i = whole; i < a.size(); ++i) {
    const volatile float product = a[i] * b[i];
    total = total + product;
  }
  return total;
}

TEST(Dot, OfSmallVectorsIsExact) {
  const std::vector<float> a = {1, 2, 3};
  const std::vector<float> b = {4, -5, 6};
  EXPECT_EQ(dot(a, b), 12.0F);
  EXPECT_EQ(dot_double(a, b), 12.0);
  EXPECT_EQ(dot({}, {}), 0.0F);
  EXPECT_EQ(dot_double({}, {}), 0.0);
}

TEST(Dot, SumsInTheDocumentedOrderForEveryTailLength) {
  for (std::size_t size = 0; size < 70; ++size) {
    const auto a = noise(size, size);
    const auto b = noise(size, size + 1000);
    EXPECT_EQ(dot(a, b), dot_by_lanes(a, b)) << size;
  }
  EXPECT_EQ(dot(noise(384, 1), noise(384, 2)), dot_by_lanes(noise(384, 1), noise(384, 2)));
}

TEST(Dot, OfManyRowsHasTheBitsOfOne) {
  for (std::size_t size : {1U, 15U, 16U, 17U, 70U, 384U, 2048U})
    for (std::size_t vectors = 0; vectors < 10; ++vectors)
      for (std::size_t rows = 0; rows < 10; ++rows) {
        const auto a = noise(vectors * size, size + rows);
        const auto many = noise(rows * size, size + rows + 1);
        std::vector<float> found(vectors * rows, -1.0F);
        dots(a, many, size, found);
        for (std::size_t i = 0; i < vectors; ++i)
          for (std::size_t j = 0; j < rows; ++j)
            EXPECT_EQ(found[i * rows + j],
                      dot(std::span(a).subspan(i * size, size), std::span(many).subspan(j * size, size)))
                << size << ' ' << i << ' ' << j;
      }
}

TEST(Dot, DoesNotDependOnAlignment) {
  const auto a = noise(384, 3);
  const auto b = noise(384, 4);
  std::vector<float> shifted(400);
  for (std::size_t offset = 0; offset < 8; ++offset) {
    std::copy(a.begin(), a.end(), shifted.begin() + static_cast<std::ptrdiff_t>(offset));
    const auto view = std::span<const float>(shifted).subspan(offset, a.size());
    EXPECT_EQ(dot(view, b), dot(a, b));
    EXPECT_EQ(dot_double(view, b), dot_double(a, b));
  }
}

TEST(Dot, DoubleAgreesWithLongDoubleToRounding) {
  for (std::size_t size : {1U, 7U, 8U, 9U, 384U, 1000U}) {
    const auto a = noise(size, size + 5);
    const auto b = noise(size, size + 6);
    long double exact = 0;
    for (std::size_t i = 0; i < size; ++i)
      exact += static_cast<long double>(a[i]) * static_cast<long double>(b[i]);
    // Products of floats are exact in double; at most size roundings of half an ulp of a sum below size.
    const double bound = static_cast<double>(size) * static_cast<double>(size) * 0x1.0p-53;
    EXPECT_NEAR(dot_double(a, b), static_cast<double>(exact), bound) << size;
    EXPECT_NEAR(static_cast<double>(dot(a, b)), static_cast<double>(exact), 1e-6 * static_cast<double>(size));
  }
}

}  // namespace
}  // namespace logsieve
