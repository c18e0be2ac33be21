#include "cascade/line_numbers.h"

#include <cmath>
#include <gtest/gtest.h>
#include <string>

namespace logsieve {
namespace {

std::vector<double> numbers_of(std::string_view line) {
  std::string form;
  std::vector<MaskedValue> values;
  mask(line, form, values);
  std::vector<double> numbers;
  append_numbers(line, values, numbers);
  return numbers;
}

TEST(LineNumbers, ReadsWhatAMaskHides) {
  EXPECT_EQ(number_of("12"), 12);
  EXPECT_EQ(number_of("-3"), -3);
  EXPECT_EQ(number_of("+3"), 3);
  EXPECT_EQ(number_of("0.25"), 0.25);
  EXPECT_EQ(number_of("1,284,500"), 1'284'500);
  EXPECT_EQ(number_of("999999999999999"), 999'999'999'999'999);
}

TEST(LineNumbers, DoesNotReadVersionsExponentsAndNames) {
  for (const char* text : {"", "-", ".", "1.2.3", "1e5", "1234567890123456"})
    EXPECT_TRUE(std::isnan(number_of(text))) << text;
}

TEST(LineNumbers, KeepsTheOrderOfALineWhateverCanBeRead) {
  const auto numbers =
      numbers_of("worker 7 of version 1.2.3 at 10.0.0.1 took 512MB in 3.5 s, retried 2 times");
  ASSERT_EQ(numbers.size(), kLineNumbers);
  EXPECT_EQ(numbers[0], 7);
  EXPECT_TRUE(std::isnan(numbers[1]));
  EXPECT_EQ(numbers[2], 512);
  EXPECT_EQ(numbers[3], 3.5);
  EXPECT_TRUE(numbers_of("nothing to count here").empty());
}

}  // namespace
}  // namespace logsieve
