#include "cascade/line_numbers.h"

#include <array>
#include <cstdint>
#include <limits>

namespace logsieve {
namespace {

constexpr std::size_t kMostDigits = 15;  // more than a double tells apart
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<double, kMostDigits + 1> powers_of_ten() {
  std::array<double, kMostDigits + 1> powers{};
  double power = 1;
  for (double& some : powers) {
    some = power;
    power *= 10;
  }
  return powers;
}

}  // namespace

double number_of(std::string_view text) {
  static constexpr auto kPowers = powers_of_ten();
  const bool is_negative = !text.empty() && text.front() == '-';
  if (is_negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  std::int64_t digits_value = 0;
  std::size_t digits = 0;
  std::size_t fraction = 0;
  bool has_point = false;
  for (const char c : text) {
    if (c == ',' && !has_point) continue;
    if (c == '.' && !has_point) {
      has_point = true;
      continue;
    }
    if (c < '0' || c > '9' || ++digits > kMostDigits) return kNone;
    digits_value = digits_value * 10 + (c - '0');
    fraction += has_point ? 1U : 0U;
  }
  if (digits == 0) return kNone;
  const double value = static_cast<double>(digits_value) / kPowers[fraction];
  return is_negative ? -value : value;
}

void append_numbers(std::string_view line, std::span<const MaskedValue> values,
                    std::vector<double>& numbers) {
  std::size_t count = 0;
  for (const MaskedValue& value : values) {
    if (value.kind != MaskedKind::kNumber) continue;
    numbers.push_back(number_of(line.substr(value.begin, value.end - value.begin)));
    if (++count == kLineNumbers) return;
  }
}

}  // namespace logsieve
