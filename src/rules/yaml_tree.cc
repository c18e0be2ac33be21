#include "rules/yaml_tree.h"

#include <algorithm>
#include <sstream>
#include <utility>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "base/utf8.h"

namespace logsieve {
namespace {

std::size_t offset_of(const YAML::Mark& mark) {
  return mark.pos < 0 ? 0 : static_cast<std::size_t>(mark.pos);
}

// Whether the quoted scalar at `begin` has its closing quote: yaml-cpp takes the end of the file for one.
bool is_closed(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || text.substr(i + 1, 1) != "'") return true;
      ++i;
    }
  }
  return false;
}

// Builds the tree from yaml-cpp's events. After the first problem it only lets events pass.
class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(std::string_view text) : text_(text) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) refuse(mark, "a second YAML document begins here", "a rule book is one document");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check(mark, anchor, "");
    add(YamlNode{YamlKind::kNull, offset_of(mark)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_alias(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check(mark, anchor, tag);
    const std::size_t offset = offset_of(mark);
    const bool is_quoted = offset < text_.size() && (text_[offset] == '"' || text_[offset] == '\'');
    if (is_quoted && !is_closed(text_, offset)) refuse(mark, "this quote is never closed", "");
    add(YamlNode{YamlKind::kScalar, offset, value});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlKind::kList, mark, tag, anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(YamlKind::kMap, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  const std::optional<Problem>& problem() const { return problem_; }
  YamlNode take_root() { return std::move(root_); }

 private:
  void refuse(const YAML::Mark& mark, std::string message, std::string help) {
    if (!problem_) problem_ = Problem{offset_of(mark), std::move(message), "", std::move(help)};
  }
  void refuse_alias(const YAML::Mark& mark) {
    refuse(mark, "YAML anchors and aliases are not read here", "write the value out");
  }
  void check(const YAML::Mark& mark, YAML::anchor_t anchor, const std::string& tag) {
    if (anchor != 0) refuse_alias(mark);
    if (!tag.empty() && tag != "?" && tag != "!")
      refuse(mark, "YAML tags are not read here", "leave the tag out");
    if (++nodes_ > kMaxYamlNodes)
      refuse(mark, "more than " + std::to_string(kMaxYamlNodes) + " values", "split the book");
  }
  void open(YamlKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    check(mark, anchor, tag);
    if (stack_.size() >= kMaxYamlDepth)
      refuse(mark, "nested more than " + std::to_string(kMaxYamlDepth) + " levels deep",
             "a rule is a map in the list `rules`");
    if (!problem_) stack_.push_back(YamlNode{kind, offset_of(mark)});
  }
  void close() {
    if (problem_) return;
    YamlNode node = std::move(stack_.back());
    stack_.pop_back();
    add(std::move(node));
  }
  void add(YamlNode node) {
    if (problem_) return;
    if (stack_.empty()) {
      root_ = std::move(node);
    } else {
      stack_.back().items.push_back(std::move(node));
    }
  }

  std::string_view text_;
  YamlNode root_;
  std::vector<YamlNode> stack_;
  std::size_t nodes_ = 0;
  std::size_t documents_ = 0;
  std::optional<Problem> problem_;
};

// yaml-cpp replaces bad UTF-8 in silence and takes byte 4 for the end of the file, so bytes are checked first.
std::optional<Problem> bad_bytes(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const DecodedCodePoint decoded = decode_utf8(text, i);
    if (!decoded.is_valid) return Problem{i, "not UTF-8", "this byte", "save the file as UTF-8"};
    const char32_t c = decoded.code_point;
    if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F)
      return Problem{i, "a control byte", "here",
                     R"(write it as an escape in double quotes, such as "\x1b")"};
    i += decoded.length;
  }
  return std::nullopt;
}

// Bytes that an escape of a double-quoted scalar takes in the text, and in the value.
std::pair<std::size_t, std::size_t> escape_lengths(std::string_view text, std::size_t backslash) {
  const char kind = backslash + 1 < text.size() ? text[backslash + 1] : '\0';
  const std::size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  if (digits == 0) return {2, kind == 'N' || kind == '_' ? 2 : kind == 'L' || kind == 'P' ? 3 : 1};
  const std::string number(text.substr(backslash + 2, digits));
  std::string encoded;
  append_utf8(static_cast<char32_t>(std::strtoul(number.c_str(), nullptr, 16)), encoded);
  return {2 + digits, encoded.size()};
}

std::optional<std::size_t> place_in_quoted(std::string_view text, std::size_t begin,
                                           std::size_t value_offset) {
  const char quote = text[begin];
  std::size_t at = begin + 1;
  for (std::size_t value = 0; value < value_offset && at < text.size();) {
    if (text[at] == '\n' || text[at] == '\r') return std::nullopt;
    std::pair<std::size_t, std::size_t> lengths{1, 1};
    if (quote == '\'' && text[at] == '\'') lengths = {2, 1};
    if (quote == '"' && text[at] == '\\') lengths = escape_lengths(text, at);
    at += lengths.first;
    value += lengths.second;
  }
  return at;
}

}  // namespace

std::optional<YamlNode> read_yaml(BookDiagnostics& diagnostics) {
  if (auto problem = bad_bytes(diagnostics.text())) {
    diagnostics.add(std::move(*problem));
    return std::nullopt;
  }
  TreeBuilder builder(diagnostics.text());
  try {
    std::istringstream in{std::string(diagnostics.text())};
    YAML::Parser parser(in);
    while (parser.HandleNextDocument(builder) && !builder.problem()) {
    }
  } catch (const YAML::Exception& error) {
    const Problem syntax{offset_of(error.mark), "not YAML: " + error.msg, "", ""};
    diagnostics.add(builder.problem().value_or(syntax));
    return std::nullopt;
  }
  if (builder.problem()) {
    diagnostics.add(*builder.problem());
    return std::nullopt;
  }
  return builder.take_root();
}

std::size_t place_in_scalar(std::string_view text, const YamlNode& scalar, std::size_t value_offset) {
  const std::size_t begin = scalar.offset;
  if (begin >= text.size()) return text.size();
  if (text[begin] == '\'' || text[begin] == '"')
    return place_in_quoted(text, begin, value_offset).value_or(begin);
  const std::string_view head = std::string_view(scalar.scalar).substr(0, value_offset);
  return text.substr(begin, head.size()) == head ? begin + head.size() : begin;
}

}  // namespace logsieve
