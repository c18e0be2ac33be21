// Tests only, see small_model.h.
#include "encoder/small_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

namespace logsieve {
namespace {

using Matrix = std::vector<std::vector<double>>;

Matrix sum(Matrix a, const Matrix& b) {
  for (std::size_t row = 0; row < a.size(); ++row)
    for (std::size_t i = 0; i < a[row].size(); ++i) a[row][i] += b[row][i];
  return a;
}

Matrix gelu(Matrix x) {
  for (auto& row : x)
    for (double& value : row) value = 0.5 * value * (1 + std::erf(value / std::sqrt(2.0)));
  return x;
}

// Rounds every value to what the type can hold and returns its raw bits.
std::vector<std::uint16_t> store_as_bf16(std::vector<float>& values) {
  std::vector<std::uint16_t> raw;
  for (float& value : values) {
    const auto bits = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16U);
    raw.push_back(bits);
    value = std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
  }
  return raw;
}

// Values between 2^-14 and 2: a normal half keeps ten bits of the fraction.
std::vector<std::uint16_t> store_as_f16(std::vector<float>& values) {
  std::vector<std::uint16_t> raw;
  for (float& value : values) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t exponent = (bits >> 23U) & 0xFFU;
    const std::uint32_t half =
        exponent < 113 ? 0 : ((bits >> 16U) & 0x8000U) | ((exponent - 112) << 10U) | ((bits >> 13U) & 0x3FFU);
    raw.push_back(static_cast<std::uint16_t>(half));
    value = half == 0 ? 0.0F : std::bit_cast<float>(bits & 0xFFFFE000U);
  }
  return raw;
}

}  // namespace

std::string SmallModel::file(const std::string& prefix, DType storage) {
  std::vector<NamedTensor> tensors;
  std::map<std::string, std::vector<std::uint16_t>> raw;
  for (auto& [name, values] : arrays) {
    NamedTensor tensor = named_tensor<float>(prefix + name, shapes.at(name), values);
    if (storage != DType::kF32) {
      raw[name] = storage == DType::kF16 ? store_as_f16(values) : store_as_bf16(values);
      tensor.dtype = storage;
      tensor.bytes = {reinterpret_cast<const char*>(raw[name].data()), raw[name].size() * 2};
    }
    tensors.push_back(std::move(tensor));
  }
  return write_safetensors(tensors, {});
}

Matrix SmallModel::dense(const std::string& name, const Matrix& in) const {
  const auto& weights = arrays.at(name + ".weight");
  const auto& bias = arrays.at(name + ".bias");
  Matrix out(in.size(), std::vector<double>(bias.begin(), bias.end()));
  for (std::size_t row = 0; row < in.size(); ++row)
    for (std::size_t o = 0; o < bias.size(); ++o)
      for (std::size_t i = 0; i < in[row].size(); ++i)
        out[row][o] += in[row][i] * weights[o * in[row].size() + i];
  return out;
}

Matrix SmallModel::norm(const std::string& name, Matrix x) const {
  for (auto& row : x) {
    double mean = 0;
    double variance = 0;
    for (const double value : row) mean += value / static_cast<double>(row.size());
    for (const double value : row)
      variance += (value - mean) * (value - mean) / static_cast<double>(row.size());
    for (std::size_t i = 0; i < row.size(); ++i)
      row[i] = (row[i] - mean) / std::sqrt(variance + config.norm_epsilon) * arrays.at(name + ".weight")[i] +
               arrays.at(name + ".bias")[i];
  }
  return x;
}

Matrix SmallModel::attend(const Matrix& queries, const Matrix& keys, const Matrix& values) const {
  const std::size_t size = config.hidden / config.heads;
  Matrix out(queries.size(), std::vector<double>(config.hidden));
  for (std::size_t head = 0; head < config.heads; ++head)
    for (std::size_t row = 0; row < queries.size(); ++row) {
      std::vector<double> weights(keys.size());
      double total = 0;
      for (std::size_t other = 0; other < keys.size(); ++other) {
        double score = 0;
        for (std::size_t i = head * size; i < (head + 1) * size; ++i)
          score += queries[row][i] * keys[other][i];
        total += weights[other] = std::exp(score / std::sqrt(static_cast<double>(size)));
      }
      for (std::size_t other = 0; other < keys.size(); ++other)
        for (std::size_t i = head * size; i < (head + 1) * size; ++i)
          out[row][i] += weights[other] / total * values[other][i];
    }
  return out;
}

Matrix SmallModel::forward(const std::vector<std::int32_t>& ids) const {
  const std::size_t hidden = config.hidden;
  Matrix x(ids.size(), std::vector<double>(hidden));
  for (std::size_t place = 0; place < ids.size(); ++place)
    for (std::size_t i = 0; i < hidden; ++i)
      x[place][i] =
          static_cast<double>(arrays.at(
              "embeddings.word_embeddings.weight")[static_cast<std::size_t>(ids[place]) * hidden + i]) +
          arrays.at("embeddings.position_embeddings.weight")[place * hidden + i] +
          arrays.at("embeddings.token_type_embeddings.weight")[i];
  x = norm("embeddings.LayerNorm", std::move(x));
  for (std::size_t i = 0; i < config.layers; ++i) {
    const std::string layer = "encoder.layer." + std::to_string(i) + '.';
    const std::string self = layer + "attention.self.";
    const Matrix seen = attend(dense(self + "query", x), dense(self + "key", x), dense(self + "value", x));
    x = norm(layer + "attention.output.LayerNorm", sum(dense(layer + "attention.output.dense", seen), x));
    const Matrix wide = gelu(dense(layer + "intermediate.dense", x));
    x = norm(layer + "output.LayerNorm", sum(dense(layer + "output.dense", wide), x));
  }
  return x;
}

std::vector<double> SmallModel::encode(const std::vector<std::int32_t>& ids) const {
  const Matrix rows = forward(ids);
  const std::size_t used = config.pooling == Pooling::kFirst ? 1 : rows.size();
  std::vector<double> vector(config.hidden);
  for (std::size_t row = 0; row < used; ++row)
    for (std::size_t i = 0; i < vector.size(); ++i) vector[i] += rows[row][i] / static_cast<double>(used);
  double squares = 0;
  for (const double value : vector) squares += value * value;
  if (config.is_normalised)
    for (double& value : vector) value /= std::max(std::sqrt(squares), 1e-12);
  return vector;
}

}  // namespace logsieve
