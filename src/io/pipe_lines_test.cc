#include "io/pipe_lines.h"

#include <gtest/gtest.h>
#include <string_view>
#include <unistd.h>

namespace logsieve {
namespace {

class PipeLinesTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(::pipe(ends_), 0); }
  void TearDown() override {
    for (const int fd : ends_)
      if (fd >= 0) ::close(fd);
  }
  void write(std::string_view text) const {
    ASSERT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void end() {
    ::close(ends_[1]);
    ends_[1] = -1;
  }

  int ends_[2] = {-1, -1};
};

TEST_F(PipeLinesTest, GivesWholeLinesAndNeverWaits) {
  PipeLines lines(ends_[0]);
  EXPECT_EQ(*lines.take(1'000), "");
  write("one\ntw");
  EXPECT_EQ(*lines.take(1'000), "one\n");
  EXPECT_EQ(lines.first_line(), 1U);
  write("o\n");
  EXPECT_EQ(*lines.take(1'000), "two\n");
  EXPECT_EQ(lines.first_line(), 2U);
  EXPECT_FALSE(lines.has_ended());
}

TEST_F(PipeLinesTest, GivesTheLastLineWithoutItsEnd) {
  PipeLines lines(ends_[0]);
  write("one\nlast");
  end();
  EXPECT_EQ(*lines.take(1'000), "one\nlast");
  EXPECT_TRUE(lines.has_ended());
  EXPECT_EQ(*lines.take(1'000), "");
}

}  // namespace
}  // namespace logsieve
