// Tests only: the real encoder. Skipped where its weights are not there; a fixture that has a SetUp of its own calls this
// one first and goes on only if it was not skipped.
#ifndef LOGSIEVE_ENCODER_ENCODER_TEST_SUPPORT_H_
#define LOGSIEVE_ENCODER_ENCODER_TEST_SUPPORT_H_

#include <gtest/gtest.h>
#include <optional>
#include <utility>

#include "encoder/sentence_encoder.h"
#include "encoder/test_paths.h"

namespace logsieve {

class WithEncoder : public ::testing::Test {
 protected:
  void SetUp() override {
    LOGSIEVE_NEEDS(encoder_folder() / "model.safetensors");
    auto encoder = SentenceEncoder::load(encoder_folder());
    ASSERT_TRUE(encoder) << encoder.error().message;
    encoder_.emplace(std::move(*encoder));
  }

  std::optional<SentenceEncoder> encoder_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_ENCODER_TEST_SUPPORT_H_
