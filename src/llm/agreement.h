// Asks the LLM so that a log line can move no label but its own, and its own seldom.
//
// A batch is shown to the model as a whole, so one line of it may try to label the others. Against that:
//   random ids        no line can name another one (prompt.h);
//   control lines     each batch holds two labelled lines again, as if they were asked. The prompt shows their labels,
//                     so they come back wrong only where something else than the prompt decided: the batch is then
//                     doubted. A model that gets them wrong without any log text beside them is not judged by them.
//   alone             what reads as if it spoke to the model (instructions.h) has no neighbours;
//   other company     a doubted answer counts if a second batch, with other neighbours and the labels in another
//                     order, says the same and is not doubted itself. Else it abstains.
// Doubted are also answers that no labelled neighbour of the form supports, and then those that fewer of them support
// than support another label; these are re-asked in one batch, and in one more for every four first ones, and without
// that limit once a batch has been doubted.
//
// After BatchPrompt (Lin et al. 2023: permuted batches and votes) and spotlighting (Hines et al. 2024).
#ifndef LOGSIEVE_LLM_AGREEMENT_H_
#define LOGSIEVE_LLM_AGREEMENT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include "llm/llm_client.h"
#include "llm/llm_question.h"
#include "record/label_set.h"

namespace logsieve {

struct AgreementOptions {
  bool is_on = true;               // off: one question a form, its answer counts
  bool knows_instructions = true;  // forms that speak to the model are asked alone
  std::size_t batch_forms = 40;    // lines a batch, control lines among them
  std::size_t control_lines = 2;   // a batch of more than one line
};

struct AgreementCounters {
  std::uint64_t alone = 0;    // forms that speak to the model
  std::uint64_t doubted = 0;  // answers from batches whose control lines came back wrong
  std::uint64_t asked_again = 0;
  std::uint64_t disagreed = 0;  // ... that abstain for it
};

class Agreement {
 public:
  // `client` outlives this.
  Agreement(LlmClient& client, const LabelSet& labels, AgreementOptions options);

  // One answer a question, in order. Questions have variant 0. One thread, as the client.
  std::vector<LlmAnswer> ask(std::span<const LlmQuestion> questions, const std::stop_token& stop = {});
  // What `ask` would say without a request, if it can. May be called by another thread than `ask`.
  std::optional<LlmAnswer> find_stored(const LlmQuestion& question) const;

  // Lines of a batch that are no control lines.
  std::size_t lines_a_batch() const;
  const AgreementCounters& counters() const { return counters_; }

 private:
  struct Item;
  // The questions of one call, in groups that share a batch; `owners` is null for a control line.
  struct Round {
    std::vector<LlmQuestion> questions;
    std::vector<Item*> owners;
    std::uint32_t group = 0;

    void add(LlmQuestion question, Item* owner) {
      question.group = group;
      questions.push_back(std::move(question));
      owners.push_back(owner);
    }
  };
  enum class Ability : std::uint8_t { kUnknown, kRepeats, kDoesNot };

  Item item_for(const LlmQuestion& question) const;
  void note_support(Item& item) const;
  std::size_t ask_round(std::span<Item* const> items, std::uint32_t variant, const std::stop_token& stop);
  void add_batch(std::span<Item* const> items, std::uint32_t variant, Round& round) const;
  std::vector<Item*> choose_second(std::vector<Item>& items, const std::stop_token& stop);
  std::size_t extra_lines_left() const;
  void learn_ability(const LlmQuestion& question, const std::stop_token& stop);
  Ability ability_shown(std::span<const LlmExample> examples, std::span<const LlmAnswer> answers) const;
  LlmAnswer verdict(const Item& item, Ability ability) const;

  LlmClient& client_;
  LabelSet labels_;
  AgreementOptions options_;
  AgreementCounters counters_;
  std::uint64_t first_batches_ = 0;
  std::uint64_t extra_batches_ = 0;
  std::atomic<Ability> ability_ = Ability::kUnknown;  // to repeat labels that the prompt shows
  bool is_alarmed_ = false;                           // a batch was doubted
};

}  // namespace logsieve

#endif  // LOGSIEVE_LLM_AGREEMENT_H_
