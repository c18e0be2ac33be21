// What logsieve says of a record: a label, how sure, and which tier decided.
#ifndef LOGSIEVE_RECORD_VERDICT_H_
#define LOGSIEVE_RECORD_VERDICT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "record/label_set.h"

namespace logsieve {

// The tier that decided, whether its answer came from a cache or not. kNone: nothing was sure.
enum class Tier : std::uint8_t { kRule, kModel, kLlm, kPrototype, kNone };
inline constexpr std::size_t kTierCount = 5;

constexpr std::string_view tier_name(Tier tier) {
  constexpr std::array<std::string_view, kTierCount> kNames = {"rule", "model", "llm", "prototype", "none"};
  return kNames[static_cast<std::size_t>(tier)];
}

struct Verdict {
  LabelId label = kNoLabel;
  float confidence = 0.0F;  // [0, 1] that the label is right; 0 where nothing was sure
  Tier tier = Tier::kNone;
  std::int32_t rule = -1;    // index in the rule book where tier == kRule, else -1
  bool is_deferred = false;  // provisional: the LLM is to be asked later
};

}  // namespace logsieve

#endif  // LOGSIEVE_RECORD_VERDICT_H_
