// Counts in words.
#ifndef LOGSIEVE_BASE_NUMBER_OF_H_
#define LOGSIEVE_BASE_NUMBER_OF_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace logsieve {

// "1 rule", "2 rules".
inline std::string number_of(std::size_t number, std::string_view noun) {
  return (std::to_string(number) + ' ').append(noun) + (number == 1 ? "" : "s");
}

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_NUMBER_OF_H_
