#include "training/discover/induction.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "training/discover/value_pattern.h"

namespace logsieve {
namespace {

// Shapes are aligned where most of their words agree: Drain's similarity, on words only.
constexpr double kLeastEqualWords = 0.6;
constexpr std::size_t kMostVaryingWords = 3;
// A word is generalised to any word only if this many different ones were seen and most of them once: else the next
// one is more likely one of those seen (Good-Turing).
constexpr std::size_t kLeastWordsToGeneralise = 8;
constexpr std::size_t kMostAlternatives = 8;
// What may be followed by anything must be a statement, not a name.
constexpr std::size_t kLeastWordsBeforeRest = 3;

struct Shape {
  std::string text;                   // line_shape()
  std::vector<Part> parts;            // of its first member
  std::vector<std::size_t> messages;  // ascending by text
};

struct Aligned {
  std::vector<std::size_t> shapes;  // the first is the one others are compared with
  std::set<std::size_t> varying;    // positions whose words differ
};

std::string_view part_text(std::string_view line, const Part& part) {
  return line.substr(part.begin, part.end - part.begin);
}

class Inducer {
 public:
  explicit Inducer(std::span<const std::string_view> messages) : messages_(messages) {}

  std::vector<CandidateGroup> run() {
    collect_shapes();
    std::vector<CandidateGroup> groups;
    for (const Aligned& aligned : align()) {
      CandidateGroup group;
      if (aligned.shapes.size() > 1) {
        auto whole = candidate(aligned.shapes, aligned.varying);
        for (const std::size_t shape : aligned.shapes) group.parts.push_back(*candidate({shape}, {}));
        if (whole) {
          group.whole = std::move(*whole);
          groups.push_back(std::move(group));
        } else {
          for (Candidate& part : group.parts) groups.push_back({std::move(part), {}});
        }
      } else {
        group.whole = *candidate(aligned.shapes, {});
        groups.push_back(std::move(group));
      }
    }
    return groups;
  }

  std::vector<CandidateGroup> run_with_open_ends() {
    collect_shapes();
    std::vector<std::size_t> all(shapes_.size());
    std::iota(all.begin(), all.end(), 0);
    std::vector<CandidateGroup> groups;
    add_open_ends(std::move(all), 0, groups);
    return groups;
  }

 private:
  // What stands at a place, of values their kind only.
  std::string_view shape_of_part(const Shape& shape, std::size_t part) const {
    return shape.parts[part].kind == PartKind::kValue ? placeholder(shape.parts[part].value)
                                                      : text_of(shape, part);
  }

  static std::size_t words_before(const Shape& shape, std::size_t place) {
    return static_cast<std::size_t>(
        std::count_if(shape.parts.begin(), shape.parts.begin() + static_cast<std::ptrdiff_t>(place),
                      [](const Part& part) { return part.kind == PartKind::kWord; }));
  }

  // Of shapes that agree in all parts before `place`.
  void add_open_ends(std::vector<std::size_t> shapes, std::size_t place,
                     std::vector<CandidateGroup>& groups) const {
    for (;; ++place) {
      std::map<std::pair<PartKind, std::string_view>, std::vector<std::size_t>> ways;
      std::vector<std::string_view> seen;
      for (const std::size_t index : shapes) {
        const Shape& shape = shapes_[index];
        if (place >= shape.parts.size()) continue;
        const std::string_view next = shape_of_part(shape, place);
        ways[{shape.parts[place].kind, next}].push_back(index);
        seen.insert(seen.end(), shape.messages.size(), next);
      }
      if (ways.size() < 2) {
        if (ways.empty()) return;
        shapes = std::move(ways.begin()->second);
        continue;
      }
      const PartKind before =
          place == 0 ? PartKind::kWord : shapes_[ways.begin()->second.front()].parts[place - 1].kind;
      const bool is_border = before == PartKind::kBlank || before == PartKind::kPunct;
      if (is_border && words_before(shapes_[ways.begin()->second.front()], place) >= kLeastWordsBeforeRest &&
          is_open(seen)) {
        std::vector<std::size_t> longer;
        for (const auto& [unused, some] : ways) longer.insert(longer.end(), some.begin(), some.end());
        std::sort(longer.begin(), longer.end());
        if (auto whole = candidate(longer, {}, place)) groups.push_back({std::move(*whole), {}});
      }
      for (auto& [unused, some] : ways) add_open_ends(std::move(some), place + 1, groups);
      return;
    }
  }

  void collect_shapes() {
    std::vector<std::size_t> order(messages_.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return messages_[a] < messages_[b]; });
    std::map<std::string, std::size_t> known;
    for (const std::size_t message : order) {
      std::vector<Part> parts = line_parts(messages_[message]);
      if (parts.empty()) continue;
      std::string text = line_shape(messages_[message], parts);
      const auto [place, is_new] = known.try_emplace(text, shapes_.size());
      if (is_new) shapes_.push_back({std::move(text), std::move(parts), {}});
      shapes_[place->second].messages.push_back(message);
    }
    // The most frequent first, so that rare ones join them.
    std::stable_sort(shapes_.begin(), shapes_.end(), [](const Shape& a, const Shape& b) {
      return a.messages.size() != b.messages.size() ? a.messages.size() > b.messages.size() : a.text < b.text;
    });
  }

  std::string_view text_of(const Shape& shape, std::size_t part) const {
    return part_text(messages_[shape.messages.front()], shape.parts[part]);
  }

  // The positions at which the words of two shapes differ; nullopt where they cannot be aligned.
  std::optional<std::set<std::size_t>> differences(const Shape& a, const Shape& b) const {
    if (a.parts.size() != b.parts.size()) return std::nullopt;
    std::set<std::size_t> differing;
    std::size_t words = 0;
    for (std::size_t i = 0; i < a.parts.size(); ++i) {
      const PartKind kind = a.parts[i].kind;
      if (kind != b.parts[i].kind) return std::nullopt;
      if (kind == PartKind::kValue && a.parts[i].value != b.parts[i].value) return std::nullopt;
      if (kind == PartKind::kPunct && text_of(a, i) != text_of(b, i)) return std::nullopt;
      if (kind != PartKind::kWord) continue;
      ++words;
      if (text_of(a, i) != text_of(b, i)) differing.insert(i);
    }
    const double equal = static_cast<double>(words - differing.size());
    if (differing.size() > kMostVaryingWords || equal < 2 ||
        equal < kLeastEqualWords * static_cast<double>(words))
      return std::nullopt;
    return differing;
  }

  std::vector<Aligned> align() const {
    std::vector<Aligned> groups;
    for (std::size_t shape = 0; shape < shapes_.size(); ++shape) {
      Aligned* best = nullptr;
      std::set<std::size_t> best_varying;
      for (Aligned& group : groups) {
        auto differing = differences(shapes_[group.shapes.front()], shapes_[shape]);
        if (!differing) continue;
        differing->insert(group.varying.begin(), group.varying.end());
        if (differing->size() > kMostVaryingWords) continue;
        if (best != nullptr && differing->size() >= best_varying.size()) continue;
        best = &group;
        best_varying = std::move(*differing);
      }
      if (best == nullptr) {
        groups.push_back({{shape}, {}});
        continue;
      }
      best->shapes.push_back(shape);
      best->varying = std::move(best_varying);
    }
    return groups;
  }

  // Bits to say one of `words`, seen `messages` times in all, from a list that is spelled out.
  static double listing_bits(const std::set<std::string_view>& words, double messages) {
    double bits = messages * std::log2(static_cast<double>(words.size()));
    for (const std::string_view word : words) bits += 8.0 * static_cast<double>(word.size() + 1);
    return bits;
  }
  // The same from a class of characters: a letter or digit takes a little over five bits.
  static double spelling_bits(std::span<const std::string_view> occurrences) {
    double bits = 16.0;
    for (const std::string_view word : occurrences) bits += 5.3 * static_cast<double>(word.size()) + 5.3;
    return bits;
  }

  // Whether another word than those seen is to be expected.
  static bool is_open(std::span<const std::string_view> occurrences) {
    const std::set<std::string_view> words(occurrences.begin(), occurrences.end());
    std::map<std::string_view, std::size_t> counts;
    for (const std::string_view word : occurrences) ++counts[word];
    const auto once = static_cast<std::size_t>(
        std::count_if(counts.begin(), counts.end(), [](const auto& count) { return count.second == 1; }));
    return words.size() >= kLeastWordsToGeneralise && 2 * once >= words.size() &&
           spelling_bits(occurrences) < listing_bits(words, static_cast<double>(occurrences.size()));
  }

  // Empty where the words at a position neither fit a list nor show that any word may stand there.
  static std::string word_slot(std::span<const std::string_view> occurrences) {
    if (is_open(occurrences)) return word_pattern(occurrences);
    const std::set<std::string_view> words(occurrences.begin(), occurrences.end());
    if (words.size() > kMostAlternatives) return "";
    std::string out;
    for (const std::string_view word : words) out += (out.empty() ? "" : "|") + escaped_literal(word);
    return out;
  }

  // Shapes that agree in their parts, but for the words at `varying` and what stands from part `rest` on.
  std::optional<Candidate> candidate(const std::vector<std::size_t>& shapes,
                                     const std::set<std::size_t>& varying,
                                     std::size_t rest = std::string::npos) const {
    Candidate out;
    const Shape& first = shapes_[shapes.front()];
    const std::size_t parts_before = std::min(rest, first.parts.size());
    std::vector<std::vector<std::string_view>> texts(parts_before);
    std::vector<std::string_view> rests;
    for (const std::size_t index : shapes) {
      for (const std::size_t message : shapes_[index].messages) {
        const std::vector<Part> parts = line_parts(messages_[message]);
        for (std::size_t i = 0; i < parts_before; ++i)
          texts[i].push_back(part_text(messages_[message], parts[i]));
        if (rest < parts.size()) rests.push_back(messages_[message].substr(parts[rest].begin));
        out.members.push_back(message);
      }
    }
    std::sort(out.members.begin(), out.members.end());
    std::array<std::size_t, kMaskedKinds> captures{};
    std::size_t word_captures = 0;
    out.pattern = "^";
    for (std::size_t i = 0; i < parts_before; ++i) {
      const Part& part = first.parts[i];
      const std::string_view text = text_of(first, i);
      if (part.kind == PartKind::kValue) {
        const std::size_t number = ++captures[static_cast<std::size_t>(part.value)];
        out.pattern +=
            fmt::format("(?P<{}{}>{})", placeholder(part.value), number, value_pattern(part.value, texts[i]));
        continue;
      }
      if (part.kind == PartKind::kWord && varying.contains(i)) {
        const std::string slot = word_slot(texts[i]);
        if (slot.empty()) return std::nullopt;
        out.pattern += fmt::format("(?P<word{}>{})", ++word_captures, slot);
        continue;
      }
      const bool is_one =
          std::all_of(texts[i].begin(), texts[i].end(), [&](auto other) { return other == text; });
      if (!is_one) {  // only blanks still differ
        out.pattern += "[ \\t]+";
        continue;
      }
      out.pattern += escaped_literal(text);
    }
    if (!rests.empty()) out.pattern += fmt::format("(?P<rest>{})", word_pattern(rests));
    out.pattern += '$';
    return out;
  }

  std::span<const std::string_view> messages_;
  std::vector<Shape> shapes_;
};

}  // namespace

std::vector<CandidateGroup> induce(std::span<const std::string_view> messages) {
  return Inducer(messages).run();
}

std::vector<CandidateGroup> induce_open_ends(std::span<const std::string_view> messages) {
  return Inducer(messages).run_with_open_ends();
}

}  // namespace logsieve
