#include "encoder/hash_stamp.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/test_folder.h"

namespace logsieve {
namespace {

class HashStamp : public testing::Test {
 protected:
  // Waits until the file may have a stamp: its state's time is the system's and cannot be set.
  void write(const std::string& bytes) {
    ASSERT_TRUE(write_file_atomic(path_, bytes));
    const timespec pause{2, 100'000'000};
    nanosleep(&pause, nullptr);
    auto file = MappedFile::open(path_);
    ASSERT_TRUE(file);
    file_ = std::move(*file);
  }
  MappedFile open_again() const { return std::move(*MappedFile::open(path_)); }

  TestFolder folder_;
  std::filesystem::path path_ = folder_ / "weights";
  std::string stamp_ = path_.string() + ".stamp";
  MappedFile file_;
};

TEST_F(HashStamp, HoldsWhileTheFileIsTheSame) {
  write("abc");
  EXPECT_FALSE(read_hash_stamp(path_, file_));
  write_hash_stamp(path_, file_, sha256_hex("abc"));
  EXPECT_EQ(read_hash_stamp(path_, file_), sha256_hex("abc"));
  EXPECT_EQ(read_hash_stamp(path_, open_again()), sha256_hex("abc"));

  // Same size and same time of change: only the state's time tells.
  timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  EXPECT_FALSE(read_hash_stamp(path_, open_again()));
  write_hash_stamp(path_, open_again(), sha256_hex("abc"));
  EXPECT_FALSE(read_hash_stamp(path_, open_again())) << "it has changed just now";

  write_hash_stamp(path_, file_, sha256_hex("abc"));
  remove_hash_stamp(path_);
  EXPECT_FALSE(read_hash_stamp(path_, file_));
}

TEST_F(HashStamp, IsNothingWhereItIsDamaged) {
  write("abc");
  write_hash_stamp(path_, file_, sha256_hex("abc"));
  const std::string whole = *read_file(stamp_);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    ASSERT_TRUE(write_file_atomic(stamp_, whole.substr(0, length)));
    EXPECT_FALSE(read_hash_stamp(path_, file_)) << length;
  }
  for (const std::string& bad :
       {whole + "x", whole.substr(0, whole.size() - 2) + "G\n", std::string(10'000, '1')}) {
    ASSERT_TRUE(write_file_atomic(stamp_, bad));
    EXPECT_FALSE(read_hash_stamp(path_, file_)) << bad.substr(0, 100);
  }
}

}  // namespace
}  // namespace logsieve
