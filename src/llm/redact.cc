#include "llm/redact.h"

#include "llm/redact_numbers.h"
#include "llm/redact_phrases.h"
#include "llm/redact_tokens.h"
#include "llm/redact_values.h"

namespace logsieve {
namespace {

std::string redact_once(std::string_view text) {
  std::string out(text);
  redact_secret_phrases(out);
  out = redact_keyed_values(out);
  redact_late_phrases(out);
  return redact_numbers(redact_tokens(out));
}

}  // namespace

std::string redact(std::string_view text) {
  // A replaced value can leave two parts side by side that mean something together. Each round takes away what
  // the round before has not seen, so there are few; the bound keeps the time linear for any bytes.
  constexpr int kMostRounds = 4;
  std::string out = redact_once(text);
  for (int round = 1; round < kMostRounds; ++round) {
    std::string again = redact_once(out);
    if (again == out) break;
    out = std::move(again);
  }
  return out;
}

}  // namespace logsieve
