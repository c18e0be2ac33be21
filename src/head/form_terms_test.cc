#include "head/form_terms.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "head/softmax_head.h"

namespace logsieve {
namespace {

std::vector<FormTerm> terms_of(std::string_view form) {
  std::vector<FormTerm> terms;
  form_terms(form, terms);
  return terms;
}

TEST(FormTerms, AWordIsARunOfLettersAndDigitsInLowerCase) {
  const auto terms = terms_of("Disk FULL, disk-full! 503");
  ASSERT_EQ(terms.size(), 3U);
  const auto twice = static_cast<float>(1.0 + std::log(2.0));
  float sum = 0;
  for (const FormTerm& term : terms) sum += term.weight;
  EXPECT_NEAR(sum, twice + twice + 1.0F, 1e-6);
  for (std::size_t i = 1; i < terms.size(); ++i) EXPECT_LT(terms[i - 1].key, terms[i].key);
  EXPECT_EQ(terms_of("full disk")[0].key, terms_of("DISK; (full)")[0].key) << "order and case do not count";
}

TEST(FormTerms, PairsStandBesideTheWords) {
  std::vector<FormTerm> terms;
  form_terms("disk full, DISK full", terms, TermKinds::kWordsAndPairs);
  EXPECT_EQ(terms.size(), 4U);  // disk, full, disk full, full disk
  float heaviest = 0;
  for (const FormTerm& term : terms) heaviest = std::max(heaviest, term.weight);
  EXPECT_NEAR(heaviest, 1.0 + std::log(2.0), 1e-6);
  form_terms("disk", terms, TermKinds::kWordsAndPairs);
  ASSERT_EQ(terms.size(), 1U);
  EXPECT_EQ(terms[0].key, terms_of("disk")[0].key);
}

TEST(FormTerms, TextWithoutAWordHasNone) {
  EXPECT_TRUE(terms_of("").empty());
  EXPECT_TRUE(terms_of("--- *** ///").empty());
}

TEST(FormTerms, BytesOfOtherScriptsAreLetters) {
  EXPECT_EQ(terms_of("\xd0\xb4\xd0\xb0 \xff\xfe").size(), 2U);
}

// scikit-learn 1.9, TfidfVectorizer(sublinear_tf=True): a row is (1 + ln tf) * idf, divided by its length.
TEST(WeighTerms, KnownTermsMakeARowOfLengthOne) {
  const auto known = terms_of("alpha beta");
  const std::vector<std::int32_t> keys = {known[0].key, known[1].key};
  const std::vector<float> idf = {1.0F, 2.0F};
  std::vector<TermValue> row;
  weigh_terms(terms_of("alpha gamma beta"), keys, idf, row);
  ASSERT_EQ(row.size(), 2U);
  EXPECT_NEAR(row[0].value, 1.0 / std::sqrt(5.0), 1e-12);
  EXPECT_NEAR(row[1].value, 2.0 / std::sqrt(5.0), 1e-12);
  weigh_terms(terms_of("gamma"), keys, idf, row);
  EXPECT_TRUE(row.empty());
}

}  // namespace
}  // namespace logsieve
