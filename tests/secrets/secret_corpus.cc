#include "tests/secrets/secret_corpus.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "tests/secrets/corpus_halves.h"
#include "tests/secrets/secret_values.h"

namespace logsieve::secrets {
namespace {

std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(mark, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// Reads one shape from left to right.
class ShapeReader {
 public:
  ShapeReader(std::string_view shape, Random& random) : shape_(shape), random_(random) {}

  Expansion read() {
    while (at_ < shape_.size()) read_part();
    if (!payload_start_.empty())
      throw std::logic_error("a shape has a < without a >: " + std::string(shape_));
    return std::move(out_);
  }

 private:
  void read_part() {
    const char c = shape_[at_++];
    if (c == '\\') {
      out_.text += shape_[at_++];
    } else if (c == '<') {
      payload_start_.push_back(out_.text.size());
    } else if (c == '>') {
      out_.payloads.push_back(out_.text.substr(payload_start_.back()));
      payload_start_.pop_back();
    } else if (c == '%') {
      out_.text += secret_value(until('%'), random_);
    } else if (c == '[') {
      read_class();
    } else {
      out_.text += c;
    }
  }

  std::string_view until(char mark) {
    const std::size_t end = shape_.find(mark, at_);
    const std::string_view part = shape_.substr(at_, end - at_);
    at_ = end + 1;
    return part;
  }

  void read_class() {
    const std::string_view ranges = until(']');
    std::string members;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      const bool is_range = i + 2 < ranges.size() && ranges[i + 1] == '-';
      for (char c = ranges[i]; c <= (is_range ? ranges[i + 2] : ranges[i]); ++c) members += c;
      if (is_range) i += 2;
    }
    std::size_t count = 1;
    if (at_ < shape_.size() && shape_[at_] == '{') {
      ++at_;
      const auto bounds = split(until('}'), ',');
      count = std::stoul(std::string(bounds.front()));
      count += random_.below(std::stoul(std::string(bounds.back())) - count + 1);
    }
    for (; count > 0; --count) out_.text += members[random_.below(members.size())];
  }

  std::string_view shape_;
  Random& random_;
  std::size_t at_ = 0;
  Expansion out_;
  std::vector<std::size_t> payload_start_;
};

std::string replaced(std::string text, std::string_view mark, std::string_view by) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size()))
    text.replace(at, mark.size(), by);
  return text;
}

SecretLine make_line(const SecretFamily& family, Half half, Random& random) {
  Expansion secret = expand_shape(family.shape, random);
  const auto lines = carriers(family.carriers, half);
  if (lines.empty()) throw std::logic_error("no carriers are called " + std::string(family.carriers));
  const auto keys = split(family.keys, '|');
  std::string carrier(lines[random.below(lines.size())]);
  carrier = replaced(std::move(carrier), "%k", keys[random.below(keys.size())]);
  carrier = replaced(std::move(carrier), "%n", std::to_string(1 + random.below(90'000)));
  return {std::string(family.name), replaced(carrier, "%s", secret.text), replaced(carrier, "%s", ""),
          std::move(secret.payloads)};
}

CorpusHalf corpus_half(Half half) {
  return half == Half::kDevelopment ? development_half() : held_out_half();
}

bool is_explained(std::string_view piece, std::string_view carrier) {
  constexpr std::array<std::string_view, 12> kPlaceholders = {
      "number", "address", "email", "secret", "account", "path", "time", "name", "hex", "url", "id", "phone"};
  if (carrier.find(piece) != std::string_view::npos) return true;
  return std::any_of(kPlaceholders.begin(), kPlaceholders.end(),
                     [piece](std::string_view word) { return word.find(piece) != std::string_view::npos; });
}

}  // namespace

std::span<const SecretFamily> families(Half half) {
  return corpus_half(half).families;
}

std::span<const std::string_view> carriers(std::string_view kind, Half half) {
  for (const CarrierKind& known : corpus_half(half).carriers)
    if (known.name == kind) return known.lines;
  return {};
}

Expansion expand_shape(std::string_view shape, Random& random) {
  return ShapeReader(shape, random).read();
}

std::vector<SecretLine> secret_lines(Half half, std::size_t count, std::uint64_t seed) {
  Random random(seed);
  const auto all = families(half);
  std::vector<SecretLine> lines;
  lines.reserve(count);
  for (std::size_t i = 0; i < count; ++i) lines.push_back(make_line(all[i % all.size()], half, random));
  return lines;
}

std::string leaked_piece(const SecretLine& line, std::string_view outgoing) {
  constexpr std::size_t kPiece = 4;
  for (const std::string& payload : line.payloads) {
    const std::size_t size = std::min(kPiece, payload.size());
    for (std::size_t i = 0; i + size <= payload.size(); ++i) {
      const std::string piece = payload.substr(i, size);
      if (outgoing.find(piece) != std::string_view::npos && !is_explained(piece, line.carrier)) return piece;
    }
  }
  return {};
}

}  // namespace logsieve::secrets
