#include "training/fit/background.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "base/random.h"
#include "head/word_key.h"
#include "mask/form_words.h"
#include "mask/masker.h"
#include "training/fit/background_texts.h"

namespace logsieve {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kRandomTexts = 300;  // of each vocabulary
constexpr std::size_t kVectorsAKind = 250;
constexpr std::size_t kLabelledVectors = 50;  // made anew for each fit
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

struct Source {
  std::string_view texts;
  BackgroundKind kind;
};

std::array<Source, 13> sources() {
  return {{{kBackgroundProse, BackgroundKind::kProse},
           {kBackgroundFiction, BackgroundKind::kProse},
           {kBackgroundLanguages, BackgroundKind::kLanguages},
           {kBackgroundManual, BackgroundKind::kDocumentation},
           {kBackgroundReference, BackgroundKind::kDocumentation},
           {kBackgroundTutorial, BackgroundKind::kDocumentation},
           {kBackgroundCode, BackgroundKind::kCode},
           {kBackgroundLibraryCode, BackgroundKind::kCode},
           {kBackgroundFunctions, BackgroundKind::kCode},
           {kBackgroundTables, BackgroundKind::kCode},
           {kBackgroundConstants, BackgroundKind::kCode},
           {kBackgroundMoreCode, BackgroundKind::kCode},
           {kBackgroundMarkup, BackgroundKind::kCode}}};
}

// Adds the runs of letters, in lower case, in the order of their first occurrence.
void add_words(std::string_view texts, std::unordered_set<std::string>& seen,
               std::vector<std::string>& words) {
  std::string word;
  const auto end_word = [&] {
    if (word.size() > 2 && !is_placeholder(word) && seen.insert(word).second) words.push_back(word);
    word.clear();
  };
  for (const char c : texts) {
    if (is_letter(c)) {
      word += lower_ascii(c);
      continue;
    }
    end_word();
  }
  end_word();
}

// The words of all English sentences, each once.
std::vector<std::string> english_words() {
  std::vector<std::string> words;
  std::unordered_set<std::string> seen;
  for (const Source& source : sources())
    if (source.kind == BackgroundKind::kProse || source.kind == BackgroundKind::kDocumentation)
      add_words(source.texts, seen, words);
  return words;
}

std::vector<std::string> labelled_words(const LabelledData& data) {
  std::vector<std::string> words;
  std::unordered_set<std::string> seen;
  for (const LabelledForm& form : data.forms) add_words(form.text, seen, words);
  return words;
}

class Collector {
 public:
  explicit Collector(Background& background)
      : background_(background), seen_(background.forms.begin(), background.forms.end()) {}

  void add(std::string_view text, BackgroundKind kind) {
    std::string form;
    mask(text, form);
    if (form.empty() || !seen_.insert(form).second) return;
    background_.forms.push_back(std::move(form));
    background_.kinds.push_back(kind);
  }

  // A text a word at most: a small vocabulary's would be much like its forms.
  void add_random(const std::vector<std::string>& words, Random& random) {
    for (std::size_t i = 0; i < std::min(kRandomTexts, words.size()); ++i) {
      std::string text;
      for (std::size_t left = kFewestWords + random.below(kMoreWords); left > 0; --left)
        text += (text.empty() ? "" : " ") + words[random.below(words.size())];
      add(text, BackgroundKind::kRandomWords);
    }
  }

 private:
  Background& background_;
  std::unordered_set<std::string> seen_;
};

// For the mean of a kind, and its part of the covariance; what texts are written with is learned from all.
std::vector<std::size_t> evenly_of_each_kind(const std::vector<BackgroundKind>& kinds) {
  std::vector<std::size_t> chosen;
  std::array<std::size_t, kBackgroundKinds.size()> seen{};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const auto total = static_cast<std::size_t>(std::count(kinds.begin(), kinds.end(), kinds[i]));
    const std::size_t wanted = std::min(total, kVectorsAKind);
    const std::size_t nth = seen[static_cast<std::size_t>(kinds[i])]++;
    if ((nth + 1) * wanted / total > nth * wanted / total) chosen.push_back(i);
  }
  return chosen;
}

}  // namespace

Result<Background> make_background(FormReader& reader) {
  Background background;
  Collector collector(background);
  for (const Source& source : sources())
    for (const std::string_view line : lines_of(source.texts)) collector.add(line, source.kind);
  Random random(kSeed);
  collector.add_random(english_words(), random);
  background.encoded = evenly_of_each_kind(background.kinds);
  std::vector<std::string_view> texts;
  for (const std::size_t form : background.encoded) texts.push_back(background.forms[form]);
  auto vectors = reader.vectors(texts, Spelling::kWords);
  if (!vectors) return std::move(vectors).error().with_context("encoding texts that are no log lines");
  background.vectors = std::move(*vectors);
  return background;
}

Result<void> add_labelled_words(const LabelledData& data, Spelling spelling, FormReader& reader,
                                Background& background) {
  const std::size_t before = background.forms.size();
  Random random(kSeed);
  Collector(background).add_random(labelled_words(data), random);
  std::vector<std::string_view> texts;
  for (std::size_t form = before; form < background.forms.size() && texts.size() < kLabelledVectors; ++form) {
    background.encoded.push_back(form);
    texts.push_back(background.forms[form]);
  }
  auto vectors = reader.vectors(texts, spelling);
  if (!vectors) return std::move(vectors).error().with_context("encoding random words");
  background.vectors.insert(background.vectors.end(), vectors->begin(), vectors->end());
  return ok();
}

}  // namespace logsieve
