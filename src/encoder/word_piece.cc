#include "encoder/word_piece.h"

#include <algorithm>
#include <cassert>
#include <optional>

#include "base/file.h"
#include "base/utf8.h"
#include "encoder/code_points.h"

namespace logsieve {
namespace {

constexpr std::size_t kMaxVocabBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxPieces = 1000000;
constexpr std::size_t kMaxCodePointBytes = 4;

// What an ASCII byte becomes: the byte to append to the word, or one of these.
constexpr unsigned char kVanishes = 0;
constexpr unsigned char kEndsWord = ' ';
constexpr unsigned char kIsWord = 0x80;  // with the byte in the other bits

struct AsciiSink {
  unsigned char action = kVanishes;
  constexpr void letter(char32_t c) { action = static_cast<unsigned char>(c); }
  constexpr void alone(char32_t c) { action = static_cast<unsigned char>(kIsWord | c); }
  constexpr void space() { action = kEndsWord; }
};

constexpr std::array<unsigned char, 128> ascii_actions() {
  std::array<unsigned char, 128> actions{};
  for (char32_t c = 0; c < actions.size(); ++c) {
    AsciiSink sink;
    normalise(c, sink);
    actions[c] = sink.action;
  }
  return actions;
}

constexpr std::array<unsigned char, 128> kAsciiActions = ascii_actions();

std::size_t write_utf8(char32_t c, char* out) {
  const auto tail = [c](unsigned shift) { return static_cast<char>(0x80U | ((c >> shift) & 0x3FU)); };
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<char>(0xC0U | (c >> 6U));
    out[1] = tail(0);
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xE0U | (c >> 12U));
    out[1] = tail(6);
    out[2] = tail(0);
    return 3;
  }
  out[0] = static_cast<char>(0xF0U | (c >> 18U));
  out[1] = tail(12);
  out[2] = tail(6);
  out[3] = tail(0);
  return 4;
}

// The lines of vocab.txt; a final newline ends the last line, it does not begin another.
std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_continuation(std::string_view line) {
  return line.starts_with("##") && line.size() > 2;
}

// The first eight bytes as a number that orders like the text: most comparisons end here, which takes the sort of
// 30,522 pieces from 17 to 7 million cycles.
std::uint64_t prefix_of(std::string_view text) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < sizeof prefix; ++i)
    prefix = prefix << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  return prefix;
}

// The pieces that can match something, sorted.
std::vector<PieceTrie::Piece> sorted_pieces(const std::vector<std::string_view>& lines) {
  struct Keyed {
    std::uint64_t prefix;
    PieceTrie::Piece piece;
  };
  std::vector<Keyed> keyed;
  keyed.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view text = lines[i].substr(is_continuation(lines[i]) ? 2 : 0);
    // No word is longer, so a longer piece never matches.
    if (text.empty() || text.size() > WordPiece::kMaxWordCodePoints * kMaxCodePointBytes) continue;
    keyed.push_back({prefix_of(text), {text, static_cast<std::int32_t>(i), is_continuation(lines[i])}});
  }
  std::ranges::sort(keyed, [](const Keyed& a, const Keyed& b) {
    if (a.piece.is_continuation != b.piece.is_continuation) return b.piece.is_continuation;
    return a.prefix != b.prefix ? a.prefix < b.prefix : a.piece < b.piece;
  });
  std::vector<PieceTrie::Piece> pieces;
  pieces.reserve(keyed.size());
  for (const Keyed& entry : keyed) pieces.push_back(entry.piece);
  return pieces;
}

// What is wrong with this vocabulary, at its line; none if all is well.
std::optional<Error> check_vocabulary(const std::vector<std::string_view>& lines,
                                      const std::vector<PieceTrie::Piece>& pieces, const std::string& file) {
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (!is_valid_utf8(lines[i]))
      return Error{ErrorCode::kCorruptModel, "a word piece that is not UTF-8"}.at(file, i + 1);
  const auto twice = std::ranges::adjacent_find(
      pieces, [](const PieceTrie::Piece& a, const PieceTrie::Piece& b) { return !(a < b); });
  if (twice == pieces.end()) return std::nullopt;
  const auto second = static_cast<std::size_t>(std::max(twice->id, std::next(twice)->id));
  return Error{ErrorCode::kCorruptModel, "a word piece that is there twice: " + std::string(lines[second])}
      .at(file, second + 1);
}

}  // namespace

Result<WordPiece> WordPiece::load(const std::filesystem::path& vocab) {
  auto text = read_file(vocab, kMaxVocabBytes);
  if (!text) return std::move(text).error();
  return parse(*text, vocab.string());
}

Result<WordPiece> WordPiece::parse(std::string_view vocab, const std::string& file) {
  const std::vector<std::string_view> lines = split_lines(vocab);
  if (lines.size() > kMaxPieces)
    return Error{ErrorCode::kCorruptModel, "more than " + std::to_string(kMaxPieces) + " word pieces"}.at(
        file);
  const std::vector<PieceTrie::Piece> pieces = sorted_pieces(lines);
  if (auto problem = check_vocabulary(lines, pieces, file)) return std::move(*problem);
  WordPiece tokenizer;
  tokenizer.size_ = lines.size();
  for (SpecialToken& special : tokenizer.specials_) {
    const auto found = std::find(lines.begin(), lines.end(), special.text);
    if (found == lines.end())
      return Error{ErrorCode::kCorruptModel, "the vocabulary has no " + std::string(special.text)}.at(file);
    special.id = static_cast<std::int32_t>(found - lines.begin());
  }
  tokenizer.trie_ = PieceTrie(pieces);
  for (std::size_t c = 0; c < tokenizer.ascii_ids_.size(); ++c) {
    const char byte = static_cast<char>(c);
    const PieceTrie::Match match = tokenizer.trie_.longest_at_start({&byte, 1});
    tokenizer.ascii_ids_[c] = match.id >= 0 ? match.id : tokenizer.id(kUnknown);
  }
  return tokenizer;
}

// One text on its way: collects the bytes of a word and appends its pieces when it ends.
class WordPiece::Cursor {
 public:
  Cursor(const WordPiece& owner, std::size_t end, std::vector<std::int32_t>& ids)
      : owner_(owner), end_(end), ids_(ids) {}

  bool is_full() const { return ids_.size() >= end_; }

  void ascii_letter(unsigned char byte) {
    if (++code_points_ > kMaxWordCodePoints) return;
    word_[size_++] = static_cast<char>(byte);
  }
  void letter(char32_t c) {
    if (++code_points_ > kMaxWordCodePoints) return;
    size_ += write_utf8(c, word_ + size_);
  }
  void alone(char32_t c) {
    end_word();
    letter(c);
    end_word();
  }
  void space() { end_word(); }
  void add_id(std::int32_t id) {
    end_word();
    ids_.push_back(id);
  }

  void end_word() {
    if (code_points_ == 0) return;
    const bool is_long = code_points_ > kMaxWordCodePoints;
    const std::string_view word(word_, size_);
    code_points_ = 0;
    size_ = 0;
    if (is_long || !add_pieces(word)) ids_.push_back(owner_.id(kUnknown));
  }

 private:
  // False, with `ids_` as before, if some part of the word is no piece.
  bool add_pieces(std::string_view word) {
    const std::size_t before = ids_.size();
    PieceTrie::Match match = owner_.trie_.longest_at_start(word);
    while (match.id >= 0) {
      ids_.push_back(match.id);
      word.remove_prefix(match.length);
      if (word.empty()) return true;
      match = owner_.trie_.longest_continuation(word);
    }
    ids_.resize(before);
    return false;
  }

  const WordPiece& owner_;
  std::size_t end_;
  std::vector<std::int32_t>& ids_;
  std::size_t code_points_ = 0;
  std::size_t size_ = 0;
  char word_[kMaxWordCodePoints * kMaxCodePointBytes];
};

void WordPiece::tokenize(std::string_view text, std::size_t max_ids, std::vector<std::int32_t>& ids) const {
  assert(max_ids >= 2);
  ids.push_back(id(kBegin));
  const std::size_t end = ids.size() + max_ids - 2;
  Cursor cursor(*this, end, ids);
  for (std::size_t i = 0; i < text.size() && !cursor.is_full();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x80) {
      const DecodedCodePoint decoded = decode_utf8(text, i);
      normalise(decoded.code_point, cursor);
      i += decoded.length;
      continue;
    }
    if (byte == '[') {
      const auto special = std::ranges::find_if(
          specials_, [&](const SpecialToken& token) { return text.substr(i).starts_with(token.text); });
      if (special != specials_.end()) {
        cursor.add_id(special->id);
        i += special->text.size();
        continue;
      }
    }
    ++i;
    const unsigned char action = kAsciiActions[byte];
    if (action == kVanishes) continue;
    if (action == kEndsWord)
      cursor.end_word();
    else if ((action & kIsWord) != 0)
      cursor.add_id(ascii_ids_[action & ~kIsWord]);
    else
      cursor.ascii_letter(action);
  }
  cursor.end_word();
  ids.resize(std::min(ids.size(), end));
  ids.push_back(id(kEnd));
}

}  // namespace logsieve
