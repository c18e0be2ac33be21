// The secret corpus as JSON lines on stdout, for tests of the command line:
//   secret_lines [dev|held-out] [COUNT] [SEED]
//   {"family": …, "line": …, "carrier": …, "payloads": […]}
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/secrets/secret_corpus.h"

int main(int argc, char** argv) {
  using namespace logsieve::secrets;
  const bool is_held_out = argc > 1 && std::string_view(argv[1]) == "held-out";
  const std::size_t count = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 2'000;
  const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  for (const SecretLine& line : secret_lines(is_held_out ? Half::kHeldOut : Half::kDevelopment, count, seed))
    std::cout << nlohmann::json{{"family", line.family},
                                {"line", line.line},
                                {"carrier", line.carrier},
                                {"payloads", line.payloads}}
                     .dump()
              << '\n';
  return 0;
}
