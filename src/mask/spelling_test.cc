#include "mask/spelling.h"

#include <gtest/gtest.h>
#include <string>

#include "mask/masker.h"

namespace logsieve {
namespace {

std::string spelled(std::string_view form, Spelling spelling) {
  std::string text = "left over";
  spell(form, spelling, text);
  return text;
}

TEST(Spelling, WordsAreTheFormItself) {
  EXPECT_EQ(spelled("User number at time, <x>", Spelling::kWords), "User number at time, <x>");
  EXPECT_EQ(spelled("", Spelling::kWords), "");
}

TEST(Spelling, TagsAndNoneTouchWholePlaceholdersOnly) {
  const std::string_view form = "number: blk_number phonenumber Number numbers at path.";
  EXPECT_EQ(spelled(form, Spelling::kTags), "<number>: blk_<number> phonenumber Number numbers at <path>.");
  EXPECT_EQ(spelled(form, Spelling::kNone), ": blk_ phonenumber Number numbers at .");
  EXPECT_EQ(spelled("\xC3\xA9number number", Spelling::kNone), "\xC3\xA9number ");
  EXPECT_EQ(spelled("", Spelling::kTags), "");
  EXPECT_EQ(spelled("id", Spelling::kNone), "");
}

TEST(Spelling, EveryKindOfPlaceholderIsOne) {
  for (std::size_t kind = 0; kind < kMaskedKinds; ++kind) {
    const std::string word(placeholder(static_cast<MaskedKind>(kind)));
    EXPECT_EQ(spelled("a " + word + " b", Spelling::kTags), "a <" + word + "> b");
    EXPECT_EQ(spelled("a " + word + " b", Spelling::kNone), "a  b");
  }
}

TEST(Spelling, NamesComeBack) {
  for (const Spelling spelling : kSpellings) EXPECT_EQ(spelling_from(spelling_name(spelling)), spelling);
  EXPECT_EQ(spelling_from("emoji"), std::nullopt);
}

}  // namespace
}  // namespace logsieve
