#include "bundle/bundle.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "encoder/safetensors.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kTestDim = 4;

class BundleTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("bundle_test_" + std::to_string(::getpid()) + "_" +
                                           testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

constexpr const char* kRules =
    "rules:\n"
    "  - name: panic\n"
    "    label: Critical Error\n"
    "    pattern: 'kernel panic'\n"
    "    match: ['kernel panic - not syncing']\n";

Bundle sample_bundle() {
  Bundle bundle;
  bundle.labels = LabelSet({"Error", "Critical Error", "User Action"});
  bundle.rules = *RuleBook::parse(kRules, "rules.yaml");
  SoftmaxParameters head;
  head.dim = kTestDim;
  head.labels = {0, 1};
  head.weights = {1, 0, 0, 0, 0, 1, 0, 0};
  head.bias = {0.5F, -0.5F};
  head.temperature = 1.25F;
  head.thresholds = {0.75F, 2.0F};
  head.word_weights = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  head.term_keys = {3, 1'000'000'007, 2'147'483'647};
  head.term_idf = {1.5F, 2.5F, 3.5F};
  head.term_weights = {1, 2, 3, 4, 5, 6};
  bundle.head = *SoftmaxHead::create(std::move(head));
  PrototypeParameters prototypes;
  prototypes.dim = kTestDim;
  prototypes.vectors = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
  prototypes.labels = {0, 1, 2};
  prototypes.answered_labels = {2};
  prototypes.min_similarity = 0.7F;
  prototypes.min_margin = 0.05F;
  bundle.prototypes = *Prototypes::create(std::move(prototypes));
  NoveltyParameters novelty;
  novelty.gaussians = {kTestDim, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0}};
  novelty.labels = 2;
  novelty.words = {3, 8};
  novelty.distance_weight = 0.25F;
  novelty.tokens = {{1, 5}, {0.5F, -0.5F}};
  novelty.pairs = {{4, 6}, {0.75F, 0.25F}};
  novelty.shapes = {{2}, {1.5F}};
  novelty.limits = {0.1F, 0.4F, 1.5F, 4.5F};
  bundle.novelty = *Novelty::create(std::move(novelty));
  bundle.forms = {"fatal number", "error \"quoted\" \xC3\xA9", "user login\nsecond line"};
  bundle.encoder_weights_sha256 = std::string(64, 'a');
  bundle.encoder_vocab_sha256 = std::string(64, 'b');
  bundle.data_sha256 = std::string(64, 'c');
  bundle.mask_version = 1;
  bundle.seed = 18'446'744'073'709'551'615U;
  bundle.model_card = "# Model card\n\nThree labels.\n";
  return bundle;
}

std::map<std::string, std::string> all_files(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    files[entry.path().filename().string()] = *read_file(entry.path());
  return files;
}

void overwrite(const fs::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// A manifest that was changed by someone who also mended its hash.
void overwrite_manifest(const fs::path& folder, std::string_view bytes) {
  overwrite(folder / "manifest.json", bytes);
  overwrite(folder / "manifest.sha256", sha256_hex(bytes) + "  manifest.json\n");
}

TEST_F(BundleTest, ComesBackAsItWasWritten) {
  const Bundle saved = sample_bundle();
  ASSERT_TRUE(save_bundle(saved, folder_ / "model"));
  const auto loaded = load_bundle(folder_ / "model");
  ASSERT_TRUE(loaded) << render(loaded.error());
  EXPECT_EQ(loaded->labels.names(), saved.labels.names());
  EXPECT_EQ(loaded->forms, saved.forms);
  EXPECT_EQ(loaded->seed, saved.seed);
  EXPECT_EQ(loaded->model_card, saved.model_card);
  EXPECT_EQ(loaded->mask_version, saved.mask_version);
  EXPECT_EQ(loaded->spelling, Spelling::kWords);
  EXPECT_EQ(loaded->data_sha256, saved.data_sha256);
  EXPECT_EQ(loaded->head.parameters().weights, saved.head.parameters().weights);
  EXPECT_EQ(loaded->head.parameters().thresholds, saved.head.parameters().thresholds);
  EXPECT_EQ(loaded->head.parameters().word_weights, saved.head.parameters().word_weights);
  EXPECT_EQ(loaded->head.parameters().term_keys, saved.head.parameters().term_keys);
  EXPECT_EQ(loaded->head.parameters().term_idf, saved.head.parameters().term_idf);
  EXPECT_EQ(loaded->head.parameters().term_weights, saved.head.parameters().term_weights);
  EXPECT_EQ(loaded->head.parameters().temperature, saved.head.parameters().temperature);
  EXPECT_EQ(loaded->prototypes.parameters().vectors, saved.prototypes.parameters().vectors);
  EXPECT_EQ(loaded->prototypes.parameters().answered_labels, saved.prototypes.parameters().answered_labels);
  EXPECT_EQ(loaded->prototypes.parameters().min_margin, saved.prototypes.parameters().min_margin);
  EXPECT_EQ(loaded->novelty.gaussians().parameters().whitening,
            saved.novelty.gaussians().parameters().whitening);
  EXPECT_EQ(loaded->novelty.gaussians().parameters().means, saved.novelty.gaussians().parameters().means);
  EXPECT_EQ(loaded->novelty.parameters().labels, 2U);
  EXPECT_EQ(loaded->novelty.parameters().words, saved.novelty.parameters().words);
  EXPECT_EQ(loaded->novelty.parameters().distance_weight, 0.25F);
  EXPECT_EQ(loaded->novelty.parameters().tokens.keys, saved.novelty.parameters().tokens.keys);
  EXPECT_EQ(loaded->novelty.parameters().tokens.weights, saved.novelty.parameters().tokens.weights);
  EXPECT_EQ(loaded->novelty.parameters().pairs.keys, saved.novelty.parameters().pairs.keys);
  EXPECT_EQ(loaded->novelty.parameters().pairs.weights, saved.novelty.parameters().pairs.weights);
  EXPECT_EQ(loaded->novelty.parameters().shapes.keys, saved.novelty.parameters().shapes.keys);
  EXPECT_EQ(loaded->novelty.parameters().shapes.weights, saved.novelty.parameters().shapes.weights);
  EXPECT_EQ(loaded->novelty.limits().least_words, 0.1F);
  EXPECT_EQ(loaded->novelty.limits().least_nearest, 0.4F);
  EXPECT_EQ(loaded->novelty.limits().most_distance, 1.5F);
  EXPECT_EQ(loaded->novelty.limits().most_other, 4.5F);
  ASSERT_EQ(loaded->rules.rules().size(), 1U);
  EXPECT_EQ(loaded->rules.rules()[0].pattern, "kernel panic");
}

TEST_F(BundleTest, KeepsTheSpellingOfPlaceholders) {
  Bundle bundle = sample_bundle();
  for (const Spelling spelling : kSpellings) {
    bundle.spelling = spelling;
    ASSERT_TRUE(save_bundle(bundle, folder_ / "model"));
    const auto loaded = load_bundle(folder_ / "model");
    ASSERT_TRUE(loaded) << render(loaded.error());
    EXPECT_EQ(loaded->spelling, spelling);
  }
  std::string manifest = *read_file(folder_ / "model" / "manifest.json");
  manifest.replace(manifest.find("\"none\""), 6, "\"rune\"");
  overwrite_manifest(folder_ / "model", manifest);
  const auto refused = load_bundle(folder_ / "model");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kCorruptModel);
  EXPECT_NE(refused.error().message.find("spells placeholders"), std::string::npos);
}

TEST_F(BundleTest, MayLackAModelCard) {
  Bundle bundle = sample_bundle();
  bundle.model_card.clear();
  ASSERT_TRUE(save_bundle(bundle, folder_ / "model"));
  EXPECT_FALSE(fs::exists(folder_ / "model" / "MODEL_CARD.md"));
  const auto loaded = load_bundle(folder_ / "model");
  ASSERT_TRUE(loaded) << render(loaded.error());
  EXPECT_TRUE(loaded->model_card.empty());
}

TEST_F(BundleTest, MayHaveNoGaussians) {
  Bundle bundle = sample_bundle();
  bundle.novelty = *Novelty::create({.limits = {.least_nearest = 0.3F}});
  ASSERT_TRUE(save_bundle(bundle, folder_ / "model"));
  const auto loaded = load_bundle(folder_ / "model");
  ASSERT_TRUE(loaded) << render(loaded.error());
  EXPECT_TRUE(loaded->novelty.gaussians().empty());
  EXPECT_EQ(loaded->novelty.limits().least_nearest, 0.3F);
}

TEST_F(BundleTest, RefusesGaussiansOfVectorsOfAnotherLength) {
  Bundle bundle = sample_bundle();
  bundle.novelty = *Novelty::create({.gaussians = {1, {1}, {1, 2}}, .labels = 1, .limits = {}});
  ASSERT_TRUE(save_bundle(bundle, folder_ / "model"));
  const auto loaded = load_bundle(folder_ / "model");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kCorruptModel);
}

// Format 2 kept the one sign of novelty that it had among the limits of the prototypes.
TEST_F(BundleTest, ReadsTheNoveltyOfFormat2) {
  ASSERT_TRUE(save_bundle(sample_bundle(), folder_ / "model"));
  const fs::path file = folder_ / "model" / "prototypes.safetensors";
  const std::string bytes = *read_file(file);
  const auto arrays = Safetensors::parse(bytes, "prototypes");
  ASSERT_TRUE(arrays);
  const std::array<float, 3> limits = {0.7F, 0.05F, 0.4F};
  const auto vectors = *arrays->array<float>("vectors", {3, kTestDim});
  const auto labels = *arrays->array<LabelId>("labels", {3});
  const auto answered = *arrays->array<LabelId>("answered_labels", {1});
  const std::array<NamedTensor, 4> old = {
      named_tensor<float>("vectors", {3, kTestDim}, vectors), named_tensor<LabelId>("labels", {3}, labels),
      named_tensor<LabelId>("answered_labels", {1}, answered), named_tensor<float>("limits", {3}, limits)};
  const std::string old_bytes = write_safetensors(old, {});
  std::string manifest = *read_file(folder_ / "model" / "manifest.json");
  manifest.replace(manifest.find(sha256_hex(bytes)), 64, sha256_hex(old_bytes));
  manifest.replace(manifest.find("\"format\": 6"), 11, "\"format\": 2");
  overwrite(file, old_bytes);
  overwrite_manifest(folder_ / "model", manifest);
  const auto loaded = load_bundle(folder_ / "model");
  ASSERT_TRUE(loaded) << render(loaded.error());
  EXPECT_EQ(loaded->novelty.limits().least_nearest, 0.4F);
  EXPECT_EQ(loaded->novelty.limits().least_words, 0.0F);
  EXPECT_TRUE(loaded->novelty.gaussians().empty());
}

// What formats 3 to 5 knew of other texts had shapes of another kind; their other signs hold.
TEST_F(BundleTest, ReadsTheNoveltyOfFormat5ButForTheLikeness) {
  ASSERT_TRUE(save_bundle(sample_bundle(), folder_ / "model"));
  std::string manifest = *read_file(folder_ / "model" / "manifest.json");
  manifest.replace(manifest.find("\"format\": 6"), 11, "\"format\": 5");
  overwrite_manifest(folder_ / "model", manifest);
  const auto loaded = load_bundle(folder_ / "model");
  ASSERT_TRUE(loaded) << render(loaded.error());
  EXPECT_EQ(loaded->novelty.limits().most_distance, 1.5F);
  EXPECT_EQ(loaded->novelty.limits().most_other, NoveltyLimits::kNever);
  EXPECT_TRUE(loaded->novelty.parameters().shapes.keys.empty());
  EXPECT_EQ(loaded->novelty.parameters().words, (std::vector<std::int32_t>{3, 8}));
}

TEST_F(BundleTest, SameContentGivesSameBytes) {
  ASSERT_TRUE(save_bundle(sample_bundle(), folder_ / "a"));
  ASSERT_TRUE(save_bundle(sample_bundle(), folder_ / "b"));
  EXPECT_EQ(all_files(folder_ / "a"), all_files(folder_ / "b"));
  EXPECT_EQ(*bundle_id(folder_ / "a"), *bundle_id(folder_ / "b"));
}

TEST_F(BundleTest, ReplacesAnOlderBundleWholeAndLeavesNothingBehind) {
  ASSERT_TRUE(save_bundle(sample_bundle(), folder_ / "model"));
  Bundle other = sample_bundle();
  other.forms[0] = "another form";
  ASSERT_TRUE(save_bundle(other, folder_ / "model"));
  EXPECT_EQ(load_bundle(folder_ / "model")->forms[0], "another form");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

// Every bit of every file counts: any single flip is refused, and the error names the file.
TEST_F(BundleTest, RefusesAnySingleFlippedBit) {
  ASSERT_TRUE(save_bundle(sample_bundle(), folder_ / "model"));
  for (const auto& [name, bytes] : all_files(folder_ / "model")) {
    for (std::size_t i = 0; i < bytes.size(); i += 1 + bytes.size() / 64) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(static_cast<unsigned char>(damaged[i]) ^ 0x10U);
      overwrite(folder_ / "model" / name, damaged);
      const auto loaded = load_bundle(folder_ / "model");
      ASSERT_FALSE(loaded) << name << " byte " << i;
      EXPECT_EQ(loaded.error().code, ErrorCode::kCorruptModel);
      EXPECT_NE(loaded.error().file.find(name.substr(0, name.find('.'))), std::string::npos);
      EXPECT_FALSE(loaded.error().help.empty());
    }
    overwrite(folder_ / "model" / name, bytes);
  }
  EXPECT_TRUE(load_bundle(folder_ / "model"));
}

TEST_F(BundleTest, RefusesEveryTruncation) {
  ASSERT_TRUE(save_bundle(sample_bundle(), folder_ / "model"));
  for (const auto& [name, bytes] : all_files(folder_ / "model")) {
    for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 32) {
      overwrite(folder_ / "model" / name, bytes.substr(0, length));
      EXPECT_FALSE(load_bundle(folder_ / "model")) << name << " cut to " << length;
    }
    overwrite(folder_ / "model" / name, bytes);
  }
}

// A manifest that lies consistently (right hashes, wrong content) still meets the shape checks.
TEST_F(BundleTest, RefusesContentThatDoesNotFitTogetherUnderRightHashes) {
  ASSERT_TRUE(save_bundle(sample_bundle(), folder_ / "model"));
  const std::string forms = *read_file(folder_ / "model" / "forms.jsonl");
  const std::string fewer = forms.substr(0, forms.find('\n') + 1);
  std::string manifest = *read_file(folder_ / "model" / "manifest.json");
  manifest.replace(manifest.find(sha256_hex(forms)), 64, sha256_hex(fewer));
  overwrite(folder_ / "model" / "forms.jsonl", fewer);
  overwrite_manifest(folder_ / "model", manifest);
  const auto loaded = load_bundle(folder_ / "model");
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("1 forms, but 3 vectors"), std::string::npos)
      << loaded.error().message;
}

TEST_F(BundleTest, RefusesHostileManifests) {
  ASSERT_TRUE(save_bundle(sample_bundle(), folder_ / "model"));
  const std::string good = *read_file(folder_ / "model" / "manifest.json");
  const std::string other_format = std::string(good).replace(good.find("\"format\": 6"), 11, "\"format\": 7");
  const std::string unsorted = std::string(good).replace(good.find("Critical Error"), 14, "Xritical Error");
  for (const std::string& bad :
       {std::string(), std::string("null"), std::string("[]"), std::string("{}"),
        std::string("{\"format\": \"1\"}"), std::string(5000, '['), std::string("{\"format\":-1}"),
        other_format, unsorted, std::string("\xFF\xFE")}) {
    overwrite_manifest(folder_ / "model", bad);
    const auto loaded = load_bundle(folder_ / "model");
    ASSERT_FALSE(loaded) << bad.substr(0, 40);
    EXPECT_EQ(loaded.error().code, ErrorCode::kCorruptModel) << bad.substr(0, 40);
  }
}

TEST_F(BundleTest, RefusesWhatIsNoRegularFileInsteadOfWaitingForIt) {
  ASSERT_TRUE(save_bundle(sample_bundle(), folder_ / "model"));
  const fs::path head = folder_ / "model" / "head.safetensors";
  fs::remove(head);
  ASSERT_EQ(::mkfifo(head.c_str(), 0600), 0);
  const auto loaded = load_bundle(folder_ / "model");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kCorruptModel);
}

TEST_F(BundleTest, SaysHowToGetOneWhereThereIsNone) {
  const auto loaded = load_bundle(folder_ / "nowhere");
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kNotFound);
  EXPECT_NE(loaded.error().help.find("logsieve train"), std::string::npos);
}

}  // namespace
}  // namespace logsieve
