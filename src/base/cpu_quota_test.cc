#include "base/cpu_quota.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>

#include "base/test_folder.h"

namespace logsieve {
namespace {

// A planted /sys/fs/cgroup and /proc/self/cgroup.
class CpuQuota : public ::testing::Test {
 protected:
  void plant(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  std::size_t quota() const { return quota_cpus(folder_ / "mount", folder_ / "membership"); }

  TestFolder folder_;
};

TEST_F(CpuQuota, IsNoneWithoutGroups) {
  EXPECT_EQ(quota(), kNoQuota);
  plant("membership", "0::/\n");
  EXPECT_EQ(quota(), kNoQuota);
}

TEST_F(CpuQuota, IsRoundedUpToWholeCpus) {
  const std::pair<const char*, std::size_t> cases[] = {{"200000 100000\n", 2}, {"200001 100000\n", 3},
                                                       {"150000 100000\n", 2}, {"1000 100000\n", 1},
                                                       {"50000 50000\n", 1},   {"max 100000\n", kNoQuota}};
  for (const auto& [text, wanted] : cases) {
    plant("mount/cpu.max", text);
    EXPECT_EQ(quota(), wanted) << text;
  }
}

TEST_F(CpuQuota, IsTheTightestOfTheOwnGroupAndThoseAbove) {
  plant("membership", "0::/system.slice/web.service\n");
  plant("mount/system.slice/web.service/cpu.max", "max 100000\n");
  EXPECT_EQ(quota(), kNoQuota);
  plant("mount/system.slice/cpu.max", "300000 100000\n");
  EXPECT_EQ(quota(), 3U);
  plant("mount/system.slice/web.service/cpu.max", "200000 100000\n");
  EXPECT_EQ(quota(), 2U);
  plant("mount/system.slice/cpu.max", "100000 100000\n");
  EXPECT_EQ(quota(), 1U);
}

TEST_F(CpuQuota, ReadsTheFilesOfVersionOne) {
  plant("membership", "5:memory:/elsewhere\n4:cpu,cpuacct:/docker/abc\n3:cpuset:/docker/abc\n");
  plant("mount/cpu/docker/abc/cpu.cfs_quota_us", "-1\n");
  plant("mount/cpu/docker/abc/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota(), kNoQuota);
  plant("mount/cpu/docker/abc/cpu.cfs_quota_us", "250000\n");
  EXPECT_EQ(quota(), 3U);
  // The controllers of other lines, and those whose name only begins alike, say nothing of CPU time.
  plant("mount/cpu/elsewhere/cpu.cfs_quota_us", "100000\n");
  plant("mount/cpu/elsewhere/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota(), 3U);
  plant("membership", "3:cpuset:/docker/abc\n2:cpuacct:/docker/abc\n");
  EXPECT_EQ(quota(), kNoQuota);
}

TEST_F(CpuQuota, OfAContainerStandsAtTheMountWhateverThePathSays) {
  plant("membership", "4:cpu:/kubepods/burstable/pod1\n");
  plant("mount/cpu/cpu.cfs_quota_us", "50000\n");
  plant("mount/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(quota(), 1U);
}

TEST_F(CpuQuota, IsNoneWhereTheFilesMakeNoSense) {
  plant("membership", "\nno colons\n1:only one\n::\n0::/../../x\n");
  for (const char* text : {"", "garbage", "100000", "100000 0", "-5 100000", "nan 100000", "0 100000"}) {
    plant("mount/cpu.max", text);
    EXPECT_EQ(quota(), kNoQuota) << text;
  }
  plant("mount/cpu.max", "1e300 1\n");
  EXPECT_GE(quota(), 1U << 20U);
}

}  // namespace
}  // namespace logsieve
