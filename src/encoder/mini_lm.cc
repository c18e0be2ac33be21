#include "encoder/mini_lm.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace logsieve {
namespace {

// Rows are a cache line longer than a power of two would have them, else the six rows of a tile would fight for
// the same places in the L1 cache.
constexpr std::size_t kRowGap = 16;

// So that no pass is left with few rows: all of `rows` in as few parts as `most` allows, of about one size.
std::size_t even_part(std::size_t rows, std::size_t most, std::size_t multiple) {
  const std::size_t parts = (rows + most - 1) / most;
  return round_up((rows + parts - 1) / parts, multiple);
}

std::size_t count_tokens(std::span<const MiniLm::Ids> lines) {
  std::size_t tokens = 0;
  for (const MiniLm::Ids line : lines) tokens += line.size();
  return tokens;
}

std::size_t longest_line(std::span<const MiniLm::Ids> lines) {
  std::size_t longest = 0;
  for (const MiniLm::Ids line : lines) longest = std::max(longest, line.size());
  return longest;
}

Rows rows_from(AlignedFloats& memory, std::size_t stride, std::size_t row) {
  return {memory.data() + row * stride, stride};
}

ConstRows read_only(Rows rows) {
  return {rows.values, rows.stride};
}

void record_rows(ConstRows in, std::size_t rows, std::size_t width, std::vector<float>& sample) {
  for (std::size_t row = 0; row < rows; ++row) {
    const float* values = in.values + row * in.stride;
    sample.insert(sample.end(), values, values + width);
  }
}

void scale_to_unit_length(float* values, std::size_t count) {
  constexpr double kLeastLength = 1e-12;  // as torch.nn.functional.normalize has it
  double squares = 0;
  for (std::size_t i = 0; i < count; ++i) squares += static_cast<double>(values[i]) * values[i];
  const auto scale = static_cast<float>(1.0 / std::max(std::sqrt(squares), kLeastLength));
  for (std::size_t i = 0; i < count; ++i) values[i] *= scale;
}

}  // namespace

void MiniLm::IntegerMemory::resize(std::size_t rows, std::size_t width) {
  const std::size_t blocks = round_up(width, kBlockInputs) / kBlockInputs;
  values.resize(blocks * rows * kIntegerStride);
  scales.resize(blocks * rows);
}

std::size_t MiniLm::hidden_stride() const {
  return config_.hidden + kRowGap;
}

void MiniLm::encode(std::span<const Ids> lines, Workspace& workspace, float* out,
                    const Observer& observer) const {
  if (lines.empty()) return;
  const std::size_t tokens = count_tokens(lines);
  const std::size_t rows = arithmetic_ == Arithmetic::kFast ? tokens : round_up(tokens, kTileRows);
  reserve(lines, workspace);
  embed(lines, workspace, rows);
  const ConstRows hidden = {workspace.hidden_.data(), hidden_stride()};
  if (observer) observer(0, hidden, tokens);
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    run_layer(layers_[layer], lines, workspace, rows);
    if (observer) observer(layer + 1, hidden, tokens);
  }
  pool(lines, workspace, out);
}

void MiniLm::reserve(std::span<const Ids> lines, Workspace& workspace) const {
  const std::size_t together = rows_together_;
  // Attention reads and writes up to a tile past the last line.
  const std::size_t rows = round_up(count_tokens(lines), kTileRows) + kTileRows;
  if (rows > workspace.rows_) {
    workspace.rows_ = rows;
    workspace.hidden_ = AlignedFloats::zeroed(rows * hidden_stride());
    workspace.projected_ = AlignedFloats::zeroed(rows * (3 * config_.hidden + kRowGap));
    workspace.context_ = AlignedFloats::zeroed(rows * hidden_stride());
    workspace.wide_ = AlignedFloats::zeroed(together * (wide_part(workspace) + kRowGap));
    if (arithmetic_ == Arithmetic::kFast) {
      workspace.integers_.resize(together, config_.hidden);
      workspace.wide_integers_.resize(together, wide_part(workspace));
    }
  }
  const std::size_t scratch = attention_scratch(longest_line(lines), config_.hidden / config_.heads);
  if (scratch > workspace.attention_.size()) workspace.attention_ = AlignedFloats::zeroed(scratch);
}

void MiniLm::embed(std::span<const Ids> lines, Workspace& workspace, std::size_t rows) const {
  const std::size_t word_bytes = config_.hidden * element_size(word_type_);
  const Rows hidden = {workspace.hidden_.data(), hidden_stride()};
  float* row = hidden.values;
  for (const Ids line : lines) {
    assert(!line.empty() && line.size() <= config_.max_tokens);
    for (std::size_t place = 0; place < line.size(); ++place) {
      const auto id = static_cast<std::size_t>(line[place]);
      assert(id < config_.vocabulary);
      convert_to_floats(word_type_, words_.substr(id * word_bytes, word_bytes), {row, config_.hidden});
      const float* added = places_.data() + place * config_.hidden;
      for (std::size_t i = 0; i < config_.hidden; ++i) row[i] += added[i];
      row += hidden.stride;
    }
  }
  std::fill(row, hidden.values + rows * hidden.stride, 0.0F);  // the tile's rows past the last token
  normalise(embedding_norm_, hidden, rows);
}

void MiniLm::word_extremes(Ids ids, std::span<float> out) const {
  assert(out.size() == 2 * config_.hidden);
  const std::size_t word_bytes = config_.hidden * element_size(word_type_);
  std::fill(out.begin(), out.end(), 0.0F);
  std::vector<float> word(config_.hidden);
  const auto largest = out.first(config_.hidden);
  const auto smallest = out.subspan(config_.hidden);
  for (std::size_t n = 0; n < ids.size(); ++n) {
    convert_to_floats(word_type_, words_.substr(static_cast<std::size_t>(ids[n]) * word_bytes, word_bytes),
                      word);
    for (std::size_t i = 0; i < word.size(); ++i) {
      largest[i] = n == 0 ? word[i] : std::max(largest[i], word[i]);
      smallest[i] = n == 0 ? word[i] : std::min(smallest[i], word[i]);
    }
  }
}

void MiniLm::normalise(const Norm& norm, Rows x, std::size_t rows) const {
  kernels_->normalise(x, rows, config_.hidden, norm.gain.data(), norm.shift.data(), config_.norm_epsilon);
}

void MiniLm::multiply(const Dense& dense, ConstRows in, std::size_t rows, Finish finish, Rows out,
                      Workspace& workspace) const {
  const Part whole = {0, dense.inputs, 0, dense.bias.size()};
  multiply(dense, whole, operand(dense, whole, in, rows, workspace.integers_, workspace), rows, finish, out);
}

MiniLm::Operand MiniLm::operand(const Dense& dense, const Part& part, ConstRows in, std::size_t rows,
                                IntegerMemory& memory, Workspace& workspace) const {
  if (workspace.samples_ != nullptr) record_rows(in, rows, dense.inputs, workspace.samples_->at(&dense));
  if (arithmetic_ == Arithmetic::kFp32) return {in, {}};
  const IntegerRows integers = {memory.values.data(), memory.scales.data(), rows_together_};
  kernels_->quantise(in, rows, part.inputs, dense.integers.factors().data() + part.first_input, integers);
  return {in, integers};
}

void MiniLm::multiply(const Dense& dense, const Part& part, const Operand& in, std::size_t rows,
                      Finish finish, Rows out) const {
  if (arithmetic_ == Arithmetic::kFp32)
    kernels_->multiply(in.floats, rows, part_of(dense.matrix(), part), finish, out);
  else
    kernels_->multiply_integers(in.integers, rows, part_of(dense.integers.matrix(), part), finish, out);
}

// A block of inputs of the narrowing product, so that what lies between the two products stays in the L2 cache with
// many rows; all of it while calibrating, which records whole rows, and where the widening product has several blocks.
std::size_t MiniLm::wide_part(const Workspace& workspace) const {
  if (workspace.samples_ != nullptr || config_.hidden > kBlockInputs) return config_.intermediate;
  return std::min(config_.intermediate, kBlockInputs);
}

void MiniLm::widen_and_narrow(const Layer& layer, Rows x, std::size_t rows, Rows copy,
                              Workspace& workspace) const {
  const std::size_t most = wide_part(workspace);
  const Rows wide = {workspace.wide_.data(), most + kRowGap};
  if (arithmetic_ == Arithmetic::kFp32)  // fast mode has a copy: the integers
    for (std::size_t row = 0; row < rows; ++row)
      std::copy_n(x.values + row * x.stride, config_.hidden, copy.values + row * copy.stride);
  const ConstRows in = read_only(arithmetic_ == Arithmetic::kFp32 ? copy : x);
  const Operand input =
      operand(layer.widen, {0, config_.hidden, 0, 0}, in, rows, workspace.integers_, workspace);
  for (std::size_t first = 0; first < config_.intermediate; first += most) {
    const std::size_t count = std::min(most, config_.intermediate - first);
    multiply(layer.widen, {0, config_.hidden, first, count}, input, rows, Finish::kGelu, wide);
    const Part part = {first, count, 0, config_.hidden};
    multiply(layer.narrow, part,
             operand(layer.narrow, part, read_only(wide), rows, workspace.wide_integers_, workspace), rows,
             Finish::kAdd, x);
  }
}

void MiniLm::run_layer(const Layer& layer, std::span<const Ids> lines, Workspace& workspace,
                       std::size_t rows) const {
  const std::size_t together = even_part(rows, rows_together_, kTogether);
  const std::size_t projected_stride = 3 * config_.hidden + kRowGap;
  for (std::size_t first = 0; first < rows; first += together)
    multiply(layer.project, read_only(rows_from(workspace.hidden_, hidden_stride(), first)),
             std::min(together, rows - first), Finish::kStore,
             rows_from(workspace.projected_, projected_stride, first), workspace);
  attend(lines, workspace);
  for (std::size_t first = 0; first < rows; first += together) {
    const std::size_t count = std::min(together, rows - first);
    const Rows x = rows_from(workspace.hidden_, hidden_stride(), first);
    const Rows context = rows_from(workspace.context_, hidden_stride(), first);
    multiply(layer.attend, read_only(context), count, Finish::kAdd, x, workspace);
    normalise(layer.attend_norm, x, count);
    widen_and_narrow(layer, x, count, context, workspace);
    normalise(layer.narrow_norm, x, count);
  }
}

void MiniLm::attend(std::span<const Ids> lines, Workspace& workspace) const {
  const std::size_t size = config_.hidden / config_.heads;
  const std::size_t stride = 3 * config_.hidden + kRowGap;
  // In order: a head writes up to a tile past its line, and the next line's own rows come after that.
  std::size_t row = 0;
  for (const Ids line : lines) {
    const float* projected = workspace.projected_.data() + row * stride;
    float* context = workspace.context_.data() + row * hidden_stride();
    for (std::size_t column = 0; column < config_.hidden; column += size)
      kernels_->attend({{projected + column, stride},
                        {projected + config_.hidden + column, stride},
                        {projected + 2 * config_.hidden + column, stride},
                        {context + column, hidden_stride()},
                        line.size(),
                        size,
                        1.0F / std::sqrt(static_cast<float>(size)),
                        workspace.attention_.data()});
    row += line.size();
  }
}

void MiniLm::pool(std::span<const Ids> lines, const Workspace& workspace, float* out) const {
  const float* row = workspace.hidden_.data();
  for (const Ids line : lines) {
    const std::size_t used = config_.pooling == Pooling::kFirst ? 1 : line.size();
    std::copy_n(row, config_.hidden, out);
    for (std::size_t token = 1; token < used; ++token)
      for (std::size_t i = 0; i < config_.hidden; ++i) out[i] += row[token * hidden_stride() + i];
    for (std::size_t i = 0; i < config_.hidden; ++i) out[i] /= static_cast<float>(used);
    if (config_.is_normalised) scale_to_unit_length(out, config_.hidden);
    row += line.size() * hidden_stride();
    out += config_.hidden;
  }
}

}  // namespace logsieve
