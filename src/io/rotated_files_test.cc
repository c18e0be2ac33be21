#include "io/rotated_files.h"

#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "base/test_folder.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

FollowedFile::Position read_to_its_end(const std::string& path) {
  const auto status = file_status(path);
  if (!status) return {};
  FollowedFile file({status->id.first, status->id.second});
  EXPECT_TRUE(file.open(path) && file.go_to_end());
  return file.position();
}

// x.log.1 to x.log.9, listed, and then all are called otherwise.
class RotatedFilesTest : public ::testing::Test {
 protected:
  RotatedFilesTest() {
    for (int i = 1; i <= kFiles; ++i)
      folder_.append(name_of(i), std::to_string(i) + ": a line that tells it\n");
  }
  static std::string name_of(int number) { return "x.log." + std::to_string(number); }
  void move_names_on() const {
    for (int i = kFiles; i > 0; --i) fs::rename(folder_ / name_of(i), folder_ / name_of(i + 1));
  }

  static constexpr int kFiles = 9;
  TestFolder folder_;
};

TEST_F(RotatedFilesTest, FindsAFileWhoseNameMovedOn) {
  const auto position = read_to_its_end(folder_.file(name_of(3)));
  RotatedFiles folder(folder_.file("x.log"));
  move_names_on();
  EXPECT_EQ(folder.find_renamed(folder_.file("x.log"), position), folder_.file(name_of(4)));
  fs::remove(folder_ / name_of(4));
  EXPECT_EQ(folder.find_renamed(folder_.file("x.log"), position), std::nullopt);
}

TEST_F(RotatedFilesTest, ListsEachFileOnceThoughNamesMovedOn) {
  RotatedFiles folder(folder_.file("x.log"));
  move_names_on();
  folder_.append(name_of(1), "made since\n");
  const auto siblings = folder.made_since(folder_.file("x.log"), 0);
  ASSERT_TRUE(siblings);
  std::vector<FileId> found;
  for (const auto& file : siblings->files) found.push_back(file.status.id);
  for (int i = 2; i <= kFiles + 1; ++i)
    EXPECT_EQ(std::count(found.begin(), found.end(), file_status(folder_.file(name_of(i)))->id), 1) << i;
  EXPECT_LT(siblings->settled_ns, file_status(folder_.file(name_of(1)))->born_ns);
}

TEST_F(RotatedFilesTest, FindsACopyWhoseNameMovedOn) {
  folder_.append("x.log", "0: a line that tells it\n");
  const auto position = read_to_its_end(folder_.file("x.log"));
  fs::copy_file(folder_ / "x.log", folder_ / name_of(0));
  RotatedFiles folder(folder_.file("x.log"));
  move_names_on();
  fs::rename(folder_ / name_of(0), folder_ / name_of(1));
  const auto copy = folder.find_copy(folder_.file("x.log"), position);
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->path, folder_.file(name_of(1)));
}

TEST_F(RotatedFilesTest, ListsAFolderOfManyFilesAsAWhole) {
  constexpr int kMany = 5'000;
  for (int i = kFiles + 1; i <= kMany; ++i) folder_.append(name_of(i), "line\n");
  RotatedFiles folder(folder_.file("x.log"));
  const auto siblings = folder.made_since(folder_.file("x.log"), 0);
  ASSERT_TRUE(siblings);
  EXPECT_EQ(siblings->files.size(), static_cast<std::size_t>(kMany));
}

}  // namespace
}  // namespace logsieve
