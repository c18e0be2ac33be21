#include "rules/compiled_patterns.h"

#include <algorithm>
#include <fmt/core.h>
#include <hs/hs.h>

#include "base/hash.h"
#include "rules/pattern_translation.h"

namespace logsieve {
namespace {

constexpr std::string_view kMagic = "logsieve rules 1\n";
constexpr std::size_t kSha256Digits = 64;
constexpr std::size_t kKeyDigits = 32;

// Both ways to run a pattern; nullopt where the translator does not know its syntax.
struct Translations {
  std::optional<PatternTranslation> exact;
  std::optional<PatternTranslation> loose;
};

std::vector<Translations> translate_all(const std::vector<std::string>& patterns) {
  PatternTranslator translator;
  std::vector<Translations> all;
  for (const std::string& pattern : patterns)
    all.push_back({translator.translate(pattern, Strictness::kExact),
                   translator.translate(pattern, Strictness::kLoose)});
  return all;
}

std::vector<RunTraits> first_traits(const std::vector<Translations>& translations) {
  std::vector<RunTraits> traits;
  for (const Translations& pattern : translations) {
    if (pattern.exact) {
      traits.push_back({RunMode::kExact, pattern.exact->is_wide, pattern.exact->folds_s_or_k});
    } else {
      traits.push_back({.mode = RunMode::kRe2Only});
    }
  }
  return traits;
}

std::vector<ScanPattern> scan_patterns(const std::vector<Translations>& translations,
                                       const std::vector<RunTraits>& traits) {
  std::vector<ScanPattern> patterns;
  for (std::size_t i = 0; i < traits.size(); ++i) {
    const auto id = static_cast<unsigned>(i);
    if (traits[i].mode == RunMode::kExact) patterns.push_back({translations[i].exact->text, id, false});
    if (traits[i].mode == RunMode::kFilter) patterns.push_back({translations[i].loose->text, id, true});
  }
  return patterns;
}

RunMode next_mode(RunMode mode) {
  return mode == RunMode::kExact ? RunMode::kFilter : RunMode::kRe2Only;
}

std::string cache_key(const std::vector<Translations>& translations) {
  std::string text = hs_version();
  for (const Translations& pattern : translations)
    for (const auto& way : {pattern.exact, pattern.loose})
      text += way ? fmt::format("\n{}{}{}", way->text, way->is_wide, way->folds_s_or_k) : "\n-";
  const Hash128 hash = xxh3_128(text);
  return fmt::format("{:016x}{:016x}", hash.high, hash.low);
}

}  // namespace

Result<CompiledPatterns> compile_patterns(const std::vector<std::string>& patterns) {
  const std::vector<Translations> translations = translate_all(patterns);
  CompiledPatterns compiled{first_traits(translations), nullptr};
  for (;;) {  // each round demotes a pattern, so it ends after two rounds a pattern at the latest
    const std::vector<ScanPattern> scanned = scan_patterns(translations, compiled.traits);
    auto build = build_database(scanned);
    if (!build) return std::move(build).error();
    for (const std::size_t refused : build->refused) {
      RunMode& mode = compiled.traits[scanned[refused].id].mode;
      mode = next_mode(mode);
    }
    if (!build->refused.empty()) continue;
    compiled.database = std::move(build->database);
    return compiled;
  }
}

std::string to_cache(const CompiledPatterns& compiled, const std::vector<std::string>& patterns) {
  std::string rest = cache_key(translate_all(patterns));
  for (const RunTraits& traits : compiled.traits) rest += static_cast<char>(traits.mode);
  rest += save_database(compiled.database.get());
  return fmt::format("{}{}{}", kMagic, sha256_hex(rest), rest);
}

std::optional<CompiledPatterns> from_cache(std::string_view bytes, const std::vector<std::string>& patterns) {
  if (bytes.substr(0, kMagic.size()) != kMagic) return std::nullopt;
  bytes.remove_prefix(kMagic.size());
  if (bytes.size() < kSha256Digits + kKeyDigits + patterns.size()) return std::nullopt;
  const std::string_view sha256 = bytes.substr(0, kSha256Digits);
  bytes.remove_prefix(kSha256Digits);
  const std::vector<Translations> translations = translate_all(patterns);
  if (sha256_hex(bytes) != sha256 || bytes.substr(0, kKeyDigits) != cache_key(translations))
    return std::nullopt;
  bytes.remove_prefix(kKeyDigits);

  CompiledPatterns compiled{first_traits(translations), nullptr};
  for (std::size_t i = 0; i < patterns.size(); ++i) compiled.traits[i].mode = static_cast<RunMode>(bytes[i]);
  bytes.remove_prefix(patterns.size());
  if (bytes.empty()) return compiled;
  compiled.database = load_database(bytes);
  if (!compiled.database) return std::nullopt;
  return compiled;
}

}  // namespace logsieve
