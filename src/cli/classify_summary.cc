#include "cli/classify_summary.h"

#include <cstdint>
#include <fmt/format.h>

#include "base/utf8.h"

namespace logsieve {

std::string classify_summary(const ClassifyTotals& totals, double seconds, LlmStage* llm) {
  const double rate = seconds > 0 ? static_cast<double>(totals.records) / seconds : 0;
  std::string text = fmt::format("{} lines in {:.2f} s ({:.0f}/s), {} forms judged, {} rejected\n",
                                 totals.records, seconds, rate, totals.tiers.forms, totals.rejects);
  const std::uint64_t by_rules = totals.tiers.lines[static_cast<std::size_t>(Tier::kRule)];
  const std::uint64_t asked = totals.records - by_rules;
  if (asked > 0 && totals.tiers.forms <= asked)
    text += fmt::format("cache     {:.1f} % of the lines that no rule decided\n",
                        100.0 * static_cast<double>(asked - totals.tiers.forms) / static_cast<double>(asked));
  const auto percent = [&](std::uint64_t part) {
    return totals.records == 0 ? 0.0
                               : 100.0 * static_cast<double>(part) / static_cast<double>(totals.records);
  };
  text += "by tier ";
  for (std::size_t i = 0; i < kTierCount; ++i)
    if (totals.tiers.lines[i] > 0)
      text += fmt::format("  {} {} ({:.1f} %)", tier_name(static_cast<Tier>(i)), totals.tiers.lines[i],
                          percent(totals.tiers.lines[i]));
  text += "\nby label";
  for (const auto& [label, count] : totals.labels) text += fmt::format("  {} {}", printable(label), count);
  if (llm != nullptr) {
    const LlmCounters counters = llm->counters();
    text +=
        fmt::format("\nllm       {} requests, {} retries, {} forms answered ({} from the store), {} failed",
                    counters.requests, counters.retries, counters.answered, counters.stored, counters.failed);
  }
  return text + '\n';
}

}  // namespace logsieve
