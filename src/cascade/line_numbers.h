// The numbers that a line's form hides, for whoever learns their ranges.
#ifndef LOGSIEVE_CASCADE_LINE_NUMBERS_H_
#define LOGSIEVE_CASCADE_LINE_NUMBERS_H_

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "mask/masker.h"

namespace logsieve {

inline constexpr std::size_t kLineNumbers = 4;  // of a line, from the left; further ones are not looked at

// Of "12", "-3", "1,284,500", "0.25"; NaN for versions (1.2.3), exponents, and more than 15 digits. `text` is what the
// mask takes for a number.
double number_of(std::string_view text);

// Appends the first kLineNumbers of the line, NaN included, so that lines of one form have their numbers in one order.
void append_numbers(std::string_view line, std::span<const MaskedValue> values, std::vector<double>& numbers);

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_LINE_NUMBERS_H_
