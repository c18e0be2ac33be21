// What `classify` says of a whole run.
#ifndef LOGSIEVE_CLI_CLASSIFY_SUMMARY_H_
#define LOGSIEVE_CLI_CLASSIFY_SUMMARY_H_

#include <string>

#include "cascade/classify_stream.h"
#include "cascade/llm_stage.h"

namespace logsieve {

// Counts by tier and label, lines a second, share of the cache; lines for a terminal. `llm` may be null.
std::string classify_summary(const ClassifyTotals& totals, double seconds, LlmStage* llm);

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_CLASSIFY_SUMMARY_H_
