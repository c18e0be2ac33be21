#include "training/fit/spelling_choice.h"

#include <cmath>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "encoder/encoder_test_support.h"
#include "mask/masker.h"
#include "training/fit/trainer.h"

namespace logsieve {
namespace {

FormProblem two_classes(std::vector<std::int32_t> y) {
  FormProblem problem;
  problem.labels = {0, 1};
  problem.lines.assign(y.size(), 1);
  problem.y = std::move(y);
  return problem;
}

// Logits of always answering `answers`.
std::vector<double> answering(const std::vector<std::int32_t>& answers) {
  std::vector<double> logits;
  for (const std::int32_t answer : answers) {
    logits.push_back(answer == 0 ? 1.0 : 0.0);
    logits.push_back(answer == 1 ? 1.0 : 0.0);
  }
  return logits;
}

SpellingScore scored(const FormProblem& problem, const std::vector<std::size_t>& fold_of,
                     const std::vector<double>& plain, const std::vector<double>& logits) {
  auto score = score_beside(problem, fold_of, plain, logits);
  EXPECT_TRUE(score);
  return *score;
}

TEST(ScoreBeside, MacroF1GainsAreAMeanOverFoldsWithItsStandardError) {
  // Two folds of one form a class. Plain answers 0 everywhere: F1 of class 0 is 2/3, of class 1 is 0: 1/3 a fold. The
  // other is right throughout the first fold, a gain of 2/3, and no better in the second.
  const FormProblem problem = two_classes({0, 1, 0, 1});
  const SpellingScore score = scored(problem, {0, 0, 1, 1}, answering({0, 0, 0, 0}), answering({0, 1, 0, 0}));
  EXPECT_NEAR(score.score_gain.mean, 1.0 / 3, 1e-12);
  // Gains 2/3 and 0: standard deviation sqrt(2)/3, of the mean 1/3.
  EXPECT_NEAR(score.score_gain.error, 1.0 / 3, 1e-12);
  EXPECT_NEAR(score.score, 0.5 * (4.0 / 5 + 2.0 / 3), 1e-12);
}

TEST(ScoreBeside, CountsTheClassesThatAFoldHas) {
  const FormProblem problem = two_classes({0, 0, 1, 1});
  const SpellingScore score = scored(problem, {0, 0, 1, 1}, answering({0, 1, 1, 1}), answering({0, 0, 1, 1}));
  // First fold: F1 of class 0 from 2/3 to 1; class 1 is not there. Second: no change.
  EXPECT_NEAR(score.score_gain.mean, 1.0 / 6, 1e-12);
  EXPECT_NEAR(score.score_gain.error, 1.0 / 6, 1e-12);
}

TEST(ScoreBeside, LogLossIsOfTheBestTemperatureAndItsGainsToo) {
  // Three of four right with equal logits: the best temperature makes the probability of the answer 3/4.
  const FormProblem problem = two_classes({0, 0, 1, 1});
  const std::vector<double> plain = answering({0, 1, 1, 0});  // half right: no temperature helps, ln 2
  const std::vector<double> other = answering({0, 0, 1, 0});
  const SpellingScore score = scored(problem, {0, 1, 0, 1}, plain, other);
  const double right = -std::log(0.75);
  const double wrong = -std::log(0.25);
  EXPECT_NEAR(score.log_loss, (3 * right + wrong) / 4, 1e-6);
  const double half = std::log(2.0);
  const double first = half - right;                 // both right in the first fold
  const double second = half - (right + wrong) / 2;  // one of two in the second
  // The half-right logits are nearly flat at the highest temperature: 1 / 100.
  EXPECT_NEAR(score.loss_gain.mean, (first + second) / 2, 3e-3);
  EXPECT_NEAR(score.loss_gain.error, (first - second) / 2, 6e-3);
  EXPECT_TRUE(FoldGain({0.2, 0.1}).is_clear());
  EXPECT_FALSE(FoldGain({0.1, 0.1}).is_clear());
}

class SpellingChoiceTest : public WithEncoder {
 protected:
  void add(LabelledData& data, std::string message, LabelId label) {
    LabelledLine line;
    line.message = std::move(message);
    line.label = label;
    data.lines.push_back(std::move(line));
  }
  // Labels differ by a word; every line has a placeholder.
  LabelledData words_tell() {
    LabelledData data;
    data.labels = LabelSet({"A", "B"});
    for (const char* what : {"disk", "fan", "cable", "board", "drive", "memory", "battery", "socket"}) {
      add(data, "the " + std::string(what) + " in bay 17 failed", 0);
      add(data, "user 4711 bought a " + std::string(what), 1);
    }
    fold_to_forms(data);
    return data;
  }

  FormProblem in_plain_words(const LabelledData& data, FormReader& reader) const {
    std::vector<std::string_view> forms;
    for (const LabelledForm& form : data.forms) forms.push_back(form.text);
    const auto vectors = reader.vectors(forms, Spelling::kWords);
    EXPECT_TRUE(vectors);
    return make_form_problem(data, *vectors, 2, 2, &*encoder_);
  }
};

TEST_F(SpellingChoiceTest, PlainWordsStandWhereNothingIsClearlyBetter) {
  const LabelledData data = words_tell();
  FormReader reader(*encoder_, 1);
  const FormProblem problem = in_plain_words(data, reader);
  std::size_t ticks = 0;
  const auto choice = choose_spelling(data, problem, {}, {}, reader, [&] { ++ticks; });
  ASSERT_TRUE(choice);
  EXPECT_EQ(choice->spelling, Spelling::kWords);
  EXPECT_EQ(choice->forms, data.forms.size());
  EXPECT_EQ(choice->scores[0].score, 1.0);
  EXPECT_EQ(choice->scores[0].score_gain.mean, 0.0);
  EXPECT_EQ(ticks, 5 * (1 + kSpellingFits));
}

TEST_F(SpellingChoiceTest, RespelledFormsAreTheEncodersOfTheSpelledText) {
  const LabelledData data = words_tell();
  FormReader reader(*encoder_, 1);
  const FormProblem problem = in_plain_words(data, reader);
  const auto same = respelled(problem, data, Spelling::kWords, reader);
  ASSERT_TRUE(same);
  EXPECT_EQ(same->x, problem.x);
  EXPECT_EQ(same->words, problem.words);
  const auto other = respelled(problem, data, Spelling::kNone, reader);
  ASSERT_TRUE(other);
  std::string text;
  spell(data.forms[problem.forms[3]].text, Spelling::kNone, text);
  const std::string_view view = text;
  std::vector<float> expected(kDim);
  ASSERT_TRUE(encoder_->encode({&view, 1}, expected, 1));
  EXPECT_EQ(std::vector<float>(other->row(3).begin(), other->row(3).end()), expected);
  EXPECT_NE(other->words, problem.words);
  ASSERT_EQ(other->terms.size(), problem.terms.size());
  for (std::size_t i = 0; i < problem.size(); ++i) {
    ASSERT_EQ(other->terms[i].size(), problem.terms[i].size());
    EXPECT_EQ(other->terms[i][0].key, problem.terms[i][0].key) << "words as terms stay";
  }
}

TEST_F(SpellingChoiceTest, AReaderEncodesAFormOnceWhateverTheOrder) {
  FormReader reader(*encoder_, 1);
  const std::vector<std::string_view> first = {"disk number failed", "user id left", "disk number failed"};
  const std::vector<std::string_view> second = {"user id left", "fan failed"};
  const auto a = reader.vectors(first, Spelling::kTags);
  const auto b = reader.vectors(second, Spelling::kTags);
  ASSERT_TRUE(a);
  ASSERT_TRUE(b);
  const auto row = [](const std::vector<float>& rows, std::size_t i) {
    return std::vector<float>(rows.begin() + static_cast<std::ptrdiff_t>(i * kDim),
                              rows.begin() + static_cast<std::ptrdiff_t>((i + 1) * kDim));
  };
  EXPECT_EQ(row(*a, 0), row(*a, 2));
  EXPECT_EQ(row(*a, 1), row(*b, 0));
  std::vector<float> expected(kDim);
  const std::string_view tagged = "disk <number> failed";
  ASSERT_TRUE(encoder_->encode({&tagged, 1}, expected, 1));
  EXPECT_EQ(row(*a, 0), expected);
}

}  // namespace
}  // namespace logsieve
