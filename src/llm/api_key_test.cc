#include "llm/api_key.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/random.h"
#include "llm/llm_client.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

// No key in the environment, and a folder of its own.
class FindApiKey : public ::testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("LOGSIEVE_LLM_API_KEY");
    ::unsetenv("GROQ_API_KEY");
    std::string pattern = (fs::temp_directory_path() / "logsieve_key_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    ::unsetenv("LOGSIEVE_LLM_API_KEY");
    ::unsetenv("GROQ_API_KEY");
    fs::remove_all(folder_);
  }
  std::string key_file(const std::string& content, mode_t mode = 0600) {
    const fs::path path = folder_ / "key";
    std::ofstream(path, std::ios::binary) << content;
    ::chmod(path.c_str(), mode);
    return path.string();
  }

  fs::path folder_;
  std::string warning_ = "left over";
};

TEST_F(FindApiKey, LooksAtOurVariableThenGroqsThenTheFile) {
  const std::string file = key_file("from-file\n");
  EXPECT_EQ(*find_api_key(file, warning_), "from-file");
  ::setenv("GROQ_API_KEY", "from-groq", 1);
  EXPECT_EQ(*find_api_key(file, warning_), "from-groq");
  ::setenv("LOGSIEVE_LLM_API_KEY", "from-ours", 1);
  EXPECT_EQ(*find_api_key(file, warning_), "from-ours");
  ::setenv("LOGSIEVE_LLM_API_KEY", "", 1);
  EXPECT_EQ(*find_api_key(file, warning_), "from-groq");
  EXPECT_EQ(warning_, "");
}

TEST_F(FindApiKey, HavingNoneIsNoError) {
  const auto key = find_api_key("", warning_);
  ASSERT_TRUE(key);
  EXPECT_EQ(*key, "");
}

TEST_F(FindApiKey, DropsWhiteSpaceAroundTheKey) {
  EXPECT_EQ(*find_api_key(key_file("  k-1\t\r\n\n"), warning_), "k-1");
  ::setenv("GROQ_API_KEY", "k-2\n", 1);
  EXPECT_EQ(*find_api_key("", warning_), "k-2");
}

TEST_F(FindApiKey, WarnsOfAFileThatOthersCanRead) {
  for (const mode_t mode : {0640U, 0604U, 0644U}) {
    ASSERT_TRUE(find_api_key(key_file("k-1", mode), warning_));
    EXPECT_NE(warning_.find("chmod 600"), std::string::npos) << std::oct << mode;
    EXPECT_EQ(warning_.find("k-1"), std::string::npos);
  }
  ASSERT_TRUE(find_api_key(key_file("k-1", 0400), warning_));
  EXPECT_EQ(warning_, "");
}

TEST_F(FindApiKey, RefusesEmptyHugeAndMissingFiles) {
  for (const std::string& content : {std::string(), std::string(" \n"), std::string(5000, 'k')}) {
    const auto key = find_api_key(key_file(content), warning_);
    ASSERT_FALSE(key) << content.size();
    EXPECT_EQ(key.error().code, ErrorCode::kBadConfig);
    EXPECT_NE(key.error().help, "");
  }
  const auto missing = find_api_key((folder_ / "none").string(), warning_);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kBadConfig);
  EXPECT_NE(missing.error().message.find("none"), std::string::npos);
  EXPECT_FALSE(find_api_key(folder_.string(), warning_));  // a folder
}

TEST_F(FindApiKey, RefusesBytesThatWouldLeaveTheHeaderAndShowsNoneOfTheKey) {
  for (const std::string& content :
       {std::string("abcdef\r\nX-Evil: 1"), std::string("abc def"),
        std::string("abc\x01"
                    "def"),
        std::string("abc\xC3\xA9"), std::string("abc\0def", 7), std::string("abc\x7F")}) {
    const auto key = find_api_key(key_file(content), warning_);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, ErrorCode::kBadConfig);
    EXPECT_EQ(render(key.error()).find("abc"), std::string::npos) << render(key.error());
  }
  ::setenv("LOGSIEVE_LLM_API_KEY", "abc\ndef", 1);
  EXPECT_FALSE(find_api_key("", warning_));
}

TEST(WithoutKey, BlanksTheKeyWholeAndInPart) {
  const std::string key = "gsk_abcdefghij0123";
  EXPECT_EQ(without_key("Incorrect API key provided: " + key + ".", key), "Incorrect API key provided: ***.");
  EXPECT_EQ(without_key("starts gsk_abc... ends ij0123", key), "starts ***... ends ***");
  EXPECT_EQ(without_key("ghij0", key), "ghij0");  // five bytes: too few to help a thief
  EXPECT_EQ(without_key("nothing of it", key), "nothing of it");
  EXPECT_EQ(without_key("text/html next", "x"), "text/html next") << "a stand-in, not a key";
  EXPECT_EQ(without_key("key secret is short", "secret"), "key *** is short");
  EXPECT_EQ(without_key("no key", ""), "no key");
}

TEST(WithoutKey, LeavesNoRunOfSixOfAnyKeyInAnyText) {
  Random random(11);
  for (int round = 0; round < 2'000; ++round) {
    std::string key;
    for (std::size_t i = 6 + random.below(20); i > 0; --i) key += static_cast<char>('a' + random.below(3));
    std::string text;
    while (text.size() < 60) {
      if (random.below(2) == 0) {
        text += key.substr(random.below(key.size()), 1 + random.below(key.size()));
      } else {
        text += static_cast<char>('a' + random.below(4));
      }
    }
    const std::string clean = without_key(text, key);
    for (std::size_t i = 0; i + 6 <= clean.size(); ++i) {
      ASSERT_EQ(key.find(clean.substr(i, 6)), std::string::npos) << key << " in " << clean;
    }
  }
}

}  // namespace
}  // namespace logsieve
