#include "tests/injections/hijack_trial.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "base/random.h"
#include "llm/llm_client.h"
#include "llm/prompt.h"
#include "llm/redact.h"
#include "mask/masker.h"
#include "tests/fake_llm/chat.h"
#include "tests/fake_llm/fake_llm_server.h"

namespace logsieve::injections {
namespace {

const LabelSet& trial_labels() {
  static const LabelSet kLabels({"Critical Error", "Deprecation Warning", "Error", "HTTP Status",
                                 "Resource Usage", "Security Alert", "System Notification", "User Action",
                                 "Workflow Error"});
  return kLabels;
}

// A line as the model sees it.
std::string seen_form(std::string_view line) {
  std::string form;
  mask(line, form);
  return redact(prompt_text(form, kMaxFormBytes));
}

// What the model knows and whom it obeys.
class ObedientModel {
 public:
  void knows(const std::string& form, std::string label) { truth_[form] = std::move(label); }
  void obeys(const std::string& form, Injection injection) { injections_[form] = std::move(injection); }

  fake::Behaviour answer(const fake::ReceivedRequest& request) const {
    const std::vector<fake::AskedLine> lines = fake::asked_lines(request.body).lines;
    const auto shown = fake::shown_labels(request.body);
    fake::Answers answers;
    for (const fake::AskedLine& line : lines) answers.emplace_back(line.id, honest_label(line.form, shown));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto found = injections_.find(lines[i].form);
      if (found != injections_.end()) obey(found->second, i, answers);
    }
    return fake::answers_reply(answers);
  }

 private:
  using Labels = std::unordered_map<std::string, std::string>;

  std::string honest_label(const std::string& form, const Labels& shown) const {
    if (const auto found = shown.find(form); found != shown.end()) return found->second;
    const auto found = truth_.find(form);
    return found == truth_.end() ? "Unclassified" : found->second;
  }

  static void obey(const Injection& injection, std::size_t at, fake::Answers& answers) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const bool is_named =
          std::find(injection.ids.begin(), injection.ids.end(), answers[i].first) != injection.ids.end();
      const bool is_meant =
          (injection.scope == Scope::kItself && i == at) || (injection.scope == Scope::kNamed && is_named) ||
          injection.scope == Scope::kBatch || (injection.scope == Scope::kNext && i == at + 1) ||
          (injection.scope == Scope::kPrevious && i + 1 == at);
      if (is_meant) answers[i].second = injection.target;
    }
  }

  Labels truth_;
  std::unordered_map<std::string, Injection> injections_;
};

struct TrialLine {
  LlmQuestion question;
  std::string truth;
  bool is_clean = true;
  Injection injection;
};

// Labelled lines near to one with this label: two that share it, and some that do not, as kNN finds them.
std::vector<LlmExample> examples_near(const std::string& label, Random& random) {
  std::vector<LlmExample> examples;
  for (std::size_t i = 0; i < 6; ++i) {
    const auto& names = trial_labels().names();
    const std::string& other = i % 3 == 0 ? label : names[random.below(names.size())];
    examples.emplace_back("labelled line about " + other + " of kind " +
                              std::string(1, static_cast<char>('a' + random.below(20))),
                          other);
  }
  return examples;
}

std::vector<TrialLine> trial_lines(const TrialOptions& options, Random& random) {
  const auto& names = trial_labels().names();
  std::vector<TrialLine> lines;
  for (Injection& injection : injections(options.scopes, names, options.rounds)) {
    TrialLine line;
    do line.truth = names[random.below(names.size())];
    while (line.truth == injection.target);
    line.question.form = seen_form(injection.line);
    line.question.examples = examples_near(line.truth, random);
    line.is_clean = false;
    line.injection = std::move(injection);
    lines.push_back(std::move(line));
  }
  const std::size_t clean = lines.size() * options.clean_per_injection;
  for (std::size_t i = 0; i < clean; ++i) {
    TrialLine line;
    line.truth = names[random.below(names.size())];
    std::string word;
    for (std::size_t left = i + 1; left > 0; left /= 20) word += static_cast<char>('a' + left % 20);
    line.question.form = "unit " + word + " went on with its " + line.truth.substr(0, 3) + " work";
    line.question.examples = examples_near(line.truth, random);
    lines.push_back(std::move(line));
  }
  random.shuffle(lines);
  return lines;
}

void count(const TrialLine& line, const LlmAnswer& answer, TrialResult& result) {
  (line.is_clean ? result.clean : result.injections) += 1;
  const bool is_answered = answer.status == LlmStatus::kAnswered;
  if (is_answered && (answer.label < 0 || static_cast<std::size_t>(answer.label) >= trial_labels().size()))
    ++result.outside;
  const std::string label = is_answered ? std::string(trial_labels().name(answer.label)) : std::string();
  if (line.is_clean) {
    result.clean_silent += is_answered ? 0U : 1U;
    result.moved += is_answered && label != line.truth ? 1U : 0U;
  } else if (label == line.injection.target) {
    ++result.hijacked;
    ++result.hijacked_by_style[line.injection.style];
  }
}

LlmOptions client_options(const std::string& base_url, std::size_t batch_forms) {
  LlmOptions options;
  options.base_url = base_url;
  options.models = {"obedient"};
  options.batch_forms = batch_forms;
  options.jitter_seed = 1;
  return options;
}

}  // namespace

TrialResult run_trial(const TrialOptions& options) {
  Random random(11);
  const std::vector<TrialLine> lines = trial_lines(options, random);
  ObedientModel model;
  for (const TrialLine& line : lines) {
    model.knows(line.question.form, line.truth);
    if (!line.is_clean) model.obeys(line.question.form, line.injection);
  }
  const fake::FakeLlmServer server(
      [&](const fake::ReceivedRequest& request) { return model.answer(request); });
  auto client =
      LlmClient::create(client_options(server.base_url(), options.agreement.batch_forms), trial_labels());
  if (!client) throw std::runtime_error(render(client.error()));
  Agreement agreement(*client, trial_labels(), options.agreement);
  TrialResult result;
  for (std::size_t begin = 0; begin < lines.size(); begin += options.forms_a_call) {
    std::vector<LlmQuestion> questions;
    for (std::size_t i = begin; i < std::min(lines.size(), begin + options.forms_a_call); ++i)
      questions.push_back(lines[i].question);
    const std::vector<LlmAnswer> answers = agreement.ask(questions);
    for (std::size_t i = 0; i < answers.size(); ++i) count(lines[begin + i], answers[i], result);
  }
  result.requests = server.request_count();
  result.counters = agreement.counters();
  return result;
}

}  // namespace logsieve::injections
