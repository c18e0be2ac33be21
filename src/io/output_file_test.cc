#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/test_folder.h"
#include "io/verdict_writer.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

TEST(OutputFile, AppearsWholeAtClose) {
  const TestFolder folder;
  auto file = OutputFile::create(folder.file("out"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("a"));
  ASSERT_TRUE(file->write("b\n"));
  EXPECT_FALSE(fs::exists(folder.file("out")));
  ASSERT_TRUE(file->close());
  EXPECT_EQ(folder.read("out"), "ab\n");
  EXPECT_EQ(folder.names().size(), 1U);
}

TEST(OutputFile, LeavesNothingWithoutClose) {
  const TestFolder folder;
  folder.write("out", "old");
  {
    auto file = OutputFile::create(folder.file("out"));
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half"));
  }
  EXPECT_EQ(folder.read("out"), "old");
  EXPECT_EQ(folder.names().size(), 1U);
}

TEST(OutputFile, KeepsThePermissionsOfTheFileItReplaces) {
  const TestFolder folder;
  fs::permissions(folder.write("out", "old"), fs::perms(0640));
  auto file = OutputFile::create(folder.file("out"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->close());
  EXPECT_EQ(fs::status(folder.file("out")).permissions(), fs::perms(0640));
  EXPECT_EQ(folder.read("out"), "");
}

TEST(OutputFile, ReplacesTheTargetOfASymlink) {
  const TestFolder folder;
  folder.write("target", "old");
  fs::create_symlink(folder.file("target"), folder.file("link"));
  auto file = OutputFile::create(folder.file("link"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("new"));
  ASSERT_TRUE(file->close());
  EXPECT_TRUE(fs::is_symlink(folder.file("link")));
  EXPECT_EQ(folder.read("target"), "new");
}

TEST(OutputFile, ReportsAFullDevice) {
  auto file = OutputFile::create("/dev/full");
  ASSERT_TRUE(file);
  const auto written = file->write("x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_NE(written.error().message.find("/dev/full: No space left on device"), std::string::npos);
  EXPECT_FALSE(file->is_broken_pipe());
  EXPECT_FALSE(file->close());
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST(OutputFile, WritesADeviceDirectly) {
  auto file = OutputFile::create("/dev/null");
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->write("x"));
  EXPECT_TRUE(file->close());
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(OutputFile, TellsABrokenPipe) {
  const TestFolder folder;
  const auto old_handler = std::signal(SIGPIPE, SIG_IGN);
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  const int reader = ::open(folder.file("pipe").c_str(), O_RDONLY | O_NONBLOCK);
  auto file = OutputFile::create(folder.file("pipe"));
  ASSERT_TRUE(file);
  EXPECT_TRUE(file->write("x"));
  EXPECT_FALSE(file->is_broken_pipe());
  ::close(reader);
  const auto written = file->write("y");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_TRUE(file->is_broken_pipe());
  std::signal(SIGPIPE, old_handler);
}

TEST(OutputFile, SaysWhyItCannotBeWritten) {
  const TestFolder folder;
  const auto missing = OutputFile::create(folder.file("no/such/folder"));
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("no/such/folder: No such file or directory"), std::string::npos);
  const auto directory = OutputFile::create(folder.file(""));
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, ErrorCode::kIo);
}

TEST(OutputFile, DoesNotReplaceAFileThatMustNotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everything";
  const TestFolder folder;
  fs::permissions(folder.write("locked", "old"), fs::perms(0444));
  const auto locked = OutputFile::create(folder.file("locked"));
  ASSERT_FALSE(locked);
  EXPECT_NE(locked.error().message.find("Permission denied"), std::string::npos);
}

TEST(OutputFile, DoesNotFinishWhatFailedBefore) {
  const TestFolder folder;
  folder.write("out", "old");
  auto file = OutputFile::create(folder.file("out"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("half"));
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tiny{4, limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tiny);
  const bool is_written = static_cast<bool>(file->write("more"));
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_FALSE(is_written);
  EXPECT_FALSE(file->close());
  EXPECT_EQ(folder.read("out"), "old");
  EXPECT_EQ(folder.names().size(), 1U);
}

}  // namespace
}  // namespace logsieve
