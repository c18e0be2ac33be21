#include "cascade/llm_stage.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>

#include "base/test_folder.h"

namespace logsieve {
namespace {

class LlmStageTest : public testing::Test {
 protected:
  LlmStageTest() {
    LlmOptions options;
    options.base_url = "http://127.0.0.1:9/v1";  // nothing listens there, and nobody is asked
    auto opened = AnswerStore::open(folder_.file("llm.sqlite3"));
    auto store = std::make_unique<AnswerStore>(std::move(*opened));
    auto client = LlmClient::create(std::move(options), labels_, {store.get(), nullptr, nullptr});
    stage_ = std::make_unique<LlmStage>(std::move(store), std::move(*client), labels_, AgreementOptions{},
                                        LlmWait::kNone);
  }

  void submit(const std::string& form) {
    LlmQuestion question;
    question.form = form;
    stage_->submit(form, std::move(question));
    stage_->hold(form);
  }

  const TestFolder folder_;
  const LabelSet labels_{{"Error", "Fine"}};
  std::unique_ptr<LlmStage> stage_;
};

TEST_F(LlmStageTest, ForgetsWhatWasReleasedOnceItKnowsMuchAndKeepsWhatIsHeld) {
  constexpr int kMost = 100'000;
  submit("held");
  submit("released");
  stage_->release("released");
  EXPECT_TRUE(stage_->is_answered("released")) << "as long as there is room";
  for (int i = 0; i < kMost; ++i) {
    const std::string form = "form " + std::to_string(i);
    submit(form);
    stage_->release(form);
  }
  EXPECT_FALSE(stage_->is_answered("released"));
  EXPECT_TRUE(stage_->is_answered("held"));
  EXPECT_EQ(stage_->answer("held").status, LlmStatus::kUnavailable);
  submit("released");
  EXPECT_TRUE(stage_->is_answered("released")) << "it is known again";
}

}  // namespace
}  // namespace logsieve
