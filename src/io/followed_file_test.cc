#include "io/followed_file.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <utility>

#include "base/test_folder.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

void append(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::app | std::ios::binary) << text;
}

// Everything that is there now, and the number of its first line.
std::pair<std::string, std::uint64_t> all(FollowedFile& file) {
  std::string text;
  std::uint64_t first = 0;
  std::uint64_t some = 0;
  for (;;) {
    auto taken = file.take_lines(1'000, text, some);
    EXPECT_TRUE(taken) << taken.error().message;
    if (!taken || !*taken) return {text, first};
    if (first == 0) first = some;
  }
}
using Taken = std::pair<std::string, std::uint64_t>;

TEST(FollowedFile, GivesWholeLinesAsTheyCome) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  FollowedFile file(path.string());
  EXPECT_EQ(all(file), Taken("", 0));  // it is not there yet
  append(path, "one\ntw");
  EXPECT_EQ(all(file), Taken("one\n", 1));
  append(path, "o\nthree\n");
  EXPECT_EQ(all(file), Taken("two\nthree\n", 2));
  EXPECT_EQ(all(file), Taken("", 0));
}

TEST(FollowedFile, ReadsARenamedFileToItsEndThenTheNewOne) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, "one\n");
  FollowedFile file(path.string());
  EXPECT_EQ(all(file), Taken("one\n", 1));
  fs::rename(path, folder / "x.log.1");
  EXPECT_EQ(all(file), Taken("", 0));
  append(folder / "x.log.1", "two\nlast without end");
  append(path, "new\n");
  EXPECT_EQ(all(file), Taken("two\nlast without end\nnew\n", 2));
  append(path, "newer\n");
  EXPECT_EQ(all(file), Taken("newer\n", 2));
}

TEST(FollowedFile, ReadsATruncatedFileFromItsBeginning) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, "one\ntwo\n");
  FollowedFile file(path.string());
  EXPECT_EQ(all(file).first, "one\ntwo\n");
  fs::resize_file(path, 0);
  append(path, "new\n");
  EXPECT_EQ(all(file), Taken("new\n", 1));
}

TEST(FollowedFile, GoesOnWhereItStood) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, "one\ntwo\nhal");
  FollowedFile::Position position;
  {
    FollowedFile file(path.string());
    all(file);
    position = file.position();
  }
  EXPECT_EQ(position.offset, 8U);
  append(path, "f\nthree\n");
  FollowedFile again(path.string());
  again.resume(position);
  EXPECT_EQ(all(again), Taken("half\nthree\n", 3));
  EXPECT_EQ(again.position().line, 4U);
}

TEST(FollowedFile, ReadsAnotherFileOfThatNameFromItsBeginning) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, "one\ntwo\n");
  FollowedFile file(path.string());
  all(file);
  const auto position = file.position();
  // The same inode with other bytes, as after a truncation while nobody looked.
  fs::resize_file(path, 0);
  append(path, "other\nbytes\nhere\n");
  FollowedFile again(path.string());
  again.resume(position);
  EXPECT_EQ(all(again), Taken("other\nbytes\nhere\n", 1));
}

}  // namespace
}  // namespace logsieve
