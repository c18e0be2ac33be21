#include "base/file.h"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/test_folder.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

void write_plain(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Not read_file(), which is under test.
std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// No file may grow past `bytes` while this lives: a full disk on an ordinary file system.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST(ReadFile, ReturnsTheBytesAsTheyAre) {
  const TestFolder folder;
  std::string bytes("NUL \0 CR \r\n high \xFF", 18);
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{18}, std::size_t{65536}, std::size_t{200001}}) {
    bytes.resize(length, 'x');
    write_plain(folder / "f", bytes);
    const auto read = read_file(folder / "f");
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, bytes);
  }
}

TEST(ReadFile, RefusesMoreThanTheLimit) {
  const TestFolder folder;
  write_plain(folder / "f", "12345");
  EXPECT_TRUE(read_file(folder / "f", 5));
  const auto refused = read_file(folder / "f", 4);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(refused.error().message, (folder / "f").string() + " is larger than 4 bytes");
  EXPECT_FALSE(read_file("/dev/zero", 1000)) << "an endless device ends at the limit too";
}

TEST(ReadFile, SaysWhyItCannotRead) {
  const TestFolder folder;
  const auto missing = read_file(folder / "none.csv");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(missing.error().message,
            "cannot open " + (folder / "none.csv").string() + ": No such file or directory");
  const auto directory = read_file(folder.path());
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, ErrorCode::kIo);
  EXPECT_NE(directory.error().message.find("Is a directory"), std::string::npos);
  write_plain(folder / "secret", "x");
  fs::permissions(folder / "secret", fs::perms::none);
  const AsOrdinaryUser user;
  const auto denied = read_file(folder / "secret");
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, ErrorCode::kIo);
  EXPECT_NE(denied.error().message.find("Permission denied"), std::string::npos);
}

TEST(IoError, SaysWhatToDo) {
  EXPECT_EQ(io_error("open", "x", ENOENT).help,
            "check its name; a relative one begins in the working folder");
  EXPECT_EQ(io_error("write", "x", ENOENT).help, "make its folder first, or name another place");
  EXPECT_NE(io_error("open", "x", EACCES).help, io_error("write", "x", EACCES).help);
  for (const int error_number : {EISDIR, EROFS, EFBIG, EMFILE, ENOSPC, EDQUOT, EPERM, ENOTDIR})
    EXPECT_FALSE(io_error("write", "x", error_number).help.empty()) << error_number;
  EXPECT_TRUE(io_error("read", "x", EIO).help.empty()) << "the disk is not at the user's command";
}

TEST(WriteFileAtomic, WritesAndReplacesAndLeavesNothingElse) {
  const TestFolder folder;
  const std::string bytes("first\0\n", 7);
  ASSERT_TRUE(write_file_atomic(folder / "out.csv", bytes));
  EXPECT_EQ(contents(folder / "out.csv"), bytes);
  ASSERT_TRUE(write_file_atomic(folder / "out.csv", ""));
  EXPECT_EQ(contents(folder / "out.csv"), "");
  EXPECT_EQ(folder.names(), Names{"out.csv"});
}

TEST(WriteFileAtomic, AReaderOfTheOldFileKeepsIt) {
  const TestFolder folder;
  write_plain(folder / "f", "old");
  std::ifstream reader(folder / "f");
  ASSERT_TRUE(write_file_atomic(folder / "f", "new text"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old");
  EXPECT_EQ(contents(folder / "f"), "new text");
}

TEST(WriteFileAtomic, KeepsThePermissionsOfWhatItReplaces) {
  const TestFolder folder;
  for (const fs::perms mode : {fs::perms(0600), fs::perms(0666), fs::perms(0444)}) {
    write_plain(folder / "f", "old");
    fs::permissions(folder / "f", mode);
    ASSERT_TRUE(write_file_atomic(folder / "f", "new"));
    EXPECT_EQ(fs::status(folder / "f").permissions(), mode);
    fs::remove(folder / "f");
  }
}

TEST(WriteFileAtomic, ReplacesWhatSymlinksLeadToNotTheLinks) {
  const TestFolder folder;
  fs::create_directory(folder / "data");
  write_plain(folder / "data/real", "old");
  fs::create_symlink("real", folder / "data/middle");  // relative to its own folder
  fs::create_symlink("data/middle", folder / "link");
  ASSERT_TRUE(write_file_atomic(folder / "link", "new"));
  EXPECT_EQ(contents(folder / "data/real"), "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_TRUE(fs::is_symlink(folder / "data/middle"));
  EXPECT_EQ(folder.names(), (Names{"data", "link"}));
}

TEST(WriteFileAtomic, MakesTheFileThatADanglingSymlinkNames) {
  const TestFolder folder;
  fs::create_symlink("real", folder / "link");
  ASSERT_TRUE(write_file_atomic(folder / "link", "new"));
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(contents(folder / "real"), "new");
}

TEST(WriteFileAtomic, RefusesALoopOfSymlinks) {
  const TestFolder folder;
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  const auto written = write_file_atomic(folder / "a", "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_NE(written.error().message.find("Too many levels of symbolic links"), std::string::npos);
  EXPECT_EQ(folder.names(), (Names{"a", "b"}));
}

TEST(WriteFileAtomic, WritesStraightIntoAPipeAlsoThroughAMagicLink) {
  const TestFolder folder;
  const fs::path fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  // The text of this link is "pipe:[…]", as that of /dev/stdout in a shell's pipeline.
  for (const auto& [path, end] : {std::pair{fifo, reader}, {"/dev/fd/" + std::to_string(ends[1]), ends[0]}}) {
    ASSERT_TRUE(write_file_atomic(path, "through")) << path;
    char buffer[100];
    ASSERT_EQ(::read(end, buffer, sizeof buffer), 7) << path;
    EXPECT_EQ(std::string_view(buffer, 7), "through");
  }
  EXPECT_TRUE(fs::is_fifo(fifo)) << "the pipe was replaced by a file";
  for (const int fd : {reader, ends[0], ends[1]}) ::close(fd);
}

TEST(WriteFileAtomic, SaysThatTheDeviceIsFull) {
  const TestFolder folder;
  fs::create_symlink("/dev/full", folder / "link");
  for (const fs::path& path : {fs::path("/dev/full"), folder / "link"}) {
    const auto written = write_file_atomic(path, "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::kIo);
    EXPECT_EQ(written.error().message, "cannot write " + path.string() + ": No space left on device");
    EXPECT_EQ(written.error().help, "free some space or name another place");
  }
}

TEST(WriteFileAtomic, KeepsTheOldFileWhenWritingFailsHalfWay) {
  const TestFolder folder;
  write_plain(folder / "f", "old");
  Result<void> written;
  {
    const FileSizeLimit limit(1000);
    written = write_file_atomic(folder / "f", std::string(5000, 'x'));
  }
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_EQ(written.error().message, "cannot write " + (folder / "f").string() + ": File too large");
  EXPECT_EQ(contents(folder / "f"), "old");
  EXPECT_EQ(folder.names(), Names{"f"});
}

TEST(WriteFileAtomic, NamesTheUsersPathWhereTheFolderIsNotWritable) {
  const TestFolder folder;
  fs::permissions(folder.path(), fs::perms(0555));
  {
    const AsOrdinaryUser user;
    const auto denied = write_file_atomic(folder / "f", "x");
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().code, ErrorCode::kIo);
    EXPECT_EQ(denied.error().message, "cannot write " + (folder / "f").string() + ": Permission denied");
  }
  fs::permissions(folder.path(), fs::perms(0755));
  const auto nowhere = write_file_atomic(folder / "none/f", "x");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::kNotFound);
  const auto directory = write_file_atomic(folder.path(), "x");
  ASSERT_FALSE(directory);
  EXPECT_NE(directory.error().message.find("Is a directory"), std::string::npos);
  EXPECT_EQ(folder.names(), Names{});
}

TEST(WriteFileAtomic, BearsTheLongestNameOfAFile) {
  const TestFolder folder;
  const std::string name(255, 'n');
  ASSERT_TRUE(write_file_atomic(folder / name, "x"));
  EXPECT_EQ(folder.names(), Names{name});
  EXPECT_FALSE(write_file_atomic(folder / (name + "n"), "x"));
  EXPECT_EQ(folder.names(), Names{name});
}

TEST(WriteFileAtomic, ThreadsThatWriteOneFileLeaveOneOfTheirTexts) {
  const TestFolder folder;
  const std::string texts[2] = {std::string(300000, 'a'), std::string(200000, 'b')};
  {
    std::vector<std::jthread> writers;
    for (const std::string& text : texts)
      writers.emplace_back([&folder, &text] {
        for (int i = 0; i < 20; ++i) EXPECT_TRUE(write_file_atomic(folder / "f", text));
      });
  }
  const std::string last = contents(folder / "f");
  EXPECT_TRUE(last == texts[0] || last == texts[1]) << last.size();
  EXPECT_EQ(folder.names(), Names{"f"});
}

TEST(MappedFile, ShowsTheBytesEvenWhenTheFileIsGone) {
  const TestFolder folder;
  const std::string bytes(10000, 'm');
  write_plain(folder / "f", bytes);
  const auto mapped = MappedFile::open(folder / "f");
  ASSERT_TRUE(mapped);
  fs::remove(folder / "f");
  EXPECT_EQ(mapped->bytes(), bytes);
}

TEST(MappedFile, AnEmptyFileIsAnEmptyView) {
  const TestFolder folder;
  write_plain(folder / "f", "");
  const auto mapped = MappedFile::open(folder / "f");
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->bytes(), "");
  EXPECT_EQ(MappedFile().bytes(), "");
}

TEST(MappedFile, MovesItsView) {
  const TestFolder folder;
  write_plain(folder / "a", "AAA");
  write_plain(folder / "b", "BB");
  auto a = MappedFile::open(folder / "a");
  auto b = MappedFile::open(folder / "b");
  ASSERT_TRUE(a && b);
  MappedFile moved = *std::move(a);
  EXPECT_EQ(moved.bytes(), "AAA");
  EXPECT_EQ(a->bytes(), "");  // NOLINT(bugprone-use-after-move): moving leaves it empty
  moved = *std::move(b);
  EXPECT_EQ(moved.bytes(), "BB");
}

TEST(MappedFile, RefusesWhatIsNoFileWithoutWaiting) {
  const TestFolder folder;
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  for (const fs::path& path : {folder.path(), folder / "fifo", fs::path("/dev/null")}) {
    const auto mapped = MappedFile::open(path);
    ASSERT_FALSE(mapped) << path;
    EXPECT_EQ(mapped.error().code, ErrorCode::kIo);
    EXPECT_EQ(mapped.error().message, "cannot map " + path.string() + ": not a regular file");
  }
  const auto missing = MappedFile::open(folder / "none");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace logsieve
