#include <cerrno>
#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <string>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;
using Files = std::map<std::string, std::string>;

Files files_in(const fs::path& folder) {
  Files files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    files[entry.path().filename().string()] = {std::istreambuf_iterator<char>(file), {}};
  }
  return files;
}

void make_folder(const fs::path& folder, const Files& files) {
  fs::create_directories(folder);
  for (const auto& [name, text] : files) std::ofstream(folder / name) << text;
}

Result<void> replace_folder(const fs::path& target, const Files& files) {
  auto staged = StagedDirectory::create(target);
  if (!staged) return std::move(staged).error();
  for (const auto& [name, text] : files)
    if (auto written = staged->write(name, text); !written) return written;
  return staged->commit();
}

TEST(StagedDirectory, AppearsOnCommitAndNotBefore) {
  const TestFolder folder;
  auto staged = StagedDirectory::create(folder / "model");
  ASSERT_TRUE(staged);
  ASSERT_TRUE(staged->write("a", "one"));
  ASSERT_TRUE(staged->write("b", "two"));
  EXPECT_FALSE(fs::exists(folder / "model"));
  ASSERT_TRUE(staged->commit());
  EXPECT_EQ(files_in(folder / "model"), (Files{{"a", "one"}, {"b", "two"}}));
  EXPECT_EQ(folder.names(), Names{"model"});
}

TEST(StagedDirectory, ReplacesTheOldFolderWhole) {
  const TestFolder folder;
  make_folder(folder / "model", {{"a", "old"}, {"gone", "old"}});
  fs::permissions(folder / "model", fs::perms(0750));
  std::ifstream reader(folder / "model" / "a");
  auto staged = StagedDirectory::create((folder / "model").string() + "/");
  ASSERT_TRUE(staged);
  ASSERT_TRUE(staged->write("a", "discarded"));
  ASSERT_TRUE(staged->write("a", "new"));
  EXPECT_EQ(files_in(folder / "model"), (Files{{"a", "old"}, {"gone", "old"}}));
  ASSERT_TRUE(staged->commit());
  EXPECT_EQ(files_in(folder / "model"), (Files{{"a", "new"}}));
  EXPECT_EQ(folder.names(), Names{"model"}) << "the old folder is gone as soon as commit returns";
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old") << "an open file stays readable";
  EXPECT_EQ(fs::status(folder / "model").permissions(), fs::perms(0750));
}

TEST(StagedDirectory, LeavesNothingWithoutCommit) {
  const TestFolder folder;
  make_folder(folder / "model", {{"a", "old"}});
  {
    auto staged = StagedDirectory::create(folder / "model");
    ASSERT_TRUE(staged);
    ASSERT_TRUE(staged->write("a", "new"));
    EXPECT_EQ(folder.names().size(), 2U);
  }
  EXPECT_EQ(folder.names(), Names{"model"});
  EXPECT_EQ(files_in(folder / "model"), (Files{{"a", "old"}}));
}

TEST(StagedDirectory, MovesAndCleansUpOnce) {
  const TestFolder folder;
  auto staged = StagedDirectory::create(folder / "model");
  ASSERT_TRUE(staged);
  {
    StagedDirectory moved = *std::move(staged);
    ASSERT_TRUE(moved.write("a", "one"));
    ASSERT_TRUE(moved.commit());
  }
  EXPECT_EQ(files_in(folder / "model"), (Files{{"a", "one"}}));
}

TEST(StagedDirectory, MakesMissingParents) {
  const TestFolder folder;
  ASSERT_TRUE(replace_folder(folder / "x/y/model", {{"a", "one"}}));
  EXPECT_EQ(files_in(folder / "x/y/model"), (Files{{"a", "one"}}));
}

TEST(StagedDirectory, ReplacesWhatASymlinkLeadsTo) {
  const TestFolder folder;
  make_folder(folder / "v1", {{"a", "old"}});
  fs::create_directory_symlink("v1", folder / "default");
  ASSERT_TRUE(replace_folder(folder / "default", {{"a", "new"}}));
  EXPECT_TRUE(fs::is_symlink(folder / "default"));
  EXPECT_EQ(files_in(folder / "v1"), (Files{{"a", "new"}}));
  fs::create_directory_symlink("v2", folder / "dangling");
  ASSERT_TRUE(replace_folder(folder / "dangling", {{"a", "newest"}}));
  EXPECT_EQ(files_in(folder / "v2"), (Files{{"a", "newest"}}));
  EXPECT_EQ(folder.names(), (Names{"dangling", "default", "v1", "v2"}));
}

TEST(StagedDirectory, RefusesAFileInTheWay) {
  const TestFolder folder;
  make_folder(folder.path(), {{"model", "a file"}});
  const auto staged = StagedDirectory::create(folder / "model");
  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().code, ErrorCode::kIo);
  EXPECT_EQ(staged.error().message,
            "cannot write the folder " + (folder / "model").string() + ": a file of that name is there");
  const auto below = StagedDirectory::create(folder / "model/x");
  ASSERT_FALSE(below);
  EXPECT_EQ(below.error().code, ErrorCode::kIo);
  EXPECT_EQ(files_in(folder.path()), (Files{{"model", "a file"}}));
}

TEST(StagedDirectory, RefusesAPlaceWithoutANameOfItsOwn) {
  for (const char* place : {"", ".", "..", "./", "x/..", "/"}) {
    const auto staged = StagedDirectory::create(place);
    ASSERT_FALSE(staged) << place;
    EXPECT_EQ(staged.error().code, ErrorCode::kInvalidArgument);
  }
}

TEST(StagedDirectory, NamesTheUsersPathWhereTheParentIsNotWritable) {
  const TestFolder folder;
  fs::permissions(folder.path(), fs::perms(0555));
  const AsOrdinaryUser user;
  const auto staged = StagedDirectory::create(folder / "model");
  ASSERT_FALSE(staged);
  EXPECT_EQ(staged.error().code, ErrorCode::kIo);
  EXPECT_EQ(staged.error().message, "cannot create " + (folder / "model").string() + ": Permission denied");
}

TEST(StagedDirectory, KeepsTheOldFolderWhenAFileDoesNotFit) {
  const TestFolder folder;
  make_folder(folder / "model", {{"a", "old"}});
  const int code = in_child([&] {
    const rlimit limit{1000, 1000};
    std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto replaced = replace_folder(folder / "model", {{"a", std::string(5000, 'x')}});
    return !replaced && replaced.error().message ==
                            "cannot write " + (folder / "model" / "a").string() + ": File too large"
               ? 0
               : 1;
  });
  EXPECT_EQ(code, 0);
  EXPECT_EQ(files_in(folder / "model"), (Files{{"a", "old"}}));
  EXPECT_EQ(folder.names(), Names{"model"});
}

TEST(StagedDirectory, ReplacesAlsoWhereTheFileSystemCannotExchange) {
  const TestFolder folder;
  make_folder(folder / "model", {{"a", "old"}, {"gone", "old"}});
  const int code = in_child([&] {
    if (!deny_system_call(SYS_renameat2, EINVAL)) return 2;
    return replace_folder(folder / "model", {{"a", "new"}}) ? 0 : 1;
  });
  if (code == 2) GTEST_SKIP() << "this system allows no seccomp filter";
  EXPECT_EQ(code, 0);
  EXPECT_EQ(files_in(folder / "model"), (Files{{"a", "new"}}));
  EXPECT_EQ(folder.names(), Names{"model"});
}

TEST(StagedDirectory, KeepsTheOldFolderWhenTheSwapFails) {
  const TestFolder folder;
  make_folder(folder / "model", {{"a", "old"}});
  const int code = in_child([&] {
    if (!deny_system_call(SYS_renameat2, EBUSY)) return 2;
    const auto replaced = replace_folder(folder / "model", {{"a", "new"}});
    return !replaced && replaced.error().help == "a mount point cannot be replaced: name a folder below it"
               ? 0
               : 1;
  });
  if (code == 2) GTEST_SKIP() << "this system allows no seccomp filter";
  EXPECT_EQ(code, 0);
  EXPECT_EQ(files_in(folder / "model"), (Files{{"a", "old"}}));
  EXPECT_EQ(folder.names(), Names{"model"});
}

}  // namespace
}  // namespace logsieve
