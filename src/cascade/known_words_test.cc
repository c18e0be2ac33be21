#include "cascade/known_words.h"

#include <gtest/gtest.h>
#include <string>

#include "encoder/encoder_test_support.h"

namespace logsieve {
namespace {

class KnownWordsTest : public WithEncoder {
 protected:
  double share(std::string_view form, std::string_view known_too = "") const {
    return known_word_share(*encoder_, form, [&](std::string_view word) { return word == known_too; });
  }
};

TEST_F(KnownWordsTest, AreWholePiecesOfTheVocabulary) {
  EXPECT_DOUBLE_EQ(share("the disk failed"), 1.0);
  EXPECT_DOUBLE_EQ(share("disk qzxvwk"), 4.0 / 10.0);
  EXPECT_EQ(share(""), 0.0);
}

TEST_F(KnownWordsTest, AreThoseOfTheModelToo) {
  EXPECT_DOUBLE_EQ(share("disk qzxvwk", "qzxvwk"), 1.0);
}

TEST_F(KnownWordsTest, AreNotWordsTooLongForAnyVocabulary) {
  const std::string word(300, 'a');
  EXPECT_EQ(share(word), 0.0);
}

}  // namespace
}  // namespace logsieve
