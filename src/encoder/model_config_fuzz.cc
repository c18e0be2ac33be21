// Any bytes as the settings of a model's folder: six files, one after another, with a NUL between two of them; one that
// is missing or empty is not there. What is accepted keeps the limits of the header, what is refused names a file of
// the folder.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "encoder/kernels.h"
#include "encoder/model_config.h"

namespace {

constexpr std::array<const char*, 6> kFiles = {"config.json",           "modules.json",
                                               "1_Pooling/config.json", "sentence_bert_config.json",
                                               "tokenizer_config.json", "config_sentence_transformers.json"};

void require(bool holds) {
  if (!holds) std::abort();
}

std::filesystem::path make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "logsieve_fuzz_XXXXXX").string();
  require(::mkdtemp(name.data()) != nullptr);
  std::filesystem::create_directory(std::filesystem::path(name) / "1_Pooling");
  return name;
}

struct Folder {
  std::filesystem::path path = make_folder();
  Folder() = default;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

void write_files(const std::filesystem::path& folder, std::string_view bytes) {
  for (const char* file : kFiles) {
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    if (end == 0)
      std::filesystem::remove(folder / file);
    else
      std::ofstream(folder / file, std::ios::binary) << bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
}

void check(const logsieve::ModelConfig& config) {
  require(config.layers >= 1 && config.layers <= 64 && config.heads >= 1 && config.heads <= 64);
  require(config.hidden >= 1 && config.hidden <= 4096 &&
          config.hidden % (config.heads * logsieve::kTileColumns) == 0);
  require(config.intermediate >= 1 && config.intermediate <= 16384 &&
          config.intermediate % logsieve::kTileColumns == 0);
  require(config.vocabulary >= 5 && config.vocabulary <= 1000000 && config.token_types >= 1);
  require(config.max_tokens >= 3 && config.max_tokens <= config.positions && config.positions <= 8192);
  require(config.norm_epsilon > 0 && config.norm_epsilon < 1 && config.prompt.size() <= 1000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  write_files(folder.path, {reinterpret_cast<const char*>(data), size});
  const auto config = logsieve::read_model_config(folder.path);
  if (config)
    check(*config);
  else
    require(!config.error().message.empty() &&
            (config.error().file + config.error().message).find(folder.path.string()) != std::string::npos);
  return 0;
}
