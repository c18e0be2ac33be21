#include "training/fit/background.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "encoder/encoder_test_support.h"

namespace logsieve {
namespace {

using BackgroundTest = WithEncoder;

TEST_F(BackgroundTest, MakesABackgroundOfDistinctFormsOfEveryKind) {
  FormReader reader(*encoder_, 2);
  const auto background = make_background(reader);
  ASSERT_TRUE(background) << background.error().message;
  EXPECT_EQ(background->vectors.size(), background->encoded.size() * kDim);
  EXPECT_TRUE(std::is_sorted(background->encoded.begin(), background->encoded.end()));
  EXPECT_EQ(background->kinds.size(), background->forms.size());
  EXPECT_EQ(std::set<std::string>(background->forms.begin(), background->forms.end()).size(),
            background->forms.size());
  for (std::size_t kind = 0; kind < kBackgroundKinds.size(); ++kind) {
    const auto is_kind = [&](BackgroundKind of) { return of == static_cast<BackgroundKind>(kind); };
    const auto forms = std::count_if(background->kinds.begin(), background->kinds.end(), is_kind);
    const auto encoded = std::count_if(background->encoded.begin(), background->encoded.end(),
                                       [&](std::size_t form) { return is_kind(background->kinds[form]); });
    EXPECT_GE(forms, 80) << kBackgroundKinds[kind];
    EXPECT_EQ(encoded, std::min<std::ptrdiff_t>(forms, 250)) << kBackgroundKinds[kind];
  }
  FormReader alone(*encoder_, 1);
  EXPECT_EQ(make_background(alone)->vectors, background->vectors);
}

// Of few words few texts: many would be much like the forms that they are from.
TEST_F(BackgroundTest, DrawsAsManyTextsOfTheLabelledFormsAsTheyHaveWords) {
  LabelledData data;
  LabelledForm form;
  form.text = "Quux zyxwv number plugh is";
  data.forms.push_back(form);
  FormReader reader(*encoder_, 2);
  const auto without = make_background(reader);
  ASSERT_TRUE(without);
  Background with = *without;
  ASSERT_TRUE(add_labelled_words(data, Spelling::kWords, reader, with));
  EXPECT_EQ(with.vectors.size(), without->vectors.size() + 3 * kDim);
  EXPECT_EQ(with.encoded.size(), without->encoded.size() + 3);
  EXPECT_EQ(with.kinds.size(), with.forms.size());
  const auto is_of_the_form = [](const std::string& text) {
    return text.find("quux") != std::string::npos || text.find("zyxwv") != std::string::npos ||
           text.find("plugh") != std::string::npos;
  };
  ASSERT_EQ(with.forms.size(), without->forms.size() + 3);
  EXPECT_EQ(std::count_if(with.forms.begin(), with.forms.end(), is_of_the_form), 3);
  for (const std::string& text : with.forms)
    EXPECT_FALSE(is_of_the_form(text) && text.find("number") != std::string::npos);
}

}  // namespace
}  // namespace logsieve
