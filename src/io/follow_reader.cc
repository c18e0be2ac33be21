#include "io/follow_reader.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "io/format_detect.h"
#include "io/input_stream.h"

namespace logsieve {
namespace {

constexpr std::size_t kPortionBytes = std::size_t{1} << 20U;  // of one file, then it is another one's turn
constexpr std::size_t kCarefulPortionBytes = std::size_t{64} << 10U;   // where each record is a batch
constexpr std::size_t kMaxPortionBytes = FollowedFile::kMaxLineBytes;  // if a record is that long
constexpr std::size_t kMagicBytes = 16;
constexpr auto kHoldFor = std::chrono::seconds(1);

// Where line `number`, from 1, begins in `text`.
std::size_t line_begin(std::string_view text, std::uint64_t number) {
  std::size_t at = 0;
  for (; number > 1; --number) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    at = end + 1;
  }
  return at;
}

InputLayout layout_of(const RecordReader& reader) {
  return {reader.format(), reader.columns(), std::string(reader.raw_header()), reader.delimiter()};
}

}  // namespace

FollowReader::FollowReader(std::vector<std::string> names, const std::vector<KnownFile>& known,
                           ReaderOptions options, FollowOptions follow_options)
    : options_(std::move(options)),
      portion_bytes_(options_.batch_records == 1 ? kCarefulPortionBytes : kPortionBytes),
      files_(std::move(names), known, std::move(follow_options)) {}

std::optional<FollowedBatch> FollowReader::next() {
  while (batches_.empty()) {
    FollowedFiles::Entry* const entry = files_.next();
    if (entry == nullptr) return std::nullopt;
    entry->packed.empty() ? read(*entry) : read_packed(*entry);
  }
  FollowedBatch batch = std::move(batches_.front());
  batches_.pop_front();
  files_.update_since(batch.file);  // what was found since it was read
  return batch;
}

std::vector<std::uint64_t> FollowReader::take_forgotten() {
  std::vector<std::uint64_t> keys = files_.take_forgotten();
  for (const std::uint64_t key : keys) states_.erase(key);
  return keys;
}

void FollowReader::read(FollowedFiles::Entry& entry) {
  FileState& state = states_[entry.key];
  for (std::size_t wanted = portion_bytes_;; wanted = std::min(4 * wanted, kMaxPortionBytes)) {
    auto lines = files_.peek(entry, wanted);
    if (!lines || is_packed_file(entry)) return;
    if (lines->too_long > 0) return skip_line(entry, state, *lines);
    if (lines->text.empty()) {
      if (!entry.is_last) return;
      states_.erase(entry.key);
      return files_.finish(entry);
    }
    if (!learn_layout(entry, state)) return;
    const bool is_held_long =
        state.held_bytes == lines->text.size() && FollowedFiles::Clock::now() - state.held_since >= kHoldFor;
    const bool is_final = lines->has_more ? wanted == kMaxPortionBytes : entry.is_last || is_held_long;
    auto parsed = parse(entry, *state.layout, lines->text, is_final);
    if (!parsed) return files_.leave_alone(entry, "cannot be followed: " + parsed.error().message);
    if (parsed->bytes == 0 && lines->has_more) continue;  // one record is longer than that
    const std::size_t bytes = parsed->bytes;
    give(entry, state, lines->text, std::move(*parsed));
    hold(entry, state, lines->text.size() - bytes);
    if (lines->has_more || entry.is_last) files_.again(entry);
    return;
  }
}

// A record that may go on: it is looked at again when something was added, or after a while.
void FollowReader::hold(FollowedFiles::Entry& entry, FileState& state, std::size_t bytes) {
  entry.revisit = FollowedFiles::Clock::time_point::max();
  if (bytes != state.held_bytes) state.held_since = FollowedFiles::Clock::now();
  state.held_bytes = bytes;
  if (bytes > 0) entry.revisit = state.held_since + kHoldFor;
}

void FollowReader::give(FollowedFiles::Entry& entry, const FileState& state, const std::string& text,
                        Parsed parsed) {
  const FollowedFile::Position begin = entry.file.position();
  const bool has_header = state.layout->format == InputFormat::kCsv && begin.offset > 0;
  const std::string& header = state.layout->raw_header;
  // A header that was put before the text is no part of it.
  const std::uint64_t header_bytes = has_header ? header.size() + 1 : 0;
  const std::uint64_t header_lines =
      has_header ? static_cast<std::uint64_t>(std::count(header.begin(), header.end(), '\n')) + 1 : 0;
  std::size_t used = 0;
  for (RecordBatch& batch : parsed.batches) {
    const std::size_t end = static_cast<std::size_t>(batch.end_offset - header_bytes);
    entry.file.consume(std::string_view(text).substr(used, end - used));
    for (Record& record : batch.records) record.line += begin.line - header_lines;
    for (Reject& reject : batch.rejects) reject.line += begin.line - header_lines;
    batch.begin_offset = begin.offset + used;
    batch.end_offset = begin.offset + end;
    batch.end_line = entry.file.position().line + 1;
    used = end;
    batches_.push_back({std::move(batch), entry.known(entry.file.position()), state.layout});
  }
  // Blank lines and the like behind the last record.
  entry.file.consume(std::string_view(text).substr(used, parsed.bytes - used));
}

// Text of a file from its position on. What belongs to a record that is not whole, and all behind it, is left out.
Result<FollowReader::Parsed> FollowReader::parse(const FollowedFiles::Entry& entry, const InputLayout& layout,
                                                 std::string_view text, bool is_final) const {
  const bool has_begun = entry.file.position().offset > 0;
  const std::string header =
      layout.format == InputFormat::kCsv && has_begun ? layout.raw_header + '\n' : std::string();
  ReaderOptions options = options_;
  options.format = layout.format;
  options.has_begun = has_begun;
  options.goes_on = !is_final;
  for (;;) {
    Parsed parsed;
    auto reader = read_records(memory_input(header + std::string(text)), entry.name, options);
    if (!reader) return std::move(reader).error();
    for (;;) {
      auto batch = (*reader)->next();
      if (!batch) return std::move(batch).error();
      const bool is_end = batch->records.empty() && batch->rejects.empty();
      if (is_end && !batch->can_restart) {
        text = text.substr(0, line_begin(text, batch->end_line));
        break;
      }
      parsed.bytes = static_cast<std::size_t>(batch->end_offset) - header.size();
      if (is_end) return parsed;
      parsed.batches.push_back(std::move(*batch));
    }
    if (text.empty()) return Parsed{};
  }
}

void FollowReader::skip_line(FollowedFiles::Entry& entry, FileState& state,
                             const FollowedFile::Lines& lines) {
  if (!learn_layout(entry, state)) return;
  const FollowedFile::Position begin = entry.file.position();
  if (auto skipped = entry.file.skip_line(lines.too_long); !skipped)
    return files_.leave_alone(entry, "cannot be read: " + skipped.error().message);
  RecordBatch batch;
  batch.rejects.push_back(
      {begin.line + 1, 0,
       "longer than the limit of " + std::to_string(FollowedFile::kMaxLineBytes) + " bytes", lines.text});
  batch.begin_offset = begin.offset;
  batch.end_offset = entry.file.position().offset;
  batch.end_line = begin.line + 2;
  batches_.push_back({std::move(batch), entry.known(entry.file.position()), state.layout});
  files_.again(entry);
}

// The rest of a file that was packed before it was read to its end.
void FollowReader::read_packed(FollowedFiles::Entry& entry) {
  FileState& state = states_[entry.key];
  const FollowedFile::Position begin = entry.file.position();
  const auto end = [&](const Error& error) {
    files_.leave_alone(entry, "cannot be read to its end from " + entry.packed + ": " + error.message);
    states_.erase(entry.key);
    files_.finish(entry);
  };
  if (!state.packed) {
    auto reader = open_records(entry.packed, options_);
    if (!reader) return end(reader.error());
    if (auto skipped = (*reader)->skip_to(begin.offset, begin.line + 1); !skipped)
      return end(skipped.error());
    state.layout = shared(layout_of(**reader));
    state.packed = std::move(*reader);
  }
  auto batch = state.packed->next();
  if (!batch) return end(batch.error());
  if (batch->records.empty() && batch->rejects.empty()) {
    states_.erase(entry.key);
    return files_.finish(entry);
  }
  FollowedFile::Position at = begin;
  if (batch->can_restart) {
    at.offset = batch->end_offset;
    at.line = batch->end_line - 1;
    at.tail_bytes = 0;  // of the packed file nothing else is compared than how it begins
  }
  entry.file = FollowedFile(at);
  batches_.push_back({std::move(*batch), entry.known(at), state.layout});
  files_.again(entry);
}

// It need not have anything like a line.
bool FollowReader::is_packed_file(FollowedFiles::Entry& entry) {
  if (entry.file.position().offset > 0) return false;
  const auto head = entry.file.head(kMagicBytes);
  if (!head || !is_packed(*head)) return false;
  files_.leave_alone(entry, "is packed: it is not followed");
  return true;
}

// Told from the beginning of the file, wherever reading goes on in it. False: it is none that can be followed.
bool FollowReader::learn_layout(FollowedFiles::Entry& entry, FileState& state) {
  if (state.layout && entry.file.position().offset > 0) return true;
  auto head = entry.file.head(kDetectBytes);
  if (!head) {
    files_.leave_alone(entry, "cannot be read: " + head.error().message);
    return false;
  }
  auto reader = read_records(memory_input(std::move(*head)), entry.name, options_);
  if (!reader) {
    files_.leave_alone(entry, "is not followed: " + reader.error().message);
    return false;
  }
  state.layout = shared(layout_of(**reader));
  return true;
}

// One for all files that are alike.
std::shared_ptr<const InputLayout> FollowReader::shared(InputLayout layout) {
  for (const auto& known : layouts_)
    if (*known == layout) return known;
  return layouts_.emplace_back(std::make_shared<const InputLayout>(std::move(layout)));
}

}  // namespace logsieve
