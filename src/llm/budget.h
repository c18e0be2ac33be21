// What the LLM may cost: requests, tokens and money in a minute and a day. Arithmetic only; the store keeps the
// calls (answer_store.h), so a budget holds across runs, processes and crashes.
//
// A request is admitted by the most that it can cost (its prompt, and every token that its answer may have), and
// that much is reserved until its reply says what it did cost. So no limit is ever passed by more than the error of
// one prompt's estimate.
#ifndef LOGSIEVE_LLM_BUDGET_H_
#define LOGSIEVE_LLM_BUDGET_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace logsieve {

// 0: no limit. A minute is the last 60 s; a day is a calendar day in UTC.
struct BudgetLimits {
  std::uint64_t requests_per_minute = 0;
  std::uint64_t requests_per_day = 0;
  std::uint64_t tokens_per_minute = 0;
  std::uint64_t tokens_per_day = 0;
  double usd_per_day = 0;
};

// US dollars a million tokens.
struct Price {
  double input = 0;
  double cached_input = 0;  // served from the provider's prefix cache
  double output = 0;
};

struct TokenCount {
  std::uint64_t input = 0;  // cached ones among them
  std::uint64_t cached = 0;
  std::uint64_t output = 0;
  std::uint64_t total() const { return input + output; }
};

// Money is counted in nano-dollars, so that sums are exact.
std::int64_t nano_usd(const TokenCount& tokens, const Price& price);

// The price of a model in `prices`, else what is known of it here (Groq's list of 2026). Nothing: unknown.
std::optional<Price> price_of(std::string_view model,
                              const std::map<std::string, Price, std::less<>>& prices);

// Tokens of a text, rather too many: 3 bytes a token, where English has some 4.
std::uint64_t estimated_tokens(std::size_t bytes);

// What was spent (or is reserved) before a request.
struct Spending {
  std::uint64_t requests_minute = 0;
  std::uint64_t tokens_minute = 0;
  std::int64_t oldest_in_minute_ms = 0;  // Unix time of the oldest call of the last minute
  std::uint64_t requests_day = 0;
  std::uint64_t tokens_day = 0;
  std::int64_t nano_usd_day = 0;
};

enum class Permit : std::uint8_t {
  kGo,
  kWait,      // a minute's budget: ask again at wait_until_ms
  kTooLarge,  // this request is larger than a whole minute's tokens: make it smaller
  kSpent,     // a day's budget
};

struct Admission {
  Permit permit = Permit::kGo;
  std::int64_t wait_until_ms = 0;  // Unix time
  std::string reason = {};         // for people, where it is not kGo
  std::int64_t call = 0;           // set by the store where it is kGo
};

Admission admit(const BudgetLimits& limits, const Spending& spent, std::uint64_t tokens,
                std::int64_t nano_usd, std::int64_t now_ms);

// Unix time at which the UTC day of `now_ms` began.
std::int64_t day_start_ms(std::int64_t now_ms);

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_BUDGET_H_
