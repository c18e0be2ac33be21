#include "base/result.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>

namespace logsieve {
namespace {

Error rule_error() {
  return Error{ErrorCode::kInvalidRule, "rule misses its own sample"}
      .at("rules.yaml", 12, 7)
      .with_source("^User \\d+ logged in$", "matched up to here")
      .with_help("the sample must match");
}

// The line of the rendered text that holds the caret, and the one above it.
std::pair<std::string, std::string> source_and_caret(const std::string& rendered) {
  const std::size_t first = rendered.find("   |  ");
  const std::size_t second = rendered.find("   |  ", first + 1);
  const auto line_at = [&](std::size_t start) {
    return rendered.substr(start + 6, rendered.find('\n', start) - start - 6);
  };
  return {line_at(first), line_at(second)};
}

TEST(RenderError, SaysWhatWhereWhyAndWhatToDo) {
  EXPECT_EQ(render(rule_error()),
            "error: rule misses its own sample\n"
            "  --> rules.yaml:12:7\n"
            "   |  ^User \\d+ logged in$\n"
            "   |        ^ matched up to here\n"
            "  help: the sample must match\n");
}

TEST(RenderError, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(render(Error{ErrorCode::kIo, "disk on fire"}), "error: disk on fire\n");
  EXPECT_EQ(render(Error{ErrorCode::kIo, "x"}.at("a.csv")), "error: x\n  --> a.csv\n");
  EXPECT_EQ(render(Error{ErrorCode::kIo, "x"}.at("a.csv", 3)), "error: x\n  --> a.csv:3\n");
  EXPECT_EQ(render(Error{ErrorCode::kIo, "x"}.at("a.csv", 0, 9)), "error: x\n  --> a.csv\n");
  EXPECT_EQ(render(Error{ErrorCode::kIo, "x"}.at("a.csv", 3).with_source("no column", "unused")),
            "error: x\n  --> a.csv:3\n   |  no column\n");
}

TEST(RenderError, ListsEveryErrorOfALoadAndCountsThem) {
  Error first{ErrorCode::kInvalidRule, "one"};
  Error second{ErrorCode::kInvalidRule, "two"};
  second.others.push_back(Error{ErrorCode::kInvalidRule, "three"}.with_help("mend it"));
  first.others = {second, Error{ErrorCode::kInvalidRule, "four"}};
  EXPECT_EQ(render(first), "error: one\nerror: two\nerror: three\n  help: mend it\nerror: four\n4 errors\n");
}

TEST(RenderError, EscapesControlBytesOfForeignText) {
  const Error error = Error{ErrorCode::kBadInput, "bad \x1b[31mred\r\n"}
                          .at("a\x07.csv", 1, 3)
                          .with_source("a\tb\x80", "\x7f")
                          .with_help("x\xE2\x80\xAEy");  // U+202E turns the text around
  EXPECT_EQ(render(error),
            "error: bad \\x1B[31mred\\x0D\\x0A\n"
            "  --> a\\x07.csv:1:3\n"
            "   |  a\\tb\\x80\n"
            "   |     ^ \\x7F\n"
            "  help: x\\u{202E}y\n");
}

TEST(RenderError, PutsTheCaretUnderTheLetterThatTheByteIsPartOf) {
  const std::string text = "gr\xC3\xBC\xC3\x9F dich";  // "grüß dich": ü is bytes 3-4, ß 5-6, d 8
  const auto caret_column = [&](std::size_t column) {
    const Error error = Error{ErrorCode::kBadInput, "x"}.at("f", 1, column).with_source(text);
    const auto [source, caret] = source_and_caret(render(error));
    EXPECT_EQ(source, text);
    return caret.size();
  };
  EXPECT_EQ(caret_column(3), 3U);
  EXPECT_EQ(caret_column(4), 3U);
  EXPECT_EQ(caret_column(5), 4U);
  EXPECT_EQ(caret_column(8), 6U);
  EXPECT_EQ(caret_column(12), 10U);  // one past the end: something is missing there
  EXPECT_EQ(caret_column(5000), 10U);
}

TEST(RenderError, ShowsThePartOfALongLineThatTheColumnIsIn) {
  // Two-byte letters, so that most cuts by bytes would split one.
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\xC3\xA9";
  text[1200] = '(';
  text[1201] = '!';
  for (const std::size_t shift : {0U, 1U}) {
    const std::string line = std::string(shift, ' ') + text;
    const Error error = Error{ErrorCode::kBadInput, "x"}.at("f", 1, 1201 + shift).with_source(line);
    const auto [source, caret] = source_and_caret(render(error));
    EXPECT_LE(source.size(), 110U);
    EXPECT_EQ(source.find('\\'), std::string::npos) << "a letter was split: " << source;
    std::size_t letters_before = 0;
    for (const char c : source.substr(0, source.find('('))) letters_before += (c & 0xC0) != 0x80;
    ASSERT_NE(source.find('('), std::string::npos);
    EXPECT_EQ(caret, std::string(letters_before, ' ') + '^');
  }
}

TEST(RenderError, ShowsTheMarkedLetterWhateverTheColumn) {
  for (std::size_t column = 1; column <= 300; ++column) {
    std::string line(300, '.');
    line[column - 1] = '#';
    const auto [source, caret] =
        source_and_caret(render(Error{ErrorCode::kBadInput, "x"}.at("f", 1, column).with_source(line)));
    ASSERT_EQ(source.find('#'), caret.find('^')) << column;
  }
}

TEST(RenderError, BearsALineOfContinuationBytesOnly) {
  const Error error = Error{ErrorCode::kBadInput, "x"}.at("f", 1, 150).with_source(std::string(300, '\x80'));
  const auto [source, caret] = source_and_caret(render(error));
  EXPECT_EQ(source.substr(0, 8), "\\x80\\x80");
  EXPECT_EQ(caret.find('^') % 4, 0U);
}

TEST(ErrorContext, StandsBeforeTheMessage) {
  EXPECT_EQ(rule_error().with_context("loading rules").message, "loading rules: rule misses its own sample");
}

TEST(ExitCode, FollowsTheContractOfTheCommandLine) {
  EXPECT_EQ(exit_code(ErrorCode::kInvalidArgument), 2);
  EXPECT_EQ(exit_code(ErrorCode::kBadInput), 65);
  EXPECT_EQ(exit_code(ErrorCode::kUnavailable), 69);
  EXPECT_EQ(exit_code(ErrorCode::kNotFound), 74);
  EXPECT_EQ(exit_code(ErrorCode::kIo), 74);
  EXPECT_EQ(exit_code(ErrorCode::kInvalidRule), 78);
  EXPECT_EQ(exit_code(ErrorCode::kBadConfig), 78);
  EXPECT_EQ(exit_code(ErrorCode::kCorruptModel), 78);
  EXPECT_EQ(exit_code(ErrorCode::kInternal), 1);
}

TEST(ResultValue, IsMovedOutNotCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  ASSERT_TRUE(result);
  EXPECT_EQ(**result, 7);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(ResultValue, MayBeFalseAndStillBeAValue) {
  const Result<bool> no = false;
  ASSERT_TRUE(no);
  EXPECT_FALSE(*no);
}

TEST(ResultError, CarriesTheErrorThrough) {
  const Result<std::string> failed = rule_error();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().line, 12U);
  Result<void> passed_on = failed.error();
  ASSERT_FALSE(passed_on);
  EXPECT_EQ(std::move(passed_on).error().with_context("again").code, ErrorCode::kInvalidRule);
  EXPECT_TRUE(ok());
}

}  // namespace
}  // namespace logsieve
