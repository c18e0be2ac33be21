#include "io/container_reader.h"

#include <gtest/gtest.h>
#include <string>

#include "io/reader_test_support.h"

namespace logsieve {
namespace {

using Texts = std::vector<std::string>;

const std::string kTime = "2016-10-06T00:17:09.669794202Z";

TEST(ParseCri, ReadsTimeStreamTagsAndContent) {
  const std::string line = kTime + " stderr P:more:tags  two spaces ";
  const auto cri = parse_cri(line);
  ASSERT_TRUE(cri);
  EXPECT_EQ(cri->time, kTime);
  EXPECT_EQ(cri->stream, "stderr");
  EXPECT_TRUE(cri->is_partial);
  EXPECT_EQ(cri->content, " two spaces ");
  const std::string empty = kTime + " stdout F";
  ASSERT_TRUE(parse_cri(empty));
  EXPECT_EQ(parse_cri(empty)->content, "");
}

TEST(ParseCri, RefusesWhatOnlyLooksLikeIt) {
  for (const std::string& line :
       {std::string(), kTime, kTime + " stdout", kTime + " stdin F x", kTime + " stdout X x",
        kTime + " stdout Fx y", std::string("2016 stdout F x"), " " + kTime + " stdout F x"})
    EXPECT_FALSE(parse_cri(line)) << line;
}

TEST(CriReader, JoinsThePiecesOfEachStream) {
  const auto input =
      read_all(kTime + " stdout P one \n" + kTime + " stderr P ERR \n" + kTime + " stdout P two \n" + kTime +
                   " stderr F or\n" + kTime + " stdout F three\n" + kTime + " stdout F whole\n",
               InputFormat::kCri);
  ASSERT_EQ(input.messages(), (Texts{"ERR or", "one two three", "whole"}));
  EXPECT_EQ(input.records[0].line, 2U);
  EXPECT_EQ(input.records[1].line, 1U);
  EXPECT_EQ(input.records[1].raw, kTime + " stdout F one two three");
  EXPECT_EQ(input.records[2].raw, kTime + " stdout F whole");
}

TEST(CriReader, GivesWhatNeverEndedAndLinesWithoutAHeader) {
  const auto input = read_all("plain\n" + kTime + " stderr P b\n" + kTime + " stdout P a", InputFormat::kCri);
  EXPECT_EQ(input.messages(), (Texts{"plain", "b", "a"}));
}

TEST(CriReader, RejectsAJoinedRecordOverTheLimitOnceAndGoesOn) {
  ReaderOptions options;
  options.format = InputFormat::kCri;
  options.max_record_bytes = 60;
  const std::string piece = kTime + " stdout P 12345678901234567\n";
  const auto input =
      read_all(piece + piece + piece + piece + piece + kTime + " stdout F end\n" + kTime + " stdout F next\n",
               options);
  EXPECT_EQ(input.messages(), Texts{"next"});
  ASSERT_EQ(input.rejects.size(), 1U);
  EXPECT_EQ(input.rejects[0].line, 1U);
}

TEST(DockerReader, JoinsPiecesAndDropsTheLineEnd) {
  const auto input = read_all(R"({"log":"one\n","stream":"stdout","time":"t1"})"
                              "\n"
                              R"({"log":"tw","stream":"stdout","time":"t2"})"
                              "\n"
                              R"({"log":"er \"r\"\n","stream":"stderr","time":"t3"})"
                              "\n"
                              R"({"log":"o\r\n","stream":"stdout","time":"t4","attrs":{"tag":"x"}})"
                              "\n{\"no\":1}\n",
                              InputFormat::kDocker);
  ASSERT_EQ(input.messages(), (Texts{"one", "er \"r\"", "two"}));
  EXPECT_EQ(input.records[0].raw, R"({"log":"one\n","stream":"stdout","time":"t1"})");
  EXPECT_EQ(input.records[2].raw, R"({"log":"two\n","stream":"stdout","time":"t2"})");
  EXPECT_EQ(input.records[2].line, 2U);
  ASSERT_EQ(input.rejects.size(), 1U);
  EXPECT_EQ(input.rejects[0].line, 5U);
}

TEST(ContainerFormats, AreRecognised) {
  EXPECT_EQ(read_all(kTime + " stdout F a\n" + kTime + " stderr P b\n", ReaderOptions{}).format,
            InputFormat::kCri);
  EXPECT_EQ(read_all(R"({"log":"a\n","stream":"stdout","time":"t"})", ReaderOptions{}).format,
            InputFormat::kDocker);
  EXPECT_EQ(read_all(R"({"log":"a\n","level":"info"})", ReaderOptions{}).format, InputFormat::kJsonl);
  ReaderOptions named;
  named.message_column = "log";
  EXPECT_EQ(read_all(R"({"log":"a\n","stream":"stdout","time":"t"})", named).format, InputFormat::kJsonl);
}

// Records that others have overtaken have no one place to begin at again.
TEST(CriReader, SaysWhereItCannotBeginAnew) {
  ReaderOptions options;
  options.format = InputFormat::kCri;
  options.batch_records = 1;
  auto reader =
      read_records(memory_input(kTime + " stdout P a\n" + kTime + " stderr F b\n" + kTime + " stdout F c\n"),
                   "x", options);
  ASSERT_TRUE(reader);
  auto first = (*reader)->next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->records[0].message, "b");
  EXPECT_FALSE(first->can_restart);
  auto second = (*reader)->next();
  ASSERT_TRUE(second);
  EXPECT_EQ(second->records[0].message, "ac");
  EXPECT_TRUE(second->can_restart);
}

}  // namespace
}  // namespace logsieve
