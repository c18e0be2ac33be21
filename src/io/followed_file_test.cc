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

void replace(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::trunc | std::ios::binary) << text;
}

FollowedFile opened(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  FollowedFile file({status.st_dev, status.st_ino});
  EXPECT_TRUE(file.open(path.string()));
  return file;
}

// What is there now, used up; "(cut)" where the file was seen to be another one.
std::string all(FollowedFile& file, std::size_t piece = 1'000, bool is_last = false) {
  std::string text;
  for (;;) {
    auto lines = file.peek(piece, is_last);
    EXPECT_TRUE(lines) << lines.error().message;
    if (!lines) return text;
    if (lines->lost) text += "(cut)";
    file.consume(lines->text);
    text += lines->text;
    if (lines->text.empty() && !lines->lost) return text;
  }
}

TEST(FollowedFile, GivesWholeLinesAsTheyCome) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, "one\ntw");
  FollowedFile file = opened(path);
  EXPECT_EQ(all(file), "one\n");
  EXPECT_EQ(file.position().offset, 4U);
  append(path, "o\nthree\n");
  EXPECT_EQ(all(file), "two\nthree\n");
  EXPECT_EQ(all(file), "");
  EXPECT_EQ(file.position().line, 3U);
  append(path, "no end");
  EXPECT_EQ(all(file, 1'000, /*is_last=*/true), "no end");
}

TEST(FollowedFile, GivesTheSameWhateverThePieces) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  std::string text;
  for (int i = 0; i < 300; ++i) text += std::string(static_cast<std::size_t>(i), 'x') + '\n';
  append(path, text + "half");
  for (const std::size_t piece : {1U, 7U, 300U, 301U, 4096U, 100'000U}) {
    FollowedFile file = opened(path);
    EXPECT_EQ(all(file, piece), text) << piece;
    EXPECT_EQ(file.position().line, 300U);
  }
}

TEST(FollowedFile, SeesThatAFileWasCut) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, "one\ntwo\n");
  FollowedFile file = opened(path);
  EXPECT_EQ(all(file), "one\ntwo\n");
  replace(path, "new\n");
  EXPECT_EQ(all(file), "(cut)new\n");
  EXPECT_EQ(file.position().line, 1U);
}

TEST(FollowedFile, KnowsTheBeginningOfWhatItReadThoughTheFileWasCutMeanwhile) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  const auto copy = folder / "x.log.1";
  append(path, "one\ntwo\n");
  append(copy, "one\ntwo\n");
  FollowedFile file = opened(path);
  for (const char* const line : {"one\n", "two\n"}) {
    ASSERT_TRUE(file.peek(4));
    replace(path, "anew and anew\n");
    file.consume(line);
    replace(path, "one\ntwo\n");
  }
  EXPECT_EQ(file.position().head_bytes, 4U) << "the second time it could not be told";
  const auto is_same = opened(copy).matches(file.position());
  EXPECT_TRUE(is_same && *is_same);
}

TEST(FollowedFile, SeesThatAFileWasCutThoughItHasGrownPastThePlaceAgain) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, "one\ntwo\n");
  FollowedFile file = opened(path);
  EXPECT_EQ(all(file), "one\ntwo\n");
  replace(path, "other\nbytes\nhere\n");
  EXPECT_EQ(all(file), "(cut)other\nbytes\nhere\n");
  // The beginning is the same: only what stands before the place differs.
  const std::string head(FollowedFile::kHeadBytes, '#');
  replace(path, head + "\nthree\n");
  EXPECT_EQ(all(file), "(cut)" + head + "\nthree\n");
  replace(path, head + "\nfour\nand more\n");
  EXPECT_EQ(all(file), "(cut)" + head + "\nfour\nand more\n");
}

FollowedFile::Position read_whole(const fs::path& path) {
  FollowedFile file = opened(path);
  all(file);
  return file.position();
}

TEST(FollowedFile, IsAnotherFileIfItsInodeIsUsedAgainWithOtherBytes) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, "one\ntwo\n");
  const FollowedFile::Position position = read_whole(path);
  replace(path, "other\nbytes\nhere\n");
  FollowedFile again(position);
  ASSERT_TRUE(again.open(path.string()));
  auto lines = again.peek(1'000);
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->lost, position);
  EXPECT_EQ(all(again), "other\nbytes\nhere\n");
}

TEST(FollowedFile, GoesOnWhereItStood) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, "one\ntwo\nhal");
  const FollowedFile::Position position = read_whole(path);
  append(path, "f\nthree\n");
  FollowedFile again(position);
  ASSERT_TRUE(again.open(path.string()));
  EXPECT_EQ(all(again), "half\nthree\n");
  EXPECT_EQ(again.position().line, 4U);
}

TEST(FollowedFile, OpensNoOtherFile) {
  const TestFolder folder;
  append(folder / "x.log", "one\n");
  append(folder / "y.log", "two\n");
  FollowedFile file(opened(folder / "x.log").position());
  const auto other = file.open((folder / "y.log").string());
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kNotFound);
}

TEST(FollowedFile, PassesALineThatIsTooLongWithoutHoldingIt) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, "one\n");
  append(path, std::string(FollowedFile::kMaxLineBytes, 'x'));
  FollowedFile file = opened(path);
  EXPECT_EQ(all(file), "one\n");
  append(path, "y\ntwo\n");
  auto lines = file.peek(1'000);
  ASSERT_TRUE(lines);
  EXPECT_EQ(lines->too_long, FollowedFile::kMaxLineBytes + 2);
  EXPECT_EQ(lines->text, std::string(FollowedFile::kKeptBytes, 'x'));
  ASSERT_TRUE(file.skip_line(lines->too_long));
  EXPECT_EQ(all(file), "two\n");
  EXPECT_EQ(file.position().line, 3U);
}

TEST(FollowedFile, GivesALineUpToTheLimitWhole) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  const std::string line(FollowedFile::kMaxLineBytes - 1, 'x');
  append(path, line + "\ntwo\n");
  FollowedFile file = opened(path);
  EXPECT_TRUE(all(file) == line + "\ntwo\n");
}

TEST(FollowedFile, BeginsAtTheEndBehindTheLastWholeLine) {
  const TestFolder folder;
  const auto path = folder / "x.log";
  append(path, std::string(300'000, 'x') + "\nha");
  FollowedFile file = opened(path);
  ASSERT_TRUE(file.go_to_end());
  append(path, "lf\nthree\n");
  EXPECT_EQ(all(file), "half\nthree\n");
  append(folder / "y.log", "no end at all");
  FollowedFile other = opened(folder / "y.log");
  ASSERT_TRUE(other.go_to_end());
  append(folder / "y.log", "\n");
  EXPECT_EQ(all(other), "no end at all\n");
}

}  // namespace
}  // namespace logsieve
