#include "encoder/mini_lm.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

#include "encoder/small_model.h"
#include "encoder/test_paths.h"

namespace logsieve {
namespace {

using Ids = std::vector<std::int32_t>;

ModelConfig small_config() {
  ModelConfig config;
  config.layers = 2;
  config.heads = 3;
  config.hidden = 48;
  config.intermediate = 80;
  config.vocabulary = 40;
  config.positions = 32;
  config.token_types = 2;
  config.max_tokens = 24;
  config.norm_epsilon = 1e-12F;
  config.is_normalised = true;
  return config;
}

Ids random_ids(Random& random, std::size_t count, std::size_t vocabulary) {
  Ids ids(count);
  for (std::int32_t& id : ids) id = static_cast<std::int32_t>(random.below(vocabulary));
  return ids;
}

std::vector<const Kernels*> all_kernels() {
  std::vector<const Kernels*> all = {&scalar_kernels()};
  for (const Kernels* table : {avx2_kernels(), avx512_kernels()})
    if (table != nullptr) all.push_back(table);
  return all;
}

// Encodes lines of every length up to the limit as one batch and compares each with the obvious computation.
void check_against_obvious(const SmallModel& model, const std::string& file, double tolerance) {
  const auto weights = Safetensors::parse(file, "small");
  ASSERT_TRUE(weights) << weights.error().message;
  Random random(8);
  std::vector<Ids> texts;
  for (std::size_t length = 1; length <= model.config.max_tokens; ++length)
    texts.push_back(random_ids(random, length, model.config.vocabulary));
  const std::vector<MiniLm::Ids> lines(texts.begin(), texts.end());
  for (const Kernels* kernels : all_kernels()) {
    const auto network = MiniLm::load(*weights, model.config, *kernels, 3);
    ASSERT_TRUE(network) << network.error().message;
    std::vector<float> out(lines.size() * model.config.hidden);
    MiniLm::Workspace workspace;
    network->encode(lines, workspace, out.data());
    for (std::size_t line = 0; line < lines.size(); ++line) {
      const std::vector<double> expected = model.encode(texts[line]);
      for (std::size_t i = 0; i < expected.size(); ++i)
        ASSERT_NEAR(out[line * expected.size() + i], expected[i], tolerance)
            << kernels->name << " line " << line;
    }
  }
}

TEST(MiniLm, EqualsTheObviousNetwork) {
  SmallModel model(small_config(), 1);
  check_against_obvious(model, model.file(), 5e-6);
}

TEST(MiniLm, ReadsEveryShapeItIsTold) {
  for (const std::size_t heads : {1U, 2U}) {
    ModelConfig config = small_config();
    config.heads = heads;
    config.hidden = 64;
    config.layers = 1 + heads;
    config.intermediate = 400;  // more than one block of inputs, the second not full
    config.token_types = 1;
    config.norm_epsilon = 1e-5F;
    SmallModel model(config, heads);
    check_against_obvious(model, model.file(), 5e-6);
  }
}

TEST(MiniLm, PoolsTheFirstTokenAndLeavesLengthsIfTold) {
  ModelConfig config = small_config();
  config.pooling = Pooling::kFirst;
  SmallModel first(config, 2);
  check_against_obvious(first, first.file(), 5e-6);
  config.is_normalised = false;
  SmallModel unscaled(config, 3);
  check_against_obvious(unscaled, unscaled.file(), 2e-5);
}

TEST(MiniLm, AcceptsThePrefixAndArraysItDoesNotUse) {
  SmallModel model(small_config(), 4);
  model.arrays["pooler.dense.weight"] = std::vector<float>(4, std::numeric_limits<float>::quiet_NaN());
  model.shapes["pooler.dense.weight"] = {2, 2};
  check_against_obvious(model, model.file("bert."), 5e-6);
}

TEST(MiniLm, ConvertsHalfPrecisionWeights) {
  for (const DType dtype : {DType::kF16, DType::kBf16}) {
    SmallModel model(small_config(), 5);
    const std::string file = model.file("", dtype);
    check_against_obvious(model, file, 5e-6);
  }
}

TEST(MiniLm, ReadsWeightsAtAnyAddress) {
  SmallModel model(small_config(), 6);
  std::string file = model.file();
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), sizeof length);
  file.insert(8 + length, " ");  // every array now begins at an odd address
  ++length;
  std::memcpy(file.data(), &length, sizeof length);
  check_against_obvious(model, file, 5e-6);
}

TEST(MiniLm, GivesTheSameBitsWithAUsedWorkspace) {
  SmallModel model(small_config(), 7);
  const std::string file = model.file();
  const auto weights = Safetensors::parse(file, "small");
  const auto network = MiniLm::load(*weights, model.config, **default_kernels(), 1);
  ASSERT_TRUE(network);
  Random random(12);
  const Ids text = random_ids(random, 7, 40);
  const MiniLm::Ids line = text;
  std::vector<float> fresh(48);
  MiniLm::Workspace empty;
  network->encode({&line, 1}, empty, fresh.data());
  MiniLm::Workspace used;
  for (int round = 0; round < 20; ++round) {
    std::vector<Ids> others;
    for (std::size_t i = random.below(9); i > 0; --i)
      others.push_back(random_ids(random, 1 + random.below(24), 40));
    const std::size_t place = random.below(others.size() + 1);
    others.insert(others.begin() + static_cast<std::ptrdiff_t>(place), text);
    const std::vector<MiniLm::Ids> lines(others.begin(), others.end());
    std::vector<float> out(lines.size() * 48);
    network->encode(lines, used, out.data());
    EXPECT_EQ(std::vector<float>(&out[place * 48], &out[place * 48] + 48), fresh) << round;
  }
}

std::string refusal(const SmallModel& model, const std::string& file) {
  const auto weights = Safetensors::parse(file, "weights");
  if (!weights) return weights.error().message;
  const auto network = MiniLm::load(*weights, model.config, scalar_kernels(), 2);
  if (network) return "";
  EXPECT_EQ(network.error().code, ErrorCode::kCorruptModel);
  EXPECT_EQ(network.error().file, "weights");
  return network.error().message;
}

TEST(MiniLmHostile, RefusesANanOrInfinityInAnyArrayThatIsUsed) {
  SmallModel good(small_config(), 9);
  EXPECT_EQ(refusal(good, good.file()), "");
  Random random(2);
  for (const auto& [name, values] : good.arrays) {
    SmallModel bad = good;
    const float poison = random.below(2) == 0 ? std::numeric_limits<float>::quiet_NaN() : -HUGE_VALF;
    bad.arrays[name][random.below(values.size())] = poison;
    EXPECT_EQ(refusal(bad, bad.file()), "the array \"" + name + "\" holds a NaN or an infinity");
  }
}

TEST(MiniLmHostile, RefusesAMissingArrayAWrongShapeOrType) {
  SmallModel good(small_config(), 9);
  for (const auto& [name, values] : good.arrays) {
    SmallModel bad = good;
    bad.arrays.erase(name);
    EXPECT_NE(refusal(bad, bad.file()).find("is missing"), std::string::npos) << name;
    bad = good;
    bad.shapes[name].push_back(1);
    EXPECT_NE(refusal(bad, bad.file()).find("has the shape"), std::string::npos) << name;
    std::vector<NamedTensor> tensors;
    for (const auto& [other, floats] : good.arrays)
      tensors.push_back(named_tensor<float>(other, good.shapes.at(other), floats));
    for (NamedTensor& tensor : tensors)
      if (tensor.name == name) tensor.dtype = DType::kI32;
    EXPECT_NE(refusal(good, write_safetensors(tensors, {})).find("holds I32"), std::string::npos) << name;
  }
  SmallModel fewer = good;
  fewer.config.layers = 3;
  EXPECT_EQ(refusal(fewer, good.file()),
            "the array \"encoder.layer.2.attention.self.query.bias\" is missing");
}

// A network as small as one can be, with an array that is not used.
SmallModel tiny_model() {
  ModelConfig config = small_config();
  config.layers = 1;
  config.heads = 1;
  config.hidden = 16;
  config.intermediate = 16;
  config.vocabulary = 5;
  config.positions = 4;
  config.max_tokens = 4;
  SmallModel model(config, 11);
  model.arrays["pooler.dense.bias"] = {1.0F};
  model.shapes["pooler.dense.bias"] = {1};
  return model;
}

TEST(MiniLmHostile, RefusesOrIsUntouchedByEveryFlippedHeaderBit) {
  SmallModel model = tiny_model();
  const std::string good = model.file();
  const Ids text = {1, 4, 2};
  const MiniLm::Ids line = text;
  const auto vector_of = [&](const std::string& file) -> std::vector<float> {
    const auto weights = Safetensors::parse(file, "flipped");
    if (!weights) return {};
    const auto network = MiniLm::load(*weights, model.config, scalar_kernels(), 1);
    if (!network) return {};
    std::vector<float> out(16);
    MiniLm::Workspace workspace;
    network->encode({&line, 1}, workspace, out.data());
    return out;
  };
  const std::vector<float> expected = vector_of(good);
  ASSERT_FALSE(expected.empty());
  std::uint64_t length = 0;
  std::memcpy(&length, good.data(), sizeof length);
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < (8 + length) * 8; bit += kIsSanitized ? 7 : 1) {
    std::string flipped = good;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const std::vector<float> got = vector_of(flipped);
    if (got.empty()) continue;
    ++accepted;
    ASSERT_EQ(got, expected) << bit;
  }
  EXPECT_GT(accepted, 0U);  // in the name of the array that is not used
  EXPECT_LT(accepted, 200U);
}

TEST(MiniLmHostile, RefusesEveryTruncation) {
  SmallModel model = tiny_model();
  const std::string good = model.file();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const std::vector<char> exact(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    ASSERT_FALSE(Safetensors::parse({exact.data(), exact.size()}, "cut")) << size;
  }
}

}  // namespace
}  // namespace logsieve
