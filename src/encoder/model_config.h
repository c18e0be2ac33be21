// The settings of a sentence-transformers model folder: what the network looks like, read and never assumed.
#ifndef LOGSIEVE_ENCODER_MODEL_CONFIG_H_
#define LOGSIEVE_ENCODER_MODEL_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace logsieve {

enum class Pooling : std::uint8_t {
  kMean,   // of all tokens, [CLS] and [SEP] among them
  kFirst,  // the vector of [CLS]
};

struct ModelConfig {
  std::size_t layers = 0;
  std::size_t heads = 0;
  std::size_t hidden = 0;        // floats a token, heads * a multiple of 16
  std::size_t intermediate = 0;  // a multiple of 16
  std::size_t vocabulary = 0;    // rows of the word table
  std::size_t positions = 0;     // rows of the position table
  std::size_t token_types = 0;   // rows of the type table; only type 0 is used
  std::size_t max_tokens = 0;    // a text's ids, [CLS] and [SEP] among them; at most `positions`
  float norm_epsilon = 0;
  Pooling pooling = Pooling::kMean;
  bool is_normalised = false;  // vectors are scaled to unit length
  std::string prompt;          // stands before every text, as if it were part of it; e5 wants "query: "
};

// Reads config.json, modules.json, the pooling module's config.json (of sentence-transformers 1 to 6), and, where they
// are there, sentence_bert_config.json, tokenizer_config.json and config_sentence_transformers.json; of its prompts,
// the one that "default_prompt_name" names. Supported: uncased BERT encoders with erf GELU and absolute positions,
// [CLS] or mean pooling.
// Errors: kNotFound, kIo; kCorruptModel, with the file, for bad JSON, a missing or absurd value, or a network,
// activation, pooling or module that is not supported.
Result<ModelConfig> read_model_config(const std::filesystem::path& folder);

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_MODEL_CONFIG_H_
