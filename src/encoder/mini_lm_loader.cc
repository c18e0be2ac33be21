// Reading a network's weights: names and shapes first, then, on several threads, the conversion to floats, the
// search for NaN, and the layout that the kernels want.
#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <unistd.h>
#include <utility>

#include "base/threads.h"
#include "encoder/mini_lm.h"

namespace logsieve {
namespace {

// Names of integers are those of their product's first matrix and one of these.
constexpr const char* kGroups = ".groups";
constexpr const char* kFactors = ".factors";
constexpr const char* kScales = ".scales";

struct LayerNames {
  std::string prefix;
  std::string query = prefix + "attention.self.query";
  std::string key = prefix + "attention.self.key";
  std::string value = prefix + "attention.self.value";
  std::string attend = prefix + "attention.output.dense";
  std::string attend_norm = prefix + "attention.output.LayerNorm";
  std::string widen = prefix + "intermediate.dense";
  std::string narrow = prefix + "output.dense";
  std::string narrow_norm = prefix + "output.LayerNorm";
  explicit LayerNames(std::size_t layer) : prefix("encoder.layer." + std::to_string(layer) + '.') {}
};

// W [outputs, inputs] into `packed`, the layout of PackedMatrix with `all_outputs` columns, from column `first` on.
// False if a value is not finite.
bool pack(const TensorView& matrix, std::size_t first, std::size_t all_outputs, float* packed) {
  const std::size_t outputs = matrix.shape[0];
  const std::size_t inputs = matrix.shape[1];
  const std::size_t row_bytes = inputs * element_size(matrix.dtype);
  std::vector<float> rows(kTileColumns * inputs);
  for (std::size_t row = 0; row < outputs; row += kTileColumns) {
    const std::string_view bytes = matrix.bytes.substr(row * row_bytes, kTileColumns * row_bytes);
    if (!convert_to_floats(matrix.dtype, bytes, rows)) return false;
    for (std::size_t begin = 0; begin < inputs; begin += kBlockInputs) {
      const std::size_t block = std::min(kBlockInputs, inputs - begin);
      float* panel = packed + begin * all_outputs + (first + row) * block;
      for (std::size_t i = 0; i < block; ++i)
        for (std::size_t c = 0; c < kTileColumns; ++c)
          panel[i * kTileColumns + c] = rows[c * inputs + begin + i];
    }
  }
  return true;
}

// False if a value is not finite.
bool check_rows(const TensorView& matrix, std::size_t first, std::size_t count) {
  const std::size_t row_bytes = matrix.shape[1] * element_size(matrix.dtype);
  std::vector<float> row(matrix.shape[1]);
  for (std::size_t i = first; i < first + count; ++i)
    if (!convert_to_floats(matrix.dtype, matrix.bytes.substr(i * row_bytes, row_bytes), row)) return false;
  return true;
}

// Three rows of `hidden` floats a token take about two thirds of the L2 cache, the weights that pass the rest. In between
// many rows are better: the floats of a layer (7 MB) come from farther away once for all of them.
std::size_t rows_for_cache(std::size_t hidden, std::size_t multiple) {
  constexpr std::size_t kLeastCache = std::size_t{512} << 10U;
  constexpr std::size_t kMost = 288;
  std::size_t cache = kLeastCache;
#if defined(_SC_LEVEL2_CACHE_SIZE)
  if (const long told = ::sysconf(_SC_LEVEL2_CACHE_SIZE); told > 0)
    cache = std::max(cache, static_cast<std::size_t>(told));
#endif
  const std::size_t rows = cache * 2 / 3 / (3 * hidden * sizeof(float));
  return std::clamp(rows / multiple * multiple, multiple, kMost);
}

// The values of matrices one below the other, which have been found to be finite.
std::vector<float> joined(const std::vector<TensorView>& matrices) {
  std::vector<float> values;
  for (const TensorView& matrix : matrices) {
    std::vector<float> part(matrix.shape[0] * matrix.shape[1]);
    convert_to_floats(matrix.dtype, matrix.bytes, part);
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

}  // namespace

// Keeps the first problem; after it, nothing is read.
class MiniLm::Loader {
 public:
  Loader(const Safetensors& weights, const ModelConfig& config, const Kernels& kernels,
         DoneWith done_with = nullptr, bool has_been_checked = false)
      : weights_(weights), done_with_(done_with), has_been_checked_(has_been_checked) {
    model_.config_ = config;
    model_.kernels_ = &kernels;
    model_.rows_together_ = rows_for_cache(config.hidden, kTogether);
    if (weights.find("embeddings.word_embeddings.weight") == nullptr) prefix_ = "bert.";
  }

  // `integers`: made before, from these weights. Then `calibration` is not needed.
  Result<MiniLm> load(std::optional<std::span<const Ids>> calibration, const Safetensors* integers,
                      std::size_t threads) {
    integers_ = integers;
    read_embeddings();
    const ModelConfig& config = model_.config_;
    if (!problem_ && integers_ == nullptr)
      model_.packed_ = AlignedFloats::uninitialised(config.layers * config.hidden *
                                                    (4 * config.hidden + 2 * config.intermediate));
    model_.layers_.resize(config.layers);
    for (std::size_t i = 0; i < config.layers && !problem_; ++i) read_layer(LayerNames(i), model_.layers_[i]);
    if (problem_)
      return std::move(*problem_).with_help(
          "the weights do not belong to this config.json, or are of another architecture: fetch the model's "
          "folder "
          "again");
    parallel_for(tasks_.size(), threads, [this](std::size_t item, std::size_t) {
      if (!tasks_[item].run()) tasks_[item].has_failed = true;
      if (done_with_ != nullptr) done_with_(tasks_[item].bytes);
    });
    for (const Task& task : tasks_)
      if (task.has_failed)
        return integers_ != nullptr
                   ? Error{ErrorCode::kCorruptModel,
                           "the integers of \"" + task.name + "\" are absent or not what the kernels rely on"}
                         .at(integers_->file())
                   : Error{ErrorCode::kCorruptModel,
                           "the array \"" + task.name + "\" holds a NaN or an infinity"}
                         .at(weights_.file())
                         .with_help("the weights are damaged: fetch them again and compare their SHA-256");
    if (integers_ != nullptr) model_.arithmetic_ = Arithmetic::kFast;
    if (calibration) make_integers(*calibration, threads);
    return std::move(model_);
  }

 private:
  struct Task {
    std::string name;
    std::function<bool()> run;  // false: a value is not finite
    std::string_view bytes;     // what it reads of the weights
    bool has_failed = false;
  };

  std::vector<float> vector(const std::string& name, std::size_t size) {
    if (problem_) return {};
    auto values = weights_.array<float>(prefix_ + name, {size});
    if (values) return std::move(*values);
    problem_ = std::move(values).error();
    return {};
  }

  std::vector<float> table(const std::string& name, std::size_t rows) {
    if (problem_) return {};
    auto values = weights_.array<float>(prefix_ + name, {rows, model_.config_.hidden});
    if (values) return std::move(*values);
    problem_ = std::move(values).error();
    return {};
  }

  // The matrix, if it is there with this shape and a type that converts.
  std::optional<TensorView> matrix(const std::string& name, std::size_t outputs, std::size_t inputs) {
    if (problem_) return std::nullopt;
    const std::array<std::size_t, 2> shape = {outputs, inputs};
    auto found = weights_.require(prefix_ + name, shape);
    if (!found) {
      problem_ = std::move(found).error();
      return std::nullopt;
    }
    if (found->dtype == DType::kF32 || found->dtype == DType::kF16 || found->dtype == DType::kBf16)
      return std::move(*found);
    problem_ = Error{ErrorCode::kCorruptModel, "the array \"" + prefix_ + name + "\" holds " +
                                                   std::string(dtype_name(found->dtype)) +
                                                   "; only F32, F16 and BF16 are supported"}
                   .at(weights_.file());
    return std::nullopt;
  }

  Norm norm(const std::string& name) {
    const std::size_t hidden = model_.config_.hidden;
    return {vector(name + ".weight", hidden), vector(name + ".bias", hidden)};
  }

  // Several matrices side by side as one product.
  void dense(const std::vector<std::string>& names, std::size_t outputs_each, std::size_t inputs,
             Dense& dense) {
    const std::size_t outputs = outputs_each * names.size();
    if (problem_) return;
    dense.inputs = inputs;
    float* packed = nullptr;
    if (integers_ == nullptr) {
      packed = model_.packed_.data() + used_;
      used_ += inputs * outputs;
      dense.weights = packed;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::vector<float> bias = vector(names[i] + ".bias", outputs_each);
      dense.bias.insert(dense.bias.end(), bias.begin(), bias.end());
      const auto source = matrix(names[i] + ".weight", outputs_each, inputs);
      if (!source) return;
      if (integers_ != nullptr) continue;
      sources_[&dense].push_back(*source);
      tasks_.push_back({prefix_ + names[i] + ".weight",
                        [source = *source, first = i * outputs_each, outputs, packed] {
                          return pack(source, first, outputs, packed);
                        },
                        source->bytes});
    }
    if (integers_ != nullptr)
      tasks_.push_back({names[0], [this, &dense, name = names[0]] { return restore(name, dense); }, {}});
  }

  // The integers of one product, found by the name of its first matrix.
  bool restore(const std::string& name, Dense& dense) const {
    const TensorView* groups = integers_->find(name + kGroups);
    auto factors = integers_->array<float>(name + kFactors, {dense.inputs});
    auto scales = integers_->array<float>(name + kScales, {dense.bias.size()});
    if (groups == nullptr || groups->dtype != DType::kI8 || !factors || !scales) return false;
    auto restored =
        IntegerWeights::restore(groups->bytes, std::move(*factors), std::move(*scales), dense.bias);
    if (restored) dense.integers = std::move(*restored);
    return restored.has_value();
  }

  // Runs the network of floats once to see what comes into each product, then makes the integers.
  void make_integers(std::span<const Ids> calibration, std::size_t threads) {
    Workspace workspace;
    Samples samples;
    for (const auto& [dense, matrices] : sources_) samples[dense];
    workspace.samples_ = &samples;
    std::vector<float> vectors(calibration.size() * model_.config_.hidden);
    model_.encode(calibration, workspace, vectors.data());
    std::vector<Dense*> products;
    for (Layer& layer : model_.layers_)
      for (Dense* dense : {&layer.project, &layer.attend, &layer.widen, &layer.narrow})
        products.push_back(dense);
    parallel_for(products.size(), threads, [&](std::size_t item, std::size_t) {
      Dense& dense = *products[item];
      dense.integers = IntegerWeights(joined(sources_.at(&dense)), samples.at(&dense), dense.bias);
      dense.weights = nullptr;
    });
    model_.packed_ = {};
    model_.arithmetic_ = Arithmetic::kFast;
  }

  void read_embeddings() {
    const ModelConfig& config = model_.config_;
    const std::string name = "embeddings.word_embeddings.weight";
    const auto words = matrix(name, config.vocabulary, config.hidden);
    const std::vector<float> positions = table("embeddings.position_embeddings.weight", config.positions);
    const std::vector<float> types = table("embeddings.token_type_embeddings.weight", config.token_types);
    model_.embedding_norm_ = norm("embeddings.LayerNorm");
    if (problem_) return;
    model_.words_ = words->bytes;
    model_.word_type_ = words->dtype;
    model_.places_ = AlignedFloats::uninitialised(config.max_tokens * config.hidden);
    for (std::size_t i = 0; i < model_.places_.size(); ++i)
      model_.places_.data()[i] = positions[i] + types[i % config.hidden];
    if (integers_ != nullptr || has_been_checked_) return;  // also when the integers were made
    constexpr std::size_t kRowsATask = 4096;
    const std::size_t row_bytes = config.hidden * element_size(words->dtype);
    for (std::size_t first = 0; first < config.vocabulary; first += kRowsATask)
      tasks_.push_back({prefix_ + name,
                        [words, first, count = std::min(kRowsATask, config.vocabulary - first)] {
                          return check_rows(*words, first, count);
                        },
                        words->bytes.substr(first * row_bytes, kRowsATask * row_bytes)});
  }

  void read_layer(const LayerNames& names, Layer& layer) {
    const std::size_t hidden = model_.config_.hidden;
    const std::size_t wide = model_.config_.intermediate;
    dense({names.query, names.key, names.value}, hidden, hidden, layer.project);
    dense({names.attend}, hidden, hidden, layer.attend);
    layer.attend_norm = norm(names.attend_norm);
    dense({names.widen}, wide, hidden, layer.widen);
    dense({names.narrow}, hidden, wide, layer.narrow);
    layer.narrow_norm = norm(names.narrow_norm);
  }

  const Safetensors& weights_;
  DoneWith done_with_;
  bool has_been_checked_;
  std::string prefix_;
  const Safetensors* integers_ = nullptr;
  MiniLm model_;
  std::size_t used_ = 0;  // floats of model_.packed_
  std::vector<Task> tasks_;
  std::map<const Dense*, std::vector<TensorView>> sources_;
  std::optional<Error> problem_;
};

Result<MiniLm> MiniLm::load(const Safetensors& weights, const ModelConfig& config, const Kernels& kernels,
                            std::size_t threads, DoneWith done_with, bool has_been_checked) {
  return Loader(weights, config, kernels, done_with, has_been_checked).load(std::nullopt, nullptr, threads);
}

Result<MiniLm> MiniLm::load_fast(const Safetensors& weights, const ModelConfig& config,
                                 const Kernels& kernels, std::span<const Ids> calibration,
                                 std::size_t threads) {
  return Loader(weights, config, kernels).load(calibration, nullptr, threads);
}

Result<MiniLm> MiniLm::restore_fast(const Safetensors& weights, const ModelConfig& config,
                                    const Kernels& kernels, const Safetensors& integers,
                                    std::size_t threads) {
  return Loader(weights, config, kernels).load(std::nullopt, &integers, threads);
}

std::vector<NamedTensor> MiniLm::integers() const {
  std::vector<NamedTensor> arrays;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerNames names(i);
    const Layer& layer = layers_[i];
    for (const auto& [name, dense] :
         {std::pair{names.query, &layer.project}, std::pair{names.attend, &layer.attend},
          std::pair{names.widen, &layer.widen}, std::pair{names.narrow, &layer.narrow}}) {
      const std::span<const WeightGroup> groups = dense->integers.groups();
      arrays.push_back({name + kGroups,
                        DType::kI8,
                        {groups.size(), sizeof(WeightGroup)},
                        {reinterpret_cast<const char*>(groups.data()), groups.size_bytes()}});
      arrays.push_back(named_tensor(name + kFactors, {dense->inputs}, std::span(dense->integers.factors())));
      arrays.push_back(
          named_tensor(name + kScales, {dense->bias.size()}, std::span(dense->integers.scales())));
    }
  }
  return arrays;
}

}  // namespace logsieve
