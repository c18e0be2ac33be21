// Injected lines against a model that obeys them; and when answers are asked for again.
#include "llm/agreement.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

#include "llm/instructions.h"
#include "llm/llm_test_support.h"
#include "llm/redact.h"
#include "mask/masker.h"
#include "tests/injections/hijack_trial.h"

namespace logsieve {
namespace {

using injections::run_trial;
using injections::Scope;
using injections::TrialOptions;
using injections::TrialResult;

TEST(InjectionCorpus, HasEnoughLinesAndStyles) {
  EXPECT_GE(injections::styles().size(), 25U);
  const std::vector<Scope> scopes = {Scope::kItself, Scope::kNamed, Scope::kBatch};
  const auto all = injections::injections(scopes, test_labels().names(), 3);
  EXPECT_GE(all.size(), 300U);
  std::set<std::string> lines;
  for (const auto& injection : all) lines.insert(injection.line);
  EXPECT_EQ(lines.size(), all.size());
}

// Without the checks the same lines do harm: so the next tests can fail.
TEST(Agreement, IsWhatKeepsNeighboursSafe) {
  TrialOptions options;
  options.agreement.is_on = false;
  const TrialResult result = run_trial(options);
  EXPECT_EQ(result.outside, 0U);
  EXPECT_GE(result.moved, result.clean / 4);
  EXPECT_GE(result.hijacked, result.injections / 10);
}

TEST(Agreement, LetsNoInjectedLineMoveANeighbour) {
  const TrialResult result = run_trial({});
  EXPECT_GE(result.injections, 300U);
  EXPECT_EQ(result.outside, 0U);
  EXPECT_EQ(result.moved, 0U);
}

TEST(Agreement, DoesNotNeedToRecogniseInjectedLines) {
  for (const std::size_t clean : {1U, 20U}) {
    TrialOptions options;
    options.agreement.knows_instructions = false;
    options.clean_per_injection = clean;
    options.rounds = clean == 1 ? 3 : 1;
    const TrialResult result = run_trial(options);
    EXPECT_EQ(result.outside, 0U);
    EXPECT_EQ(result.moved, 0U) << clean << " clean lines an injected one";
  }
}

TEST(Agreement, LetsNoRecognisedLineMoveTheNextOrTheOneBefore) {
  TrialOptions options;
  options.scopes = {Scope::kNext, Scope::kPrevious};
  const TrialResult result = run_trial(options);
  EXPECT_EQ(result.moved, 0U);
}

// A model that answers everything alike, control lines too, is weak, not hijacked: its answers count.
TEST(Agreement, DoesNotDoubtAModelThatCannotRepeatShownLabels) {
  fake::FakeLlmServer server(
      [](const fake::ReceivedRequest& request) { return fake::answer_all(request, "Error"); });
  LlmOptions options = quick_options(server.base_url());
  options.batch_forms = 40;
  LlmClient client = must_create(options);
  Agreement agreement(client, test_labels(), {});
  std::vector<LlmQuestion> asked = questions(30);
  for (LlmQuestion& one : asked) one.examples = {{"a failure", "Error"}, {"a person came", "User Action"}};
  for (const LlmAnswer& answer : agreement.ask(asked)) EXPECT_EQ(answer.status, LlmStatus::kAnswered);
  EXPECT_LE(server.request_count(), 2U);  // the batch, and what the model can do
}

TEST(Agreement, AsksNothingTwiceAcrossRuns) {
  fake::FakeLlmServer server([](const fake::ReceivedRequest& request) {
    return fake::answer_each(request, [](const std::string& form) {
      return form.find('7') != std::string::npos ? "Error" : "User Action";
    });
  });
  LlmOptions options = quick_options(server.base_url());
  options.batch_forms = 40;
  AnswerStore store = must_open_store();
  std::vector<LlmQuestion> asked = questions(100);
  for (LlmQuestion& one : asked) one.examples = {{"a failure", "Error"}, {"a person came", "User Action"}};
  std::vector<LlmAnswer> first;
  {
    LlmClient client = must_create(options, {&store, nullptr});
    first = Agreement(client, test_labels(), {}).ask(asked);
  }
  const std::size_t requests = server.request_count();
  LlmClient client = must_create(options, {&store, nullptr});
  const std::vector<LlmAnswer> second = Agreement(client, test_labels(), {}).ask(asked);
  EXPECT_EQ(server.request_count(), requests);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(second[i].status, first[i].status);
    EXPECT_EQ(second[i].label, first[i].label);
  }
}

TEST(Agreement, AbstainsWhereTheSecondBatchSaysOtherwise) {
  // Takes the first label of the list: a bias that a second order of labels shows.
  fake::FakeLlmServer server([](const fake::ReceivedRequest& request) {
    const std::string system = nlohmann::json::parse(request.body)["messages"][0]["content"];
    std::string first;
    std::size_t place = std::string::npos;
    const LabelSet labels = test_labels();  // must outlive the loop over its names
    for (const std::string& name : labels.names())
      if (const std::size_t at = system.find("\n\"" + name + "\""); at < place) place = at, first = name;
    return fake::answer_all(request, first);
  });
  LlmClient client = must_create(quick_options(server.base_url()));
  LlmQuestion asked = question("pump number went on");
  asked.examples = {{"a person came", "User Action"}};  // nothing near has the label "Error"
  Agreement agreement(client, test_labels(), {});
  const LlmAnswer answer = agreement.ask({&asked, 1}).front();
  EXPECT_EQ(answer.status, LlmStatus::kAbstained);
  EXPECT_EQ(agreement.counters().disagreed, 1U);
}

TEST(SpeaksToModel, KnowsMostInjectedLines) {
  const std::vector<Scope> scopes = {Scope::kItself, Scope::kBatch};
  const LabelSet labels = test_labels();
  std::size_t known = 0;
  const auto all = injections::injections(scopes, labels.names(), 2);
  for (const auto& injection : all) {
    std::string form;
    mask(injection.line, form);
    known += speaks_to_model(redact(form), labels) ? 1U : 0U;
  }
  EXPECT_GE(known * 10, all.size() * 7);
}

TEST(SpeaksToModel, LetsOrdinaryLinesBe) {
  for (const std::string_view line : {
           "Error: cannot open path, ignoring it",
           "label printer number is offline",
           "prompt token count number exceeds limit",
           "user number logged in",
           "category tree rebuilt in number ms",
           "answer to ping id received",
           "retrying: previous request was ignored by peer",
           "kernel: Instruction dump: number number",
       })
    EXPECT_FALSE(speaks_to_model(line, test_labels())) << line;
}

}  // namespace
}  // namespace logsieve
