// Public logs, where they are at hand: every row is read, and comes out again as it was.
#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>

#include "io/reader_test_support.h"
#include "io/verdict_writer.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

fs::path loghub() {
  const char* shared = std::getenv("LOGSIEVE_SHARED_DIR");
  const fs::path base =
      shared != nullptr ? fs::path(shared) : fs::path(LOGSIEVE_SOURCE_DIR) / ".." / "shared";
  return base / "data" / "loghub2k";
}

std::vector<std::string> files_ending_in(std::string_view ending) {
  std::vector<std::string> files;
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(loghub(), failure))
    if (entry.path().string().ends_with(ending)) files.push_back(entry.path().string());
  return files;
}

ReadInput read_file_by_guess(const std::string& path) {
  ReadInput input;
  auto reader = open_records(path, {});
  if (!reader) {
    input.error = reader.error();
    return input;
  }
  input.format = (*reader)->format();
  take_all(**reader, input);
  return input;
}

TEST(RealFiles, EveryRowOfACsvIsReadAndWrittenAsItWas) {
  const auto files = files_ending_in("_structured.csv");
  if (files.empty()) GTEST_SKIP() << "no logs in " << loghub();
  for (const std::string& path : files) {
    const ReadInput input = read_file_by_guess(path);
    EXPECT_EQ(input.records.size(), 2000U) << path;
    EXPECT_TRUE(input.rejects.empty()) << path;
    auto reader = open_records(path, {});
    ASSERT_TRUE(reader);
    const VerdictFormatter formatter(OutputFormat::kCsv, **reader);
    std::string out;
    formatter.header(out);
    for (const ReadRecord& r : input.records)
      formatter.append({r.line, r.message, r.source, r.raw}, {"Error", 1.0F, "rule", "r", "f"}, out);
    EXPECT_EQ(read_all(out, ReaderOptions{}).messages(), input.messages()) << path;
  }
}

TEST(RealFiles, EveryLineOfALogIsARecord) {
  const auto files = files_ending_in("_2k.log");
  if (files.empty()) GTEST_SKIP() << "no logs in " << loghub();
  for (const std::string& path : files) {
    const ReadInput input = read_file_by_guess(path);
    EXPECT_EQ(input.records.size(), 2000U) << path;
    EXPECT_TRUE(input.rejects.empty()) << path;
    const bool is_syslog =
        path.find("Linux") != std::string::npos || path.find("OpenSSH") != std::string::npos;
    EXPECT_EQ(input.format, is_syslog ? InputFormat::kSyslog : InputFormat::kText) << path;
  }
}

}  // namespace
}  // namespace logsieve
