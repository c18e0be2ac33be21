#include "cli/follow_session.h"

#include <cassert>
#include <charconv>
#include <string_view>
#include <utility>

#include "base/stop_signal.h"

namespace logsieve {
namespace {

constexpr int kIdleMs = 50;

// A name may hold any byte but NUL and '/', and a note is one line of the journal.
std::string escaped(std::string_view name) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && c != '%') {
      text += c;
    } else {
      text += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return text;
}

std::string unescaped(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      name += static_cast<char>(byte);
      i += 2;
    } else {
      name += text[i];
    }
  }
  return name;
}

}  // namespace

std::string follow_note(const KnownFile& file) {
  std::string text;
  for (const auto& [name, number] : kPositionMembers) text += std::to_string(file.position.*number) + ' ';
  return text + std::to_string(file.since_ns) + ' ' + escaped(file.name);
}

std::vector<KnownFile> followed_from(const std::map<std::uint64_t, std::string>& notes) {
  std::vector<KnownFile> files;
  for (const auto& [key, text] : notes) {
    KnownFile file{key, {}, {}, 0};
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto read = [&](auto& number) {
      const auto [next, failure] = std::from_chars(at, end, number);
      if (failure == std::errc() && next != end) at = next + 1;  // the space
    };
    for (const auto& [name, number] : kPositionMembers) read(file.position.*number);
    read(file.since_ns);
    file.name = unescaped({at, static_cast<std::size_t>(end - at)});
    files.push_back(std::move(file));
  }
  return files;
}

bool is_followed_death_ahead(const ResumableOutput& output) {
  const auto death = output.death();
  if (!death) return false;
  for (const KnownFile& file : followed_from(output.notes()))
    if (file.key == death->source) return death->offset >= file.position.offset;
  return true;  // of a file from which nothing was committed yet
}

FollowSession::FollowSession(std::unique_ptr<FollowReader> reader, Options options)
    : reader_(std::move(reader)), options_(std::move(options)) {}

bool FollowSession::look() {
  if (!next_) next_ = reader_->next();
  for (const std::string& notice : reader_->take_notices()) options_.tell(notice);
  return next_.has_value();
}

bool FollowSession::has_ready() {
  reader_->watch();
  return look();
}

// False: there is nothing to wait for any more.
bool FollowSession::wait() {
  if (stop_requested()) return false;
  if (options_.on_wait) options_.on_wait();
  has_lost_reader_ = !wait_idle(kIdleMs, options_.output_pipe);
  return !has_lost_reader_ && !stop_requested();
}

Result<bool> FollowSession::wait_for_layout() {
  while (!look()) {
    if (auto settled = settle(); !settled) return std::move(settled).error();
    if (!wait()) return false;
  }
  layout_ = next_->layout;
  return true;
}

Result<RecordBatch> FollowSession::next() {
  while (!look()) {
    // Something came for nothing, and batches are still under way: they must not wait for what may never come.
    if (!given_.empty()) return RecordBatch{};
    if (auto settled = settle(); !settled) return std::move(settled).error();
    if (!wait()) return Error{ErrorCode::kInterrupted, "following was ended"};
  }
  if (*next_->layout != *layout_) return RecordBatch{};
  given_.push_back({std::move(next_->file), reader_->take_moved(), reader_->take_forgotten()});
  RecordBatch batch = std::move(next_->records);
  next_.reset();
  return batch;
}

Result<void> FollowSession::skip_to(std::uint64_t /*offset*/, std::uint64_t /*line*/) {
  assert(false);  // each file goes on at its own place
  return ok();
}

void FollowSession::note(const Given& given) {
  KnownFile file = given.file;
  for (const KnownFile& moved : given.moved) {
    options_.output->note(moved.key, follow_note(moved));
    if (moved.key == file.key) file.since_ns = moved.since_ns;  // that is newer, the place is not
  }
  if (file.key != 0) options_.output->note(file.key, follow_note(file));
  for (const std::uint64_t key : given.forgotten) options_.output->note(key, {});
}

Result<void> FollowSession::commit(const RecordBatch& batch) {
  assert(!given_.empty());
  Given given = std::move(given_.front());
  given_.pop_front();
  if (options_.output == nullptr) return ok();
  held_.push_back(std::move(given));
  // A record is half read: the batch that ends it follows, and nothing comes between them.
  if (!batch.can_restart) return ok();
  const std::vector<Given> whole = std::exchange(held_, {});
  for (const Given& part : whole) note(part);
  const KnownFile& file = whole.back().file;
  return options_.output->commit({file.key, file.position.offset, file.position.line + 1});
}

// Nothing is under way: what has happened without a batch is committed too, and all of it lasts.
Result<void> FollowSession::settle() {
  if (options_.output == nullptr || !given_.empty() || !held_.empty()) return ok();
  const Given given{{}, reader_->take_moved(), reader_->take_forgotten()};
  // Once also for nothing: a run that read all there was and is killed while it waits has not failed at a record.
  const bool is_first = !std::exchange(has_settled_, true);
  if (!is_first && given.moved.empty() && given.forgotten.empty()) return options_.output->flush();
  note(given);
  if (auto committed = options_.output->commit(options_.output->position()); !committed) return committed;
  return options_.output->flush();
}

Result<void> FollowSession::finish() {
  if (!next_ && given_.empty() && reader_->has_given_all()) return settle();
  // What was read and is not committed is read again, so what the reader knows is of no use. A stop is no failure at
  // the first record of it.
  return options_.output == nullptr ? ok() : options_.output->end_run();
}

InputPosition FollowSession::place_of(const RecordBatch& batch) const {
  return {given_.back().file.key, batch.begin_offset, batch.records.front().line};
}

}  // namespace logsieve
