#include "encoder/form_encoder.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "encoder/encoder_test_support.h"

namespace logsieve {
namespace {

class FormEncoderTest : public WithEncoder {};

TEST_F(FormEncoderTest, EncodesTheSpelledText) {
  const std::vector<std::string_view> forms = {"User number logged in from address", "disk full", "number"};
  for (const Spelling spelling : kSpellings) {
    const FormEncoder reader(*encoder_, spelling);
    std::vector<float> rows(forms.size() * kDim);
    ASSERT_TRUE(reader.encode(forms, rows, 1));
    for (std::size_t i = 0; i < forms.size(); ++i) {
      std::string text;
      spell(forms[i], spelling, text);
      const std::string_view view = text;
      std::vector<float> expected(kDim);
      ASSERT_TRUE(encoder_->encode({&view, 1}, expected, 1));
      EXPECT_EQ(std::vector<float>(&rows[i * kDim], &rows[i * kDim] + kDim), expected);
      std::vector<float> words(kWordDim);
      std::vector<float> expected_words(kWordDim);
      reader.word_extremes(forms[i], words);
      encoder_->word_extremes(text, expected_words);
      EXPECT_EQ(words, expected_words);
    }
  }
}

}  // namespace
}  // namespace logsieve
