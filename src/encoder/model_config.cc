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
constexpr std::size_t kMaxPromptBytes = 1000;
constexpr std::string_view kHelp =
    "supported: uncased BERT encoders with mean or [CLS] pooling, e.g. all-MiniLM-L6-v2, all-MiniLM-L12-v2, "
    "bge-small-en-v1.5, e5-small-v2, snowflake-arctic-embed-xs";

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

  // The same, but it must be there.
  void demand(const char* key, std::initializer_list<json> allowed) {
    if (find(key) == nullptr) return refuse(quoted(key) + " is missing");
    expect(key, allowed);
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
  file->demand("model_type", {"bert"});
  file->expect("architectures", {json::array({"BertModel"}), json::array({"BertForMaskedLM"})});
  file->expect("hidden_act", {"gelu"});
  file->expect("position_embedding_type", {"absolute"});
  file->expect("is_decoder", {false});
  if (file->find("quantization_config") != nullptr) file->refuse("quantized weights are not supported");
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

// "mean", "cls" or another mode; sentence-transformers had a flag a mode until it became one key.
std::optional<std::string> pooling_mode(const ConfigFile& file) {
  if (const json* mode = file.find("pooling_mode"); mode != nullptr) {
    const json& only = mode->is_array() && mode->size() == 1 ? mode->front() : *mode;
    return only.is_string() ? std::optional(only.get<std::string>()) : std::nullopt;
  }
  std::optional<std::string> found;
  for (const auto& [flag, mode] : {std::pair("pooling_mode_cls_token", "cls"),
                                   {"pooling_mode_max_tokens", "max"},
                                   {"pooling_mode_mean_tokens", "mean"},
                                   {"pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens"},
                                   {"pooling_mode_weightedmean_tokens", "weightedmean"},
                                   {"pooling_mode_lasttoken", "lasttoken"}}) {
    if (!file.flag(flag)) continue;
    if (found) return std::nullopt;  // two vectors side by side
    found = mode;
  }
  return found;
}

Result<void> read_pooling(const std::filesystem::path& folder, ModelConfig& config) {
  auto file = ConfigFile::read(folder / "config.json");
  if (!file) return std::move(file).error();
  const auto mode = pooling_mode(*file);
  if (!mode || (*mode != "mean" && *mode != "cls"))
    file->refuse("the pooling must be mean or [CLS], one of them");
  config.pooling = mode == "cls" ? Pooling::kFirst : Pooling::kMean;
  const auto* size =
      file->find("embedding_dimension") != nullptr ? "embedding_dimension" : "word_embedding_dimension";
  if (file->number(size, 1, 4096) != config.hidden)
    file->refuse("its vectors are not of the network's hidden size");
  if (!config.prompt.empty()) file->expect("include_prompt", {true});
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

bool is_limit(const json* value) {
  constexpr double kNoLimit = 1e9;  // tokenizers without one say 10^30
  return value != nullptr && !value->is_null() && !(value->is_number() && value->get<double>() > kNoLimit);
}

// What the transformer's settings say, else the tokenizer's, as far as there are positions.
Result<void> read_max_tokens(const std::filesystem::path& folder, ModelConfig& config) {
  config.max_tokens = config.positions;
  if (const auto path = folder / "sentence_bert_config.json"; is_there(path)) {
    auto file = ConfigFile::read(path);
    if (!file) return std::move(file).error();
    file->expect("transformer_task", {"feature-extraction"});
    file->expect("module_output_name", {"token_embeddings"});
    const bool is_said = is_limit(file->find("max_seq_length"));
    if (is_said) config.max_tokens = file->number("max_seq_length", 3, config.positions);
    if (auto verdict = file->verdict(); !verdict || is_said) return verdict;
  }
  const auto path = folder / "tokenizer_config.json";
  if (!is_there(path)) return ok();
  auto file = ConfigFile::read(path);
  if (!file) return std::move(file).error();
  if (is_limit(file->find("model_max_length")))
    config.max_tokens = std::min(config.positions, file->number("model_max_length", 3, 1000000000));
  return file->verdict();
}

// sentence-transformers puts the prompt that "default_prompt_name" names before every text; others wait to be asked
// for.
Result<void> read_prompt(const std::filesystem::path& folder, ModelConfig& config) {
  const auto path = folder / "config_sentence_transformers.json";
  if (!is_there(path)) return ok();
  auto file = ConfigFile::read(path);
  if (!file) return std::move(file).error();
  file->expect("model_type", {"SentenceTransformer"});
  const json* name = file->find("default_prompt_name");
  if (name == nullptr || name->is_null()) return file->verdict();
  const json* prompts = file->find("prompts");
  const bool is_named = name->is_string() && prompts != nullptr && prompts->is_object() &&
                        prompts->contains(name->get_ref<const std::string&>());
  const json* prompt = is_named ? &(*prompts)[name->get_ref<const std::string&>()] : nullptr;
  if (prompt == nullptr || !prompt->is_string() ||
      prompt->get_ref<const std::string&>().size() > kMaxPromptBytes)
    file->refuse("\"default_prompt_name\" must name one of the \"prompts\", a text of at most " +
                 std::to_string(kMaxPromptBytes) + " bytes");
  else
    config.prompt = prompt->get<std::string>();
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
  if (auto read = read_prompt(folder, config); !read) return std::move(read).error();
  if (auto read = read_modules(folder, config); !read) return std::move(read).error();
  if (auto read = read_max_tokens(folder, config); !read) return std::move(read).error();
  if (auto read = check_tokenizer(folder); !read) return std::move(read).error();
  return config;
}

}  // namespace logsieve
