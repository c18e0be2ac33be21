#include "training/report/html.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

TEST(HtmlText, LeavesNothingThatMarkUpCouldMean) {
  EXPECT_EQ(html_text("<script>alert('x' & \"y\")</script>"),
            "&lt;script&gt;alert(&#39;x&#39; &amp; &quot;y&quot;)&lt;/script&gt;");
  EXPECT_EQ(html_text("]]> --> </title>"), "]]&gt; --&gt; &lt;/title&gt;");
}

TEST(HtmlText, ShowsControlsBidiMarksAndBrokenBytes) {
  EXPECT_EQ(html_text("a\x01"
                      "b\nc\x1B[31m"),
            "a\\x01b\\x0Ac\\x1B[31m");
  EXPECT_EQ(html_text("\xE2\x80\xAE"
                      "evil"),
            "\\u{202E}evil");
  EXPECT_EQ(html_text("\xFF\xC3"), "\\xFF\\xC3");
  EXPECT_EQ(html_text(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(html_text("gr\xC3\xBC\xC3\x9F"), "gr\xC3\xBC\xC3\x9F");
}

TEST(HtmlText, CutsBetweenCodePoints) {
  EXPECT_EQ(html_text("\xC3\xBC\xC3\xBC\xC3\xBC", 2), "\xC3\xBC\xC3\xBC…");
  EXPECT_EQ(html_text("abc", 3), "abc");
  EXPECT_EQ(html_text("<<<", 2), "&lt;&lt;…");
}

TEST(Percent, NeverRoundsAFaultAway) {
  EXPECT_EQ(percent(1.0), "100 %");
  EXPECT_EQ(percent(0.9996), "99.96 %");
  EXPECT_EQ(percent(0.99999), "99.99 %");
  EXPECT_EQ(percent(0.98765), "98.8 %");
  EXPECT_EQ(percent(0.0), "0.0 %");
}

TEST(Counted, HasThousandsAndPlurals) {
  EXPECT_EQ(counted(1'234'567), "1,234,567");
  EXPECT_EQ(counted(999), "999");
  EXPECT_EQ(counted(1, "line"), "1 line");
  EXPECT_EQ(counted(1000, "line"), "1,000 lines");
}

TEST(HtmlTable, SetsNumbersFlushRight) {
  HtmlTable table({"name", "n"}, {1});
  EXPECT_TRUE(table.empty());
  table.add({"a", "1"});
  EXPECT_NE(table.html().find("<tr><td>a</td><td class=\"n\">1</td></tr>"), std::string::npos);
}

}  // namespace
}  // namespace logsieve
