#include "base/append_file.h"

#include <csignal>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>

#include "base/file.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

TEST(AppendFile, KeepsWhatIsThereOrBeginsAnew) {
  const TestFolder folder;
  const std::string path = (folder / "f").string();
  for (const char* line : {"one\n", "two\n"}) {
    auto file = AppendFile::open(path, AppendFile::Start::kKeep);
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_TRUE(file->append(line));
  }
  EXPECT_EQ(*read_file(path), "one\ntwo\n");
  ASSERT_TRUE(AppendFile::open(path, AppendFile::Start::kEmpty));
  EXPECT_EQ(*read_file(path), "");
}

TEST(AppendFile, EndsALineThatWasCutShort) {
  const TestFolder folder;
  const std::string path = (folder / "f").string();
  ASSERT_TRUE(write_file_atomic(path, "half"));
  ASSERT_TRUE(AppendFile::open(path, AppendFile::Start::kKeep)->append("whole\n"));
  EXPECT_EQ(*read_file(path), "half\nwhole\n");
}

TEST(AppendFile, TakesAShortWriteBack) {
  const TestFolder folder;
  const std::string path = (folder / "f").string();
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  auto file = AppendFile::open(path, AppendFile::Start::kKeep);
  ASSERT_TRUE(file->append("first\n"));
  const rlimit low{10, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
  const auto refused = file->append("second line\n");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_FALSE(refused);
  EXPECT_EQ(*read_file(path), "first\n");
  EXPECT_TRUE(file->append("second line\n"));
  EXPECT_EQ(*read_file(path), "first\nsecond line\n");
}

TEST(AppendFile, TellsAFullDiskAndAMissingFolder) {
  const TestFolder folder;
  EXPECT_FALSE(AppendFile::open((folder / "no" / "f").string(), AppendFile::Start::kKeep));
  auto full = AppendFile::open("/dev/full", AppendFile::Start::kKeep);
  ASSERT_TRUE(full);
  const auto refused = full->append("x\n");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("No space left"), std::string::npos) << refused.error().message;
}

}  // namespace
}  // namespace logsieve
