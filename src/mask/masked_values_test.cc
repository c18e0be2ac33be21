#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "mask/masker.h"

namespace logsieve {
namespace {

std::vector<std::string> values_of(std::string_view line) {
  std::string form;
  std::vector<MaskedValue> values;
  mask(line, form, values);
  std::vector<std::string> texts;
  for (const MaskedValue& value : values)
    texts.push_back(std::string(placeholder(value.kind)) + " " +
                    std::string(line.substr(value.begin, value.end - value.begin)));
  return texts;
}

using Texts = std::vector<std::string>;

TEST(MaskedValues, SayKindAndPlaceOfEachValue) {
  EXPECT_EQ(values_of("took -3.5 ms from 10.0.0.7:5543 for /var/log/x, v1.2rc1, 512MB, blk_-16"),
            (Texts{"number -3.5", "address 10.0.0.7:5543", "path /var/log/x", "number 1.2rc1", "number 512",
                   "number -16"}));
  EXPECT_EQ(values_of("nothing here"), Texts{});
}

// Property: the same form as without values; values in order, apart, within the line; what stands between them is
// in the form, in order.
TEST(MaskedValues, CoverExactlyWhatTheFormHides) {
  const std::vector<std::string> parts = {"a",    "User", "7",       "-",        "+12",        ".",       ":",
                                          "/",    "\\",   "@",       "10.0.0.1", "0x1f",       " ",       "=",
                                          "b.co", "5ms",  "http://", "9f31c",    "2005-06-03", "23:07:11"};
  Random random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string line;
    for (std::size_t k = 0; k < 1 + random.below(8); ++k) line += parts[random.below(parts.size())];
    std::string plain;
    std::string form;
    std::vector<MaskedValue> values;
    mask(line, plain);
    const bool has_places = mask(line, form, values);
    ASSERT_EQ(form, plain) << line;
    if (!has_places) {
      ASSERT_TRUE(values.empty());
      continue;
    }
    std::size_t at = 0;
    std::size_t in_form = 0;
    for (const MaskedValue& value : values) {
      ASSERT_TRUE(at <= value.begin && value.begin < value.end && value.end <= line.size()) << line;
      const std::size_t found = form.find(line.substr(at, value.begin - at), in_form);
      ASSERT_NE(found, std::string::npos) << line << " -> " << form;
      in_form = found + value.begin - at;
      at = value.end;
    }
  }
}

}  // namespace
}  // namespace logsieve
