// What the LLM was asked, what it said and what that cost, kept across runs: answers by key, calls for the budget and
// the ledger. SQLite (docs/formats/llm_state.md). Thread-safe; several processes may share a file.
//
// Order of writes: a call is reserved, with the bytes that will leave, before it is sent; its cost and its answers
// are committed together before anybody sees them. So a kill at any moment loses no answer that was shown, a stored
// answer is never paid for again, and a call that was under way counts with the most that it may have cost.
#ifndef LOGSIEVE_LLM_ANSWER_STORE_H_
#define LOGSIEVE_LLM_ANSWER_STORE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "llm/budget.h"
#include "llm/llm_question.h"

namespace logsieve {

// SHA-256 over all that an answer depends on: model, kPromptVersion, labels with their descriptions, the question's
// examples, form and variant. In hexadecimal.
std::string answer_key(std::string_view model, std::string_view labels_hash, const LlmQuestion& question);
std::string hash_of_labels(const LabelSet& labels, std::span<const std::string> descriptions);

struct StoredAnswer {
  bool has_label = false;  // false: the model said that none fits
  std::string label;
  bool is_doubted = false;
};

struct CallDraft {
  std::string_view model;
  std::size_t forms = 0;
  TokenCount most;  // that it can cost
  std::int64_t most_nano_usd = 0;
  std::string_view request = {};  // the body
};

struct CallResult {
  std::string_view outcome;  // "answered", or why not
  TokenCount tokens;
  std::int64_t nano_usd = 0;
};

struct NewAnswer {
  std::string key;
  std::string form;
  std::optional<std::string> label;  // none: the model said that none fits
  bool is_doubted = false;           // LlmAnswer::is_doubted
};

// One request as it left, for `logsieve llm egress`.
struct SentRequest {
  std::int64_t call = 0;
  std::int64_t at_ms = 0;
  std::string model;
  std::string outcome;
  std::string body;
};

struct LedgerTotals {
  std::uint64_t calls = 0;
  std::uint64_t answered_calls = 0;
  TokenCount tokens;
  std::int64_t nano_usd = 0;
  std::uint64_t answers = 0;     // forms with a stored answer
  std::uint64_t cache_hits = 0;  // questions that the store answered without a call
  std::uint64_t lines = 0;       // records that stored answers have labelled
};

struct LedgerRow {
  std::string form;
  std::string label;  // `Unclassified` where none fits
  std::string model;
  std::int64_t nano_usd = 0;  // the form's share of its call
  std::uint64_t tokens = 0;
  std::uint64_t cache_hits = 0;
  std::uint64_t lines = 0;
};

class AnswerStore {
 public:
  static constexpr int kVersion = 2;

  // Makes the file and its folder if need be. Errors: kIo; kBadConfig for a file of a newer version.
  static Result<AnswerStore> open(const std::filesystem::path& file);
  static Result<AnswerStore> in_memory();
  AnswerStore(AnswerStore&&) noexcept;
  AnswerStore& operator=(AnswerStore&&) noexcept;
  ~AnswerStore();

  // Errors of all below: kIo.
  Result<std::optional<StoredAnswer>> find(std::string_view key);
  // Admits a call and reserves the most that it can cost, in one step: two processes cannot both take the last of a
  // budget. Admission::call is the number for `settle`.
  Result<Admission> reserve(const BudgetLimits& limits, const CallDraft& call, std::int64_t now_ms);
  // An answer that is there already stays.
  Result<void> settle(std::int64_t call, const CallResult& result, std::span<const NewAnswer> answers);
  Result<void> count_hit(std::string_view key);
  Result<void> count_lines(std::string_view key, std::uint64_t lines);

  // What has been found out about a model, by a key of the caller's; the later word counts.
  Result<std::optional<std::string>> fact(std::string_view key);
  Result<void> keep_fact(std::string_view key, std::string_view value);

  // Of calls since `since_ms` (0: all), and of all answers.
  Result<LedgerTotals> totals(std::int64_t since_ms);
  // What has left the machine, byte for byte, oldest first: calls after number `after`, at most `limit`. It was written
  // here before it was sent.
  Result<std::vector<SentRequest>> sent(std::int64_t after, std::size_t limit);
  // The forms that have answered the most lines first.
  Result<std::vector<LedgerRow>> rows(std::size_t limit);

 private:
  struct Impl;
  explicit AnswerStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_ANSWER_STORE_H_
