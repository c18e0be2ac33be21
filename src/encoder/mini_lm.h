// The network of MiniLM and its relatives: BERT layers over packed lines, then one vector a line.
//
// Lines of a batch lie one after another without padding; every step but attention treats a token's row alone, so
// no row knows its batch. Source: Devlin et al., "BERT" (2019), with sentence-transformers' pooling.
#ifndef LOGSIEVE_ENCODER_MINI_LM_H_
#define LOGSIEVE_ENCODER_MINI_LM_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "encoder/aligned_floats.h"
#include "encoder/arithmetic.h"
#include "encoder/integer_weights.h"
#include "encoder/kernels.h"
#include "encoder/model_config.h"
#include "encoder/safetensors.h"

namespace logsieve {

// Immutable after load, thread-safe with one Workspace a thread.
class MiniLm {
 public:
  using Ids = std::span<const std::int32_t>;
  // Sees the token rows [tokens, hidden] after the embedding (layer 0) and after each layer; for tests.
  using Observer = std::function<void(std::size_t layer, ConstRows rows, std::size_t tokens)>;

 private:
  struct Dense;
  // The rows that came into each product.
  using Samples = std::map<const Dense*, std::vector<float>>;
  // Rows that pass together, as IntegerRows wants them.
  struct IntegerMemory {
    std::vector<std::uint8_t> values;
    std::vector<RowScale> scales;
    void resize(std::size_t rows, std::size_t width);
  };

 public:
  // Scratch memory of one worker. It grows to the largest batch it has seen.
  class Workspace {
   private:
    friend class MiniLm;
    AlignedFloats hidden_;     // [rows][hidden]
    AlignedFloats projected_;  // [rows][3 * hidden]: queries, keys, values
    AlignedFloats context_;    // [rows][hidden]
    AlignedFloats wide_;       // [rows together][wide_part]
    AlignedFloats attention_;
    IntegerMemory integers_;  // fast mode
    IntegerMemory wide_integers_;
    Samples* samples_ = nullptr;  // what to record into while calibrating
    std::size_t rows_ = 0;
  };

  // Checks, converts and lays out the weights on `threads` threads: O(bytes). The bytes under `weights` must
  // outlive the model, which reads word vectors from them. Names may begin with "bert."; arrays that the network
  // does not use are ignored.
  // `done_with`, if given, is told from any thread of bytes that are not read again but by chance.
  // `has_been_checked`: these very bytes were loaded before, the word vectors need not be searched for NaN.
  // Errors: kCorruptModel for a missing array, a wrong shape, an integer dtype, a NaN or an infinity.
  using DoneWith = void (*)(std::string_view bytes);
  static Result<MiniLm> load(const Safetensors& weights, const ModelConfig& config, const Kernels& kernels,
                             std::size_t threads, DoneWith done_with = nullptr,
                             bool has_been_checked = false);
  // The same for fast mode. `calibration` are lines like those to come: what they bring into each product decides
  // how weights and inputs share the range of integers, and how weights are rounded. Same lines, same bits.
  static Result<MiniLm> load_fast(const Safetensors& weights, const ModelConfig& config,
                                  const Kernels& kernels, std::span<const Ids> calibration,
                                  std::size_t threads);
  // The same from `integers` that a model of these weights gave before; then no matrix of floats is read or checked.
  // Errors: kCorruptModel also for integers that do not fit the weights' shapes or what the kernels rely on.
  static Result<MiniLm> restore_fast(const Safetensors& weights, const ModelConfig& config,
                                     const Kernels& kernels, const Safetensors& integers,
                                     std::size_t threads);
  // Fast mode: what restore_fast needs, pointing into this model.
  std::vector<NamedTensor> integers() const;

  // One row of `hidden` floats a line into `out`, row-major; scaled to length 1 if the config says so.
  // Each line: 1 to max_tokens ids, each below `vocabulary`. O(tokens).
  void encode(std::span<const Ids> lines, Workspace& workspace, float* out,
              const Observer& observer = nullptr) const;

  // Of the input vectors of `ids`, the largest value of each dimension, then the smallest; zeros for no id. `out`
  // [2 * hidden].
  void word_extremes(Ids ids, std::span<float> out) const;

  const ModelConfig& config() const { return config_; }

 private:
  class Loader;

  struct Norm {
    std::vector<float> gain;
    std::vector<float> shift;
  };
  struct Dense {
    const float* weights = nullptr;  // in `packed_`, as PackedMatrix wants them; null in fast mode
    std::vector<float> bias;
    IntegerWeights integers;  // fast mode
    std::size_t inputs = 0;
    PackedMatrix matrix() const { return {weights, bias.data(), inputs, bias.size()}; }
  };
  struct Layer {
    Dense project;  // hidden -> queries, keys, values
    Dense attend;
    Norm attend_norm;
    Dense widen;
    Dense narrow;
    Norm narrow_norm;
  };

  std::size_t hidden_stride() const;
  void reserve(std::span<const Ids> lines, Workspace& workspace) const;
  void embed(std::span<const Ids> lines, Workspace& workspace, std::size_t rows) const;
  void run_layer(const Layer& layer, std::span<const Ids> lines, Workspace& workspace,
                 std::size_t rows) const;
  void attend(std::span<const Ids> lines, Workspace& workspace) const;
  void pool(std::span<const Ids> lines, const Workspace& workspace, float* out) const;
  void normalise(const Norm& norm, Rows x, std::size_t rows) const;
  // At most rows_together_ rows times a matrix, or a part of one.
  void multiply(const Dense& dense, ConstRows in, std::size_t rows, Finish finish, Rows out,
                Workspace& workspace) const;
  // What a product multiplies: in fast mode integers, made from the floats once for all parts of a matrix.
  struct Operand {
    ConstRows floats;
    IntegerRows integers;
  };
  Operand operand(const Dense& dense, const Part& part, ConstRows in, std::size_t rows, IntegerMemory& memory,
                  Workspace& workspace) const;
  void multiply(const Dense& dense, const Part& part, const Operand& in, std::size_t rows, Finish finish,
                Rows out) const;
  // How much of the intermediate layer is there at a time.
  std::size_t wide_part(const Workspace& workspace) const;
  // x += narrow(gelu(widen(x))). `copy` is scratch memory.
  void widen_and_narrow(const Layer& layer, Rows x, std::size_t rows, Rows copy, Workspace& workspace) const;

  ModelConfig config_;
  const Kernels* kernels_ = nullptr;
  // Rows that pass from a layer's attention to its end together: what they need stays in the L2 cache. A multiple of
  // kTogether.
  static constexpr std::size_t kTogether = 48;
  static_assert(kTogether % (2 * kTileRows) == 0 && kTogether % kIntegerRoom == 0);
  std::size_t rows_together_ = kTogether;
  Arithmetic arithmetic_ = Arithmetic::kFp32;
  DType word_type_ = DType::kF32;
  std::string_view words_;  // [vocabulary][hidden] in the file's own type
  AlignedFloats places_;    // [max_tokens][hidden]: position + type 0
  Norm embedding_norm_;
  AlignedFloats packed_;  // the matrices of all layers, in the order of use
  std::vector<Layer> layers_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_MINI_LM_H_
