// One thread's time to turn lines into word-piece ids: what bench/tokenizer/compare.py times against its rival.
//
//   tokenizer_bench VOCAB TEXTS PASSES     one JSON object: lines, ids, bytes, seconds of each pass
//   tokenizer_bench VOCAB TEXTS ids        the ids themselves, a line of blank-separated numbers each
//
// TEXTS: one text a line, at most 256 ids are kept of each.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "encoder/word_piece.h"

namespace logsieve {
namespace {

constexpr std::size_t kMaxIds = 256;
constexpr std::size_t kMaxBytes = std::size_t{1} << 30U;

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

void print_ids(const WordPiece& tokenizer, const std::vector<std::string_view>& lines) {
  std::vector<std::int32_t> ids;
  for (const std::string_view line : lines) {
    ids.clear();
    tokenizer.tokenize(line, kMaxIds, ids);
    for (std::size_t i = 0; i < ids.size(); ++i) std::printf(i > 0 ? " %d" : "%d", ids[i]);
    std::printf("\n");
  }
}

// As the encoder does it: the ids of all lines one after another, with where each line ends.
void print_times(const WordPiece& tokenizer, const std::vector<std::string_view>& lines, std::size_t bytes,
                 int passes) {
  std::vector<std::int32_t> ids;
  std::vector<std::size_t> ends;
  std::printf("{\"lines\":%zu,\"bytes\":%zu,\"seconds\":[", lines.size(), bytes);
  for (int pass = 0; pass <= passes; ++pass) {
    ids.clear();
    ends.clear();
    const auto start = std::chrono::steady_clock::now();
    for (const std::string_view line : lines) {
      tokenizer.tokenize(line, kMaxIds, ids);
      ends.push_back(ids.size());
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (pass > 0) std::printf(pass > 1 ? ",%.6f" : "%.6f", seconds);  // the first warms up
  }
  std::printf("],\"ids\":%zu}\n", ids.size());
}

int run(const char* vocab, const char* texts, const std::string& wanted) {
  const auto tokenizer = WordPiece::load(vocab);
  const auto text = read_file(texts, kMaxBytes);
  if (!tokenizer || !text) {
    std::fprintf(stderr, "%s\n", (!tokenizer ? tokenizer.error() : text.error()).message.c_str());
    return 1;
  }
  const std::vector<std::string_view> lines = split_lines(*text);
  if (wanted == "ids")
    print_ids(*tokenizer, lines);
  else
    print_times(*tokenizer, lines, text->size() - lines.size(), std::atoi(wanted.c_str()));
  return 0;
}

}  // namespace
}  // namespace logsieve

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: tokenizer_bench VOCAB TEXTS PASSES|ids\n");
    return 2;
  }
  return logsieve::run(argv[1], argv[2], argv[3]);
}
