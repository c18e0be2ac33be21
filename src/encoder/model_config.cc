#include "encoder/model_config.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "encoder/kernels.h"

namespace logsieve {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20U;
constexpr std::string_view kHelp = "supported: uncased BERT encoders with mean or [CLS] pooling";

// One JSON file; a getter that finds something wrong keeps the first problem, asked for at the end.
class ConfigFile {
 public:
  static Result<ConfigFile> read(const std::filesystem::path& path) {
    auto text = read_file(path, kMaxConfigBytes);
    if (!text) return std::move(text).error();
    json document = json::parse(*text, nullptr, false);
    if (document.is_discarded())
      return Error{ErrorCode::kCorruptModel, "not valid JSON"}
          .at(path.string())
          .with_help("fetch the file again");
    return ConfigFile(std::move(document), path.string());
  }

  const json& document() const { return document_; }

  // A whole number in [least, most]; `least` if it is not one.
  std::size_t number(const char* key, std::size_t least, std::size_t most) {
    const json* value = find(key);
    const bool is_whole = value != nullptr && value->is_number_unsigned();
    if (is_whole && value->get<std::size_t>() >= least && value->get<std::size_t>() <= most)
      return value->get<std::size_t>();
    refuse(quoted(key) + " must be a whole number from " + std::to_string(least) + " to " +
           std::to_string(most));
    return least;
  }

  // If `key` is there, its value must be one of `allowed`.
  void expect(const char* key, std::initializer_list<json> allowed) {
    const json* value = find(key);
    if (value == nullptr || std::ranges::find(allowed, *value) != allowed.end()) return;
    refuse(quoted(key) + " is " + shown(*value) + ", which is not supported");
  }

  bool flag(const char* key) const {
    const json* value = find(key);
    return value != nullptr && value->is_boolean() && value->get<bool>();
  }

  // nullptr if it is absent.
  const json* find(const char* key) const {
    if (!document_.is_object()) return nullptr;
    const auto found = document_.find(key);
    return found == document_.end() ? nullptr : &*found;
  }

  void refuse(std::string problem) {
    if (!problem_) problem_ = std::move(problem);
  }

  Result<void> verdict() const {
    if (!problem_) return ok();
    return Error{ErrorCode::kCorruptModel, *problem_}.at(path_).with_help(std::string(kHelp));
  }

 private:
  ConfigFile(json document, std::string path) : document_(std::move(document)), path_(std::move(path)) {}

  static std::string quoted(std::string_view key) { return '"' + std::string(key) + '"'; }
  static std::string shown(const json& value) {
    return value.dump(-1, ' ', true, json::error_handler_t::replace).substr(0, 80);
  }

  json document_;
  std::string path_;
  std::optional<std::string> problem_;
};

Result<void> read_network(const std::filesystem::path& folder, ModelConfig& config) {
  auto file = ConfigFile::read(folder / "config.json");
  if (!file) return std::move(file).error();
  file->expect("model_type", {"bert"});
  file->expect("architectures", {json::array({"BertModel"}), json::array({"BertForMaskedLM"})});
  file->expect("hidden_act", {"gelu"});
  file->expect("position_embedding_type", {"absolute"});
  file->expect("is_decoder", {false});
  config.layers = file->number("num_hidden_layers", 1, 64);
  config.heads = file->number("num_attention_heads", 1, 64);
  config.hidden = file->number("hidden_size", kTileColumns, 4096);
  config.intermediate = file->number("intermediate_size", kTileColumns, 16384);
  config.vocabulary = file->number("vocab_size", 5, 1000000);
  config.positions = file->number("max_position_embeddings", 3, 8192);
  config.token_types = file->number("type_vocab_size", 1, 16);
  const json* epsilon = file->find("layer_norm_eps");
  if (epsilon != nullptr && epsilon->is_number()) config.norm_epsilon = epsilon->get<float>();
  if (!(config.norm_epsilon > 0.0F && config.norm_epsilon < 1.0F))
    file->refuse("\"layer_norm_eps\" must be a number between 0 and 1");
  if (config.hidden % (config.heads * kTileColumns) != 0 || config.intermediate % kTileColumns != 0)
    file->refuse("head size and \"intermediate_size\" must be multiples of " + std::to_string(kTileColumns));
  return file->verdict();
}

Result<void> read_pooling(const std::filesystem::path& folder, ModelConfig& config) {
  auto file = ConfigFile::read(folder / "config.json");
  if (!file) return std::move(file).error();
  const bool is_mean = file->flag("pooling_mode_mean_tokens");
  const bool is_first = file->flag("pooling_mode_cls_token");
  for (const auto* other : {"pooling_mode_max_tokens", "pooling_mode_mean_sqrt_len_tokens",
                            "pooling_mode_weightedmean_tokens", "pooling_mode_lasttoken"})
    file->expect(other, {false});
  if (is_mean == is_first) file->refuse("exactly one of mean and [CLS] pooling must be on");
  config.pooling = is_first ? Pooling::kFirst : Pooling::kMean;
  if (file->number("word_embedding_dimension", 1, 4096) != config.hidden)
    file->refuse("\"word_embedding_dimension\" is not the network's hidden size");
  return file->verdict();
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// "sentence_transformers.models.Pooling" -> "Pooling".
std::string kind_of(const json& module) {
  const auto type = module.is_object() ? module.find("type") : module.end();
  if (type == module.end() || !type->is_string()) return "";
  const auto name = type->get<std::string>();
  return name.substr(name.rfind('.') + 1);
}

// The folder of a module: a plain name inside the model's folder, or empty.
std::optional<std::string> folder_of(const json& module) {
  const auto path = module.find("path");
  if (path == module.end() || !path->is_string()) return std::nullopt;
  auto name = path->get<std::string>();
  if (name.find('/') != std::string::npos || name == "..") return std::nullopt;
  return name;
}

Result<void> read_modules(const std::filesystem::path& folder, ModelConfig& config) {
  auto file = ConfigFile::read(folder / "modules.json");
  if (!file) return std::move(file).error();
  const json& modules = file->document();
  const std::size_t count = modules.is_array() ? modules.size() : 0;
  if (count < 2 || count > 3 || kind_of(modules[0]) != "Transformer" || folder_of(modules[0]) != "")
    file->refuse("it must list a Transformer in the model's own folder, a Pooling and perhaps a Normalize");
  else if (kind_of(modules[1]) != "Pooling" || !folder_of(modules[1]))
    file->refuse("its second module must be a Pooling");
  else if (count == 3 && kind_of(modules[2]) != "Normalize")
    file->refuse("its third module must be a Normalize");
  if (auto verdict = file->verdict(); !verdict) return verdict;
  config.is_normalised = count == 3;
  return read_pooling(folder / *folder_of(modules[1]), config);
}

Result<void> read_max_tokens(const std::filesystem::path& folder, ModelConfig& config) {
  config.max_tokens = config.positions;
  const auto path = folder / "sentence_bert_config.json";
  if (!is_there(path)) return ok();
  auto file = ConfigFile::read(path);
  if (!file) return std::move(file).error();
  if (file->find("max_seq_length") == nullptr) return ok();
  config.max_tokens = file->number("max_seq_length", 3, config.positions);
  return file->verdict();
}

Result<void> check_tokenizer(const std::filesystem::path& folder) {
  const auto path = folder / "tokenizer_config.json";
  if (!is_there(path)) return ok();
  auto file = ConfigFile::read(path);
  if (!file) return std::move(file).error();
  file->expect("tokenizer_class", {"BertTokenizer", "BertTokenizerFast"});
  file->expect("do_lower_case", {true});
  file->expect("strip_accents", {nullptr, true});
  file->expect("tokenize_chinese_chars", {true});
  file->expect("do_basic_tokenize", {true});
  return file->verdict();
}

}  // namespace

Result<ModelConfig> read_model_config(const std::filesystem::path& folder) {
  ModelConfig config;
  if (auto read = read_network(folder, config); !read) return std::move(read).error();
  if (auto read = read_modules(folder, config); !read) return std::move(read).error();
  if (auto read = read_max_tokens(folder, config); !read) return std::move(read).error();
  if (auto read = check_tokenizer(folder); !read) return std::move(read).error();
  return config;
}

}  // namespace logsieve
