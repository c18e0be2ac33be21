#include "io/logfmt_reader.h"

#include <string>

#include "io/field_names.h"
#include "io/json_text.h"

namespace logsieve {
namespace {

struct Pair {
  std::string_view key;
  std::string_view value;  // with its quotes
  bool has_value = false;
};

// The next token of `rest`; nothing if it is none.
std::optional<Pair> take_pair(std::string_view& rest) {
  const std::size_t key_end = std::min(rest.find_first_of(" =\""), rest.size());
  Pair pair{rest.substr(0, key_end), {}, false};
  if (pair.key.empty()) return std::nullopt;
  rest.remove_prefix(key_end);
  if (!rest.starts_with('=')) return rest.starts_with('"') ? std::nullopt : std::optional(pair);
  pair.has_value = true;
  rest.remove_prefix(1);
  std::size_t end = 0;
  if (rest.starts_with('"')) {
    end = 1;
    while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
    if (end >= rest.size()) return std::nullopt;
    ++end;
    if (end < rest.size() && rest[end] != ' ') return std::nullopt;
  } else {
    end = std::min(rest.find(' '), rest.size());
  }
  pair.value = rest.substr(0, end);
  rest.remove_prefix(end);
  return pair;
}

void offer(std::string_view& field, std::size_t& best, std::string_view value, std::size_t rank) {
  if (rank >= best) return;
  field = value;
  best = rank;
}

std::size_t rank_of(std::string_view key, const std::string& wanted, std::size_t conventional) {
  if (wanted.empty()) return conventional;
  return key == wanted ? 0 : kNoRank;
}

class LogfmtParser : public LineParser {
 public:
  explicit LogfmtParser(const ReaderOptions& options) : options_(options) {}
  InputFormat format() const override { return InputFormat::kLogfmt; }

  void parse(std::uint64_t number, std::string_view line, std::size_t consumed,
             BatchBuilder& batch) override {
    const auto fields = parse_logfmt(line, options_);
    Record record{number, line, {}, line};
    if (fields && !fields->message.empty()) {
      record.message = text_of(fields->message, batch);
      record.source = text_of(fields->source, batch);
      record.time = text_of(fields->time, batch);
    }
    batch.add(record, consumed);
  }

 private:
  // Escapes are those of Go's strconv.Quote, which JSON's cover but for \x and \a; such a value stays as it stands.
  std::string_view text_of(std::string_view value, BatchBuilder& batch) {
    if (!value.starts_with('"')) return value;
    const std::string_view inside = value.substr(1, value.size() - 2);
    if (inside.find('\\') == std::string_view::npos) return inside;
    scratch_.clear();
    return unescape_json(inside, scratch_) ? batch.keep(scratch_) : inside;
  }

  ReaderOptions options_;
  std::string scratch_;
};

}  // namespace

std::optional<LogfmtLine> parse_logfmt(std::string_view line, const ReaderOptions& options) {
  LogfmtLine fields;
  std::size_t message = kNoRank;
  std::size_t source = kNoRank;
  std::size_t time = kNoRank;
  std::size_t pairs = 0;
  bool is_first = true;
  while (!line.empty()) {
    if (line.front() == ' ') {
      line.remove_prefix(1);
      continue;
    }
    const auto pair = take_pair(line);
    if (!pair || (is_first && !pair->has_value)) return std::nullopt;
    is_first = false;
    if (!pair->has_value) continue;
    ++pairs;
    offer(fields.message, message, pair->value,
          rank_of(pair->key, options.message_column, message_name_rank(pair->key)));
    offer(fields.source, source, pair->value,
          rank_of(pair->key, options.source_column, source_name_rank(pair->key)));
    offer(fields.time, time, pair->value, time_name_rank(pair->key));
  }
  return pairs < 2 ? std::nullopt : std::optional(fields);
}

std::unique_ptr<LineParser> make_logfmt_parser(const ReaderOptions& options) {
  return std::make_unique<LogfmtParser>(options);
}

}  // namespace logsieve
