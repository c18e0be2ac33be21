#include "io/followed_files.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <vector>
#include <zlib.h>

#include "base/test_folder.h"
#include "io/follow_reader.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

constexpr auto kDeadline = std::chrono::seconds(20);

FollowOptions at_once() {
  FollowOptions options;
  options.scan_every = std::chrono::milliseconds(0);
  return options;
}

// Files in a folder, followed, and what was read of them.
class FollowedFilesTest : public ::testing::Test {
 protected:
  void follow(const std::vector<std::string>& names, const FollowOptions& options = at_once(),
              const std::vector<KnownFile>& known = {}) {
    std::vector<std::string> paths;
    for (const std::string& name : names) paths.push_back(folder_.file(name));
    ReaderOptions reader_options;
    reader_options.format = InputFormat::kText;
    reader_ = std::make_unique<FollowReader>(paths, known, reader_options, options);
  }
  void append(const std::string& name, const std::string& text) const { folder_.append(name, text); }
  void rename(const std::string& from, const std::string& to) const {
    fs::rename(folder_ / from, folder_ / to);
  }

  bool read_one() {
    auto batch = reader_->next();
    for (std::string& notice : reader_->take_notices()) notices_.push_back(std::move(notice));
    for (KnownFile& file : reader_->take_moved()) known_[file.key] = file;
    if (batch) {
      for (const Record& record : batch->records.records) lines_.emplace_back(record.message);
      for (const Reject& reject : batch->records.rejects) rejects_.push_back(reject);
      known_[batch->file.key] = batch->file;
    }
    for (const std::uint64_t key : reader_->take_forgotten()) known_.erase(key);
    return batch.has_value();
  }
  // Waits until `is_there`, reading; then the lines that came since the last call.
  template <typename Condition>
  Lines read_until(const Condition& is_there) {
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (!is_there() && std::chrono::steady_clock::now() < end) read_one();
    EXPECT_TRUE(is_there()) << "nothing has come in time";
    return std::exchange(lines_, {});
  }
  Lines read(std::size_t count) {
    return read_until([&] { return lines_.size() >= count; });
  }
  void expect_no_more() {
    for (int i = 0; i < 100; ++i) read_one();
    EXPECT_EQ(lines_, Lines());
  }
  static std::string line_of(int turn) { return "turn " + std::to_string(turn) + ": a line that tells it\n"; }
  // As rotation does that keeps 40 files, but older ones are kept too.
  void move_names_on(int turn) const {
    constexpr int kKept = 40;
    for (int number = std::min(turn - 1, kKept); number > 0; --number)
      rename("x.log." + std::to_string(number),
             "x.log." + std::to_string(number == kKept ? 1'000 + turn : number + 1));
  }
  // Rotates while it reads; each turn writes its line.
  template <typename Turn>
  void expect_each_turn_once(const Turn& turn) {
    constexpr int kTurns = 120;
    Lines wanted;
    for (int i = 1; i <= kTurns; ++i) wanted.push_back(line_of(i).substr(0, line_of(i).size() - 1));
    std::thread rotation([&] {
      for (int i = 1; i <= kTurns; ++i) turn(i);
    });
    Lines lines = read(kTurns);
    rotation.join();
    expect_no_more();
    std::sort(lines.begin(), lines.end());
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(lines, wanted);
  }
  bool was_told(const std::string& text) const {
    return std::any_of(notices_.begin(), notices_.end(),
                       [&](const std::string& notice) { return notice.find(text) != std::string::npos; });
  }
  std::vector<KnownFile> known() const {
    std::vector<KnownFile> files;
    for (const auto& [key, file] : known_) files.push_back(file);
    return files;
  }
  void write_gzip(const std::string& name, const std::string& text) const {
    const gzFile file = ::gzopen(folder_.file(name).c_str(), "wb");
    ::gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    ::gzclose(file);
  }

  TestFolder folder_;
  std::unique_ptr<FollowReader> reader_;
  Lines lines_;
  std::vector<Reject> rejects_;
  std::vector<std::string> notices_;
  std::map<std::uint64_t, KnownFile> known_;
};

TEST_F(FollowedFilesTest, WaitsForAFileThatIsNotThereYet) {
  follow({"x.log"});
  EXPECT_FALSE(read_one());
  append("x.log", "one\n");
  EXPECT_EQ(read(1), Lines({"one"}));
}

TEST_F(FollowedFilesTest, ReadsARenamedFileToItsEndThenTheNewOne) {
  append("x.log", "one\n");
  follow({"x.log"});
  EXPECT_EQ(read(1), Lines({"one"}));
  append("x.log", "two\n");
  rename("x.log", "x.log.1");
  append("x.log", "three\n");
  EXPECT_EQ(read(2), Lines({"two", "three"}));
  append("x.log.1", "late\n");  // its writer still has it open
  EXPECT_EQ(read(1), Lines({"late"}));
  append("x.log", "four\n");
  EXPECT_EQ(read(1), Lines({"four"}));
}

TEST_F(FollowedFilesTest, LetsARenamedFileGoWithItsLastLine) {
  append("x.log", "one\nno end");
  FollowOptions options = at_once();
  options.grace = std::chrono::milliseconds(0);
  follow({"x.log"}, options);
  EXPECT_EQ(read(1), Lines({"one"}));
  rename("x.log", "x.log.1");
  EXPECT_EQ(read(1), Lines({"no end"}));
  read_until([&] { return known_.empty(); });
  EXPECT_EQ(reader_->files().open_files(), 0U);
}

TEST_F(FollowedFilesTest, ReadsADeletedFileToItsEnd) {
  append("x.log", "one\n");
  FollowOptions options = at_once();
  options.grace = std::chrono::milliseconds(0);
  follow({"x.log"}, options);
  read(1);
  append("x.log", "two\n");
  fs::remove(folder_ / "x.log");
  EXPECT_EQ(read(1), Lines({"two"}));
  read_until([&] { return known_.empty(); });
  append("x.log", "three\n");
  EXPECT_EQ(read(1), Lines({"three"}));
}

TEST_F(FollowedFilesTest, FindsFilesThatCameAndWentBetweenTwoLooks) {
  append("x.log", "1\n");
  follow({"x.log"});
  read(1);
  append("x.log.err", "of another program\n");
  Lines wanted;
  for (int i = 2; i < 40; ++i) {
    rename("x.log", "x.log." + std::to_string(1000 + i));
    append("x.log", std::to_string(i) + '\n');
    wanted.push_back(std::to_string(i));
  }
  EXPECT_EQ(read(wanted.size()), wanted);
}

// Each look finds names that lead elsewhere a moment later.
TEST_F(FollowedFilesTest, LosesNothingWhileAllNamesMoveOn) {
  append("x.log", "0\n");
  follow({"x.log"});
  read(1);
  expect_each_turn_once([&](int turn) {
    move_names_on(turn);
    rename("x.log", "x.log.1");
    append("x.log", line_of(turn));
  });
}

TEST_F(FollowedFilesTest, LosesNothingWhileItIsCutAndAllNamesMoveOn) {
  append("x.log", line_of(0));
  follow({"x.log"});
  read(1);
  expect_each_turn_once([&](int turn) {
    append("x.log", line_of(turn));
    if (turn % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(3));  // it may be read or not
    move_names_on(turn);
    fs::copy_file(folder_ / "x.log", folder_ / "x.log.1");
    folder_.write("x.log", "");
  });
}

TEST_F(FollowedFilesTest, ReadsTheCopyOfAFileThatWasCutToItsEndFirst) {
  append("x.log", "a line that tells it\none\n");
  follow({"x.log"});
  read(2);
  append("x.log", "two\n");
  fs::copy_file(folder_ / "x.log", folder_ / "x.log.1");
  folder_.write("x.log", "three, which is longer than all that stood there before the cut\n");
  EXPECT_EQ(read(2), Lines({"two", "three, which is longer than all that stood there before the cut"}));
  EXPECT_EQ(reader_->files().truncations(), 1U);
  append("x.log", "four\n");
  EXPECT_EQ(read(1), Lines({"four"}));
  EXPECT_TRUE(notices_.empty()) << notices_.front();
}

// The copy comes first, then what was written after the cut, then the new file.
TEST_F(FollowedFilesTest, ReadsAFileThatWasCutAndThenRenamedBeforeItSawTheCut) {
  const auto cut_and_rename = [&](const std::string& word) {
    append("x.log", word + ": read by nobody before the cut\n");
    fs::copy_file(folder_ / "x.log", folder_ / ("x.log-" + word + ".2"));
    folder_.write("x.log", word + ": after the cut\n");
    rename("x.log", "x.log-" + word + ".1");
    append("x.log", word + ": of the new file\n");
  };
  const auto wanted = [](const std::string& word) {
    return Lines(
        {word + ": read by nobody before the cut", word + ": after the cut", word + ": of the new file"});
  };
  append("x.log", "begin: a line that tells it\n");
  follow({"x.log"});
  read(1);
  cut_and_rename("20260131");
  EXPECT_EQ(read(3), wanted("20260131"));
  reader_.reset();
  cut_and_rename("20260201");
  follow({"x.log"}, at_once(), known());
  EXPECT_EQ(read(3), wanted("20260201"));
  expect_no_more();
}

TEST_F(FollowedFilesTest, TellsThatAFileWasCutWithoutACopy) {
  append("x.log", "a line that tells it\n");
  follow({"x.log"});
  read(1);
  folder_.write("x.log", "new\n");
  EXPECT_EQ(read(1), Lines({"new"}));
  EXPECT_TRUE(was_told("was cut or written anew"));
}

TEST_F(FollowedFilesTest, ReadsEachFileOnceWhateverNamesLeadToIt) {
  append("a.log", "one\n");
  fs::create_symlink(folder_ / "a.log", folder_ / "b.log");
  fs::create_hard_link(folder_ / "a.log", folder_ / "c.log");
  follow({"*.log", "a.log"});
  EXPECT_EQ(read(1), Lines({"one"}));
  rename("a.log", "d.log");
  append("e.log", "two\n");
  EXPECT_EQ(read(1), Lines({"two"}));
}

TEST_F(FollowedFilesTest, FollowsASymlinkThatLeadsElsewhere) {
  append("1.txt", "one\n");
  append("2.txt", "two\n");
  fs::create_symlink(folder_ / "1.txt", folder_ / "now.log");
  follow({"now.log"});
  EXPECT_EQ(read(1), Lines({"one"}));
  append("1.txt", "last of the first\n");
  fs::remove(folder_ / "now.log");
  fs::create_symlink(folder_ / "2.txt", folder_ / "now.log");
  EXPECT_EQ(read(2), Lines({"last of the first", "two"}));
}

TEST_F(FollowedFilesTest, KeepsNoMoreFilesOpenThanItMay) {
  FollowOptions options = at_once();
  options.max_open = 8;
  constexpr std::size_t kFiles = 100;
  for (std::size_t i = 0; i < kFiles; ++i) append(std::to_string(i) + ".log", "first\n");
  follow({"*.log"}, options);
  for (const char* const text : {"second\n", "third\n"}) {
    read(kFiles);
    EXPECT_LE(reader_->files().open_files(), 8U);
    for (std::size_t i = 0; i < kFiles; ++i) append(std::to_string(i) + ".log", text);
  }
  rename("7.log", "7.old");  // closed by now, most likely
  append("7.old", "fourth\n");
  const Lines lines = read(kFiles + 1);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "third"), static_cast<std::ptrdiff_t>(kFiles));
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "fourth"), 1);
}

TEST_F(FollowedFilesTest, LetsABusyFileDelayNoOther) {
  std::string much;
  while (much.size() < (std::size_t{6} << 20U)) much += "busy " + std::string(95, 'x') + '\n';
  append("a.log", much);
  for (int i = 0; i < 20; ++i) append('b' + std::to_string(i) + ".log", "quiet\n");
  follow({"*.log"});
  const Lines lines = read_until([&] { return std::count(lines_.begin(), lines_.end(), "quiet") == 20; });
  EXPECT_LE(lines.size(), 20U + (std::size_t{1} << 20U) / 100) << "one portion of the busy file at most";
}

TEST_F(FollowedFilesTest, GoesOnAfterARestartWhereverItsFilesAre) {
  const std::string name = "a name of its own for each file: ";
  for (const char* const file : {"same", "renamed", "packed", "cut", "gone", "replaced"})
    append(file + std::string(".log"), name + file + "\nread\n");
  follow({"*.log"});
  read(12);
  reader_.reset();
  append("same.log", "same\n");
  append("renamed.log", "renamed\n");
  rename("renamed.log", "renamed.log.2");
  append("renamed.log.1", "between\n");
  append("renamed.log", "new\n");
  write_gzip("packed.log.1.gz", name + "packed\nread\npacked 1\npacked 2\n");
  fs::remove(folder_ / "packed.log");
  append("cut.log", "cut\n");
  fs::copy_file(folder_ / "cut.log", folder_ / "cut.log.1");
  folder_.write("cut.log", "after the cut\n");
  fs::remove(folder_ / "gone.log");
  folder_.write("replaced.log", "another file of that name and inode, longer than the one before it was\n");
  follow({"*.log"}, at_once(), known());
  Lines lines = read(9);
  const auto place = [&](const std::string& line) { return std::find(lines.begin(), lines.end(), line); };
  EXPECT_LT(place("renamed"), place("between"));
  EXPECT_LT(place("between"), place("new"));
  EXPECT_LT(place("cut"), place("after the cut"));
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines,
            Lines({"after the cut", "another file of that name and inode, longer than the one before it was",
                   "between", "cut", "new", "packed 1", "packed 2", "renamed", "same"}));
  EXPECT_TRUE(was_told("gone.log: what followed byte"));
}

TEST_F(FollowedFilesTest, FindsTheCopiesOfAFileThatWasCutOverAndOverWhileNobodyFollowed) {
  append("x.log", "a line that tells it\n");
  follow({"x.log"});
  read(1);
  fs::copy_file(folder_ / "x.log", folder_ / "x.log.1");
  fs::resize_file(folder_ / "x.log", 0);
  read_until([&] { return reader_->files().truncations() == 1; });
  for (int i = 2; i < 6; ++i) {
    reader_.reset();
    append("x.log", "generation " + std::to_string(i) + '\n');
    fs::copy_file(folder_ / "x.log", folder_ / ("x.log." + std::to_string(i)));
    fs::resize_file(folder_ / "x.log", 0);
    FollowOptions options = at_once();
    options.grace = std::chrono::milliseconds(0);
    follow({"x.log"}, options, known());
    EXPECT_EQ(read(1), Lines({"generation " + std::to_string(i)}));
    read_until([&] { return known_.size() == 1; });  // the copy is done with, and not found again
  }
}

// As an earlier run leaves it that was killed after it had seen a cut, and before it could see the next copy.
TEST_F(FollowedFilesTest, FindsACopyThatARunWasKilledBeforeItSaw) {
  append("x.log", "first: a line that tells it\n");
  follow({"x.log"});
  read(1);
  const std::int64_t since_ns = known().front().since_ns;
  append("x.log.1", "first: a line that tells it\n");
  folder_.write("x.log", "third: a line that tells it\n");
  EXPECT_EQ(read(1), Lines({"third: a line that tells it"}));
  reader_.reset();
  append("x.log.2", "second\n");
  KnownFile file = known().front();
  file.since_ns = since_ns;
  fs::remove(folder_ / "x.log.1");

  follow({"x.log"}, at_once(), {file});
  EXPECT_EQ(read(1), Lines({"second"})) << "where nothing was cut since";

  append("x.log", "rest\n");
  fs::copy_file(folder_ / "x.log", folder_ / "x.log.3");
  folder_.write("x.log", "fourth\n");
  follow({"x.log"}, at_once(), {file});
  Lines lines = read(3);
  EXPECT_EQ(lines.back(), "fourth");
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, Lines({"fourth", "rest", "second"})) << "where it was";
  expect_no_more();
}

TEST_F(FollowedFilesTest, ReadsNoCopyOfWhatIsStillThere) {
  const std::string first = std::string(2000, 'x') + " the first line\n";
  append("x.log", first);
  follow({"x.log"});
  read(1);
  append("x.log", "two\n");
  read(1);
  fs::copy_file(folder_ / "x.log", folder_ / "x.log-20260131");  // somebody keeps it, and it grows on
  append("x.log.1", first);                                      // this will be a copy, and is made just now
  reader_.reset();
  follow({"x.log"}, at_once(), known());  // looks for what came and went
  append("x.log", "three\n");
  EXPECT_EQ(read(1), Lines({"three"}));
  append("x.log", "four\n");
  append("x.log.1", "two\nthree\nfour\n");
  folder_.write("x.log", "after the cut\n");
  EXPECT_EQ(read(2), Lines({"four", "after the cut"}));
  expect_no_more();
}

TEST_F(FollowedFilesTest, ReadsNoCopyOfWhatWasRenamed) {
  append("x.log", "one\n");
  follow({"x.log"});
  read(1);
  append("x.log", "two\n");
  read(1);
  fs::copy_file(folder_ / "x.log", folder_ / "x.log.1");
  append("x.log-20260131", "one\ntw");
  append("x.log", "three\n");
  read(1);
  rename("x.log.1", "x.log.2");
  rename("x.log", "x.log.1");
  append("x.log", "four\n");
  EXPECT_EQ(read(1), Lines({"four"}));
  expect_no_more();
}

TEST_F(FollowedFilesTest, WaitsForNoPipeThatIsNamedAsARotation) {
  append("x.log", "one\n");
  follow({"x.log*"});
  read(1);
  ASSERT_EQ(::mkfifo(folder_.file("x.log.1").c_str(), 0600), 0);
  read_until([&] { return was_told("x.log.1 is no regular file"); });
  append("x.log", "two\n");
  EXPECT_EQ(read(1), Lines({"two"}));
}

TEST_F(FollowedFilesTest, ReadsNoLineTwiceWhereAPatternLeadsToCopiesToo) {
  append("x.log", "first: a line that tells it\n");
  follow({"x.log*"});
  read(1);
  fs::copy_file(folder_ / "x.log", folder_ / "x.log-20260131");
  const auto for_a_while = [&] {  // names are looked for once a second
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1'300);
    while (std::chrono::steady_clock::now() < end) read_one();
    return std::exchange(lines_, {});
  };
  EXPECT_EQ(for_a_while(), Lines());
  fs::copy_file(folder_ / "x.log", folder_ / "x.log.1");
  EXPECT_EQ(for_a_while(), Lines());
  folder_.write("x.log", "second: a line that tells it\n");
  EXPECT_EQ(for_a_while(), Lines({"second: a line that tells it"}));
  append("x.log", "third\n");
  rename("x.log.1", "x.log.2");
  fs::copy_file(folder_ / "x.log", folder_ / "x.log.1");
  folder_.write("x.log", "");
  EXPECT_EQ(for_a_while(), Lines({"third"}));
  reader_.reset();
  follow({"x.log*"}, at_once(), known());
  append("x.log", "fourth\n");
  append("x.log.3", "new\n");
  Lines lines = for_a_while();
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, Lines({"fourth", "new"}));
}

TEST_F(FollowedFilesTest, LeavesCopiesThatWereThereBeforeIt) {
  append("x.log", "now: a line that tells it\n");
  append("x.log.1", "long ago\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // more than a step of the times of files
  follow({"x.log"});
  EXPECT_EQ(read(1), Lines({"now: a line that tells it"}));
  reader_.reset();
  append("x.log", "rest\n");
  fs::copy_file(folder_ / "x.log", folder_ / "x.log.2");
  folder_.write("x.log", "after the cut\n");
  follow({"x.log"}, at_once(), known());
  EXPECT_EQ(read(2), Lines({"rest", "after the cut"}));
  expect_no_more();
}

TEST_F(FollowedFilesTest, KnowsItsFilesThoughTheDeviceHasAnotherNumberNow) {
  append("x.log", "one\n");
  append("y.log", "two\n");
  follow({"?.log"});
  read(2);
  reader_.reset();
  append("x.log", "three\n");
  append("y.log", "four\n");
  rename("y.log", "y.log.1");
  std::vector<KnownFile> moved = known();
  for (KnownFile& file : moved) ++file.position.device;
  follow({"?.log"}, at_once(), moved);
  Lines lines = read(2);
  std::sort(lines.begin(), lines.end());
  EXPECT_EQ(lines, Lines({"four", "three"}));
  EXPECT_TRUE(notices_.empty()) << notices_.front();
}

TEST_F(FollowedFilesTest, BeginsAtTheEndIfAskedButReadsNewFilesFromTheirBeginning) {
  append("a.log", "old\n");
  FollowOptions options = at_once();
  options.from_end = true;
  follow({"*.log"}, options);
  read_until([&] { return !known_.empty(); });
  append("b.log", "new file\n");
  EXPECT_EQ(read(1), Lines({"new file"}));
  append("a.log", "new line\n");
  EXPECT_EQ(read(1), Lines({"new line"}));
  reader_.reset();
  append("c.log", "while nobody followed\n");
  follow({"*.log"}, options, known());
  EXPECT_EQ(read(1), Lines({"while nobody followed"}));
}

// A file system gives the inode of a deleted file to the next one.
TEST_F(FollowedFilesTest, SkipsNothingWhereInodesAreUsedAgain) {
  FollowOptions options = at_once();
  options.max_open = 8;  // so that x.log is not kept open, which would keep its inode
  options.grace = std::chrono::milliseconds(0);
  for (int i = 0; i < 20; ++i) append(std::to_string(i) + ".log", "other\n");
  follow({"*.log"}, options);
  read(20);
  for (int i = 100; i < 150; ++i) {
    fs::remove(folder_ / "x.log");
    append("x.log", "line " + std::to_string(i) + '\n');
    for (int other = 0; other < 20; ++other) append(std::to_string(other) + ".log", "other\n");
    Lines lines = read(21);
    std::erase(lines, "other");
    EXPECT_EQ(lines, Lines({"line " + std::to_string(i)}));
  }
}

TEST_F(FollowedFilesTest, TellsWhatItCannotFollowAndFollowsTheRest) {
  ASSERT_EQ(::mkfifo(folder_.file("pipe.log").c_str(), 0600), 0);
  write_gzip("packed.log", "packed\n");
  fs::create_directory(folder_ / "folder.log");
  append("x.log", "one\n");
  follow({"*.log"});
  EXPECT_EQ(read(1), Lines({"one"}));
  read_until([&] { return was_told("packed.log is packed") && was_told("pipe.log is no regular file"); });
  EXPECT_EQ(notices_.size(), 2U);
}

TEST_F(FollowedFilesTest, TriesAFileThatMayNotBeReadAgain) {
  fs::permissions(folder_.path(), fs::perms::all);
  append("x.log", "one\n");
  fs::permissions(folder_ / "x.log", fs::perms::none);
  const AsOrdinaryUser user;
  follow({"x.log"});
  read_until([&] { return was_told("Permission denied"); });
  {
    // Only root may change the file of another.
    struct AsRootAgain {
      AsRootAgain() { EXPECT_EQ(::seteuid(0), 0); }
      ~AsRootAgain() { EXPECT_EQ(::seteuid(65534), 0); }
    };
    if (::getuid() != 0) return;
    const AsRootAgain root;
    fs::permissions(folder_ / "x.log", fs::perms::all);
  }
  EXPECT_EQ(read(1), Lines({"one"}));
}

TEST_F(FollowedFilesTest, LeavesOutWhatTheRunItselfWrites) {
  append("out.log", "own\n");
  append("x.log", "one\n");
  struct stat status {};
  ASSERT_EQ(::stat(folder_.file("out.log").c_str(), &status), 0);
  FollowOptions options = at_once();
  options.left_out = {{status.st_dev, status.st_ino}};
  follow({"*.log"}, options);
  EXPECT_EQ(read(1), Lines({"one"}));
}

TEST_F(FollowedFilesTest, RejectsALineThatIsTooLongAndGoesOn) {
  append("x.log", "one\n" + std::string(FollowedFile::kMaxLineBytes + 1, 'x') + "\ntwo\n");
  follow({"x.log"});
  EXPECT_EQ(read(2), Lines({"one", "two"}));
  ASSERT_EQ(rejects_.size(), 1U);
  EXPECT_EQ(rejects_[0].line, 2U);
  EXPECT_NE(rejects_[0].reason.find("longer than the limit"), std::string::npos);
}

// Files without a name cannot be closed: they wait until others are let go.
TEST_F(FollowedFilesTest, LosesNothingWhenMoreFilesAreRotatedThanMayBeOpen) {
  EXPECT_EQ(in_child([] {
              constexpr std::size_t kFiles = 60;
              const TestFolder folder;
              const auto name = [&](std::size_t i) { return std::to_string(i) + ".log"; };
              for (std::size_t i = 0; i < kFiles; ++i)
                folder.append(name(i), "first line of " + name(i) + '\n');
              const rlimit few{40, 40};
              if (::setrlimit(RLIMIT_NOFILE, &few) != 0) return 1;
              FollowOptions options = at_once();
              options.grace = std::chrono::milliseconds(200);
              ReaderOptions text;
              text.format = InputFormat::kText;
              FollowReader reader({folder.file("*.log")}, {}, text, options);
              std::vector<std::string> lines;
              const auto read_until = [&](std::size_t count) {
                const auto end = std::chrono::steady_clock::now() + kDeadline;
                while (lines.size() < count && std::chrono::steady_clock::now() < end)
                  if (auto batch = reader.next())
                    for (const Record& record : batch->records.records) lines.emplace_back(record.message);
              };
              read_until(kFiles);
              for (std::size_t i = 0; i < kFiles; ++i) {
                folder.append(name(i), "second line of " + name(i) + '\n');
                fs::rename(folder / name(i), folder / (name(i) + ".1"));
                folder.append(name(i), "third line of " + name(i) + '\n');
              }
              read_until(3 * kFiles);
              for (int i = 0; i < 100; ++i)
                if (reader.next()) return 3;
              std::sort(lines.begin(), lines.end());
              if (std::unique(lines.begin(), lines.end()) != lines.end()) return 4;
              return lines.size() == 3 * kFiles ? 0 : 2;
            }),
            0);
}

TEST_F(FollowedFilesTest, LosesNothingWhenDescriptorsRunOut) {
  EXPECT_EQ(in_child([] {
              const TestFolder folder;
              for (int i = 0; i < 200; ++i) folder.append(std::to_string(i) + ".log", "line\n");
              const rlimit few{40, 40};
              if (::setrlimit(RLIMIT_NOFILE, &few) != 0) return 1;
              FollowOptions options = at_once();
              options.max_open = 1'000;
              ReaderOptions text;
              text.format = InputFormat::kText;
              FollowReader reader({folder.file("*.log")}, {}, text, options);
              std::size_t lines = 0;
              const auto end = std::chrono::steady_clock::now() + kDeadline;
              while (lines < 200 && std::chrono::steady_clock::now() < end)
                if (auto batch = reader.next()) lines += batch->records.records.size();
              return lines == 200 ? 0 : 2;
            }),
            0);
}

}  // namespace
}  // namespace logsieve
