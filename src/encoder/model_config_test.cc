// A model folder as a whole: its settings, and what SentenceEncoder::load makes of damaged ones.
#include "encoder/model_config.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/hash.h"
#include "base/threads.h"
#include "encoder/fast_file.h"
#include "encoder/mini_lm.h"
#include "encoder/sentence_encoder.h"
#include "encoder/small_model.h"
#include "encoder/word_piece_reference.h"

namespace logsieve {
namespace {

using nlohmann::json;

constexpr std::string_view kVocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nuser\n##s\n";

json network_settings() {
  return {{"model_type", "bert"},         {"architectures", {"BertModel"}},
          {"hidden_act", "gelu"},         {"num_hidden_layers", 1},
          {"num_attention_heads", 12},    {"hidden_size", 384},
          {"intermediate_size", 16},      {"vocab_size", 7},
          {"max_position_embeddings", 8}, {"type_vocab_size", 2},
          {"layer_norm_eps", 1e-12},      {"position_embedding_type", "absolute"},
          {"transformers_version", "4"}};
}

json module_list() {
  return json::array(
      {{{"idx", 0}, {"path", ""}, {"type", "sentence_transformers.models.Transformer"}},
       {{"idx", 1}, {"path", "1_Pooling"}, {"type", "sentence_transformers.models.Pooling"}},
       {{"idx", 2}, {"path", "2_Normalize"}, {"type", "sentence_transformers.models.Normalize"}}});
}

// A folder with a small model of 384 floats a vector; gone with the object.
class ModelFolder {
 public:
  ModelFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "logsieve_model_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    std::filesystem::create_directories(path_ / "1_Pooling");
    write("config.json", network_settings());
    write("modules.json", module_list());
    write("1_Pooling/config.json", {{"word_embedding_dimension", 384}, {"pooling_mode_mean_tokens", true}});
    write("sentence_bert_config.json", {{"max_seq_length", 6}, {"do_lower_case", false}});
    write("tokenizer_config.json", {{"do_lower_case", true}, {"strip_accents", nullptr}});
    write("vocab.txt", kVocab);
  }
  ModelFolder(const ModelFolder&) = delete;
  ModelFolder& operator=(const ModelFolder&) = delete;
  ~ModelFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, const json& document) {
    write(name, std::string_view(document.dump()));
  }
  void write(const std::string& name, std::string_view bytes) {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
  }
  void remove(const std::string& name) { std::filesystem::remove(path_ / name); }

 private:
  std::filesystem::path path_;
};

TEST(ModelConfig, IsWhatTheFilesSay) {
  const ModelFolder folder;
  const auto config = read_model_config(folder.path());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->layers, 1U);
  EXPECT_EQ(config->heads, 12U);
  EXPECT_EQ(config->hidden, 384U);
  EXPECT_EQ(config->intermediate, 16U);
  EXPECT_EQ(config->vocabulary, 7U);
  EXPECT_EQ(config->positions, 8U);
  EXPECT_EQ(config->token_types, 2U);
  EXPECT_EQ(config->max_tokens, 6U);
  EXPECT_EQ(config->norm_epsilon, 1e-12F);
  EXPECT_EQ(config->pooling, Pooling::kMean);
  EXPECT_TRUE(config->is_normalised);
}

TEST(ModelConfig, ReadsClsPoolingNoNormalizeAndAbsentLimits) {
  ModelFolder folder;
  folder.write("1_Pooling/config.json", {{"word_embedding_dimension", 384},
                                         {"pooling_mode_cls_token", true},
                                         {"pooling_mode_mean_tokens", false}});
  json modules = module_list();
  modules.erase(2);
  folder.write("modules.json", modules);
  folder.remove("sentence_bert_config.json");
  folder.remove("tokenizer_config.json");
  const auto config = read_model_config(folder.path());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->pooling, Pooling::kFirst);
  EXPECT_FALSE(config->is_normalised);
  EXPECT_EQ(config->max_tokens, 8U);
}

TEST(ModelConfig, ReadsTheFilesThatNewerVersionsWrite) {
  ModelFolder folder;
  json modules = module_list();
  modules[0]["type"] = "sentence_transformers.base.modules.transformer.Transformer";
  modules[1]["type"] = "sentence_transformers.sentence_transformer.modules.pooling.Pooling";
  modules[2]["type"] = "sentence_transformers.base.modules.normalize.Normalize";
  folder.write("modules.json", modules);
  folder.write("1_Pooling/config.json",
               {{"embedding_dimension", 384}, {"pooling_mode", "cls"}, {"include_prompt", true}});
  folder.write("sentence_bert_config.json",
               {{"transformer_task", "feature-extraction"}, {"module_output_name", "token_embeddings"}});
  folder.write("tokenizer_config.json", {{"tokenizer_class", "BertTokenizer"}, {"model_max_length", 7}});
  const auto config = read_model_config(folder.path());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->pooling, Pooling::kFirst);
  EXPECT_EQ(config->max_tokens, 7U);
  EXPECT_TRUE(config->is_normalised);
  // A tokenizer without a limit says 10^30; then the positions are the limit.
  folder.write("tokenizer_config.json", {{"model_max_length", 1e30}});
  EXPECT_EQ(read_model_config(folder.path())->max_tokens, 8U);
}

TEST(ModelConfig, TakesThePromptThatIsTheDefaultAndNoOther) {
  ModelFolder folder;
  const json prompts = {{"query", "query: "}, {"passage", "passage: "}};
  const auto prompt_with = [&](const json& settings) {
    folder.write("config_sentence_transformers.json", settings);
    const auto config = read_model_config(folder.path());
    return config ? config->prompt : "error: " + config.error().message;
  };
  EXPECT_EQ(prompt_with({{"prompts", prompts}, {"default_prompt_name", "passage"}}), "passage: ");
  EXPECT_EQ(prompt_with({{"prompts", prompts}, {"default_prompt_name", nullptr}}), "");
  EXPECT_EQ(prompt_with({{"prompts", prompts}}), "");
  EXPECT_EQ(prompt_with(json::object()), "");
  const auto refused = [&](const json& settings) { return prompt_with(settings).starts_with("error: "); };
  EXPECT_TRUE(refused({{"prompts", prompts}, {"default_prompt_name", "document"}}));
  EXPECT_TRUE(refused({{"default_prompt_name", "query"}}));
  EXPECT_TRUE(refused({{"prompts", {{"query", 5}}}, {"default_prompt_name", "query"}}));
  EXPECT_TRUE(refused({{"prompts", {{"query", std::string(1001, 'x')}}}, {"default_prompt_name", "query"}}));
  EXPECT_TRUE(refused({{"model_type", "SparseEncoder"}}));
  // A prompt that does not count in the mean.
  folder.write(
      "1_Pooling/config.json",
      {{"word_embedding_dimension", 384}, {"pooling_mode_mean_tokens", true}, {"include_prompt", false}});
  EXPECT_EQ(prompt_with({{"prompts", prompts}}), "");
  EXPECT_TRUE(refused({{"prompts", prompts}, {"default_prompt_name", "query"}}));
}

struct BadSetting {
  const char* file;
  json::json_pointer place;
  json value;
};

TEST(ModelConfig, RefusesWhatItDoesNotSupportAndNamesTheFile) {
  const std::vector<BadSetting> bad = {
      {"config.json", json::json_pointer("/model_type"), "roberta"},
      {"config.json", json::json_pointer("/model_type"), nullptr},
      {"config.json", json::json_pointer("/architectures"), {"MPNetModel"}},
      {"config.json", json::json_pointer("/quantization_config"), json::object()},
      {"config.json", json::json_pointer("/hidden_act"), "gelu_new"},
      {"config.json", json::json_pointer("/position_embedding_type"), "relative_key"},
      {"config.json", json::json_pointer("/is_decoder"), true},
      {"config.json", json::json_pointer("/num_hidden_layers"), 0},
      {"config.json", json::json_pointer("/num_hidden_layers"), -1},
      {"config.json", json::json_pointer("/num_hidden_layers"), 1.5},
      {"config.json", json::json_pointer("/num_attention_heads"), 7},
      {"config.json", json::json_pointer("/num_attention_heads"), 48},
      {"config.json", json::json_pointer("/hidden_size"), "384"},
      {"config.json", json::json_pointer("/hidden_size"), 9223372036854775808U},
      {"config.json", json::json_pointer("/intermediate_size"), 17},
      {"config.json", json::json_pointer("/vocab_size"), nullptr},
      {"config.json", json::json_pointer("/layer_norm_eps"), 0},
      {"config.json", json::json_pointer("/layer_norm_eps"), "x"},
      {"modules.json", json::json_pointer("/0/type"), "sentence_transformers.models.CLIPModel"},
      {"modules.json", json::json_pointer("/0/path"), "0_Transformer"},
      {"modules.json", json::json_pointer("/1/path"), "../elsewhere"},
      {"modules.json", json::json_pointer("/1/type"), 5},
      {"modules.json", json::json_pointer("/2/type"), "sentence_transformers.models.Dense"},
      {"modules.json", json::json_pointer("/3"), json::object()},
      {"1_Pooling/config.json", json::json_pointer("/pooling_mode_cls_token"), true},
      {"1_Pooling/config.json", json::json_pointer("/pooling_mode_mean_tokens"), false},
      {"1_Pooling/config.json", json::json_pointer("/pooling_mode_max_tokens"), true},
      {"1_Pooling/config.json", json::json_pointer("/word_embedding_dimension"), 768},
      {"1_Pooling/config.json", json::json_pointer("/embedding_dimension"), 768},
      {"1_Pooling/config.json", json::json_pointer("/pooling_mode"), "lasttoken"},
      {"1_Pooling/config.json", json::json_pointer("/pooling_mode"), {"cls", "mean"}},
      {"1_Pooling/config.json", json::json_pointer("/pooling_mode"), 1},
      {"sentence_bert_config.json", json::json_pointer("/max_seq_length"), 9},
      {"sentence_bert_config.json", json::json_pointer("/max_seq_length"), 2},
      {"sentence_bert_config.json", json::json_pointer("/transformer_task"), "fill-mask"},
      {"tokenizer_config.json", json::json_pointer("/do_lower_case"), false},
      {"tokenizer_config.json", json::json_pointer("/strip_accents"), false},
      {"tokenizer_config.json", json::json_pointer("/tokenizer_class"), "XLMRobertaTokenizer"}};
  for (const BadSetting& setting : bad) {
    ModelFolder folder;
    auto document = json::parse(*read_file(folder.path() / setting.file));
    document[setting.place] = setting.value;
    folder.write(setting.file, document);
    const auto config = read_model_config(folder.path());
    const std::string what = std::string(setting.file) + setting.place.to_string();
    ASSERT_FALSE(config) << what;
    EXPECT_EQ(config.error().code, ErrorCode::kCorruptModel) << what;
    EXPECT_EQ(config.error().file, (folder.path() / setting.file).string()) << what;
    EXPECT_NE(config.error().help.find("supported: "), std::string::npos) << what;
  }
}

TEST(ModelConfig, RefusesFilesThatAreNoJsonOrOfAnotherKind) {
  for (const auto* file : {"config.json", "modules.json", "1_Pooling/config.json",
                           "sentence_bert_config.json", "tokenizer_config.json"}) {
    for (const std::string_view text : {"", "{", "{\"a\":1}x", "\xFF"}) {
      ModelFolder folder;
      folder.write(file, text);
      const auto config = read_model_config(folder.path());
      ASSERT_FALSE(config) << file << text;
      EXPECT_EQ(config.error().file, (folder.path() / file).string());
    }
  }
  for (const auto* file : {"config.json", "modules.json", "1_Pooling/config.json"}) {
    for (const std::string& text : {std::string("[]"), std::string("null"), std::string("7"),
                                    std::string(100000, '[') + std::string(100000, ']')}) {
      ModelFolder folder;
      folder.write(file, std::string_view(text));
      EXPECT_FALSE(read_model_config(folder.path())) << file << text.substr(0, 9);
    }
    ModelFolder folder;
    folder.remove(file);
    const auto config = read_model_config(folder.path());
    ASSERT_FALSE(config) << file;
    EXPECT_EQ(config.error().code, ErrorCode::kNotFound);
  }
}

SmallModel model_of(const ModelFolder& folder) {
  const auto config = read_model_config(folder.path());
  EXPECT_TRUE(config);
  return SmallModel(*config, 1);
}

TEST(ModelFolder, LoadsAndEncodes) {
  ModelFolder folder;
  SmallModel model = model_of(folder);
  const std::string weights = model.file("bert.");
  folder.write("model.safetensors", std::string_view(weights));
  const auto encoder = SentenceEncoder::load(folder.path());
  ASSERT_TRUE(encoder) << encoder.error().message;
  EXPECT_EQ(encoder->max_tokens(), 6U);
  EXPECT_EQ(encoder->weights_sha256(), sha256_hex(weights));
  EXPECT_EQ(encoder->vocab_sha256(), sha256_hex(kVocab));
  const std::vector<std::string_view> forms = {"users", "user user user user user user"};
  std::vector<float> out(2 * kDim);
  ASSERT_TRUE(encoder->encode(forms, out, 2));
  const std::vector<std::vector<std::int32_t>> ids = {{2, 5, 6, 3}, {2, 5, 5, 5, 5, 3}};
  for (std::size_t line = 0; line < 2; ++line) {
    const std::vector<double> expected = model.encode(ids[line]);
    for (std::size_t i = 0; i < kDim; ++i) ASSERT_NEAR(out[line * kDim + i], expected[i], 1e-6);
  }
}

// What the folders of the family differ in.
struct Relative {
  const char* name;
  std::size_t layers;
  Pooling pooling;
  DType storage;
  const char* prefix;   // of the arrays' names
  const char* prompts;  // config_sentence_transformers.json; empty: there is none
  std::string_view prompt;
  std::size_t max_tokens;
};

constexpr std::string_view kFamilyVocab =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nuser\n##s\nquery\n:\nlogin\nfailed\n##a\nrepresent\n";

const Relative kFamily[] = {
    {"MiniLmL12", 12, Pooling::kMean, DType::kF32, "", "", "", 128},
    {"BgeSmall", 12, Pooling::kFirst, DType::kF32, "", "", "", 512},
    {"E5Small", 12, Pooling::kMean, DType::kF32, "",
     R"({"prompts": {"query": "query: ", "passage": "passage: "}, "default_prompt_name": "query"})",
     "query: ", 512},
    {"SnowflakeArcticXs", 6, Pooling::kFirst, DType::kF32, "",
     R"({"prompts": {"query": "Represent this sentence for searching relevant passages: "}})", "", 512},
    {"HalfPrecision", 6, Pooling::kMean, DType::kF16, "bert.", "", "", 256},
    {"BrainFloat", 6, Pooling::kFirst, DType::kBf16, "bert.", "", "", 256}};

class Family : public testing::TestWithParam<Relative> {
 protected:
  Family() {
    const Relative& relative = GetParam();
    json settings = network_settings();
    settings["num_hidden_layers"] = relative.layers;
    settings["max_position_embeddings"] = 512;
    settings["vocab_size"] = 20;  // padded: more rows than pieces
    settings["intermediate_size"] = 64;
    folder_.write("config.json", settings);
    folder_.write("1_Pooling/config.json",
                  {{"word_embedding_dimension", 384},
                   {"pooling_mode_cls_token", relative.pooling == Pooling::kFirst},
                   {"pooling_mode_mean_tokens", relative.pooling == Pooling::kMean}});
    folder_.write("sentence_bert_config.json",
                  {{"max_seq_length", relative.max_tokens}, {"do_lower_case", true}});
    folder_.write("vocab.txt", kFamilyVocab);
    if (*relative.prompts != '\0')
      folder_.write("config_sentence_transformers.json", std::string_view(relative.prompts));
  }

  ModelFolder folder_;
};

TEST_P(Family, LoadsFromItsOwnFolderAndEqualsTheObviousNetwork) {
  const Relative& relative = GetParam();
  const auto config = read_model_config(folder_.path());
  ASSERT_TRUE(config) << config.error().message;
  SmallModel model(*config, 3);
  folder_.write("model.safetensors", std::string_view(model.file(relative.prefix, relative.storage)));
  const auto encoder = SentenceEncoder::load(folder_.path());
  ASSERT_TRUE(encoder) << encoder.error().message;
  EXPECT_EQ(encoder->max_tokens(), relative.max_tokens);
  const WordPieceReference tokenizer(kFamilyVocab);
  const std::vector<std::string_view> forms = {"", "users", "login failed: user usersaa query",
                                               "[SEP] x Login"};
  std::vector<float> out(forms.size() * kDim);
  ASSERT_TRUE(encoder->encode(forms, out, 2));
  for (std::size_t line = 0; line < forms.size(); ++line) {
    const auto ids = tokenizer.tokenize(std::string(relative.prompt) + std::string(forms[line]), 512);
    std::vector<std::int32_t> ours;
    encoder->tokenize(forms[line], ours);
    EXPECT_EQ(ours, ids);
    const std::vector<double> expected = model.encode(ids);
    for (std::size_t i = 0; i < kDim; ++i)
      ASSERT_NEAR(out[line * kDim + i], expected[i], 2e-6) << forms[line];
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Family, testing::ValuesIn(kFamily),
                         [](const auto& param) { return param.param.name; });

// A prompt takes its share of the tokens.
TEST(ModelFolder, CutsATextAfterItsPrompt) {
  ModelFolder folder;
  folder.write("config_sentence_transformers.json",
               json{{"prompts", {{"p", "users users"}}}, {"default_prompt_name", "p"}});
  folder.write("model.safetensors", std::string_view(model_of(folder).file()));
  const auto encoder = SentenceEncoder::load(folder.path());
  ASSERT_TRUE(encoder) << encoder.error().message;
  std::vector<std::int32_t> ids;
  encoder->tokenize("s user", ids);
  EXPECT_EQ(ids, (std::vector<std::int32_t>{2, 5, 6, 5, 6, 3}));  // "users userss user", 6 ids in all
}

TEST(ModelFolderHostile, RefusesDamagedWeights) {
  ModelFolder folder;
  const std::string good = model_of(folder).file();
  const auto refuses = [&](std::string_view bytes) {
    folder.write("model.safetensors", bytes);
    const auto loaded = SentenceEncoder::load(folder.path());
    return !loaded && loaded.error().code == ErrorCode::kCorruptModel &&
           loaded.error().file == (folder.path() / "model.safetensors").string();
  };
  EXPECT_FALSE(refuses(good));
  for (std::size_t part = 0; part < 40; ++part)
    EXPECT_TRUE(refuses(good.substr(0, good.size() * part / 40))) << part;
  EXPECT_TRUE(refuses(good.substr(0, good.size() - 1)));
  EXPECT_TRUE(refuses(good + "x"));
  EXPECT_TRUE(refuses(std::string(good.size(), '\0')));
}

TEST(ModelFolderHostile, RefusesAVocabularyThatTheNetworkDoesNotKnow) {
  ModelFolder folder;
  folder.write("model.safetensors", std::string_view(model_of(folder).file()));
  folder.write("vocab.txt", std::string_view(std::string(kVocab) + "more\n"));
  const auto loaded = SentenceEncoder::load(folder.path());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message, "it has 8 pieces, the network knows 7");
  EXPECT_EQ(loaded.error().file, (folder.path() / "vocab.txt").string());
}

TEST(ModelFolderHostile, RefusesOtherVectorSizesAndModelsWithoutUnitLength) {
  ModelFolder folder;
  json settings = network_settings();
  settings["hidden_size"] = 768;
  folder.write("config.json", settings);
  folder.write("1_Pooling/config.json",
               {{"word_embedding_dimension", 768}, {"pooling_mode_mean_tokens", true}});
  EXPECT_EQ(SentenceEncoder::load(folder.path()).error().message,
            "vectors of 768 floats; only 384 are supported");
  ModelFolder other;
  json modules = module_list();
  modules.erase(2);
  other.write("modules.json", modules);
  EXPECT_EQ(SentenceEncoder::load(other.path()).error().message,
            "a model without a Normalize module is not supported");
}

std::vector<float> fast_vectors(const ModelFolder& folder) {
  const auto encoder = SentenceEncoder::load(folder.path(), Arithmetic::kFast);
  EXPECT_TRUE(encoder) << encoder.error().message;
  const std::vector<std::string_view> forms = {"users", "user users", ""};
  std::vector<float> out(forms.size() * kDim);
  EXPECT_TRUE(encoder->encode(forms, out, 1));
  return out;
}

void write_weights(ModelFolder& folder, std::uint64_t seed) {
  SmallModel model(*read_model_config(folder.path()), seed);
  folder.write("model.safetensors", std::string_view(model.file()));
}

std::string fast_file_of(const ModelFolder& folder) {
  auto bytes = read_file(folder.path() / "model.fast.safetensors");
  EXPECT_TRUE(bytes);
  return bytes ? std::move(*bytes) : std::string();
}

TEST(FastFile, IsMadeOnceAndGivesTheSameBitsAgain) {
  ModelFolder folder;
  write_weights(folder, 1);
  const std::vector<float> first = fast_vectors(folder);
  const std::string bytes = fast_file_of(folder);
  const auto written = std::filesystem::last_write_time(folder.path() / "model.fast.safetensors");
  EXPECT_EQ(fast_vectors(folder), first);
  EXPECT_EQ(std::filesystem::last_write_time(folder.path() / "model.fast.safetensors"), written);
  EXPECT_EQ(fast_file_of(folder), bytes);
}

TEST(FastFile, IsMadeAgainWhenDamagedOrOfOtherWeights) {
  ModelFolder folder;
  write_weights(folder, 1);
  const std::vector<float> first = fast_vectors(folder);
  const std::string bytes = fast_file_of(folder);
  for (const std::size_t kept : {std::size_t{0}, std::size_t{7}, bytes.size() / 2, bytes.size() - 1}) {
    folder.write("model.fast.safetensors", std::string_view(bytes).substr(0, kept));
    EXPECT_EQ(fast_vectors(folder), first) << kept;
    EXPECT_EQ(fast_file_of(folder), bytes) << kept;
  }
  for (std::size_t place = 3; place < bytes.size(); place += bytes.size() / 37) {
    std::string damaged = bytes;
    damaged[place] = static_cast<char>(damaged[place] ^ 0x40);
    folder.write("model.fast.safetensors", std::string_view(damaged));
    EXPECT_EQ(fast_vectors(folder), first) << place;
    EXPECT_EQ(fast_file_of(folder), bytes) << place;
  }
  write_weights(folder, 2);
  EXPECT_NE(fast_vectors(folder), first);
  EXPECT_NE(fast_file_of(folder), bytes);
}

TEST(FastFile, IsNotNeeded) {
  ModelFolder folder;
  write_weights(folder, 1);
  const std::vector<float> first = fast_vectors(folder);
  folder.remove("model.fast.safetensors");
  // Neither to be read nor to be replaced.
  std::filesystem::create_directories(folder.path() / "model.fast.safetensors" / "x");
  EXPECT_EQ(fast_vectors(folder), first);
}

TEST(FastFile, MayBeMadeBySeveralAtOnce) {
  ModelFolder folder;
  write_weights(folder, 1);
  std::vector<std::vector<float>> vectors(4);
  parallel_for(vectors.size(), vectors.size(),
               [&](std::size_t item, std::size_t) { vectors[item] = fast_vectors(folder); });
  for (const auto& each : vectors) EXPECT_EQ(each, vectors[0]);
  EXPECT_EQ(fast_vectors(folder), vectors[0]);
}

// A file may be whole, of these weights, and yet hold integers that 16-bit sums cannot carry.
TEST(FastFileHostile, RefusesIntegersThatWouldSaturate) {
  ModelFolder folder;
  write_weights(folder, 1);
  fast_vectors(folder);
  const auto config = read_model_config(folder.path());
  const std::string weights_bytes = *read_file(folder.path() / "model.safetensors");
  const auto weights = Safetensors::parse(weights_bytes, "weights");
  auto kept = read_fast_file(folder.path());
  ASSERT_TRUE(config && weights && kept);
  const Kernels& kernels = **select_kernels("");
  ASSERT_TRUE(MiniLm::restore_fast(*weights, *config, kernels, kept->arrays, 1));
  const std::string name = "encoder.layer.0.intermediate.dense";
  const auto refuses = [&](std::size_t array, const std::string& bytes) {
    std::vector<NamedTensor> arrays;
    for (const auto& [own, view] : kept->arrays.tensors())
      arrays.push_back({own, view.dtype, view.shape, view.bytes});
    const std::string wanted = name + std::array{".groups", ".factors", ".scales"}[array];
    for (NamedTensor& each : arrays)
      if (each.name == wanted) each.bytes = std::string_view(bytes).substr(0, each.bytes.size());
    const std::string file = write_safetensors(arrays, {});
    const auto changed = Safetensors::parse(file, "changed");
    EXPECT_TRUE(changed);
    return !MiniLm::restore_fast(*weights, *config, kernels, *changed, 1);
  };
  const std::size_t enough = std::size_t{4} << 20U;
  EXPECT_FALSE(refuses(0, std::string(enough, 1))) << "small weights are no reason";
  EXPECT_TRUE(refuses(0, std::string(enough, 100)));
  EXPECT_TRUE(refuses(0, std::string(enough, static_cast<char>(-128))));
  EXPECT_TRUE(refuses(1, std::string(enough, static_cast<char>(0xFF)))) << "NaN";
  EXPECT_TRUE(refuses(2, std::string(enough, static_cast<char>(0xFF)))) << "NaN";
}

}  // namespace
}  // namespace logsieve
