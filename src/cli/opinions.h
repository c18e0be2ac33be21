// What the LLM said in one run, by form: collected while lines are written, put into the review queue at the end, or now
// and then.
#ifndef LOGSIEVE_CLI_OPINIONS_H_
#define LOGSIEVE_CLI_OPINIONS_H_

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "llm/llm_question.h"
#include "record/verdict.h"
#include "review/review_store.h"

namespace logsieve {

class Opinions {
 public:
  static constexpr std::size_t kMostForms = 20'000;  // further ones are not kept: a person looks at fewer

  // `message`: the line as it came; empty: it is not known.
  void add(std::string_view message, std::string_view form, const Verdict& before, bool is_second_opinion,
           const LlmAnswer& answer, const LabelSet& labels);
  // Forgets what it has put there. Does nothing where there is nothing. Errors: those of ReviewStore.
  Result<void> save(const std::string& file);
  // The same, once a minute.
  Result<void> save_if_due(const std::string& file);

 private:
  std::map<std::string, ReviewedForm, std::less<>> forms_;
  std::chrono::steady_clock::time_point saved_at_ = std::chrono::steady_clock::now();
};

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_OPINIONS_H_
