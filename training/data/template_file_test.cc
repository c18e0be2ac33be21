#include "training/data/template_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

namespace logsieve {
namespace {

constexpr std::string_view kHeader = "@@ ModernCRM | Error | bert\n";

Result<std::vector<LogTemplate>> parse(const std::string& line) {
  return parse_templates(std::string(kHeader) + line, "t.txt");
}

using Kind = TemplatePiece::Kind;

TEST(TemplateFile, ReadsHeadersLiteralsSlotsAndChoices) {
  const auto templates = parse_templates(
      "# comment\n\n@@ ModernCRM | HTTP Status | regex\n<method> <httppath> -> <status2>\r\n"
      "#hash is text\n@@  LegacyCRM |Error| bert \n<a|b <n:1-2>|> end\n",
      "t.txt");
  ASSERT_TRUE(templates);
  ASSERT_EQ(templates->size(), 3U);
  const LogTemplate& first = (*templates)[0];
  EXPECT_EQ(first.source, "ModernCRM");
  EXPECT_EQ(first.label, "HTTP Status");
  EXPECT_EQ(first.complexity, "regex");
  EXPECT_EQ(first.text, "<method> <httppath> -> <status2>");
  EXPECT_EQ(first.line, 4U);
  ASSERT_EQ(first.pieces.size(), 5U);
  EXPECT_EQ(first.pieces[0].slot.type->name, "method");
  EXPECT_EQ(first.pieces[3].text, " -> ");
  EXPECT_EQ((*templates)[1].text, "#hash is text");
  const LogTemplate& last = (*templates)[2];
  EXPECT_EQ(last.source, "LegacyCRM");
  ASSERT_EQ(last.pieces.size(), 2U);
  ASSERT_EQ(last.pieces[0].alternatives.size(), 3U);
  EXPECT_EQ(last.pieces[0].alternatives[1][1].kind, Kind::kSlot);
  EXPECT_TRUE(last.pieces[0].alternatives[2].empty());
}

TEST(TemplateFile, ArrowsAndEscapesAreText) {
  const auto arrows = parse("<up -> down|down -> up> \\<init\\> a\\|b <x\\|y|z>");
  ASSERT_TRUE(arrows);
  const auto& pieces = (*arrows)[0].pieces;
  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0].alternatives[0][0].text, "up -> down");
  EXPECT_EQ(pieces[1].text, " <init> a\\|b ");
  EXPECT_EQ(pieces[2].alternatives[0][0].text, "x|y");
}

TEST(TemplateFile, UnknownSlotIsRefusedWithItsPlace) {
  const auto templates = parse("ok <n>\nlost <packets> on <iface>");
  ASSERT_FALSE(templates);
  EXPECT_EQ(templates.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(templates.error().file, "t.txt");
  EXPECT_EQ(templates.error().line, 3U);
  EXPECT_EQ(templates.error().column, 6U);
  EXPECT_NE(templates.error().message.find("<packets>"), std::string::npos);
}

TEST(TemplateFile, UnknownLabelSourceAndComplexityAreRefusedWithTheirPlace) {
  const auto error_of = [](const std::string& header) { return parse_templates(header + "\nx\n", "t.txt"); };
  auto label = error_of("@@ ModernCRM | Eror | bert");
  ASSERT_FALSE(label);
  EXPECT_EQ(label.error().line, 1U);
  EXPECT_EQ(label.error().column, 16U);
  EXPECT_NE(label.error().help.find("Security Alert"), std::string::npos);
  EXPECT_TRUE(label.error().others.empty()) << "the lines after a bad header are not reported as well";
  EXPECT_FALSE(error_of("@@ Modern | Error | bert"));
  EXPECT_FALSE(error_of("@@ ModernCRM | Error | deep"));
  EXPECT_FALSE(error_of("@@ ModernCRM | Error"));
  EXPECT_FALSE(parse_templates("text before any header\n", "t.txt"));
}

TEST(TemplateFile, ReportsEveryErrorOfAFileAtOnce) {
  const auto templates = parse("a <bad1>\nfine\nb <n:9-1>\nc <open\n<lonely> tail <x|y");
  ASSERT_FALSE(templates);
  EXPECT_EQ(templates.error().line, 2U);
  ASSERT_EQ(templates.error().others.size(), 3U);
  EXPECT_EQ(templates.error().others[0].line, 4U);
  EXPECT_EQ(templates.error().others[2].line, 6U);
}

TEST(TemplateFile, LoadsTheTextFilesOfAFolderInSortedOrder) {
  const std::filesystem::path folder = std::filesystem::path(LOGSIEVE_BINARY_DIR) / "template_file_test";
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(load_templates(folder));
  std::filesystem::create_directory(folder);
  EXPECT_EQ(load_templates(folder).error().code, ErrorCode::kNotFound);
  std::ofstream(folder / "b.txt") << kHeader << "second\n";
  std::ofstream(folder / "a.txt") << kHeader << "first\n";
  std::ofstream(folder / "note.md") << "not read <nonsense>\n";
  const auto templates = load_templates(folder);
  ASSERT_TRUE(templates);
  ASSERT_EQ(templates->size(), 2U);
  EXPECT_EQ((*templates)[0].text, "first");
  EXPECT_TRUE((*templates)[1].file.ends_with("b.txt"));
}

}  // namespace
}  // namespace logsieve
