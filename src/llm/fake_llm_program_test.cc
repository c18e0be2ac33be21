// The fake endpoint as end-to-end tests start it: a process of its own, asked by the real client.
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sstream>
#include <stdlib.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "llm/llm_client.h"
#include "llm/llm_test_support.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class FakeLlmProgram : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "logsieve_fake_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    if (process_ > 0) stop();
    fs::remove_all(folder_);
  }

  // Starts the program; its stdout goes to a file. Returns when it listens.
  std::string start(std::vector<std::string> arguments) {
    const fs::path port_file = folder_ / "port";
    arguments.insert(arguments.begin(), {LOGSIEVE_BINARY_DIR "/fake_llm", "--port-file", port_file.string()});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, (folder_ / "out").c_str(), O_WRONLY | O_CREAT,
                                     0600);
    EXPECT_EQ(::posix_spawn(&process_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; i < 2'000 && !fs::exists(port_file); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::string port = content_of(port_file);
    port = port.substr(0, port.find('\n'));
    return "http://127.0.0.1:" + port + "/v1";
  }

  // Ends it and gives what it printed.
  std::string stop() {
    ::kill(process_, SIGTERM);
    int status = -1;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return content_of(folder_ / "out");
  }

  fs::path folder_;
  pid_t process_ = -1;
};

TEST_F(FakeLlmProgram, AnswersByItsRulesAndCountsItsRequests) {
  const fs::path rules = folder_ / "rules";
  std::ofstream(rules) << "# text => label\n\nrefused => Security Alert\nlogged in => User Action\n";
  const std::string log = (folder_ / "log").string();
  const std::string url = start({"--rules", rules.string(), "--answer", "Workflow Error", "--log", log});
  LlmOptions options = quick_options(url);
  options.batch_forms = 2;
  LlmClient client = must_create(options);
  const std::vector<LlmQuestion> asked = {question("user id logged in"), question("login refused"),
                                          question("other")};
  const auto answers = client.ask(asked);
  const LabelSet labels = test_labels();
  EXPECT_EQ(labels.name(answers[0].label), "User Action");
  EXPECT_EQ(labels.name(answers[1].label), "Security Alert");
  EXPECT_EQ(labels.name(answers[2].label), "Workflow Error");
  EXPECT_EQ(stop(), "requests 2\n");
  EXPECT_NE(content_of(log).find("login refused"), std::string::npos);
}

TEST_F(FakeLlmProgram, FailsWhenTold) {
  LlmClient client = must_create(quick_options(start({"--status", "401"})));
  EXPECT_NE(ask_one(client).reason.find("refused the key"), std::string::npos);
  EXPECT_EQ(stop(), "requests 1\n");
}

TEST_F(FakeLlmProgram, HangsWhenTold) {
  LlmOptions options = quick_options(start({"--hang"}));
  options.total_timeout_ms = 200;
  LlmClient client = must_create(options);
  EXPECT_EQ(ask_one(client).status, LlmStatus::kUnavailable);
  EXPECT_EQ(stop(), "requests 1\n");
}

}  // namespace
}  // namespace logsieve
