// Tests only: small networks with random weights, as files, and the network computed the slow, obvious way in
// double precision.
#ifndef LOGSIEVE_ENCODER_SMALL_MODEL_H_
#define LOGSIEVE_ENCODER_SMALL_MODEL_H_

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "encoder/model_config.h"
#include "encoder/safetensors.h"

namespace logsieve {

// The arrays of a network by name, without prefix, and what they are made for.
struct SmallModel {
  ModelConfig config;
  std::map<std::string, std::vector<float>> arrays;
  std::map<std::string, std::vector<std::size_t>> shapes;

  SmallModel(const ModelConfig& wanted, std::uint64_t seed) : config(wanted), random_(seed) {
    const std::size_t hidden = config.hidden;
    add("embeddings.word_embeddings.weight", {config.vocabulary, hidden}, 0.5, 0.0);
    add("embeddings.position_embeddings.weight", {config.positions, hidden}, 0.5, 0.0);
    add("embeddings.token_type_embeddings.weight", {config.token_types, hidden}, 0.5, 0.0);
    add_norm("embeddings.LayerNorm");
    for (std::size_t i = 0; i < config.layers; ++i) {
      const std::string layer = "encoder.layer." + std::to_string(i) + '.';
      for (const auto* part : {"query", "key", "value"})
        add_dense(layer + "attention.self." + part, hidden, hidden);
      add_dense(layer + "attention.output.dense", hidden, hidden);
      add_norm(layer + "attention.output.LayerNorm");
      add_dense(layer + "intermediate.dense", config.intermediate, hidden);
      add_dense(layer + "output.dense", hidden, config.intermediate);
      add_norm(layer + "output.LayerNorm");
    }
  }

  // The bytes of model.safetensors. For F16 and BF16, `arrays` are first rounded to what the file holds.
  std::string file(const std::string& prefix = "", DType storage = DType::kF32);

  // The token rows of one line after the last layer, [tokens][hidden].
  std::vector<std::vector<double>> forward(const std::vector<std::int32_t>& ids) const;
  // One line's vector.
  std::vector<double> encode(const std::vector<std::int32_t>& ids) const;

 private:
  using Matrix = std::vector<std::vector<double>>;

  void add(const std::string& name, std::vector<std::size_t> shape, double spread, double middle) {
    std::size_t count = 1;
    for (const std::size_t n : shape) count *= n;
    std::vector<float> values(count);
    for (float& value : values) value = static_cast<float>(middle + (random_.unit() * 2 - 1) * spread);
    arrays[name] = std::move(values);
    shapes[name] = std::move(shape);
  }
  void add_dense(const std::string& name, std::size_t outputs, std::size_t inputs) {
    // So that sums keep their size whatever `inputs`, and attention does not become a choice of one.
    add(name + ".weight", {outputs, inputs}, 2.0 / std::sqrt(static_cast<double>(inputs)), 0.0);
    add(name + ".bias", {outputs}, 0.2, 0.0);
  }
  void add_norm(const std::string& name) {
    add(name + ".weight", {config.hidden}, 0.5, 1.0);
    add(name + ".bias", {config.hidden}, 0.3, 0.0);
  }

  Matrix dense(const std::string& name, const Matrix& in) const;
  Matrix norm(const std::string& name, Matrix x) const;
  Matrix attend(const Matrix& queries, const Matrix& keys, const Matrix& values) const;

  Random random_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_SMALL_MODEL_H_
