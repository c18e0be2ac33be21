#include "encoder/sentence_encoder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/random.h"
#include "encoder/kernels.h"
#include "encoder/mini_lm.h"
#include "encoder/npy.h"
#include "encoder/safetensors.h"
#include "encoder/test_paths.h"
#include "encoder/word_piece.h"

namespace logsieve {
namespace {

using Ids = std::vector<std::int32_t>;

template <typename T>
std::vector<T> golden_array(const std::string& name) {
  const auto path = golden_folder() / name;
  const auto bytes = read_file(path);
  if (!bytes) return {};
  auto array = read_npy<T>(*bytes, path.string());
  return array ? std::move(array->values) : std::vector<T>();
}

std::vector<std::string> golden_texts() {
  std::vector<std::string> texts;
  std::ifstream lines(golden_folder() / "embeddings_texts.jsonl");
  for (std::string line; std::getline(lines, line);)
    texts.push_back(nlohmann::json::parse(line)["text"].get<std::string>());
  return texts;
}

template <typename T>
double largest_difference(std::span<const float> ours, std::span<const T> theirs) {
  EXPECT_EQ(ours.size(), theirs.size());
  double largest = 0;
  for (std::size_t i = 0; i < ours.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(ours[i]) - static_cast<double>(theirs[i])));
  return largest;
}

// Not the sum of products: near 1 that has no digits left.
double one_minus_cosine(std::span<const float> a, std::span<const double> b) {
  const auto length = [](auto x) {
    return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
  };
  const double length_a = length(std::vector<double>(a.begin(), a.end()));
  const double length_b = length(b);
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) / length_a - b[i] / length_b;
    squares += d * d;
  }
  return squares / 2;
}

// The network with the kernels of a test's choice.
struct Model {
  MappedFile file;
  WordPiece word_piece;
  MiniLm network;

  static Result<Model> load(const Kernels& kernels) {
    auto config = read_model_config(encoder_folder());
    if (!config) return std::move(config).error();
    auto file = MappedFile::open(encoder_folder() / "model.safetensors");
    if (!file) return std::move(file).error();
    auto weights = Safetensors::parse(file->bytes(), "model.safetensors");
    if (!weights) return std::move(weights).error();
    auto network = MiniLm::load(*weights, *config, kernels, 2);
    if (!network) return std::move(network).error();
    auto word_piece = WordPiece::load(encoder_folder() / "vocab.txt");
    if (!word_piece) return std::move(word_piece).error();
    return Model{std::move(*file), std::move(*word_piece), std::move(*network)};
  }

  std::vector<float> encode(std::string_view text) const {
    Ids ids;
    word_piece.tokenize(text, network.config().max_tokens, ids);
    const MiniLm::Ids line = ids;
    std::vector<float> vector(kDim);
    MiniLm::Workspace workspace;
    network.encode({&line, 1}, workspace, vector.data());
    return vector;
  }
};

// Shared by the tests: loading takes a while in a debug build.
const SentenceEncoder& shared_encoder() {
  static const SentenceEncoder encoder = [] {
    auto loaded = SentenceEncoder::load(encoder_folder());
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
  }();
  return encoder;
}

const SentenceEncoder& fast_encoder() {
  static const SentenceEncoder encoder = [] {
    auto loaded = SentenceEncoder::load(encoder_folder(), Arithmetic::kFast);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return std::move(*loaded);
  }();
  return encoder;
}

std::vector<float> encode(const SentenceEncoder& encoder, std::span<const std::string> texts,
                          std::size_t threads) {
  const std::vector<std::string_view> forms(texts.begin(), texts.end());
  std::vector<float> out(forms.size() * kDim);
  EXPECT_TRUE(encoder.encode(forms, out, threads));
  return out;
}

// Every 8th text, and all that have an exact vector; LOGSIEVE_LONG_TESTS=1: every text; sanitized: every 60th.
TEST(SentenceEncoderGolden, EqualsTheReferenceWithinItsTolerance) {
  LOGSIEVE_NEEDS(golden_folder());
  LOGSIEVE_NEEDS(encoder_folder());
  const auto exact = golden_array<double>("embeddings_f64.npy");
  const auto single = golden_array<float>("embeddings.npy");
  std::vector<std::string> texts = golden_texts();
  ASSERT_EQ(single.size(), texts.size() * kDim);
  const std::size_t step = wants_long_tests() ? 1 : kIsSanitized ? 60 : 8;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (i % step == 0 || (!kIsSanitized && i < exact.size() / kDim)) rows.push_back(i);
  std::vector<std::string> chosen;
  chosen.reserve(rows.size());
  for (const std::size_t row : rows) chosen.push_back(texts[row]);
  const std::vector<float> vectors = encode(shared_encoder(), chosen, 2);
  double difference = 0;
  double distance = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto ours = std::span(vectors).subspan(i * kDim, kDim);
    EXPECT_LE(largest_difference<float>(ours, std::span(single).subspan(rows[i] * kDim, kDim)), 1.2e-6);
    if (rows[i] >= exact.size() / kDim) continue;
    const auto theirs = std::span(exact).subspan(rows[i] * kDim, kDim);
    difference = std::max(difference, largest_difference<double>(ours, theirs));
    distance = std::max(distance, one_minus_cosine(ours, theirs));
  }
  EXPECT_LE(difference, 1e-6);
  EXPECT_LE(distance, 1e-10);
  RecordProperty("max_difference_from_f64", std::to_string(difference * 1e9) + "e-9");
  RecordProperty("max_one_minus_cosine", std::to_string(distance * 1e15) + "e-15");
}

// The portable kernels are slow: short texts only.
TEST(SentenceEncoderGolden, PortableKernelsStayWithinTheToleranceToo) {
  LOGSIEVE_NEEDS(golden_folder());
  LOGSIEVE_NEEDS(encoder_folder());
  const auto model = Model::load(scalar_kernels());
  ASSERT_TRUE(model) << model.error().message;
  const std::vector<std::string> texts = golden_texts();
  const auto exact = golden_array<double>("embeddings_f64.npy");
  const std::size_t wanted = kIsSanitized ? 3 : 12;
  std::size_t tested = 0;
  for (std::size_t i = 0; i < exact.size() / kDim && tested < wanted; ++i) {
    if (texts[i].size() > 90) continue;
    ++tested;
    const std::vector<float> ours = model->encode(texts[i]);
    const auto theirs = std::span(exact).subspan(i * kDim, kDim);
    EXPECT_LE(largest_difference<double>(ours, theirs), 1e-6) << texts[i];
    EXPECT_LE(one_minus_cosine(ours, theirs), 1e-10) << texts[i];
  }
  EXPECT_EQ(tested, wanted);
}

class GoldenLayers : public testing::TestWithParam<const Kernels*> {};

TEST_P(GoldenLayers, EqualTheReferenceAfterEveryLayer) {
  LOGSIEVE_NEEDS(golden_folder());
  LOGSIEVE_NEEDS(encoder_folder());
  if (GetParam() == nullptr) GTEST_SKIP() << "this CPU has no such instructions";
  const auto model = Model::load(*GetParam());
  ASSERT_TRUE(model) << model.error().message;
  std::ifstream file(golden_folder() / "intermediate" / "texts.json");
  const auto texts = nlohmann::json::parse(file);
  double worst = 0;
  for (std::size_t t = 0; t < (kIsSanitized ? 1 : texts.size()); ++t) {
    const auto ids = texts[t]["ids"].get<Ids>();
    const MiniLm::Ids line = ids;
    std::vector<float> vector(kDim);
    MiniLm::Workspace workspace;
    const std::string name = "intermediate/text" + std::to_string(t) + '_';
    model->network.encode(
        {&line, 1}, workspace, vector.data(), [&](std::size_t layer, ConstRows rows, std::size_t tokens) {
          const auto golden = golden_array<float>(name + 'h' + std::to_string(layer) + ".npy");
          ASSERT_EQ(golden.size(), tokens * kDim);
          for (std::size_t i = 0; i < golden.size(); ++i) {
            const float ours = rows.values[i / kDim * rows.stride + i % kDim];
            worst = std::max(worst, std::abs(static_cast<double>(ours) - golden[i]));
          }
        });
    EXPECT_LE(largest_difference<float>(vector, golden_array<float>(name + "embedding.npy")), 1.2e-6);
  }
  EXPECT_LE(worst, 2e-5);
  RecordProperty("max_difference", std::to_string(worst * 1e6) + "e-6");
}

std::string table_name(const testing::TestParamInfo<const Kernels*>& info) {
  constexpr std::array kNames = {"Scalar", "Avx2", "Avx512"};
  return kNames[info.index];
}

INSTANTIATE_TEST_SUITE_P(Kernels, GoldenLayers,
                         testing::Values(&scalar_kernels(), avx2_kernels(), avx512_kernels()), table_name);

// Every 40th text; LOGSIEVE_LONG_TESTS=1: every text. The least cosine of all 1,317 is .9967.
TEST(SentenceEncoderFast, StaysNearTheExactVectors) {
  LOGSIEVE_NEEDS(golden_folder());
  LOGSIEVE_NEEDS(encoder_folder());
  const auto exact = golden_array<float>("embeddings.npy");
  const std::vector<std::string> texts = golden_texts();
  ASSERT_EQ(exact.size(), texts.size() * kDim);
  std::vector<std::string> chosen;
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < texts.size(); i += wants_long_tests() ? 1 : kIsSanitized ? 300 : 40) {
    rows.push_back(i);
    chosen.push_back(texts[i]);
  }
  const std::vector<float> vectors = encode(fast_encoder(), chosen, 2);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto theirs = std::span(exact).subspan(rows[i] * kDim, kDim);
    const std::vector<double> expected(theirs.begin(), theirs.end());
    const double distance = one_minus_cosine(std::span(vectors).subspan(i * kDim, kDim), expected);
    EXPECT_LE(distance, 0.005) << chosen[i];
  }
}

TEST(SentenceEncoderFast, EncodesALineOfNearlyOnePieceWithFloats) {
  LOGSIEVE_NEEDS(encoder_folder());
  const std::vector<std::string> texts = {std::string(40, '.'), "= = = = = = = = failed", "disk sda failed",
                                          std::string(300, '-')};
  const std::vector<float> fast = encode(fast_encoder(), texts, 2);
  const std::vector<float> exact = encode(shared_encoder(), texts, 2);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool are_equal = std::equal(&fast[i * kDim], &fast[i * kDim] + kDim, &exact[i * kDim]);
    EXPECT_EQ(are_equal, i != 2) << texts[i];
  }
}

class SentenceEncoderBits : public testing::TestWithParam<Arithmetic> {};

TEST_P(SentenceEncoderBits, AreTheSameInAnyBatchOnAnyThread) {
  LOGSIEVE_NEEDS(encoder_folder());
  const SentenceEncoder& encoder = GetParam() == Arithmetic::kFast ? fast_encoder() : shared_encoder();
  Random random(3);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < (kIsSanitized ? 8 : 30); ++i) {
    std::string text;
    for (std::size_t words = random.below(i % 10 == 5 ? 120 : 20); words > 0; --words)
      text += "disk user\tfailed: [ok] 503 x" + std::to_string(random.below(100)) + ' ';
    texts.push_back(text.substr(0, random.below(text.size() + 1)));
  }
  std::vector<std::vector<float>> alone;
  alone.reserve(texts.size());
  for (const std::string& text : texts) alone.push_back(encode(encoder, {&text, 1}, 1));
  for (int round = 0; round < (kIsSanitized ? 2 : 4); ++round) {
    std::vector<std::size_t> order(texts.size());
    std::iota(order.begin(), order.end(), 0U);
    random.shuffle(order);
    order.resize(1 + random.below(order.size()));
    std::vector<std::string> shuffled;
    shuffled.reserve(order.size());
    for (const std::size_t i : order) shuffled.push_back(texts[i]);
    const std::vector<float> rows = encode(encoder, shuffled, 1 + random.below(4));
    for (std::size_t i = 0; i < order.size(); ++i)
      ASSERT_TRUE(std::ranges::equal(alone[order[i]], std::span(rows).subspan(i * kDim, kDim))) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Arithmetic, SentenceEncoderBits,
                         testing::Values(Arithmetic::kFp32, Arithmetic::kFast),
                         [](const auto& param) { return std::string(arithmetic_name(param.param)); });

TEST(SentenceEncoder, EncodesAnEmptyFormAndCutsALongOne) {
  LOGSIEVE_NEEDS(encoder_folder());
  const SentenceEncoder& encoder = shared_encoder();
  std::string words;
  for (int i = 0; i < 300; ++i) words += "word ";
  const std::vector<std::string> texts = {"", words, words + "tail that is lost", " \t "};
  const std::vector<float> rows = encode(encoder, texts, 2);
  for (std::size_t i = 0; i < rows.size(); i += kDim)
    EXPECT_NEAR(std::inner_product(&rows[i], &rows[i] + kDim, &rows[i], 0.0), 1.0, 1e-6);
  const auto row = [&](std::size_t i) { return std::span(rows).subspan(i * kDim, kDim); };
  EXPECT_TRUE(std::ranges::equal(row(1), row(2)));
  EXPECT_TRUE(std::ranges::equal(row(0), row(3)));
  Ids ids;
  encoder.tokenize("", ids);
  EXPECT_EQ(ids, (Ids{101, 102}));
  encoder.tokenize(words, ids);
  EXPECT_EQ(ids.size(), 2U + 256U);
}

TEST(SentenceEncoder, RefusesRoomOfTheWrongSizeAndLeavesItAlone) {
  LOGSIEVE_NEEDS(encoder_folder());
  const std::vector<std::string_view> forms = {"a", "b"};
  std::vector<float> out(2 * kDim - 1, 7.0F);
  const auto encoded = shared_encoder().encode(forms, out, 1);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(out, std::vector<float>(2 * kDim - 1, 7.0F));
  EXPECT_TRUE(shared_encoder().encode({}, {}, 2));
}

TEST(SentenceEncoder, KnowsTheHashesOfItsFiles) {
  LOGSIEVE_NEEDS(encoder_folder());
  EXPECT_EQ(shared_encoder().weights_sha256(),
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db");
  EXPECT_EQ(shared_encoder().vocab_sha256(),
            "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3");
}

TEST(SentenceEncoder, SaysWhichFileIsMissing) {
  const auto loaded = SentenceEncoder::load("no/such/folder");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kNotFound);
  EXPECT_NE(loaded.error().message.find("no/such/folder/config.json"), std::string::npos);
}

}  // namespace
}  // namespace logsieve
