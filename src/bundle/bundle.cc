#include "bundle/bundle.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/file.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "encoder/safetensors.h"

namespace logsieve {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kFormatVersion = 6;
constexpr int kOldestFormat = 1;    // its head looks at the sentence vector alone
constexpr int kNoveltyFormat = 3;   // before, a limit of the prototypes was all
constexpr int kSpellingFormat = 4;  // before, placeholders were read as plain words
constexpr int kShapesFormat = 6;    // before, shapes were others
constexpr std::size_t kMaxManifestBytes = std::size_t{1} << 20U;
constexpr std::size_t kMaxFileBytes = std::size_t{4} << 30U;
constexpr std::size_t kMaxForms = std::size_t{1} << 24U;
constexpr std::size_t kMaxLabels = 10'000;
constexpr std::string_view kManifest = "manifest.json";
constexpr std::string_view kManifestHash = "manifest.sha256";  // as sha256sum writes it
constexpr std::string_view kRules = "rules.yaml";
constexpr std::string_view kHead = "head.safetensors";
constexpr std::string_view kPrototypes = "prototypes.safetensors";
constexpr std::string_view kNovelty = "novelty.safetensors";
constexpr std::string_view kForms = "forms.jsonl";
constexpr std::string_view kModelCard = "MODEL_CARD.md";  // for people, so a bundle may lack it
constexpr std::array<std::string_view, 4> kContents = {kRules, kHead, kPrototypes, kForms};
constexpr std::string_view kTrainAgain = "the bundle was changed or damaged: restore it, or train it again";

using Files = std::map<std::string, std::string, std::less<>>;

Error corrupt(const fs::path& file, std::string why) {
  return Error{ErrorCode::kCorruptModel, "bad model bundle: " + std::move(why)}
      .at(file.string())
      .with_help(std::string(kTrainAgain));
}

// A bundle's file; no pipe or device, which could keep a reader waiting.
Result<std::string> read_regular_file(const fs::path& file, std::size_t limit_bytes) {
  std::error_code ignored;
  const fs::file_status status = fs::status(file, ignored);
  if (fs::exists(status) && !fs::is_regular_file(status)) return corrupt(file, "this is no regular file");
  return read_file(file, limit_bytes);
}

std::string hash_line(std::string_view manifest) {
  return sha256_hex(manifest) + "  " + std::string(kManifest) + '\n';
}

// JSON of a manifest: an object, not deeper than it has to be. A parse error is an error with its place.
Result<json> parse_manifest(const std::string& bytes, const fs::path& file) {
  int deepest = 0;
  const auto watch_depth = [&](int depth, json::parse_event_t, json&) {
    deepest = std::max(deepest, depth);
    return depth < 8;
  };
  json manifest = json::parse(bytes, watch_depth, /*allow_exceptions=*/false);
  if (!manifest.is_object() || deepest >= 8) return corrupt(file, "the manifest is no JSON object");
  return manifest;
}

// A member of a wanted type, or an error that names it.
template <typename T>
Result<T> member(const json& object, const std::string& key, const fs::path& file) {
  const auto it = object.find(key);
  const bool fits =
      it != object.end() && (std::is_same_v<T, std::string> ? it->is_string()
                             : std::is_same_v<T, std::vector<std::string>>
                                 ? it->is_array() && std::all_of(it->begin(), it->end(),
                                                                 [](const json& v) { return v.is_string(); })
                                 : it->is_number_unsigned());
  if (!fits) return corrupt(file, "the manifest's \"" + key + "\" is missing or of another type");
  return it->template get<T>();
}

Result<Files> read_contents(const json& manifest, const fs::path& folder, std::uint64_t format) {
  const fs::path manifest_file = folder / kManifest;
  const auto listed = manifest.find("files");
  if (listed == manifest.end() || !listed->is_object()) return corrupt(manifest_file, "it lists no files");
  std::vector<std::string_view> names(kContents.begin(), kContents.end());
  if (format >= kNoveltyFormat) names.push_back(kNovelty);
  if (listed->contains(std::string(kModelCard))) names.push_back(kModelCard);
  Files files;
  for (const std::string_view name : names) {
    const auto expected = listed->find(std::string(name));
    if (expected == listed->end() || !expected->is_string())
      return corrupt(manifest_file, "it does not list " + std::string(name));
    auto bytes = read_regular_file(folder / name, kMaxFileBytes);
    if (!bytes) return std::move(bytes).error().with_context("reading the model bundle");
    if (sha256_hex(*bytes) != expected->get<std::string>())
      return corrupt(folder / name, "its SHA-256 is not the one in the manifest");
    files.emplace(name, std::move(*bytes));
  }
  return files;
}

Result<Spelling> read_spelling(const json& manifest, const fs::path& file, std::uint64_t format) {
  if (format < kSpellingFormat) return Spelling::kWords;
  auto name = member<std::string>(manifest, "placeholder_spelling", file);
  if (!name) return std::move(name).error();
  const auto spelling = spelling_from(*name);
  if (!spelling) return corrupt(file, "it spells placeholders in a way that this program does not know");
  return *spelling;
}

Result<void> read_manifest(const json& manifest, const fs::path& file, std::uint64_t format, Bundle& bundle) {
  auto labels = member<std::vector<std::string>>(manifest, "labels", file);
  if (!labels) return std::move(labels).error();
  bundle.labels = LabelSet(*labels);
  if (labels->size() > kMaxLabels || bundle.labels.names() != *labels)
    return corrupt(file, "its labels are not sorted, repeat, or are too many");
  auto mask_version = member<std::uint64_t>(manifest, "mask_version", file);
  if (!mask_version) return std::move(mask_version).error();
  bundle.mask_version = static_cast<int>(std::min<std::uint64_t>(*mask_version, 1'000'000));
  auto spelling = read_spelling(manifest, file, format);
  if (!spelling) return std::move(spelling).error();
  bundle.spelling = *spelling;
  auto seed = member<std::uint64_t>(manifest, "seed", file);
  if (!seed) return std::move(seed).error();
  bundle.seed = *seed;
  const std::array<std::pair<const char*, std::string*>, 3> texts = {{
      {"data_sha256", &bundle.data_sha256},
      {"encoder_weights_sha256", &bundle.encoder_weights_sha256},
      {"encoder_vocab_sha256", &bundle.encoder_vocab_sha256},
  }};
  for (const auto& [key, target] : texts) {
    auto text = member<std::string>(manifest, key, file);
    if (!text) return std::move(text).error();
    *target = std::move(*text);
  }
  return ok();
}

// Rows of a matrix whose height only the file knows.
std::size_t height(const Safetensors& arrays, std::string_view name) {
  const TensorView* view = arrays.find(name);
  return view == nullptr || view->shape.empty() ? 0 : view->shape[0];
}
std::size_t width(const Safetensors& arrays, std::string_view name) {
  const TensorView* view = arrays.find(name);
  return view == nullptr || view->shape.size() != 2 ? 0 : view->shape[1];
}

// Reads one array or leaves the error in `failure`, so that a loader reads its arrays as a list.
template <typename T>
std::vector<T> take(const Safetensors& arrays, std::string_view name,
                    std::initializer_list<std::size_t> shape, std::optional<Error>& failure) {
  auto values = arrays.array<T>(name, shape);
  if (values) return std::move(*values);
  if (!failure) failure = std::move(values).error();
  return {};
}

bool all_known(std::span<const LabelId> ids, const LabelSet& labels) {
  return std::all_of(ids.begin(), ids.end(),
                     [&](LabelId id) { return id >= 0 && static_cast<std::size_t>(id) < labels.size(); });
}

// What format 1 did not have.
void take_views(const Safetensors& arrays, std::size_t classes, SoftmaxParameters& parameters,
                std::optional<Error>& failure) {
  const std::size_t terms = height(arrays, "term_keys");
  parameters.word_weights =
      take<float>(arrays, "word_weights", {classes, width(arrays, "word_weights")}, failure);
  parameters.term_keys = take<std::int32_t>(arrays, "term_keys", {terms}, failure);
  parameters.term_idf = take<float>(arrays, "term_idf", {terms}, failure);
  parameters.term_weights = take<float>(arrays, "term_weights", {classes, terms}, failure);
}

Result<SoftmaxHead> read_head(const std::string& bytes, const fs::path& file, const LabelSet& labels) {
  auto arrays = Safetensors::parse(bytes, file.string());
  if (!arrays) return std::move(arrays).error();
  const std::size_t classes = height(*arrays, "weights");
  std::optional<Error> failure;
  SoftmaxParameters parameters;
  parameters.dim = width(*arrays, "weights");
  parameters.weights = take<float>(*arrays, "weights", {classes, parameters.dim}, failure);
  parameters.bias = take<float>(*arrays, "bias", {classes}, failure);
  parameters.thresholds = take<float>(*arrays, "thresholds", {classes}, failure);
  parameters.labels = take<LabelId>(*arrays, "labels", {classes}, failure);
  const std::vector<float> temperature = take<float>(*arrays, "temperature", {1}, failure);
  if (arrays->find("term_keys") != nullptr) take_views(*arrays, classes, parameters, failure);
  if (failure) return *std::move(failure);
  if (!all_known(parameters.labels, labels))
    return corrupt(file, "a class has a label that is not in the manifest");
  parameters.temperature = temperature[0];
  return SoftmaxHead::create(std::move(parameters));
}

// `least_nearest`: where older formats kept the only sign of novelty; untouched by newer ones.
Result<Prototypes> read_prototypes(const std::string& bytes, const fs::path& file, const LabelSet& labels,
                                   float& least_nearest) {
  auto arrays = Safetensors::parse(bytes, file.string());
  if (!arrays) return std::move(arrays).error();
  const std::size_t rows = height(*arrays, "vectors");
  std::optional<Error> failure;
  PrototypeParameters parameters;
  parameters.dim = width(*arrays, "vectors");
  parameters.vectors = take<float>(*arrays, "vectors", {rows, parameters.dim}, failure);
  parameters.labels = take<LabelId>(*arrays, "labels", {rows}, failure);
  parameters.answered_labels =
      take<LabelId>(*arrays, "answered_labels", {height(*arrays, "answered_labels")}, failure);
  const std::size_t count = height(*arrays, "limits") == 3 ? 3 : 2;
  const std::vector<float> limits = take<float>(*arrays, "limits", {count}, failure);
  if (failure) return *std::move(failure);
  if (!all_known(parameters.labels, labels) || !all_known(parameters.answered_labels, labels))
    return corrupt(file, "a form has a label that is not in the manifest");
  parameters.min_similarity = limits[0];
  parameters.min_margin = limits[1];
  if (count == 3) least_nearest = limits[2];
  return Prototypes::create(std::move(parameters));
}

// What formats 3 to 5 knew of other texts is not in the terms of this program: the other signs of novelty remain.
Result<Novelty> read_novelty(const std::string& bytes, const fs::path& file, std::uint64_t format) {
  auto arrays = Safetensors::parse(bytes, file.string());
  if (!arrays) return std::move(arrays).error();
  std::optional<Error> failure;
  NoveltyParameters parameters;
  GaussianParameters& gaussians = parameters.gaussians;
  gaussians.dim = width(*arrays, "means");
  gaussians.means = take<float>(*arrays, "means", {height(*arrays, "means"), gaussians.dim}, failure);
  gaussians.whitening = take<float>(*arrays, "whitening", {height(*arrays, "whitening")}, failure);
  const std::vector<std::int32_t> labels = take<std::int32_t>(*arrays, "labels", {1}, failure);
  const std::vector<float> weight = take<float>(*arrays, "distance_weight", {1}, failure);
  parameters.words = take<std::int32_t>(*arrays, "words", {height(*arrays, "words")}, failure);
  const auto take_signs = [&](const std::string& name, SignWeights& signs) {
    const std::size_t count = height(*arrays, name);
    signs.keys = take<std::int32_t>(*arrays, name, {count}, failure);
    signs.weights = take<float>(*arrays, name + "_weights", {count}, failure);
  };
  const bool knows_other = format >= kShapesFormat;
  if (knows_other) {
    take_signs("tokens", parameters.tokens);
    take_signs("pairs", parameters.pairs);
    take_signs("shapes", parameters.shapes);
  }
  const std::vector<float> limits = take<float>(*arrays, "limits", {4}, failure);
  if (failure) return *std::move(failure);
  if (labels[0] < 0) return corrupt(file, "a negative number of labels");
  parameters.labels = static_cast<std::size_t>(labels[0]);
  parameters.distance_weight = weight[0];
  parameters.limits = {limits[0], limits[1], limits[2], knows_other ? limits[3] : NoveltyLimits::kNever};
  return Novelty::create(std::move(parameters));
}

Result<std::vector<std::string>> read_forms(std::string_view bytes, const fs::path& file,
                                            std::size_t expected) {
  std::vector<std::string> forms;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const json form = json::parse(bytes.substr(0, end), nullptr, /*allow_exceptions=*/false);
    if (end == std::string_view::npos || !form.is_string() || forms.size() >= kMaxForms)
      return corrupt(file, "line " + std::to_string(forms.size() + 1) + " is no JSON text");
    forms.push_back(form.get<std::string>());
    bytes.remove_prefix(end + 1);
  }
  if (forms.size() != expected)
    return corrupt(file,
                   std::to_string(forms.size()) + " forms, but " + std::to_string(expected) + " vectors");
  return forms;
}

std::string head_bytes(const SoftmaxParameters& head) {
  const std::size_t classes = head.labels.size();
  const std::array<float, 1> temperature = {head.temperature};
  const std::size_t terms = head.term_keys.size();
  const std::size_t word_dim = head.word_weights.empty() ? 0 : 2 * head.dim;
  const std::array<NamedTensor, 9> arrays = {
      named_tensor<float>("weights", {classes, head.dim}, head.weights),
      named_tensor<float>("bias", {classes}, head.bias),
      named_tensor<float>("thresholds", {classes}, head.thresholds),
      named_tensor<LabelId>("labels", {classes}, head.labels),
      named_tensor<float>("temperature", {1}, temperature),
      named_tensor<float>("word_weights", {classes, word_dim}, head.word_weights),
      named_tensor<std::int32_t>("term_keys", {terms}, head.term_keys),
      named_tensor<float>("term_idf", {terms}, head.term_idf),
      named_tensor<float>("term_weights", {classes, terms}, head.term_weights),
  };
  return write_safetensors(arrays, {});
}

std::string prototype_bytes(const PrototypeParameters& prototypes) {
  const std::size_t rows = prototypes.labels.size();
  const std::array<float, 2> limits = {prototypes.min_similarity, prototypes.min_margin};
  const std::array<NamedTensor, 4> arrays = {
      named_tensor<float>("vectors", {rows, prototypes.dim}, prototypes.vectors),
      named_tensor<LabelId>("labels", {rows}, prototypes.labels),
      named_tensor<LabelId>("answered_labels", {prototypes.answered_labels.size()},
                            prototypes.answered_labels),
      named_tensor<float>("limits", {2}, limits),
  };
  return write_safetensors(arrays, {});
}

std::string novelty_bytes(const Novelty& novelty) {
  const GaussianParameters& gaussians = novelty.gaussians().parameters();
  const NoveltyParameters& of = novelty.parameters();
  const NoveltyLimits& at = of.limits;
  const std::array<float, 4> limits = {at.least_words, at.least_nearest, at.most_distance, at.most_other};
  const std::array<float, 1> weight = {of.distance_weight};
  const std::array<std::int32_t, 1> labels = {static_cast<std::int32_t>(of.labels)};
  const std::array<NamedTensor, 12> arrays = {
      named_tensor<float>("whitening", {gaussians.whitening.size()}, gaussians.whitening),
      named_tensor<float>("means", {novelty.gaussians().groups(), gaussians.dim}, gaussians.means),
      named_tensor<std::int32_t>("labels", {1}, labels),
      named_tensor<float>("distance_weight", {1}, weight),
      named_tensor<std::int32_t>("words", {of.words.size()}, of.words),
      named_tensor<std::int32_t>("tokens", {of.tokens.keys.size()}, of.tokens.keys),
      named_tensor<float>("tokens_weights", {of.tokens.keys.size()}, of.tokens.weights),
      named_tensor<std::int32_t>("pairs", {of.pairs.keys.size()}, of.pairs.keys),
      named_tensor<float>("pairs_weights", {of.pairs.keys.size()}, of.pairs.weights),
      named_tensor<std::int32_t>("shapes", {of.shapes.keys.size()}, of.shapes.keys),
      named_tensor<float>("shapes_weights", {of.shapes.keys.size()}, of.shapes.weights),
      named_tensor<float>("limits", {4}, limits),
  };
  return write_safetensors(arrays, {});
}

std::string form_lines(const std::vector<std::string>& forms) {
  std::string out;
  for (const std::string& form : forms) out += json(to_valid_utf8(form)).dump() + '\n';
  return out;
}

json manifest_of(const Bundle& bundle, const Files& files) {
  json listed = json::object();
  for (const auto& [name, bytes] : files) listed[name] = sha256_hex(bytes);
  return json{{"format", kFormatVersion},
              {"labels", bundle.labels.names()},
              {"mask_version", bundle.mask_version},
              {"placeholder_spelling", spelling_name(bundle.spelling)},
              {"seed", bundle.seed},
              {"data_sha256", bundle.data_sha256},
              {"encoder_weights_sha256", bundle.encoder_weights_sha256},
              {"encoder_vocab_sha256", bundle.encoder_vocab_sha256},
              {"files", listed}};
}

Result<std::string> read_manifest_bytes(const fs::path& folder) {
  auto bytes = read_regular_file(folder / kManifest, kMaxManifestBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound)
    return std::move(bytes)
        .error()
        .with_context("no model bundle")
        .with_help("train one (logsieve train DATA.csv --out " + folder.string() +
                   ") or name another by --model");
  if (!bytes) return bytes;
  auto hash = read_regular_file(folder / kManifestHash, kMaxManifestBytes);
  if (!hash)
    return std::move(hash)
        .error()
        .with_context("reading the model bundle")
        .with_help(std::string(kTrainAgain));
  if (*hash != hash_line(*bytes))
    return corrupt(folder / kManifest, "its SHA-256 is not the one in " + std::string(kManifestHash));
  return bytes;
}

Result<StagedDirectory> staged_bundle(const fs::path& folder) {
  // The folder is replaced whole: it must be a bundle, or empty, or not there.
  std::error_code unreadable;
  if (fs::is_directory(folder, unreadable) && !fs::is_empty(folder, unreadable) &&
      !fs::exists(folder / kManifest, unreadable))
    return Error{ErrorCode::kIo,
                 "will not replace " + folder.string() + ": it holds other files and is no model bundle"}
        .with_help("name a folder that does not exist yet");
  auto staged = StagedDirectory::create(folder);
  if (!staged) return std::move(staged).error().with_context("writing the model bundle");
  return staged;
}

}  // namespace

Result<Bundle> load_bundle(const fs::path& folder) {
  const fs::path manifest_file = folder / kManifest;
  auto manifest_bytes = read_manifest_bytes(folder);
  if (!manifest_bytes) return std::move(manifest_bytes).error();
  auto manifest = parse_manifest(*manifest_bytes, manifest_file);
  if (!manifest) return std::move(manifest).error();
  auto format = member<std::uint64_t>(*manifest, "format", manifest_file);
  if (!format) return std::move(format).error();
  if (*format < kOldestFormat || *format > kFormatVersion)
    return corrupt(manifest_file, "format " + std::to_string(*format) + ", this program reads " +
                                      std::to_string(kOldestFormat) + " to " +
                                      std::to_string(kFormatVersion));
  auto files = read_contents(*manifest, folder, *format);
  if (!files) return std::move(files).error();

  Bundle bundle;
  if (auto read = read_manifest(*manifest, manifest_file, *format, bundle); !read)
    return std::move(read).error();
  auto rules = RuleBook::parse(files->find(kRules)->second, (folder / kRules).string());
  if (!rules) return std::move(rules).error();
  bundle.rules = std::move(*rules);
  auto head = read_head(files->find(kHead)->second, folder / kHead, bundle.labels);
  if (!head) return std::move(head).error();
  bundle.head = std::move(*head);
  NoveltyParameters old;
  auto prototypes = read_prototypes(files->find(kPrototypes)->second, folder / kPrototypes, bundle.labels,
                                    old.limits.least_nearest);
  if (!prototypes) return std::move(prototypes).error();
  bundle.prototypes = std::move(*prototypes);
  auto novelty = *format < kNoveltyFormat
                     ? Novelty::create(std::move(old))
                     : read_novelty(files->find(kNovelty)->second, folder / kNovelty, *format);
  if (!novelty) return std::move(novelty).error();
  bundle.novelty = std::move(*novelty);
  if (!bundle.novelty.gaussians().empty() &&
      bundle.novelty.gaussians().parameters().dim != bundle.prototypes.parameters().dim)
    return corrupt(folder / kNovelty, "its vectors are not as long as those of the forms");
  auto forms = read_forms(files->find(kForms)->second, folder / kForms, bundle.prototypes.size());
  if (!forms) return std::move(forms).error();
  bundle.forms = std::move(*forms);
  if (const auto card = files->find(kModelCard); card != files->end())
    bundle.model_card = std::move(card->second);
  return bundle;
}

Result<void> check_bundle_folder(const fs::path& folder) {
  auto staged = staged_bundle(folder);
  if (!staged) return std::move(staged).error();
  return ok();
}

Result<void> save_bundle(const Bundle& bundle, const fs::path& folder) {
  Files files;
  files.emplace(kRules, bundle.rules.to_yaml());
  files.emplace(kHead, head_bytes(bundle.head.parameters()));
  files.emplace(kPrototypes, prototype_bytes(bundle.prototypes.parameters()));
  files.emplace(kNovelty, novelty_bytes(bundle.novelty));
  files.emplace(kForms, form_lines(bundle.forms));
  if (!bundle.model_card.empty()) files.emplace(kModelCard, bundle.model_card);
  auto staged = staged_bundle(folder);
  if (!staged) return std::move(staged).error();
  for (const auto& [name, bytes] : files)
    if (auto written = staged->write(name, bytes); !written) return written;
  const std::string manifest = manifest_of(bundle, files).dump(2) + '\n';
  if (auto written = staged->write(kManifest, manifest); !written) return written;
  if (auto written = staged->write(kManifestHash, hash_line(manifest)); !written) return written;
  return staged->commit();
}

Result<std::string> bundle_id(const fs::path& folder) {
  auto manifest = read_manifest_bytes(folder);
  if (!manifest) return std::move(manifest).error();
  return sha256_hex(*manifest);
}

}  // namespace logsieve
