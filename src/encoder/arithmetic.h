// The two kinds of arithmetic that the encoder has.
#ifndef LOGSIEVE_ENCODER_ARITHMETIC_H_
#define LOGSIEVE_ENCODER_ARITHMETIC_H_

#include <cstdint>
#include <string_view>

namespace logsieve {

enum class Arithmetic : std::uint8_t {
  kFp32,  // floats: "exact"
  kFast,  // the products of integers of 8 bits, the rest floats: docs/adr/0010 has speed and accuracy
};

// As settings spell it.
constexpr std::string_view arithmetic_name(Arithmetic arithmetic) {
  return arithmetic == Arithmetic::kFp32 ? "exact" : "fast";
}

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_ARITHMETIC_H_
