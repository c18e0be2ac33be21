#include "llm/agreement.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "base/hash.h"
#include "base/random.h"
#include "llm/instructions.h"
#include "llm/prompt.h"

namespace logsieve {
namespace {

constexpr std::uint64_t kFirstBatchesPerExtra = 4;
constexpr std::size_t kMostAlone =
    50;  // a client's life: each costs a request, and who writes such lines knows
constexpr std::size_t kAbilityErrorsPer = 4;  // one shown label in so many may come back wrong

constexpr std::string_view kAbilityFact = "repeats the labels that the prompt shows";
constexpr std::string_view kRepeatsFact = "yes";
constexpr std::string_view kDoesNotFact = "no";

LlmAnswer abstention(std::string reason) {
  return {LlmStatus::kAbstained, kNoLabel, std::move(reason)};
}

LlmQuestion in_variant(LlmQuestion question, std::uint32_t variant) {
  question.variant = variant;
  return question;
}

// Labelled lines to hide among `group`: of different labels if there are, and none that is asked anyway.
std::vector<LlmQuestion> controls_for(std::span<const LlmQuestion> group, std::size_t count) {
  std::vector<const LlmQuestion*> pointers;
  for (const LlmQuestion& question : group) pointers.push_back(&question);
  const std::vector<LlmExample> examples = shared_examples(pointers);
  std::vector<LlmQuestion> controls;
  for (const bool is_new_label : {true, false})
    for (const auto& [form, label] : examples) {
      const auto has_form = [&f = form](const LlmQuestion& other) { return other.form == f; };
      const auto has_label = [&l = label](const LlmQuestion& other) { return other.control_label == l; };
      const bool is_taken = std::any_of(group.begin(), group.end(), has_form) ||
                            std::any_of(controls.begin(), controls.end(), has_form) ||
                            (is_new_label && std::any_of(controls.begin(), controls.end(), has_label));
      if (is_taken || controls.size() == count) continue;
      LlmQuestion control;
      control.form = form;
      control.control_label = label;
      control.variant = group.front().variant;
      controls.push_back(std::move(control));
    }
  return controls;
}

// Questions about labelled lines whose labels their prompt shows.
std::vector<LlmQuestion> ability_questions(const LlmQuestion& question) {
  std::vector<LlmQuestion> asked;
  for (const LlmExample& example : question.examples) {
    asked.emplace_back();
    asked.back().form = example.first;
    asked.back().examples = question.examples;
  }
  return asked;
}

}  // namespace

struct Agreement::Item {
  const LlmQuestion* question = nullptr;
  bool is_alone = false;
  bool is_supported = false;  // a labelled form nearby has the first answer's label
  bool is_outvoted = false;   // ... but more of them have another one
  bool needs_second = false;
  std::array<LlmAnswer, 2> answers = {};  // by variant

  bool is_answered() const { return answers[0].status == LlmStatus::kAnswered; }
};

Agreement::Agreement(LlmClient& client, const LabelSet& labels, AgreementOptions options)
    : client_(client), labels_(labels), options_(options) {
  const auto known = client_.fact(kAbilityFact);
  if (known == kRepeatsFact) ability_ = Ability::kRepeats;
  if (known == kDoesNotFact) ability_ = Ability::kDoesNot;
}

std::size_t Agreement::lines_a_batch() const {
  if (!options_.is_on || options_.batch_forms <= 1) return std::max<std::size_t>(options_.batch_forms, 1);
  return std::max(options_.batch_forms, options_.control_lines + 1) - options_.control_lines;
}

Agreement::Item Agreement::item_for(const LlmQuestion& question) const {
  Item item;
  item.question = &question;
  item.is_alone = options_.knows_instructions && speaks_to_model(question.form, labels_);
  return item;
}

void Agreement::note_support(Item& item) const {
  std::map<std::string_view, std::size_t> votes;
  for (const LlmExample& example : item.question->examples) ++votes[example.second];
  const std::size_t own = votes[labels_.name(item.answers[0].label)];
  item.is_supported = own > 0;
  item.is_outvoted =
      std::any_of(votes.begin(), votes.end(), [own](const auto& vote) { return vote.second > own; });
}

std::vector<LlmAnswer> Agreement::ask(std::span<const LlmQuestion> questions, const std::stop_token& stop) {
  if (!options_.is_on) return client_.ask(questions, stop);
  std::vector<Item> items;
  for (const LlmQuestion& question : questions) items.push_back(item_for(question));
  std::vector<Item*> first;
  for (Item& item : items) first.push_back(&item);
  first_batches_ += ask_round(first, 0, stop);
  const std::vector<Item*> second = choose_second(items, stop);
  extra_batches_ += ask_round(second, 1, stop);
  counters_.asked_again += second.size();
  std::vector<LlmAnswer> answers;
  for (const Item& item : items) {
    answers.push_back(verdict(item, ability_));
    if (item.needs_second && answers.back().status == LlmStatus::kAbstained) ++counters_.disagreed;
  }
  return answers;
}

std::optional<LlmAnswer> Agreement::find_stored(const LlmQuestion& question) const {
  auto first = client_.find_stored(question);
  if (!options_.is_on || !first || first->status != LlmStatus::kAnswered) return first;
  Item item = item_for(question);
  item.answers[0] = std::move(*first);
  note_support(item);
  const Ability ability = ability_;
  if (item.answers[0].is_doubted && ability == Ability::kUnknown) return std::nullopt;
  const bool is_doubted = item.answers[0].is_doubted && ability == Ability::kRepeats;
  auto second = item.is_supported && !item.is_outvoted && !item.is_alone && !is_doubted
                    ? std::nullopt
                    : client_.find_stored(in_variant(question, 1));
  if (!second && (is_doubted || (item.is_alone && item.is_supported))) return std::nullopt;
  item.needs_second = second.has_value();
  if (second) item.answers[1] = std::move(*second);
  return verdict(item, ability);
}

// Returns how many batches that were.
std::size_t Agreement::ask_round(std::span<Item* const> items, std::uint32_t variant,
                                 const std::stop_token& stop) {
  Round round;
  std::vector<Item*> together;
  for (Item* item : items) {
    LlmQuestion question = in_variant(*item->question, variant);
    if (auto stored = client_.find_stored(question)) {
      item->answers[variant] = std::move(*stored);
    } else if (!item->is_alone) {
      together.push_back(item);
    } else if (++counters_.alone <= kMostAlone) {
      round.add(std::move(question), item);
      ++round.group;
    } else {
      item->answers[variant] = abstention("the line speaks to the model, as too many others did");
    }
  }
  // Another variant is another company. The same forms give the same batches, on any machine.
  if (!together.empty()) Random(xxh3_128(together.front()->question->form).low + variant).shuffle(together);
  const std::size_t size = lines_a_batch();
  for (std::size_t begin = 0; begin < together.size(); begin += size)
    add_batch(std::span<Item* const>(together).subspan(begin, std::min(size, together.size() - begin)),
              variant, round);
  const std::vector<LlmAnswer> answers = client_.ask(round.questions, stop);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (round.owners[i] == nullptr) continue;
    round.owners[i]->answers[variant] = answers[i];
    counters_.doubted += answers[i].is_doubted ? 1U : 0U;
  }
  return round.group;
}

void Agreement::add_batch(std::span<Item* const> items, std::uint32_t variant, Round& round) const {
  std::vector<LlmQuestion> questions;
  for (const Item* item : items) questions.push_back(in_variant(*item->question, variant));
  std::vector<std::pair<LlmQuestion, Item*>> batch;
  for (std::size_t i = 0; i < items.size(); ++i) batch.emplace_back(questions[i], items[i]);
  if (items.size() > 1)
    for (LlmQuestion& control : controls_for(questions, options_.control_lines)) {
      Random place(xxh3_128(control.form).high + items.size());
      batch.insert(batch.begin() + static_cast<std::ptrdiff_t>(place.below(batch.size() + 1)),
                   {std::move(control), nullptr});
    }
  for (auto& [question, item] : batch) round.add(std::move(question), item);
  ++round.group;
}

// Whom to ask again.
std::vector<Agreement::Item*> Agreement::choose_second(std::vector<Item>& items,
                                                       const std::stop_token& stop) {
  const auto doubted =
      std::find_if(items.begin(), items.end(), [](const Item& item) { return item.answers[0].is_doubted; });
  if (doubted != items.end()) {
    if (ability_ == Ability::kUnknown) learn_ability(*doubted->question, stop);
    is_alarmed_ = is_alarmed_ || ability_ != Ability::kDoesNot;
  }
  std::vector<Item*> second;
  std::vector<Item*> unsupported;
  std::vector<Item*> outvoted;
  for (Item& item : items) {
    if (!item.is_answered()) continue;
    note_support(item);
    if (item.is_alone ? item.is_supported : item.answers[0].is_doubted && ability_ != Ability::kDoesNot)
      second.push_back(&item);
    else if (!item.is_alone && !item.is_supported)
      unsupported.push_back(&item);
    else if (!item.is_alone && item.is_outvoted)
      outvoted.push_back(&item);
  }
  std::vector<Item*> doubtful = std::move(unsupported);  // the most doubtful first
  doubtful.insert(doubtful.end(), outvoted.begin(), outvoted.end());
  std::size_t left = is_alarmed_ ? doubtful.size() : extra_lines_left();
  for (Item* item : doubtful) {
    // What an earlier run has asked is known, and counts as it did then.
    if (left == 0 && !client_.find_stored(in_variant(*item->question, 1))) continue;
    left -= left > 0 ? 1U : 0U;
    second.push_back(item);
  }
  for (Item* item : second) item->needs_second = true;
  return second;
}

// For answers that nothing but a lack of support speaks against.
std::size_t Agreement::extra_lines_left() const {
  if (first_batches_ == 0) return 0;
  const std::uint64_t batches = std::max<std::uint64_t>(1, first_batches_ / kFirstBatchesPerExtra);
  return batches > extra_batches_ ? static_cast<std::size_t>(batches - extra_batches_) * lines_a_batch() : 0;
}

// Asked once; what it says holds for later runs too.
void Agreement::learn_ability(const LlmQuestion& question, const std::stop_token& stop) {
  const Ability ability = ability_shown(question.examples, client_.ask(ability_questions(question), stop));
  ++extra_batches_;
  ability_ = ability;
  if (ability != Ability::kUnknown)
    client_.keep_fact(kAbilityFact, ability == Ability::kRepeats ? kRepeatsFact : kDoesNotFact);
}

// A model that does not repeat labels that the prompt shows, without any log text beside them, proves nothing by
// getting control lines wrong.
Agreement::Ability Agreement::ability_shown(std::span<const LlmExample> examples,
                                            std::span<const LlmAnswer> answers) const {
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].status == LlmStatus::kUnavailable) return Ability::kUnknown;
    wrong += labels_.name(answers[i].label) == examples[i].second ? 0U : 1U;
  }
  return wrong * kAbilityErrorsPer <= examples.size() ? Ability::kRepeats : Ability::kDoesNot;
}

LlmAnswer Agreement::verdict(const Item& item, Ability ability) const {
  const LlmAnswer& first = item.answers[0];
  const LlmAnswer& second = item.answers[1];
  if (!item.is_answered()) return first;
  if (item.is_alone && !item.is_supported)
    return abstention("the line speaks to the model, and no labelled line near it has the label that it got");
  if (!item.needs_second) return first;
  const bool can_doubt = ability != Ability::kDoesNot;
  const int doubts = can_doubt ? (first.is_doubted ? 1 : 0) + (second.is_doubted ? 1 : 0) : 0;
  if (second.status == LlmStatus::kUnavailable) return doubts == 0 && !item.is_alone ? first : second;
  if (second.status != LlmStatus::kAnswered || second.label != first.label)
    return abstention("asked again among other lines, the model did not say the same");
  if (doubts > 1 || (doubts == 1 && !item.is_supported))
    return abstention("its batch came back wrong where the right answers were known");
  return first;
}

}  // namespace logsieve
