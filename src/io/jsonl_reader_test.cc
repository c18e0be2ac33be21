#include "io/jsonl_reader.h"

#include <gtest/gtest.h>

#include "io/input_stream.h"
#include "io/reader_test_support.h"

namespace logsieve {
namespace {

using Texts = std::vector<std::string>;

ReadInput read_jsonl(std::string bytes, std::string message = "", std::string source = "") {
  ReaderOptions options;
  options.format = InputFormat::kJsonl;
  options.message_column = std::move(message);
  options.source_column = std::move(source);
  return read_all(std::move(bytes), options);
}

// The reason why a single line is rejected; empty if it is not.
std::string reason(std::string line, std::string message = "") {
  const auto input = read_jsonl(std::move(line), std::move(message));
  return input.rejects.empty() ? "" : input.rejects[0].reason;
}

TEST(JsonlReader, ReadsMessageAndSourceByConvention) {
  const auto input = read_jsonl("{\"n\":1,\"Message\":\"a\",\"service\":\"CRM\"}\r\n { \"msg\" : \"b\" } \n");
  ASSERT_EQ(input.records.size(), 2U);
  EXPECT_EQ(input.records[0], (ReadRecord{1, "a", "CRM", "{\"n\":1,\"Message\":\"a\",\"service\":\"CRM\"}"}));
  EXPECT_EQ(input.records[1], (ReadRecord{2, "b", "", " { \"msg\" : \"b\" } "}));
}

TEST(JsonlReader, ReadsTheTimeByConvention) {
  const auto times = [](std::string bytes) {
    ReaderOptions options;
    options.format = InputFormat::kJsonl;
    auto reader = read_records(memory_input(std::move(bytes)), "x", options);
    const auto batch = (*reader)->next();
    Texts found;
    for (const Record& record : batch->records) found.emplace_back(record.time);
    return found;
  };
  EXPECT_EQ(
      times("{\"msg\":\"a\",\"@timestamp\":\"2026-01-01T00:00:00Z\"}\n{\"msg\":\"b\",\"ts\":1735689600.5}\n"
            "{\"msg\":\"c\"}\n{\"msg\":\"d\",\"time\":\"a\\u0020b\",\"ts\":1}\n"),
      (Texts{"2026-01-01T00:00:00Z", "1735689600.5", "", "a b"}));
}

TEST(JsonlReader, PrefersAStringToOtherValues) {
  EXPECT_EQ(read_jsonl(R"({"log":{"level":"info"},"text":"a"})").messages(), Texts{"a"});
  EXPECT_EQ(read_jsonl(R"({"source":{"ip":"::1"},"app":"x","message":"a"})").records.at(0).source, "x");
}

TEST(JsonlReader, ReadsNamedAndNestedFields) {
  EXPECT_EQ(read_jsonl(R"({"message":"no","log":{"message":"yes"}})", "log.message").messages(),
            Texts{"yes"});
  EXPECT_EQ(read_jsonl(R"({"log.message":"flat"})", "log.message").messages(), Texts{"flat"});
  EXPECT_EQ(read_jsonl(R"({"a.b":{"c":{"d":"deep"}}})", "a.b.c.d").messages(), Texts{"deep"});
  EXPECT_EQ(read_jsonl(R"({"a":"m","k":{"app":"s"}})", "a", "k.app").records.at(0).source, "s");
}

TEST(JsonlReader, UndoesEscapes) {
  EXPECT_EQ(read_jsonl(R"({"message":"\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00"})").messages(),
            Texts{"\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"});
  EXPECT_EQ(read_jsonl(R"({"m\u0065ssage":"a"})").messages(), Texts{"a"});
}

TEST(JsonlReader, TurnsLoneSurrogatesIntoReplacements) {
  EXPECT_EQ(read_jsonl(R"({"message":"a\ud83d b\ude00 \ud83d\u0041"})").messages(),
            Texts{"a\xEF\xBF\xBD b\xEF\xBF\xBD \xEF\xBF\xBD"
                  "A"});
}

TEST(JsonlReader, ReadsOtherValuesAsTheirText) {
  EXPECT_EQ(read_jsonl(R"({"message": {"a": [1, "x"] } , "n":1})").messages(), Texts{R"({"a": [1, "x"] })"});
  EXPECT_EQ(read_jsonl(R"({"message": 12e3 })").messages(), Texts{"12e3"});
  EXPECT_EQ(read_jsonl(R"({"message":[] })").messages(), Texts{"[]"});
  EXPECT_EQ(read_jsonl(R"({"message":true})").messages(), Texts{"true"});
}

TEST(JsonlReader, TakesTheLastOfARepeatedKey) {
  EXPECT_EQ(read_jsonl(R"({"message":"a","message":"b"})").messages(), Texts{"b"});
  EXPECT_EQ(read_jsonl(R"({"x":"a","x":"b"})", "x").messages(), Texts{"b"});
}

TEST(JsonlReader, TakesNumbersOfAnySize) {
  EXPECT_EQ(read_jsonl(R"({"id":123456789012345678901234567890,"e":1e999,"message":"a"})").messages(),
            Texts{"a"});
}

TEST(JsonlReader, SkipsBlankLines) {
  const auto input = read_jsonl("\n  \r\n{\"message\":\"a\"}\n\n");
  EXPECT_EQ(input.messages(), Texts{"a"});
  EXPECT_EQ(input.records[0].line, 3U);
  EXPECT_TRUE(input.rejects.empty());
}

TEST(JsonlReader, ReadsIllFormedUtf8AsReplacements) {
  const std::string line = "{\"message\":\"caf\xE9 \xC3\xA9\"}";
  const auto input = read_jsonl(line);
  EXPECT_EQ(input.messages(), Texts{"caf\xEF\xBF\xBD \xC3\xA9"});
  EXPECT_EQ(input.records[0].raw, line);
}

TEST(JsonlReader, RejectsWhatIsNoObject) {
  for (const char* line : {"[1]", "\"message\"", "12", "null", "hello", "message: x"})
    EXPECT_EQ(reason(line), "not a JSON object") << line;
}

TEST(JsonlReader, RejectsInvalidJsonInAnyField) {
  for (const char* line : {R"({"message":"a")",
                           R"({"message":"a"}})",
                           R"({"message":"a"} x)",
                           R"({"message":"a"}{"b":1})",
                           R"({"message":"a","n":tru})",
                           R"({"message":"a","n":01})",
                           R"({"message":"a","n":1.})",
                           R"({"message":"a","n":-})",
                           R"({"message":"a","n":+1})",
                           R"({"message":"a","n":NaN})",
                           R"({"message":"a","n":1 2})",
                           R"({"message":"a",})",
                           R"({"message" "a"})",
                           R"({"message":"a" "n":1})",
                           R"({"message":"\x"})",
                           R"({"message":"a","n":"\u12g4"})",
                           R"({"message":"a","n":"\u12"})",
                           R"({"message":"a","\q":1})",
                           R"({'message':'a'})",
                           R"({"message":"a","n":[1,]})",
                           R"({"message":"a","n":[1})",
                           R"({"message":"a","n":{]}})",
                           R"({"message":"a","n":{"b"}})",
                           R"({"message":"open})",
                           "{\"message\":\"t\tab\"}",
                           R"({message:"a"})",
                           R"({"message":"a":"b"})",
                           R"({"x":"a":"b"}, "message":"c"})",
                           R"({"message":["a":"b"]})",
                           R"({"message":"a","n":nul})",
                           R"({"message":"a","n":truee})",
                           "{",
                           "}",
                           "{}}",
                           "{\"\\"})
    EXPECT_TRUE(reason(line).starts_with("not valid JSON: ") || reason(line) == "not a JSON object") << line;
}

TEST(JsonlReader, RejectsNulInAString) {
  EXPECT_TRUE(reason(std::string("{\"message\":\"a\0b\"}", 17)).starts_with("not valid JSON: "));
}

TEST(JsonlReader, SaysWhichMessageIsMissing) {
  EXPECT_EQ(
      reason("{}"),
      "no message: none of the fields log_message, message, msg, content, log, text, body, line, event");
  EXPECT_EQ(reason(R"({"message":"a"})", "log.text"), "no message: no field \"log.text\", or it is null");
  EXPECT_EQ(reason(R"({"x":null})", "x"), "no message: no field \"x\", or it is null");
}

TEST(JsonlReader, RejectsDeepNestingInBoundedTime) {
  const std::string deep =
      "{\"message\":\"a\",\"n\":" + std::string(100000, '[') + std::string(100000, ']') + "}";
  EXPECT_EQ(reason(deep), "JSON nested deeper than 512 levels");
  EXPECT_EQ(reason("{\"message\":\"a\",\"n\":" + std::string(511, '[') + std::string(511, ']') + "}"), "");
}

TEST(JsonlReader, CountsRejectsAmongTheRecords) {
  const auto input = read_jsonl("{\"message\":\"a\"}\nbad\n{\"message\":\"b\"}\nworse\n");
  EXPECT_EQ(input.messages(), (Texts{"a", "b"}));
  ASSERT_EQ(input.rejects.size(), 2U);
  EXPECT_EQ(input.rejects[0].record, 1U);
  EXPECT_EQ(input.rejects[1].record, 3U);
  EXPECT_EQ(input.rejects[1].line, 4U);
  EXPECT_EQ(input.rejects[1].raw, "worse");
}

TEST(JsonlReader, ReadsTheSameHoweverTheBytesArrive) {
  const std::string bytes =
      "{\"message\":\"a \\\"1\\\"\",\"x\":[1,2]}\r\n\n{\"message\":\"caf\xE9\"}\nbad\n{\"msg\":{\"a\":1}}";
  ReaderOptions options;
  options.format = InputFormat::kJsonl;
  const auto whole = read_all(bytes, options);
  ASSERT_EQ(whole.records.size(), 3U);
  for (std::size_t block = 1; block < bytes.size(); ++block) {
    options.batch_bytes = block;
    const auto pieces = read_all(bytes, options);
    EXPECT_EQ(pieces.records, whole.records) << "blocks of " << block;
    EXPECT_EQ(pieces.rejects.size(), 1U) << "blocks of " << block;
  }
}

}  // namespace
}  // namespace logsieve
