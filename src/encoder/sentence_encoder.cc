#include "encoder/sentence_encoder.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "base/threads.h"
#include "encoder/calibration_lines.h"
#include "encoder/fast_file.h"
#include "encoder/hash_stamp.h"
#include "encoder/kernels.h"
#include "encoder/mini_lm.h"
#include "encoder/model_config.h"
#include "encoder/safetensors.h"
#include "encoder/word_piece.h"

namespace logsieve {
namespace {

// Tokens a batch: enough to spread the streaming of all weights (42 MB) over, few enough to leave memory small.
constexpr std::size_t kBatchTokens = 512;
// Forms that are tokenized at once: bounds the memory of a call whatever its input.
constexpr std::size_t kWindowForms = 4096;
constexpr std::size_t kFormsATask = 128;

// Ids of some forms, one after another.
struct TokenizedForms {
  std::vector<std::int32_t> ids;
  std::vector<std::size_t> ends;
};

// Lines [first, last) of a window, one batch.
struct BatchRange {
  std::size_t first;
  std::size_t last;
};

// Consecutive lines of about `budget` tokens each; a longer line is a batch of its own.
std::vector<BatchRange> split(std::span<const MiniLm::Ids> lines, std::size_t budget) {
  std::vector<BatchRange> batches;
  std::size_t tokens = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (batches.empty() || tokens + lines[i].size() > budget) {
      batches.push_back({i, i});
      tokens = 0;
    }
    tokens += lines[i].size();
    batches.back().last = i + 1;
  }
  return batches;
}

// A budget that gives every thread as many batches as the others, none above kBatchTokens.
std::size_t token_budget(std::size_t tokens, std::size_t threads) {
  const std::size_t batches = round_up(tokens / kBatchTokens + 1, threads);
  return tokens / batches + 1;
}

// Gives the whole pages of a part of a mapped file back, so that resident memory counts what is used; they can still be
// read.
void forget_pages(std::string_view bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t past = reinterpret_cast<std::uintptr_t>(bytes.data()) % page;
  bytes.remove_prefix(std::min(past == 0 ? 0 : page - past, bytes.size()));
  const std::size_t whole = bytes.size() / page * page;
  if (whole > 0) ::madvise(const_cast<char*>(bytes.data()), whole, MADV_DONTNEED);
}

// SHA-256 of a mapped file, whose pages are not kept.
std::string hash_and_forget(std::string_view bytes) {
  constexpr std::size_t kStep = std::size_t{4} << 20U;
  Sha256 hash;
  for (std::size_t first = 0; first < bytes.size(); first += kStep) {
    hash.add(bytes.substr(first, kStep));
    forget_pages(bytes.substr(first, kStep));
  }
  return hash.hex();
}

// Fast mode made from the weights themselves.
Result<MiniLm> make_fast(const Safetensors& weights, const ModelConfig& config, const Kernels& kernels,
                         const WordPiece& word_piece, std::size_t threads) {
  std::vector<std::vector<std::int32_t>> ids(kCalibrationLines.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    word_piece.tokenize(kCalibrationLines[i], config.max_tokens, ids[i]);
  const std::vector<MiniLm::Ids> lines(ids.begin(), ids.end());
  return MiniLm::load_fast(weights, config, kernels, lines, threads);
}

// Errors of fast mode are the smaller the more different tokens share in the mean; a line of nearly one token has
// nothing that they could cancel against. Such a line counts as less than two: n^2 / (sum of squared counts).
bool is_monotonous(MiniLm::Ids line, std::vector<std::int32_t>& sorted) {
  sorted.assign(line.begin(), line.end());
  std::sort(sorted.begin(), sorted.end());
  std::size_t squares = 0;
  for (std::size_t first = 0, end = 0; first < sorted.size(); first = end) {
    while (end < sorted.size() && sorted[end] == sorted[first]) ++end;
    squares += (end - first) * (end - first);
  }
  return 2 * squares > line.size() * line.size();
}

}  // namespace

struct SentenceEncoder::Impl {
  MappedFile weights_file;
  Safetensors weights;  // points into the file
  WordPiece word_piece;
  MiniLm model;
  const Kernels* kernels = nullptr;
  bool is_fast = false;

  // Fast mode: the floats, for the few lines that need them; made when the first one comes.
  std::mutex exact_mutex;
  std::optional<MiniLm> exact;

  Result<const MiniLm*> exact_model() {
    const std::lock_guard lock(exact_mutex);
    if (!exact) {
      auto loaded = MiniLm::load(weights, model.config(), *kernels, 1, forget_pages);
      if (!loaded) return std::move(loaded).error();
      exact = std::move(*loaded);
    }
    return &*exact;
  }
  std::string weights_sha256;
  std::string vocab_sha256;

  // Workspaces not in use: a call takes one a thread and brings it back, so a warm call allocates none.
  std::mutex mutex;
  std::vector<MiniLm::Workspace> idle;

  MiniLm::Workspace take_workspace() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return {};
    MiniLm::Workspace workspace = std::move(idle.back());
    idle.pop_back();
    return workspace;
  }
  void bring_back(MiniLm::Workspace workspace) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(workspace));
  }

  // `joined` is scratch memory: prompt and text are one text to the tokenizer.
  void tokenize(std::string_view text, std::string& joined, std::vector<std::int32_t>& ids) const {
    const ModelConfig& config = model.config();
    if (!config.prompt.empty()) text = joined.assign(config.prompt).append(text);
    word_piece.tokenize(text, config.max_tokens, ids);
  }
  Result<void> encode_window(std::span<const std::string_view> forms, float* out, std::size_t threads);
  Result<void> encode_exactly(std::span<const MiniLm::Ids> lines, float* out);
  std::vector<TokenizedForms> tokenize_all(std::span<const std::string_view> forms,
                                           std::size_t threads) const;
};

Result<SentenceEncoder> SentenceEncoder::load(const std::filesystem::path& folder, Arithmetic arithmetic) {
  const auto& kernels = default_kernels();
  if (!kernels) return Error(kernels.error());
  auto config = read_model_config(folder);
  if (!config) return std::move(config).error();
  if (config->hidden != kDim)
    return Error{ErrorCode::kCorruptModel, "vectors of " + std::to_string(config->hidden) + " floats; only " +
                                               std::to_string(kDim) + " are supported"}
        .at((folder / "config.json").string())
        .with_help(
            "models that fit: all-MiniLM-L6-v2 and -L12-v2, bge-small-en-v1.5, e5-small-v2, "
            "snowflake-arctic-embed-xs");
  if (!config->is_normalised)
    return Error{ErrorCode::kCorruptModel, "a model without a Normalize module is not supported"}
        .at((folder / "modules.json").string())
        .with_help("vectors are compared by their angle: if the model was meant for that, add the module");
  auto impl = std::make_unique<Impl>();
  auto file = MappedFile::open(folder / "model.safetensors");
  if (!file) return std::move(file).error();
  impl->weights_file = std::move(*file);
  const std::string_view bytes = impl->weights_file.bytes();
  auto weights = Safetensors::parse(bytes, (folder / "model.safetensors").string());
  if (!weights) return std::move(weights).error();
  auto vocab = read_file(folder / "vocab.txt");
  if (!vocab) return std::move(vocab).error();

  impl->vocab_sha256 = sha256_hex(*vocab);
  const bool is_fast = arithmetic == Arithmetic::kFast;
  const std::size_t cpus = usable_cpus();
  // Hashing 91 MB takes as long as laying out the weights: side by side, or not at all where it has been done.
  const std::filesystem::path weights_path = folder / "model.safetensors";
  const auto stamp = read_hash_stamp(weights_path, impl->weights_file);
  const std::size_t others = stamp ? cpus : std::max<std::size_t>(cpus, 2) - 1;
  std::optional<Result<MiniLm>> model;
  std::optional<Result<WordPiece>> word_piece;
  std::string integers_made_from;  // hash of the weights
  parallel_for(3, cpus, [&](std::size_t item, std::size_t) {
    if (item == 0 && !is_fast)
      model = MiniLm::load(*weights, *config, **kernels, others, forget_pages, stamp.has_value());
    if (item == 0 && is_fast) {
      const auto kept = read_fast_file(folder);
      if (!kept || kept->vocab_sha256 != impl->vocab_sha256) return;
      integers_made_from = kept->weights_sha256;
      model = MiniLm::restore_fast(*weights, *config, **kernels, kept->arrays, others);
    }
    if (item == 1) impl->weights_sha256 = stamp ? *stamp : hash_and_forget(bytes);
    if (item == 2) word_piece = WordPiece::parse(*vocab, (folder / "vocab.txt").string());
  });
  if (!*word_piece) return std::move(*word_piece).error();
  if ((*word_piece)->size() > config->vocabulary)
    return Error{ErrorCode::kCorruptModel, "it has " + std::to_string((*word_piece)->size()) +
                                               " pieces, the network knows " +
                                               std::to_string(config->vocabulary)}
        .at((folder / "vocab.txt").string());
  if (is_fast && (integers_made_from != impl->weights_sha256 || !model || !*model)) {
    model = make_fast(*weights, *config, **kernels, **word_piece, cpus);
    if (*model) write_fast_file(folder, (*model)->integers(), impl->weights_sha256, impl->vocab_sha256);
  }
  if (!*model) return std::move(*model).error();
  if (!stamp) write_hash_stamp(weights_path, impl->weights_file, impl->weights_sha256);
  impl->model = std::move(**model);
  impl->word_piece = std::move(**word_piece);
  impl->weights = std::move(*weights);
  impl->kernels = *kernels;
  impl->is_fast = is_fast;
  forget_pages(bytes);
  return SentenceEncoder(std::move(impl));
}

void SentenceEncoder::forget_checks(const std::filesystem::path& folder) {
  remove_hash_stamp(folder / "model.safetensors");
}

SentenceEncoder::SentenceEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SentenceEncoder::SentenceEncoder(SentenceEncoder&&) noexcept = default;
SentenceEncoder& SentenceEncoder::operator=(SentenceEncoder&&) noexcept = default;
SentenceEncoder::~SentenceEncoder() = default;

void SentenceEncoder::tokenize(std::string_view text, std::vector<std::int32_t>& ids) const {
  std::string joined;
  impl_->tokenize(text, joined, ids);
}

void SentenceEncoder::word_extremes(std::string_view text, std::span<float> out) const {
  std::vector<std::int32_t> ids;
  tokenize(text, ids);
  impl_->model.word_extremes(std::span<const std::int32_t>(ids).subspan(1, ids.size() - 2), out);
}

std::size_t SentenceEncoder::max_tokens() const {
  return impl_->model.config().max_tokens;
}
std::size_t SentenceEncoder::vocabulary() const {
  return impl_->word_piece.size();
}
const std::string& SentenceEncoder::weights_sha256() const {
  return impl_->weights_sha256;
}
const std::string& SentenceEncoder::vocab_sha256() const {
  return impl_->vocab_sha256;
}

std::string_view SentenceEncoder::kernel_name() {
  const auto& kernels = default_kernels();
  return kernels ? (*kernels)->name : std::string_view("none");
}

Result<void> SentenceEncoder::encode(std::span<const std::string_view> forms, std::span<float> out,
                                     std::size_t threads) const {
  if (out.size() != forms.size() * kDim)
    return Error{ErrorCode::kInvalidArgument, "encode: room for " + std::to_string(out.size()) +
                                                  " floats, not " + std::to_string(forms.size()) +
                                                  " rows of " + std::to_string(kDim)};
  for (std::size_t first = 0; first < forms.size(); first += kWindowForms) {
    const std::size_t count = std::min(kWindowForms, forms.size() - first);
    auto encoded = impl_->encode_window(forms.subspan(first, count), out.data() + first * kDim,
                                        std::max<std::size_t>(threads, 1));
    if (!encoded) return encoded;
  }
  return ok();
}

std::vector<TokenizedForms> SentenceEncoder::Impl::tokenize_all(std::span<const std::string_view> forms,
                                                                std::size_t threads) const {
  std::vector<TokenizedForms> parts((forms.size() + kFormsATask - 1) / kFormsATask);
  parallel_for(parts.size(), threads, [&](std::size_t item, std::size_t) {
    TokenizedForms& part = parts[item];
    const std::size_t first = item * kFormsATask;
    std::string joined;
    for (const std::string_view form : forms.subspan(first, std::min(kFormsATask, forms.size() - first))) {
      tokenize(form, joined, part.ids);
      part.ends.push_back(part.ids.size());
    }
  });
  return parts;
}

// Overwrites the vectors of monotonous lines.
Result<void> SentenceEncoder::Impl::encode_exactly(std::span<const MiniLm::Ids> lines, float* out) {
  MiniLm::Workspace workspace;
  std::vector<std::int32_t> scratch;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!is_monotonous(lines[i], scratch)) continue;
    auto floats = exact_model();
    if (!floats) return std::move(floats).error();
    (*floats)->encode(lines.subspan(i, 1), workspace, out + i * kDim);
  }
  return ok();
}

Result<void> SentenceEncoder::Impl::encode_window(std::span<const std::string_view> forms, float* out,
                                                  std::size_t threads) {
  const std::vector<TokenizedForms> parts = tokenize_all(forms, threads);
  std::vector<MiniLm::Ids> lines;
  lines.reserve(forms.size());
  std::size_t tokens = 0;
  for (const TokenizedForms& part : parts) {
    std::size_t begin = 0;
    for (const std::size_t end : part.ends) {
      lines.push_back(std::span(part.ids).subspan(begin, end - begin));
      begin = end;
    }
    tokens += part.ids.size();
  }
  const std::vector<BatchRange> batches = split(lines, token_budget(tokens, threads));
  std::vector<MiniLm::Workspace> workspaces;
  for (std::size_t i = 0; i < std::min(threads, batches.size()); ++i) workspaces.push_back(take_workspace());
  parallel_for(batches.size(), threads, [&](std::size_t item, std::size_t worker) {
    const BatchRange batch = batches[item];
    model.encode(std::span(lines).subspan(batch.first, batch.last - batch.first), workspaces[worker],
                 out + batch.first * kDim);
  });
  for (MiniLm::Workspace& workspace : workspaces) bring_back(std::move(workspace));
  return is_fast ? encode_exactly(lines, out) : ok();
}

}  // namespace logsieve
