// What the LLM said in one run, by form: collected while lines are written, put into the review queue at the end.
#ifndef LOGSIEVE_CLI_OPINIONS_H_
#define LOGSIEVE_CLI_OPINIONS_H_

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
  // Does nothing where there are none. Errors: those of ReviewStore.
  Result<void> save(const std::string& file) const;

 private:
  std::map<std::string, ReviewedForm, std::less<>> forms_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_OPINIONS_H_
