#include "training/data/template_file.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/file.h"

namespace logsieve {
namespace {

constexpr std::array<std::string_view, 8> kSources = {"AnalyticsEngine", "BillingSystem", "EdgeNetwork",
                                                      "LegacyCRM",       "ModernCRM",     "ModernHR",
                                                      "PaymentGateway",  "PlatformOps"};
constexpr std::array<std::string_view, 9> kLabels = {
    "Critical Error", "Deprecation Warning", "Error",       "HTTP Status",   "Resource Usage",
    "Security Alert", "System Notification", "User Action", "Workflow Error"};
constexpr std::array<std::string_view, 3> kComplexities = {"bert", "llm", "regex"};
constexpr std::string_view kHeaderMark = "@@";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// One template's text to pieces: recursive descent, where a choice's alternatives are texts again.
class PieceParser {
 public:
  explicit PieceParser(std::string_view text) : text_(text) {}

  Result<std::vector<TemplatePiece>> parse() { return parse_until_end(false); }
  std::size_t column() const { return error_at_ + 1; }

 private:
  using Pieces = std::vector<TemplatePiece>;

  Result<Pieces> parse_until_end(bool is_in_choice) {
    Pieces pieces;
    std::string literal;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (is_in_choice && (c == '|' || closes(at_))) break;
      if (is_escape(is_in_choice)) {
        literal += text_[at_ + 1];
        at_ += 2;
      } else if (c == '<') {
        flush(literal, pieces);
        auto piece = parse_angle();
        if (!piece) return std::move(piece).error();
        pieces.push_back(*std::move(piece));
      } else {
        literal += c;
        ++at_;
      }
    }
    flush(literal, pieces);
    return pieces;
  }

  // A '>' ends a slot or choice, except that of an arrow: states are written "<up -> down|down -> up>".
  bool closes(std::size_t at) const { return text_[at] == '>' && text_[at - 1] != '-'; }

  bool is_escape(bool is_in_choice) const {
    if (text_[at_] != '\\' || at_ + 1 >= text_.size()) return false;
    const char next = text_[at_ + 1];
    return next == '<' || next == '>' || (is_in_choice && next == '|');
  }

  static void flush(std::string& literal, Pieces& pieces) {
    if (literal.empty()) return;
    TemplatePiece piece;
    piece.text = std::move(literal);
    pieces.push_back(std::move(piece));
    literal.clear();
  }

  // At '<': a slot if the text up to the next of "<|>" ends at '>', else a choice.
  Result<TemplatePiece> parse_angle() {
    const std::size_t open = at_++;
    std::size_t stop = at_;
    while (stop < text_.size() && text_[stop] != '<' && text_[stop] != '|' && !closes(stop)) ++stop;
    if (stop == text_.size()) return fail(open, Error{ErrorCode::kBadInput, "no '>' closes this '<'"});
    if (text_[stop] != '>') return parse_choice(open);
    auto slot = parse_slot(text_.substr(at_, stop - at_));
    if (!slot) return fail(open, std::move(slot).error());
    at_ = stop + 1;
    TemplatePiece piece;
    piece.kind = TemplatePiece::Kind::kSlot;
    piece.slot = *slot;
    return piece;
  }

  Result<TemplatePiece> parse_choice(std::size_t open) {
    TemplatePiece piece;
    piece.kind = TemplatePiece::Kind::kChoice;
    for (;;) {
      auto alternative = parse_until_end(true);
      if (!alternative) return std::move(alternative).error();
      piece.alternatives.push_back(*std::move(alternative));
      if (at_ >= text_.size()) return fail(open, Error{ErrorCode::kBadInput, "no '>' closes this choice"});
      if (text_[at_++] == '>') break;
    }
    if (piece.alternatives.size() < 2)
      return fail(open, Error{ErrorCode::kBadInput, "this is neither a slot nor a choice"}.with_help(
                            "a literal < is written \\<; a choice has alternatives: <a|b>"));
    return piece;
  }

  Error fail(std::size_t at, Error error) {
    error_at_ = at;
    return error;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t error_at_ = 0;
};

struct Section {
  std::string source;
  std::string label;
  std::string complexity;
};

struct HeaderField {
  const char* what;
  std::span<const std::string_view> known;
  std::string Section::*member;
};
const std::array<HeaderField, 3> kHeaderFields = {
    HeaderField{"source", kSources, &Section::source}, HeaderField{"label", kLabels, &Section::label},
    HeaderField{"complexity", kComplexities, &Section::complexity}};

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) (text += text.empty() ? "" : ", ") += word;
  return text;
}

// One file's reading: the section in force, the templates so far, every error.
class FileParser {
 public:
  FileParser(const std::string& file) : file_(file) {}

  void take_line(std::string_view line) {
    ++line_;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (line.empty() || line == "#" || line.starts_with("# ")) return;
    if (line.starts_with(kHeaderMark)) return take_header(line);
    if (!section_) {
      if (!has_bad_header_)
        refuse(Error{ErrorCode::kBadInput, "a template before any section header"}, line, 1);
      return;
    }
    PieceParser parser(line);
    auto pieces = parser.parse();
    if (!pieces) return refuse(std::move(pieces).error(), line, parser.column());
    templates_.push_back({.source = section_->source,
                          .label = section_->label,
                          .complexity = section_->complexity,
                          .text = std::string(line),
                          .pieces = *std::move(pieces),
                          .file = file_,
                          .line = line_});
  }

  Result<std::vector<LogTemplate>> finish() && {
    if (errors_.empty()) return std::move(templates_);
    Error first = std::move(errors_.front());
    errors_.erase(errors_.begin());
    first.others = std::move(errors_);
    return first;
  }

 private:
  void take_header(std::string_view line) {
    Section section;
    std::size_t at = kHeaderMark.size();
    section_.reset();
    has_bad_header_ = true;
    for (std::size_t i = 0; i < kHeaderFields.size(); ++i) {
      const HeaderField& field = kHeaderFields[i];
      const bool is_last = i + 1 == kHeaderFields.size();
      const std::size_t bar = is_last ? line.size() : line.find('|', at);
      if (bar == std::string_view::npos)
        return refuse(Error{ErrorCode::kBadInput, "a header reads: @@ source | label | complexity"}, line,
                      at + 1);
      const std::string_view name = trimmed(line.substr(at, bar - at));
      if (std::find(field.known.begin(), field.known.end(), name) == field.known.end())
        return refuse(Error{ErrorCode::kBadInput,
                            std::string("unknown ") + field.what + " \"" + std::string(name) + "\""}
                          .with_help("known: " + joined(field.known)),
                      line, line.find_first_not_of(' ', at) + 1);
      section.*field.member = std::string(name);
      at = bar + 1;
    }
    section_ = std::move(section);
    has_bad_header_ = false;
  }

  void refuse(Error error, std::string_view line, std::size_t column) {
    errors_.push_back(std::move(error).at(file_, line_, column).with_source(std::string(line)));
  }

  std::string file_;
  std::size_t line_ = 0;
  std::optional<Section> section_;
  bool has_bad_header_ = false;  // its lines are not reported one by one
  std::vector<LogTemplate> templates_;
  std::vector<Error> errors_;
};

}  // namespace

std::span<const std::string_view> known_sources() {
  return kSources;
}
std::span<const std::string_view> known_labels() {
  return kLabels;
}
std::span<const std::string_view> known_complexities() {
  return kComplexities;
}

Result<std::vector<LogTemplate>> parse_templates(std::string_view text, const std::string& file) {
  FileParser parser(file);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    parser.take_line(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return std::move(parser).finish();
}

Result<std::vector<LogTemplate>> load_templates(const std::filesystem::path& folder) {
  std::error_code failure;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure))
    if (entry->path().extension() == ".txt") files.push_back(entry->path());
  if (failure) return io_error("list", folder, failure.value());
  if (files.empty()) return Error{ErrorCode::kNotFound, "no template file (*.txt) here"}.at(folder.string());
  std::sort(files.begin(), files.end());
  std::vector<LogTemplate> all;
  for (const auto& file : files) {
    auto bytes = read_file(file);
    if (!bytes) return std::move(bytes).error();
    auto templates = parse_templates(*bytes, file.string());
    if (!templates) return std::move(templates).error();
    std::move(templates->begin(), templates->end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace logsieve
