#include <gtest/gtest.h>
#include <memory>
#include <nlohmann/json.hpp>

#include "io/input_stream.h"
#include "io/reader_test_support.h"
#include "io/verdict_writer.h"

namespace logsieve {
namespace {

using Json = nlohmann::ordered_json;

constexpr NamedVerdict kVerdict = {"Error", 0.98766F, "rule", "disk-full", "disk number is full"};

// All records of an input with one verdict, as the output would be.
std::string formatted(std::string bytes, InputFormat from, OutputFormat to,
                      const NamedVerdict& verdict = kVerdict, bool with_deferral = false) {
  ReaderOptions options;
  options.format = from;
  auto reader = read_records(memory_input(std::move(bytes)), "input", options);
  EXPECT_TRUE(reader);
  const VerdictFormatter formatter(to, **reader, with_deferral);
  std::string out;
  formatter.header(out);
  auto batch = (*reader)->next();
  for (const Record& record : batch->records) formatter.append(record, verdict, out);
  EXPECT_TRUE(batch->rejects.empty());
  return out;
}

std::string csv_to_csv(std::string bytes) {
  return formatted(std::move(bytes), InputFormat::kCsv, OutputFormat::kCsv);
}

std::string jsonl_to_jsonl(std::string bytes) {
  return formatted(std::move(bytes), InputFormat::kJsonl, OutputFormat::kJsonl);
}

const std::string kOurHeader = "target_label,confidence,tier,rule,template\n";
const std::string kOurFields = "Error,0.9877,rule,disk-full,disk number is full\n";
const std::string kOurMembers =
    R"("target_label":"Error","confidence":0.9877,"tier":"rule","rule":"disk-full","template":"disk number is full"})"
    "\n";

TEST(VerdictFormatter, KeepsCsvColumnsByteForByte) {
  EXPECT_EQ(csv_to_csv("\xEF\xBB\xBF\"n\" ,message,\"x\"\r\n1,\"a \"\"b\"\"\nc\", bare \" \r\n"),
            "\"n\" ,message,\"x\"," + kOurHeader + "1,\"a \"\"b\"\"\nc\", bare \" ," + kOurFields);
}

TEST(VerdictFormatter, PadsShortRowsSoThatOurColumnsStandWhereTheyBelong) {
  EXPECT_EQ(csv_to_csv("message,a,b\nx\n"), "message,a,b," + kOurHeader + "x,,," + kOurFields);
}

TEST(VerdictFormatter, KeepsTheDelimiterOfACsv) {
  EXPECT_EQ(csv_to_csv("n;message\n1;a,b\n"),
            "n;message;target_label;confidence;tier;rule;template\n"
            "1;a,b;Error;0.9877;rule;disk-full;disk number is full\n");
}

TEST(VerdictFormatter, PrefixesColumnsThatAreThereAlready) {
  EXPECT_EQ(csv_to_csv("message,tier,Rule,target_label,logsieve_target_label\na,b,c,d,e\n"),
            "message,tier,Rule,target_label,logsieve_target_label,"
            "logsieve_logsieve_target_label,confidence,logsieve_tier,rule,template\na,b,c,d,e," +
                kOurFields);
}

TEST(VerdictFormatter, QuotesOurFieldsWhereTheyMustBe) {
  const NamedVerdict verdict = {"a,b", 1.0F, "model", "", "say \"x\""};
  EXPECT_EQ(formatted("message\nm\n", InputFormat::kCsv, OutputFormat::kCsv, verdict),
            "message," + kOurHeader + "m,\"a,b\",1.0000,model,,\"say \"\"x\"\"\"\n");
}

TEST(VerdictFormatter, WritesCsvAsObjectsOfStrings) {
  EXPECT_EQ(formatted("n,message,n\n1,\"a \"\"b\"\"\",\xFF\n", InputFormat::kCsv, OutputFormat::kJsonl),
            "{\"n\":\"1\",\"message\":\"a \\\"b\\\"\",\"n_2\":\"\xEF\xBF\xBD\"," + kOurMembers);
}

TEST(VerdictFormatter, WritesCsvAsTsv) {
  EXPECT_EQ(formatted("a\tb,message\n1,\"x\n\\y\"\n", InputFormat::kCsv, OutputFormat::kTsv),
            "a\\tb\tmessage\ttarget_label\tconfidence\ttier\trule\ttemplate\n"
            "1\tx\\n\\\\y\tError\t0.9877\trule\tdisk-full\tdisk number is full\n");
}

TEST(VerdictFormatter, KeepsObjectsAsTheyAre) {
  EXPECT_EQ(jsonl_to_jsonl(" {\"message\" : \"a\\u0041}\",\t\"n\":1.50 } \r\n"),
            " {\"message\" : \"a\\u0041}\",\t\"n\":1.50 ," + kOurMembers);
}

TEST(VerdictFormatter, PrefixesTopLevelKeysThatAreThereAlready) {
  const Json object = Json::parse(jsonl_to_jsonl(
      R"({"message":"tier","ti\u0065r":1,"x":{"rule":2,"confidence":3},"y":["template"],"target_label":4,"logsieve_target_label":5})"));
  EXPECT_EQ(object.at("tier"), 1);
  EXPECT_EQ(object.at("logsieve_tier"), "rule");
  EXPECT_EQ(object.at("rule"), "disk-full");
  EXPECT_EQ(object.at("template"), "disk number is full");
  EXPECT_EQ(object.at("target_label"), 4);
  EXPECT_EQ(object.at("logsieve_target_label"), 5);
  EXPECT_EQ(object.at("logsieve_logsieve_target_label"), "Error");
  EXPECT_EQ(object.size(), 11U);
}

TEST(VerdictFormatter, RepairsUtf8InObjects) {
  EXPECT_EQ(jsonl_to_jsonl("{\"message\":\"caf\xE9\"}\n"), "{\"message\":\"caf\xEF\xBF\xBD\"," + kOurMembers);
}

TEST(VerdictFormatter, RepairsSurrogatesInObjects) {
  EXPECT_EQ(jsonl_to_jsonl(R"({"message":"\\ud83d \ud83d\ude00 \uD83D \ude00\"","\udc00":1})"),
            R"({"message":"\\ud83d \ud83d\ude00 \ufffd \ufffd\"","\ufffd":1,)" + kOurMembers);
}

TEST(VerdictFormatter, GivesTextLinesTheirNumber) {
  EXPECT_EQ(formatted("a\n\nb \"c\"\n", InputFormat::kText, OutputFormat::kJsonl),
            "{\"line\":1,\"message\":\"a\"," + kOurMembers + "{\"line\":2,\"message\":\"\"," + kOurMembers +
                "{\"line\":3,\"message\":\"b \\\"c\\\"\"," + kOurMembers);
  EXPECT_EQ(formatted("a,b\n", InputFormat::kText, OutputFormat::kCsv),
            "line,message," + kOurHeader + "1,\"a,b\"," + kOurFields);
}

TEST(VerdictFormatter, KeepsTheWholeLineOfSyslog) {
  EXPECT_EQ(formatted("Oct 11 22:14:15 host app: hello\n", InputFormat::kSyslog, OutputFormat::kJsonl),
            "{\"line\":1,\"message\":\"Oct 11 22:14:15 host app: hello\",\"source\":\"app\"," + kOurMembers);
}

TEST(VerdictFormatter, WritesTheMessageOfAnObjectToCsv) {
  EXPECT_EQ(formatted("{\"message\":\"a\\tb\",\"n\":1}\n", InputFormat::kJsonl, OutputFormat::kTsv),
            "line\tmessage\ttarget_label\tconfidence\ttier\trule\ttemplate\n"
            "1\ta\\tb\tError\t0.9877\trule\tdisk-full\tdisk number is full\n");
}

// What we write can be read again, and classified again.
TEST(VerdictFormatter, ReadsItsOwnOutput) {
  for (const OutputFormat to : {OutputFormat::kCsv, OutputFormat::kTsv, OutputFormat::kJsonl})
    for (const InputFormat from : {InputFormat::kCsv, InputFormat::kJsonl, InputFormat::kText}) {
      const std::string input = from == InputFormat::kJsonl ? "{\"message\":\"a\"}\n{\"message\":\"b\"}\n"
                                : from == InputFormat::kCsv ? "n,message\n1,a\n2,b\n"
                                                            : "a\nb\n";
      const auto again = read_all(formatted(input, from, to), ReaderOptions{});
      EXPECT_EQ(again.messages(), (std::vector<std::string>{"a", "b"}));
      EXPECT_EQ(again.format, to == OutputFormat::kJsonl ? InputFormat::kJsonl : InputFormat::kCsv);
    }
}

TEST(VerdictFormatter, SaysWhatIsDeferredWhereThatIsAskedFor) {
  NamedVerdict verdict = kVerdict;
  verdict.is_deferred = true;
  verdict.record_id = "0123abcd";
  EXPECT_EQ(formatted("message,record_id\nm,7\n", InputFormat::kCsv, OutputFormat::kCsv, verdict, true),
            "message,record_id,target_label,confidence,tier,rule,template,llm_deferred,logsieve_record_id\n"
            "m,7,Error,0.9877,rule,disk-full,disk number is full,true,0123abcd\n");
  const Json object = Json::parse(formatted("{\"message\":\"m\",\"record_id\":7}\n", InputFormat::kJsonl,
                                            OutputFormat::kJsonl, verdict, true));
  EXPECT_EQ(object["llm_deferred"], true);
  EXPECT_EQ(object["record_id"], 7);
  EXPECT_EQ(object["logsieve_record_id"], "0123abcd");
}

}  // namespace
}  // namespace logsieve
