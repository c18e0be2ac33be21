#include "training/fit/background.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/random.h"
#include "mask/masker.h"
#include "training/fit/background_texts.h"

namespace logsieve {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kRandomTexts = 160;
constexpr std::size_t kFewestWords = 4;
constexpr std::size_t kMoreWords = 9;

std::vector<std::string_view> lines_of(std::string_view texts) {
  std::vector<std::string_view> lines;
  while (!texts.empty()) {
    const std::size_t end = std::min(texts.find('\n'), texts.size());
    if (end > 0) lines.push_back(texts.substr(0, end));
    texts.remove_prefix(std::min(texts.size(), end + 1));
  }
  return lines;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Runs of letters, each once, in the order of their first occurrence.
std::vector<std::string> words_of(std::string_view texts) {
  std::vector<std::string> words;
  std::unordered_set<std::string> seen;
  std::string word;
  for (const char c : texts) {
    if (is_letter(c)) {
      word += c;
      continue;
    }
    if (word.size() > 2 && seen.insert(word).second) words.push_back(word);
    word.clear();
  }
  return words;
}

class Collector {
 public:
  explicit Collector(Background& background) : background_(background) {}

  void add(std::string_view text, BackgroundKind kind) {
    std::string form;
    mask(text, form);
    if (form.empty() || !seen_.insert(form).second) return;
    background_.forms.push_back(std::move(form));
    background_.kinds.push_back(kind);
  }

 private:
  Background& background_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

Result<Background> make_background(const SentenceEncoder& encoder, std::size_t threads) {
  Background background;
  Collector collector(background);
  for (const std::string_view line : lines_of(kBackgroundProse)) collector.add(line, BackgroundKind::kProse);
  for (const std::string_view line : lines_of(kBackgroundLanguages))
    collector.add(line, BackgroundKind::kLanguages);
  for (const std::string_view texts : {kBackgroundCode, kBackgroundLibraryCode})
    for (const std::string_view line : lines_of(texts)) collector.add(line, BackgroundKind::kCode);
  const std::vector<std::string> words = words_of(kBackgroundProse);
  Random random(kSeed);
  for (std::size_t i = 0; i < kRandomTexts; ++i) {
    std::string text;
    for (std::size_t left = kFewestWords + random.below(kMoreWords); left > 0; --left)
      text += (text.empty() ? "" : " ") + words[random.below(words.size())];
    collector.add(text, BackgroundKind::kRandomWords);
  }
  const std::vector<std::string_view> texts(background.forms.begin(), background.forms.end());
  background.vectors.resize(texts.size() * kDim);
  if (auto encoded = encoder.encode(texts, background.vectors, threads); !encoded)
    return std::move(encoded).error().with_context("encoding texts that are no log lines");
  return background;
}

}  // namespace logsieve
