// Reading that goes on where an earlier one stood gives what the earlier one would have given.
#include <gtest/gtest.h>
#include <string>

#include "base/random.h"
#include "io/reader_test_support.h"

namespace logsieve {
namespace {

std::string random_input(Random& random, std::string_view header, std::string_view often) {
  std::string bytes(header);
  for (std::size_t i = random.below(160); i > 0; --i) bytes += often[random.below(often.size())];
  return bytes;
}

struct Place {
  std::uint64_t offset;
  std::uint64_t line;
  std::size_t records;  // given before it
  std::size_t rejects;
};

// The ends of all batches.
std::vector<Place> places_of(const std::string& bytes, const ReaderOptions& options, std::size_t piece) {
  std::vector<Place> places;
  auto reader = read_records(memory_input(bytes, piece), "input", options);
  if (!reader) return places;
  Place place{0, 1, 0, 0};
  for (;;) {
    auto batch = (*reader)->next();
    if (!batch || (batch->records.empty() && batch->rejects.empty())) return places;
    place.offset = batch->end_offset;
    place.line = batch->end_line;
    place.records += batch->records.size();
    place.rejects += batch->rejects.size();
    places.push_back(place);
  }
}

void expect_the_rest(const std::string& bytes, const ReaderOptions& options, const ReadInput& whole,
                     const Place& place) {
  auto reader = read_records(memory_input(bytes), "input", options);
  ASSERT_TRUE(reader);
  const auto skipped = (*reader)->skip_to(place.offset, place.line);
  ASSERT_TRUE(skipped) << skipped.error().message;
  ReadInput rest;
  take_all(**reader, rest);
  ASSERT_EQ(rest.records.size(), whole.records.size() - place.records) << place.offset;
  for (std::size_t i = 0; i < rest.records.size(); ++i)
    EXPECT_EQ(rest.records[i], whole.records[place.records + i]) << place.offset;
  ASSERT_EQ(rest.rejects.size(), whole.rejects.size() - place.rejects) << place.offset;
  for (std::size_t i = 0; i < rest.rejects.size(); ++i) {
    EXPECT_EQ(rest.rejects[i].line, whole.rejects[place.rejects + i].line);
    EXPECT_EQ(rest.rejects[i].raw, whole.rejects[place.rejects + i].raw);
  }
}

void expect_same_from_every_place(InputFormat format, std::string_view header, std::string_view often) {
  Random random(7);
  for (int round = 0; round < 400; ++round) {
    const std::string bytes = random_input(random, header, often);
    ReaderOptions options;
    options.format = format;
    options.max_record_bytes = 24;
    options.batch_records = 1 + random.below(3);
    options.batch_bytes = 1 + random.below(30);
    const ReadInput whole = read_all(bytes, options);
    for (const Place& place : places_of(bytes, options, 1 + random.below(20)))
      expect_the_rest(bytes, options, whole, place);
  }
}

TEST(SkipTo, GivesTheRestOfText) {
  expect_same_from_every_place(InputFormat::kText, "", "ab c\n\n\r");
}

TEST(SkipTo, GivesTheRestOfACsvWithAllItsFaults) {
  expect_same_from_every_place(InputFormat::kCsv, "n,message\n", "ab,,\"\n\n\r");
}

TEST(SkipTo, GivesTheRestOfJsonLines) {
  expect_same_from_every_place(InputFormat::kJsonl, "{\"message\":\"a\"}\n", "{}\"a:\n\n");
}

// Which batches end amid a line: the last one at most, and however the bytes come.
TEST(SkipTo, TellsAnInputThatEndsAmidALine) {
  for (const InputFormat format : {InputFormat::kText, InputFormat::kCsv, InputFormat::kJsonl})
    for (const std::string end : {"\n", "", "\n\n", "\r\n"})
      for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
        ReaderOptions options;
        options.format = format;
        options.batch_records = 2;
        const std::string record = format == InputFormat::kJsonl ? R"({"message":"x"})" : "message";
        std::string bytes = record;
        for (int i = 0; i < 4; ++i) bytes += '\n' + record;
        auto reader = read_records(memory_input(bytes + end, piece), "input", options);
        ASSERT_TRUE(reader);
        bool was_cut_short = false;
        for (;;) {
          auto batch = (*reader)->next();
          ASSERT_TRUE(batch);
          if (batch->records.empty() && batch->rejects.empty()) break;
          EXPECT_FALSE(was_cut_short);
          was_cut_short = batch->is_cut_short;
        }
        EXPECT_EQ(was_cut_short, end.empty()) << static_cast<int>(format) << ' ' << piece;
      }
}

TEST(SkipTo, SaysWhenTheInputIsShorterThanItWas) {
  ReaderOptions options;
  options.format = InputFormat::kText;
  auto reader = read_records(memory_input("a\nb\n"), "input", options);
  ASSERT_TRUE(reader);
  const auto skipped = (*reader)->skip_to(5, 3);
  ASSERT_FALSE(skipped);
  EXPECT_EQ(skipped.error().code, ErrorCode::kBadInput);
}

}  // namespace
}  // namespace logsieve
