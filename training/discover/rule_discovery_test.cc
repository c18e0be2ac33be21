#include "training/discover/rule_discovery.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <optional>
#include <re2/re2.h>

#include "rules/rule_engine.h"
#include "training/discover/book_review.h"
#include "training/fit/scores.h"

namespace logsieve {
namespace {

// Lines with labels, and vectors that put the forms of a label in one place, labels far from each other.
struct Sample {
  LabelledData data;
  std::vector<float> vectors;

  void add(std::string message, LabelId label) {
    data.lines.push_back({std::move(message), "", "", label, 0});
  }
  void finish(std::vector<std::string> labels) {
    data.labels = LabelSet(std::move(labels));
    fold_to_forms(data);
    for (const LabelledForm& form : data.forms)
      for (LabelId d = 0; d < 4; ++d) vectors.push_back(d == form.label ? 1.0F : 0.0F);
  }
  Discovery discover(std::size_t threads = 1, const RuleBook& given = {}) const {
    auto found = discover_rules(data, vectors, 4, {2, threads}, given);
    EXPECT_TRUE(found);
    return std::move(*found);
  }
};

TEST(RuleDiscovery, MakesARuleWithItsProof) {
  Sample sample;
  for (int i = 0; i < 40; ++i) sample.add("User " + std::to_string(i * 7) + " logged in from the office", 0);
  for (int i = 0; i < 9; ++i) sample.add("Disk " + std::to_string(i) + " reports unreadable sectors", 1);
  sample.finish({"Access", "Hardware"});
  const Discovery discovery = sample.discover();
  ASSERT_EQ(discovery.rules.size(), 2U);
  const Rule& rule = discovery.rules[0];
  EXPECT_EQ(rule.label, "Access");
  EXPECT_EQ(rule.pattern, R"(^User (?P<number1>\d+) logged in from the office$)");
  ASSERT_TRUE(rule.certificate);
  EXPECT_EQ(rule.certificate->messages, 40U);
  EXPECT_EQ(rule.certificate->lines, 40U);
  EXPECT_EQ(rule.certificate->forms, 1U);
  EXPECT_EQ(rule.certificate->other_messages, 9U);
  // Wilson: n / (n + z^2) for n right of n, z = 1.96.
  EXPECT_NEAR(rule.certificate->precision_bound, 40.0 / (40.0 + 1.959963985 * 1.959963985), 1e-4);
  EXPECT_EQ(discovery.covered_lines, 49U);
  const RE2 re2(rule.pattern);
  for (const std::string& match : rule.match) EXPECT_TRUE(RE2::PartialMatch(match, re2));
  ASSERT_FALSE(rule.no_match.empty());
  for (const std::string& miss : rule.no_match) EXPECT_FALSE(RE2::PartialMatch(miss, re2)) << miss;
}

TEST(RuleDiscovery, RefusesWhatLinesOfAnotherLabelFit) {
  Sample sample;
  for (int i = 0; i < 6; ++i) sample.add("request 1" + std::to_string(i) + " was answered with success", 0);
  sample.add("request 999 was answered with success", 1);
  for (int i = 0; i < 4; ++i) sample.add("the cellar has water, level " + std::to_string(i), 1);
  sample.finish({"Fine", "Trouble"});
  const Discovery discovery = sample.discover();
  for (const Rule& rule : discovery.rules) EXPECT_EQ(rule.pattern.find("request"), std::string::npos);
}

// Each way to go on is a form of one line, of which no rule is made by itself.
void add_open_ends(Sample& sample, LabelId label) {
  for (const char* rest :
       {"no such host", "permission denied by policy", "timed out", "disk quota exceeded now",
        "remote host is down", "broken pipe", "stale handle on the far side", "would block"})
    sample.add(std::string("cannot write the journal: ") + rest, label);
}

TEST(RuleDiscovery, EndsOpenOnlyWhereLinesOfOtherLabelsCouldSpeakAgainstIt) {
  Sample sample;
  add_open_ends(sample, 0);
  for (int i = 0; i < 4; ++i) sample.add("the cellar has water, level " + std::to_string(i), 1);
  Sample alone = sample;
  Sample contradicted = sample;
  sample.finish({"Fault", "Trouble"});
  const auto open_end = [](const Discovery& discovery) {
    const auto rule = std::find_if(discovery.rules.begin(), discovery.rules.end(), [](const Rule& some) {
      return some.pattern.find("(?P<rest>") != std::string::npos;
    });
    return rule == discovery.rules.end() ? std::nullopt : std::optional(*rule);
  };
  const auto rule = open_end(sample.discover());
  ASSERT_TRUE(rule && rule->certificate);
  EXPECT_EQ(rule->pattern, "^cannot write the journal: (?P<rest>[a-z ]{1,56})$");
  EXPECT_EQ(rule->certificate->forms, 8U);
  EXPECT_EQ(sample.discover().covered_lines, 12U);

  contradicted.add("cannot write the journal: all is well again", 1);
  contradicted.finish({"Fault", "Trouble"});
  EXPECT_FALSE(open_end(contradicted.discover()));

  for (LabelledLine& line : alone.data.lines) line.label = 0;
  alone.finish({"Fault"});
  EXPECT_FALSE(open_end(alone.discover()));
}

TEST(RuleDiscovery, RefusesWhatRowsLabelledUnclassifiedFit) {
  Sample sample;
  for (int i = 0; i < 6; ++i) sample.add("request 1" + std::to_string(i) + " was answered with success", 0);
  for (int i = 0; i < 4; ++i) sample.add("the cellar has water, level " + std::to_string(i), 1);
  sample.finish({"Fine", "Trouble"});
  EXPECT_EQ(sample.discover().rules.size(), 2U);
  sample.data.counterexamples.push_back({"request 999 was answered with success", "", "", kNoLabel, 0});
  const Discovery discovery = sample.discover();
  ASSERT_EQ(discovery.rules.size(), 1U);
  EXPECT_EQ(discovery.rules[0].label, "Trouble");
  EXPECT_EQ(discovery.rules[0].certificate->other_messages, 7U);
}

TEST(RuleDiscovery, RefusesPatternsWithoutWordsOfTheirOwn) {
  Sample sample;
  for (int i = 0; i < 5; ++i) sample.add("err " + std::to_string(i), 0);
  for (int i = 0; i < 5; ++i) sample.add("the door was opened " + std::to_string(i) + " times", 1);
  sample.finish({"Blip", "Door"});
  const Discovery discovery = sample.discover();
  ASSERT_EQ(discovery.rules.size(), 1U);
  EXPECT_EQ(discovery.rules[0].label, "Door");
  ASSERT_FALSE(discovery.refusals.empty());
  EXPECT_NE(discovery.refusals[0].reason.find("letters"), std::string::npos);
}

TEST(RuleDiscovery, NeverMakesTwoRulesOfDifferentLabelsThatOneTextFits) {
  Sample sample;
  // Generalised user names of one label would swallow the fixed word of the other.
  for (const char* name :
       {"anna", "bob", "carla", "dora", "emil", "fritz", "gina", "hanna", "ivan", "jan", "karl"})
    sample.add("account " + std::string(name) + " was unlocked by hand", 0);
  for (int i = 0; i < 3; ++i) sample.add("account root was unlocked by hand, ticket " + std::to_string(i), 1);
  sample.add("account of the auditor stays as it is", 1);
  sample.finish({"Routine", "Security"});
  const Discovery discovery = sample.discover();
  for (const Rule& a : discovery.rules) {
    for (const Rule& b : discovery.rules) {
      if (a.label == b.label) continue;
      for (const std::string& text : b.match) EXPECT_FALSE(RE2::PartialMatch(text, RE2(a.pattern)));
    }
  }
}

// A book for lines "door N was opened by hand" (Door) and "lamp N at WORD is dark" (Lamp).
Discovery beside(const std::string& given_rules, RuleBook& both) {
  Sample sample;
  for (int i = 0; i < 9; ++i) sample.add("door " + std::to_string(i) + " was opened by hand", 0);
  for (int i = 0; i < 12; ++i)
    sample.add("lamp " + std::to_string(i) + " at " + std::string(1 + static_cast<std::size_t>(i), 'x') +
                   std::to_string(i) + "/y is dark",
               1);
  sample.finish({"Door", "Lamp"});
  const auto given = RuleBook::parse("rules:\n" + given_rules, "given");
  EXPECT_TRUE(given) << given.error().message;
  Discovery discovery = sample.discover(1, *given);
  auto joined = joined_books(*given, discovery.rules);
  EXPECT_TRUE(joined);
  both = std::move(*joined);
  return discovery;
}

std::size_t rules_of(const Discovery& discovery, std::string_view label) {
  return static_cast<std::size_t>(std::count_if(discovery.rules.begin(), discovery.rules.end(),
                                                [&](const Rule& rule) { return rule.label == label; }));
}

std::size_t faults(const RuleBook& book) {
  const auto review = review_book(book, nullptr);
  EXPECT_TRUE(review);
  return static_cast<std::size_t>(std::count_if(review->findings.begin(), review->findings.end(),
                                                [](const RuleFinding& finding) { return finding.is_grave; }));
}

TEST(RuleDiscovery, MakesNoRuleThatAGivenOneHides) {
  RuleBook both;
  const Discovery discovery =
      beside("  - {name: door, label: Door, pattern: 'opened by', match: opened by}\n", both);
  EXPECT_EQ(rules_of(discovery, "Door"), 0U);
  EXPECT_GT(rules_of(discovery, "Lamp"), 0U);
  EXPECT_EQ(faults(both), 0U);
}

TEST(RuleDiscovery, MakesNoRuleThatContradictsAGivenOne) {
  RuleBook both;
  // No line says so, but a door may be numbered 77.
  const Discovery discovery =
      beside("  - {name: seven, label: Lamp, pattern: 'door 77', match: door 77}\n", both);
  EXPECT_EQ(rules_of(discovery, "Door"), 0U);
  EXPECT_GT(rules_of(discovery, "Lamp"), 0U);
  EXPECT_EQ(faults(both), 0U);
  ASSERT_FALSE(discovery.refusals.empty());
  EXPECT_TRUE(std::any_of(discovery.refusals.begin(), discovery.refusals.end(), [](const Refusal& refusal) {
    return refusal.reason == "a text fits it and a given rule of another label" && refusal.lines == 9;
  }));
}

TEST(RuleDiscovery, LeavesItToAPriorityWhichRuleWins) {
  for (const char* priority : {"5", "-5"}) {
    RuleBook both;
    const Discovery discovery = beside("  - {name: seven, label: Lamp, priority: " + std::string(priority) +
                                           ", pattern: 'door 77', match: door 77}\n",
                                       both);
    EXPECT_EQ(rules_of(discovery, "Door"), 1U);
    EXPECT_EQ(faults(both), 0U);
  }
}

TEST(RuleDiscovery, KeepsARuleForTheLinesThatAGivenOneLeaves) {
  RuleBook both;
  const Discovery discovery =
      beside("  - {name: some, label: Door, pattern: 'door [0-38] ', match: 'door 2 '}\n", both);
  ASSERT_EQ(rules_of(discovery, "Door"), 1U);
  const auto door = std::find_if(discovery.rules.begin(), discovery.rules.end(),
                                 [](const Rule& rule) { return rule.label == "Door"; });
  // First and last of its lines are decided by the given rule; a sample shows what is left for it.
  EXPECT_EQ(door->match.back(), "door 4 was opened by hand");
  EXPECT_EQ(faults(both), 0U);
}

TEST(RuleDiscovery, GivesTheSameRulesOnAnyNumberOfThreads) {
  Sample sample;
  for (int i = 0; i < 300; ++i)
    sample.add("worker " + std::to_string(i % 7) + " finished step " + std::to_string(i) + " of plan " +
                   std::string(1 + static_cast<std::size_t>(i) % 5, 'x'),
               i % 3);
  sample.finish({"A", "B", "C"});
  EXPECT_EQ(rules_to_yaml(sample.discover(1).rules), rules_to_yaml(sample.discover(3).rules));
}

TEST(RuleDiscovery, BooksWithCertificatesCanBeReadAgain) {
  Sample sample;
  for (int i = 0; i < 12; ++i) sample.add("It's \"done\": " + std::to_string(i) + " rows copied over", 0);
  for (int i = 0; i < 12; ++i) sample.add("nothing to be copied in round " + std::to_string(i), 1);
  sample.finish({"Copy", "Idle"});
  const Discovery discovery = sample.discover();
  const auto book = joined_books(RuleBook(), discovery.rules);
  ASSERT_TRUE(book) << book.error().message;
  ASSERT_EQ(book->rules().size(), discovery.rules.size());
  ASSERT_TRUE(book->rules()[0].certificate);
  EXPECT_EQ(book->rules()[0].certificate->messages, 12U);
  EXPECT_EQ(book->to_yaml(), rules_to_yaml(discovery.rules));
}

TEST(RuleDiscovery, FillsABookNoFurtherThanItCanBeRead) {
  Sample sample;
  const auto word = [](int i, int j) {
    return std::string(1, static_cast<char>('a' + i / 26 % 26)) + static_cast<char>('a' + i % 26) +
           static_cast<char>('a' + j % 26);
  };
  for (int i = 0; i < 400; ++i) {
    std::string line;
    for (int j = 0; j < 400; ++j) line += word(i, 7 * j * i) + ' ';
    for (int copy = 0; copy < 2; ++copy) sample.add(line + std::to_string(copy + 1000), 0);
  }
  sample.add("something else", 1);
  sample.finish({"Long", "Short"});
  const Discovery discovery = sample.discover(2);
  EXPECT_GT(discovery.rules.size(), 100U);
  EXPECT_LT(discovery.rules.size(), 400U);
  EXPECT_LE(rules_to_yaml(discovery.rules).size(), kMaxBookBytes / 2 + 100);
  ASSERT_FALSE(discovery.refusals.empty());
  EXPECT_EQ(discovery.refusals[0].reason, "comes when the book is full");
  EXPECT_TRUE(joined_books(RuleBook(), discovery.rules));
}

TEST(RuleDiscovery, MakesNoRuleForALabelThatNoBookCanHold) {
  Sample sample;
  for (int i = 0; i < 20; ++i) sample.add("User " + std::to_string(i * 7) + " logged in from the office", 0);
  for (int i = 0; i < 9; ++i) sample.add("Disk " + std::to_string(i) + " reports unreadable sectors", 1);
  sample.finish({"A\nB", "Hardware"});
  const Discovery discovery = sample.discover();
  ASSERT_EQ(discovery.rules.size(), 1U);
  EXPECT_EQ(discovery.rules[0].label, "Hardware");
  ASSERT_FALSE(discovery.refusals.empty());
  EXPECT_EQ(discovery.refusals[0].reason, "has a label that no book can hold");
  EXPECT_TRUE(joined_books(RuleBook(), discovery.rules));
}

TEST(RuleDiscovery, TellsLinesOfWhichNoRuleIsMade) {
  Sample sample;
  for (const char* name : {"kim", "ann"})
    sample.add("user " + std::string(name) + " \x1b[32mlogged\x1b[0m in", 0);
  sample.add("something else " + std::string(3000, 'x'), 1);
  sample.finish({"In", "Other"});
  const Discovery discovery = sample.discover(2);
  EXPECT_TRUE(discovery.rules.empty());
  EXPECT_EQ(discovery.control_lines, 2U);
  EXPECT_EQ(discovery.long_lines, 1U);
  const auto told = tell_discovery(discovery);
  EXPECT_NE(std::find(told.begin(), told.end(),
                      "            no rule is made from 2 lines with control characters, as colours are"),
            told.end());
  EXPECT_NE(
      std::find(told.begin(), told.end(), "            no rule is made from 1 line of more than 2048 bytes"),
      told.end());
}

TEST(RuleDiscovery, StatesTheLatestTimeThatItCanRead) {
  Sample sample;
  for (int i = 0; i < 5; ++i) sample.add("pump " + std::to_string(i) + " lost its pressure again", 0);
  sample.add("all is well", 1);
  sample.data.lines[0].timestamp = "9/9/2024 16:18:00";
  sample.data.lines[1].timestamp = "2025-06-30 14:48:07";
  sample.data.lines[2].timestamp = "yesterday";
  sample.finish({"A", "B"});
  const Discovery discovery = sample.discover();
  ASSERT_EQ(discovery.rules.size(), 1U);
  EXPECT_EQ(discovery.rules[0].certificate->until, "2025-06-30 14:48:07");
}

TEST(JoinedBooks, GiveATakenNameANumber) {
  const auto first =
      RuleBook::parse("rules:\n  - {name: a, label: X, pattern: '^abc$', match: abc}\n", "first");
  ASSERT_TRUE(first);
  const auto both = joined_books(*first, {first->rules()[0]});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->rules()[1].name, "a-2");
}

}  // namespace
}  // namespace logsieve
