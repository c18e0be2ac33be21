// What holds for any line: properties on random, hostile and real lines.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/random.h"
#include "mask/masker.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

std::string form_of(std::string_view line) {
  std::string form;
  mask(line, form);
  return form;
}

// Building blocks that touch each other in every way.
const std::vector<std::string>& fragments() {
  static const std::vector<std::string> kFragments = {"10.0.0.1",
                                                      "::1",
                                                      "fe80::1",
                                                      "a@b.co",
                                                      "http://x/y",
                                                      "12",
                                                      "5ms",
                                                      "/",
                                                      "/a/b",
                                                      "\\",
                                                      "C:\\x",
                                                      "-",
                                                      "+",
                                                      ":",
                                                      ".",
                                                      ",",
                                                      "=",
                                                      "0x1f",
                                                      "User12",
                                                      "2005-06-03",
                                                      "12:34:56",
                                                      "Dec",
                                                      "04",
                                                      "Sun",
                                                      " ",
                                                      "  ",
                                                      "status",
                                                      "HTTP/",
                                                      "1.1",
                                                      "\"",
                                                      "200",
                                                      "code",
                                                      "x",
                                                      "abc",
                                                      "deadbeef12",
                                                      "a1b2c3",
                                                      "_",
                                                      "@",
                                                      "%",
                                                      "~",
                                                      "../",
                                                      "e5",
                                                      "1e5",
                                                      "Z",
                                                      "T",
                                                      "PM",
                                                      "id",
                                                      "number",
                                                      "path",
                                                      "time",
                                                      "9f31c",
                                                      "aa:bb:cc:dd:ee:01",
                                                      "AAAA1234aaaa5678bbbb9",
                                                      "\xFF",
                                                      "\xC3\xA9",
                                                      std::string(1, '\0'),
                                                      "x86",
                                                      "ext4",
                                                      "5xx",
                                                      "1,234",
                                                      "550e8400-e29b-41d4-a716-446655440000",
                                                      "exit",
                                                      "?",
                                                      "&",
                                                      "^",
                                                      "(",
                                                      ")",
                                                      "20171223",
                                                      "+0000",
                                                      "UTC",
                                                      "081109 203615",
                                                      "[",
                                                      "]:443",
                                                      "#53",
                                                      "rows",
                                                      "ms",
                                                      "HTTP ",
                                                      "response ",
                                                      "GET ",
                                                      "exitCode=",
                                                      "HRESULT ",
                                                      "signal ",
                                                      "0x80070005",
                                                      "3221225477",
                                                      "C:\\Program Files\\",
                                                      "C:\\Users\\John ",
                                                      "\\\\host\\",
                                                      "Smith",
                                                      ".txt",
                                                      "'"};
  return kFragments;
}

std::string random_line(Random& random) {
  std::string line;
  for (std::size_t i = 1 + random.below(10); i > 0; --i) {
    if (random.below(10) == 0)
      line += static_cast<char>(static_cast<unsigned char>(random.below(256)));
    else
      line += fragments()[random.below(fragments().size())];
  }
  return line;
}

void expect_properties(std::string_view line) {
  const std::string form = form_of(line);
  ASSERT_EQ(form_of(form), form) << "line: " << line;
  ASSERT_LE(form.size(), kMaxMaskGrowth * line.size()) << "line: " << line;
}

TEST(Mask, IsIdempotentAndBoundedOnAnyMixture) {
  Random random(7);
  for (int i = 0; i < 200'000; ++i) expect_properties(random_line(random));
}

TEST(Mask, IsIdempotentAndBoundedOnRandomBytes) {
  Random random(8);
  std::string line;
  for (int i = 0; i < 50'000; ++i) {
    line.resize(random.below(60));
    for (char& c : line) c = static_cast<char>(static_cast<unsigned char>(random.below(256)));
    expect_properties(line);
  }
}

TEST(Mask, DoesNotDependOnWhatTheStringHeldBefore) {
  std::string form = "old content";
  mask("disk 7 failed", form);
  EXPECT_EQ(form, "disk number failed");
  mask("", form);
  EXPECT_EQ(form, "");
}

// A quadratic scanner would need hours for these and run into the test's timeout.
TEST(Mask, IsLinearOnHostileLines) {
  for (const char* unit : {"1.",
                           "1:",
                           "/a",
                           "@",
                           "a@",
                           "1,234",
                           "a.",
                           "x@a.",
                           "::",
                           "a1",
                           "\\",
                           "http://",
                           "a-",
                           "12:34",
                           "Dec 1 ",
                           "a:/",
                           "a://",
                           "==",
                           "+/",
                           "5m",
                           "1e",
                           "C:\\",
                           "a/",
                           "-1",
                           "?=",
                           "Sun Dec 04 ",
                           "081109 203615 ",
                           "[::",
                           "C:\\a b",
                           "'C:\\a ",
                           "\"C:\\",
                           "\\a\\b c d",
                           "status ",
                           "exit code 5 ",
                           "C:\\Users\\A B"}) {
    std::string line;
    while (line.size() < 1'000'000) line += unit;
    expect_properties(line);
  }
}

fs::path shared_data() {
  const char* folder = std::getenv("LOGSIEVE_SHARED_DIR");
  return fs::path(folder != nullptr ? folder : LOGSIEVE_SOURCE_DIR "/../shared") / "data";
}

TEST(Mask, IsIdempotentOnRealLines) {
  if (!fs::exists(shared_data())) GTEST_SKIP() << "no reference data in " << shared_data();
  std::size_t lines = 0;
  for (const auto& entry : fs::recursive_directory_iterator(shared_data())) {
    std::ifstream file(entry.path(), std::ios::binary);
    for (std::string line; std::getline(file, line); ++lines) expect_properties(line);
  }
  EXPECT_GT(lines, 10'000U);
}

// The eight layouts of the reference logs: the stamp at the head of each line is one time. BGL writes two stamps
// behind its epoch, which nothing tells from another number.
TEST(Mask, TurnsTheStampOfEveryRealLineIntoOneTime) {
  const fs::path systems = shared_data() / "loghub2k";
  if (!fs::exists(systems)) GTEST_SKIP() << "no reference data in " << systems;
  std::size_t lines = 0;
  for (const auto& entry : fs::directory_iterator(systems)) {
    const std::string system = entry.path().filename().string();
    std::ifstream file(entry.path() / (system + "_2k.log"), std::ios::binary);
    for (std::string line; std::getline(file, line); ++lines) {
      const std::string form = form_of(line);
      const std::size_t head = form.find("time");
      const bool is_epoch_first = system == "BGL";
      ASSERT_NE(head, std::string::npos) << line;
      ASSERT_LE(head, is_epoch_first ? form.find("number") + 7 : 1U) << line;
      ASSERT_NE(form.substr(head + 4, 5), " time") << line;
      ASSERT_FALSE(form.substr(head + 4, 2) == " n" && system != "Android" && system != "HDFS") << line;
    }
  }
  EXPECT_EQ(lines, 16'000U);
}

// Reads one column of a CSV without line breaks in its fields, as the reference logs are.
std::vector<std::string> split_simple_csv(const std::string& line) {
  std::vector<std::string> fields(1);
  bool in_quotes = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && in_quotes && i + 1 < line.size() && line[i + 1] == '"')
      fields.back() += line[++i];
    else if (line[i] == '"')
      in_quotes = !in_quotes;
    else if (line[i] == ',' && !in_quotes)
      fields.emplace_back();
    else
      fields.back() += line[i];
  }
  return fields;
}

// The forms of real systems: none may mix lines of different true events, or a cache keyed by the form would be
// wrong; and values must coincide, or it would be useless (2,312 forms for 16 systems are the reference).
TEST(Mask, FormsOfRealSystemsAreFewAndNeverMixEvents) {
  const fs::path systems = shared_data() / "loghub2k";
  if (!fs::exists(systems)) GTEST_SKIP() << "no reference data in " << systems;
  for (const auto& entry : fs::directory_iterator(systems)) {
    const std::string system = entry.path().filename().string();
    std::ifstream file(entry.path() / (system + "_2k.log_structured.csv"));
    std::string line;
    if (!entry.is_directory() || !std::getline(file, line)) continue;
    const std::vector<std::string> header = split_simple_csv(line);
    const auto column = [&](const char* name) {
      for (std::size_t i = 0; i < header.size(); ++i)
        if (header[i] == name || header[i] == std::string(name) + "\r") return i;
      return header.size();
    };
    const std::size_t content = column("Content");
    const std::size_t event = column("EventId");
    ASSERT_LT(std::max(content, event), header.size()) << system;
    std::map<std::string, std::set<std::string>> events_of_form;
    while (std::getline(file, line)) {
      const std::vector<std::string> fields = split_simple_csv(line);
      events_of_form[form_of(fields.at(content))].insert(fields.at(event));
    }
    for (const auto& [form, events] : events_of_form) EXPECT_EQ(events.size(), 1U) << system << ": " << form;
    EXPECT_LT(events_of_form.size(), 300U) << system;
  }
}

}  // namespace
}  // namespace logsieve
