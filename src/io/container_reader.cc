#include "io/container_reader.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "io/field_escapes.h"
#include "io/json_line.h"

namespace logsieve {
namespace {

// Streams of one file that may be in the middle of a line: there are two, and what names them is foreign.
constexpr std::size_t kMaxStreams = 16;

std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

bool is_time(std::string_view word) {
  constexpr std::string_view kShape = "0000-00-00T00:00:00";
  if (word.size() < kShape.size()) return false;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    const bool is_digit = word[i] >= '0' && word[i] <= '9';
    if (kShape[i] == '0' ? !is_digit : word[i] != kShape[i]) return false;
  }
  return true;
}

// A line that is cut into pieces, so far.
struct Partial {
  std::uint64_t line = 0;  // of its first piece
  std::string time;
  std::string text;
  bool is_dropped = false;  // it is too long: rejected already
};

// Lines that end later. Both parsers are this with a way to read a line and one to write a joined record.
class PieceJoiner : public LineParser {
 public:
  explicit PieceJoiner(const ReaderOptions& options) : max_bytes_(options.max_record_bytes) {}

  Held held() const override { return partials_.empty() ? Held::kNothing : Held::kOvertaken; }

  std::uint64_t held_line() const override {
    std::uint64_t first = 0;  // lines begin at 1
    for (const auto& [stream, partial] : partials_)
      if (first == 0 || partial.line < first) first = partial.line;
    return first;
  }

  void finish(BatchBuilder& batch) override {
    std::vector<std::pair<std::string, Partial>> left(std::make_move_iterator(partials_.begin()),
                                                      std::make_move_iterator(partials_.end()));
    partials_.clear();
    std::sort(left.begin(), left.end(),
              [](const auto& a, const auto& b) { return a.second.line < b.second.line; });
    for (auto& [stream, partial] : left)
      if (!partial.is_dropped) add_joined(stream, std::move(partial), 0, batch);
  }

 protected:
  // True: the piece was taken. False: it is a whole line.
  bool take_piece(std::uint64_t number, std::string_view stream, std::string_view time,
                  std::string_view content, bool is_last, std::size_t consumed, BatchBuilder& batch) {
    const auto found = partials_.find(stream);
    if (found == partials_.end() && (is_last || partials_.size() >= kMaxStreams)) return false;
    Partial& partial =
        found != partials_.end() ? found->second : partials_.try_emplace(std::string(stream)).first->second;
    if (partial.line == 0) {
      partial.line = number;
      partial.time = time;
    }
    if (!partial.is_dropped) partial.text += content;
    if (partial.text.size() > max_bytes_ && !partial.is_dropped) {
      batch.reject(partial.line, "longer than the limit of " + std::to_string(max_bytes_) + " bytes",
                   partial.text, consumed);
      partial.is_dropped = true;
      partial.text.clear();
    }
    if (!is_last) return true;
    Partial whole = std::move(partial);
    partials_.erase(partials_.find(stream));
    if (!whole.is_dropped) add_joined(std::string(stream), std::move(whole), consumed, batch);
    return true;
  }

  virtual void add_joined(const std::string& stream, Partial whole, std::size_t consumed,
                          BatchBuilder& batch) = 0;

 private:
  std::size_t max_bytes_;
  std::map<std::string, Partial, std::less<>> partials_;
};

class CriParser : public PieceJoiner {
 public:
  using PieceJoiner::PieceJoiner;
  InputFormat format() const override { return InputFormat::kCri; }

  void parse(std::uint64_t number, std::string_view line, std::size_t consumed,
             BatchBuilder& batch) override {
    const auto cri = parse_cri(line);
    if (!cri) {
      batch.add({number, line, {}, line}, consumed);
    } else if (!take_piece(number, cri->stream, cri->time, cri->content, !cri->is_partial, consumed, batch)) {
      batch.add({number, cri->content, {}, line, cri->time}, consumed);
    }
  }

 protected:
  void add_joined(const std::string& stream, Partial whole, std::size_t consumed,
                  BatchBuilder& batch) override {
    const std::string header = whole.time + ' ' + stream + " F ";
    const std::string_view raw = batch.keep(header + whole.text);
    batch.add({whole.line, raw.substr(header.size()), {}, raw, raw.substr(0, whole.time.size())}, consumed);
  }
};

class DockerParser : public PieceJoiner {
 public:
  explicit DockerParser(const ReaderOptions& options) : PieceJoiner(options), json_("log", "stream") {}
  InputFormat format() const override { return InputFormat::kDocker; }

  void parse(std::uint64_t number, std::string_view line, std::size_t consumed,
             BatchBuilder& batch) override {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    auto status = json_.read(line);
    if (status == JsonLine::Status::kInvalidUtf8) status = json_.read(batch.keep_repaired(line));
    if (status != JsonLine::Status::kOk) return batch.reject(number, json_.reason(), line, consumed);
    std::string_view log = json_.message(log_);
    const bool is_last = log.ends_with('\n');
    if (is_last) log.remove_suffix(1);
    if (log.ends_with('\r')) log.remove_suffix(1);
    const std::string_view time = json_.time(time_);
    if (take_piece(number, json_.source(stream_), time, log, is_last, consumed, batch)) return;
    batch.add({number, kept(log, log_, batch), {}, line, kept(time, time_, batch)}, consumed);
  }

 protected:
  void add_joined(const std::string& stream, Partial whole, std::size_t consumed,
                  BatchBuilder& batch) override {
    std::string object = "{\"log\":";
    append_json_string(whole.text + '\n', object);
    object += ",\"stream\":";
    append_json_string(stream, object);
    object += ",\"time\":";
    append_json_string(whole.time, object);
    object += '}';
    batch.add({whole.line, batch.keep(whole.text), {}, batch.keep(object), batch.keep(whole.time)}, consumed);
  }

 private:
  static std::string_view kept(std::string_view text, const std::string& scratch, BatchBuilder& batch) {
    return text.data() == scratch.data() ? batch.keep(text) : text;
  }

  JsonLine json_;
  std::string log_;
  std::string stream_;
  std::string time_;
};

}  // namespace

std::optional<CriLine> parse_cri(std::string_view line) {
  CriLine cri;
  cri.time = take_word(line);
  if (!is_time(cri.time)) return std::nullopt;
  cri.stream = take_word(line);
  if (cri.stream != "stdout" && cri.stream != "stderr") return std::nullopt;
  // Further tags may follow the first one, behind colons.
  const std::string_view tags = take_word(line);
  if (tags.empty() || (tags[0] != 'P' && tags[0] != 'F') || (tags.size() > 1 && tags[1] != ':'))
    return std::nullopt;
  cri.is_partial = tags[0] == 'P';
  cri.content = line;
  return cri;
}

bool is_docker_line(std::string_view line) {
  if (!line.starts_with("{\"log\":\"")) return false;
  return line.find("\",\"stream\":\"std") != std::string_view::npos &&
         line.find("\"time\":\"") != std::string_view::npos;
}

std::unique_ptr<LineParser> make_cri_parser(const ReaderOptions& options) {
  return std::make_unique<CriParser>(options);
}

std::unique_ptr<LineParser> make_docker_parser(const ReaderOptions& options) {
  return std::make_unique<DockerParser>(options);
}

}  // namespace logsieve
