#include "cascade/classify_stream.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace logsieve {
namespace {

// Deferred and settled lines that are noted before they are written to the store together.
constexpr std::size_t kNotedLines = 50'000;

// The lines of one form and one provisional verdict: what is said of one holds for all.
struct PendingGroup {
  Verdict provisional;
  bool is_second_opinion = false;
  std::vector<std::size_t> lines;  // in the batch
  LlmAnswer answer = {};           // once it is settled
};
// By form, in order, so that what is kept and told is the same each time.
using PendingGroups = std::map<std::string_view, std::vector<PendingGroup>>;

struct WaitingChunk {
  Chunk chunk;
  PendingGroups pending;
  std::size_t bytes = 0;
  std::chrono::steady_clock::time_point since = {};
};

// What is known of a record while it waits: itself, its verdict, its form, its place in groups.
constexpr std::size_t kRecordBytes = 256;
// Where lines come as they are written, a question waits no longer for others to share its request.
constexpr std::chrono::milliseconds kLongestQueue{200};

std::size_t bytes_of(const Chunk& chunk) {
  return (chunk.input.end_offset - chunk.input.begin_offset) + kRecordBytes * chunk.input.records.size();
}

class Stream {
 public:
  Stream(RecordReader& reader, Cascade& cascade, LlmStage* llm, const StreamSink& sink,
         const StreamOptions& options, ClassifyTotals& totals)
      : reader_(reader), cascade_(cascade), llm_(llm), sink_(sink), options_(options), totals_(totals) {}

  Result<void> run() {
    Result<void> done = write_until_end();
    auto kept = keep_noted();  // whatever has happened: these lines may have been seen
    return done ? kept : done;
  }

 private:
  Result<void> write_until_end() {
    if (sink_.format) pipeline_.emplace(cascade_, cascade_.threads(), sink_.format);
    for (bool has_more = true; has_more;) {
      auto read = read_one();
      if (!read) return std::move(read).error();
      has_more = *read;
      // At the end, and while nothing comes in, nothing may stay inside.
      const bool is_idle = has_more && options_.is_idle && options_.is_idle();
      while (pipeline_ && !pipeline_->is_empty() &&
             (pipeline_->is_ready() || !pipeline_->has_room() || !has_more || is_idle)) {
        auto chunk = pipeline_->take();
        if (!chunk) return std::move(chunk).error();
        if (auto taken = take(std::move(*chunk)); !taken) return taken;
      }
      if (is_idle)
        if (auto written = write_while_idle(); !written) return written;
      if (sink_.on_progress) sink_.on_progress(reader_.bytes_read());
    }
    return write_all();
  }

  bool is_stopped() const {
    return options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed);
  }

  // False: that was all, or an end was asked for.
  Result<bool> read_one() {
    if (is_stopped()) {
      totals_.is_interrupted = true;
      return false;
    }
    auto input = reader_.next();
    if (!input && input.error().code == ErrorCode::kInterrupted) {
      totals_.is_interrupted = true;
      return false;
    }
    if (!input) return fail(std::move(input).error());
    if (input->records.empty() && input->rejects.empty()) return false;
    if (pipeline_) {
      pipeline_->submit(std::move(*input));
      return true;
    }
    auto resolved = cascade_.resolve(input->records);
    if (!resolved) return std::move(resolved).error();
    if (auto taken = take({std::move(*input), std::move(*resolved), {}, {}}); !taken)
      return std::move(taken).error();
    return true;
  }

  // What was read before the input broke off is written first.
  Error fail(Error error) {
    while (pipeline_ && !pipeline_->is_empty()) {
      auto chunk = pipeline_->take();
      if (!chunk) return std::move(chunk).error();
      if (auto taken = take(std::move(*chunk)); !taken) return std::move(taken).error();
    }
    if (auto written = write_all(); !written) return std::move(written).error();
    return error;
  }

  // The next chunk in order.
  Result<void> take(Chunk chunk) {
    PendingGroups pending = grouped(chunk.resolved);
    if (auto asked = submit(pending); !asked) return asked;
    const std::size_t bytes = bytes_of(chunk);
    waiting_bytes_ += bytes;
    waiting_.push_back({std::move(chunk), std::move(pending), bytes, std::chrono::steady_clock::now()});
    if (auto written = write_ready(); !written) return written;
    while (!waiting_.empty() && waiting_bytes_ > options_.max_waiting_bytes && wait_for_first())
      if (auto written = write_first(); !written) return written;
    if (options_.is_idle && !waiting_.empty() &&
        std::chrono::steady_clock::now() - waiting_.front().since > kLongestQueue)
      llm_->flush();
    return ok();
  }

  Result<void> write_ready() {
    while (!waiting_.empty() && is_ready(waiting_.front()))
      if (auto written = write_first(); !written) return written;
    return ok();
  }

  // Until something can be read again.
  Result<void> write_while_idle() {
    if (llm_ != nullptr) llm_->flush();
    for (;;) {
      if (auto written = write_ready(); !written) return written;
      if (waiting_.empty() || is_stopped()) return ok();
      llm_->wait_briefly();
      if (!options_.is_idle()) return ok();
    }
  }

  Result<void> write_all() {
    while (!waiting_.empty() && wait_for_first())
      if (auto written = write_first(); !written) return written;
    return ok();
  }

  // For the answers of the first batch that waits. False: it is left to the next run.
  bool wait_for_first() {
    if (is_ready(waiting_.front())) return true;
    if (!is_stopped()) llm_->flush();
    while (!is_ready(waiting_.front())) {
      if (is_stopped()) return !options_.leaves_unanswered;  // else LlmStage says that there will be none
      llm_->wait_briefly();
      if (options_.is_idle) static_cast<void>(options_.is_idle());
    }
    return true;
  }

  Result<void> submit(const PendingGroups& groups) {
    for (const auto& [form, variants] : groups) {
      if (!llm_->knows(form)) {
        auto question = cascade_.question(form);
        if (!question) return std::move(question).error();
        llm_->submit(form, std::move(*question));
      }
      llm_->hold(form);
    }
    return ok();
  }

  static PendingGroups grouped(const ResolvedBatch& batch) {
    PendingGroups groups;
    for (const PendingLine& line : batch.pending)
      group_of(line, batch.verdicts[line.index], groups[batch.forms[line.index]]).lines.push_back(line.index);
    return groups;
  }

  static PendingGroup& group_of(const PendingLine& line, const Verdict& provisional,
                                std::vector<PendingGroup>& variants) {
    for (PendingGroup& group : variants) {
      const bool is_same = group.provisional.label == provisional.label &&
                           group.provisional.tier == provisional.tier &&
                           group.provisional.confidence == provisional.confidence;
      if (is_same && group.is_second_opinion == line.is_second_opinion) return group;
    }
    return variants.emplace_back(PendingGroup{provisional, line.is_second_opinion, {}});
  }

  bool is_ready(const WaitingChunk& batch) {
    return std::all_of(batch.pending.begin(), batch.pending.end(),
                       [&](const auto& group) { return llm_->is_answered(group.first); });
  }

  Result<void> write_first() {
    WaitingChunk batch = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= batch.bytes;
    settle(batch);
    if (options_.deferred != nullptr) note_deferred(batch);
    // Kept before somebody may see the batch, else in large portions.
    if (sink_.on_batch_end || noted_ >= kNotedLines)
      if (auto kept = keep_noted(); !kept) return kept;
    if (auto written = write_in_order(batch.chunk); !written) return written;
    return sink_.on_batch_end ? sink_.on_batch_end(batch.chunk.input) : ok();
  }

  // Gives the pending lines the LLM's answers, form by form; waits for those that are not there yet.
  void settle(WaitingChunk& batch) {
    for (auto& [form, variants] : batch.pending) {
      for (PendingGroup& group : variants) {
        group.answer = llm_->answer(form);
        const bool is_open = group.answer.status == LlmStatus::kUnavailable;
        Verdict verdict = cascade_.settle(group.provisional, group.is_second_opinion, group.answer);
        verdict.is_deferred = is_open && options_.defers && options_.deferred != nullptr;
        if (verdict.is_deferred) totals_.deferred += group.lines.size();
        if (!group.answer.key.empty()) llm_->count_lines(group.answer.key, group.lines.size());
        for (const std::size_t index : group.lines) {
          batch.chunk.resolved.verdicts[index] = verdict;
          if (sink_.on_opinion && !is_open)
            sink_.on_opinion(batch.chunk.input.records[index], form, group.provisional,
                             group.is_second_opinion, group.answer);
        }
      }
      llm_->release(form);
    }
  }

  // Notes the lines that have no answer, and those that have one now.
  void note_deferred(const WaitingChunk& batch) {
    if (!batch.chunk.input.records.empty()) options_.ids->see(batch.chunk.input.records.front());
    for (const auto& [form, variants] : batch.pending) {
      for (const PendingGroup& group : variants) {
        const bool is_open = group.answer.status == LlmStatus::kUnavailable;
        if (is_open && !options_.defers) continue;
        std::vector<DeferredRecord>& records =
            is_open ? deferred_group(form, group).records : settled_[std::string(form)];
        for (const std::size_t index : group.lines) {
          const Record& record = batch.chunk.input.records[index];
          records.push_back({record.line, options_.ids->of(record)});
        }
        noted_ += group.lines.size();
      }
    }
  }

  DeferredLineGroup& deferred_group(std::string_view form, const PendingGroup& pending) {
    const std::string_view label = cascade_.bundle().labels.name(pending.provisional.label);
    const std::string_view tier = tier_name(pending.provisional.tier);
    std::vector<DeferredLineGroup>& variants = deferred_[std::string(form)];
    for (DeferredLineGroup& group : variants)
      if (group.label == label && group.tier == tier && group.confidence == pending.provisional.confidence &&
          group.is_second_opinion == pending.is_second_opinion)
        return group;
    return variants.emplace_back(DeferredLineGroup{std::string(form),
                                                   options_.input,
                                                   std::string(label),
                                                   pending.provisional.confidence,
                                                   std::string(tier),
                                                   pending.is_second_opinion,
                                                   {}});
  }

  Result<void> keep_noted() {
    if (noted_ == 0) return ok();
    std::vector<DeferredLineGroup> deferred;
    for (auto& [form, variants] : deferred_)
      for (DeferredLineGroup& group : variants) deferred.push_back(std::move(group));
    std::vector<SettledLines> settled;
    for (auto& [form, records] : settled_) settled.push_back({form, std::move(records)});
    auto kept = options_.deferred->update(deferred, settled);
    deferred_.clear();
    settled_.clear();
    noted_ = 0;
    return kept;
  }

  // Records and rejects of a batch come as two lists, each in order of lines: merge them.
  Result<void> write_in_order(const Chunk& batch) {
    count(batch.resolved.verdicts);
    if (batch.text)
      if (auto written = write_text(batch); !written) return written;
    std::size_t next_reject = 0;
    for (std::size_t i = 0; i < batch.input.records.size() && !batch.text; ++i) {
      const Record& record = batch.input.records[i];
      while (next_reject < batch.input.rejects.size() && batch.input.rejects[next_reject].line < record.line)
        if (auto rejected = write_reject(batch.input.rejects[next_reject++]); !rejected) return rejected;
      if (auto written = write_record(batch, i); !written) return written;
    }
    while (next_reject < batch.input.rejects.size())
      if (auto rejected = write_reject(batch.input.rejects[next_reject++]); !rejected) return rejected;
    return ok();
  }

  Result<void> write_record(const Chunk& batch, std::size_t index) {
    return sink_.on_record(batch.input.records[index], batch.resolved.verdicts[index],
                           batch.resolved.forms[index], batch.resolved.numbers_of(index));
  }

  // What other threads have made of the chunk, and in its gaps the lines that have waited.
  Result<void> write_text(const Chunk& batch) {
    const std::string_view text = *batch.text;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < batch.gaps.size(); ++i) {
      const std::size_t end = batch.gaps[i];
      if (auto written = sink_.on_text(text.substr(begin, end - begin)); !written) return written;
      if (auto written = write_record(batch, batch.resolved.pending[i].index); !written) return written;
      begin = end;
    }
    return sink_.on_text(text.substr(begin));
  }

  Result<void> write_reject(const Reject& reject) {
    ++totals_.rejects;
    return sink_.on_reject ? sink_.on_reject(reject) : ok();
  }

  void count(std::span<const Verdict> verdicts) {
    const LabelSet& labels = cascade_.bundle().labels;
    std::vector<std::uint64_t> by_label(labels.size() + 1);
    for (const Verdict& verdict : verdicts) {
      ++totals_.tiers.lines[static_cast<std::size_t>(verdict.tier)];
      ++by_label[static_cast<std::size_t>(verdict.label) + 1];  // kNoLabel is -1
    }
    totals_.records += verdicts.size();
    for (std::size_t i = 0; i < by_label.size(); ++i)
      if (by_label[i] > 0)
        totals_.labels[std::string(labels.name(static_cast<LabelId>(i) - 1))] += by_label[i];
  }

  RecordReader& reader_;
  Cascade& cascade_;
  LlmStage* llm_;
  const StreamSink& sink_;
  const StreamOptions& options_;
  ClassifyTotals& totals_;
  std::optional<ChunkPipeline> pipeline_;
  std::deque<WaitingChunk> waiting_;  // for the LLM
  std::size_t waiting_bytes_ = 0;     // of them
  // By form; not kept yet.
  std::map<std::string, std::vector<DeferredLineGroup>> deferred_;
  std::map<std::string, std::vector<DeferredRecord>> settled_;
  std::size_t noted_ = 0;  // records in both
};

}  // namespace

Result<void> classify_stream(RecordReader& reader, Cascade& cascade, LlmStage* llm, const StreamSink& sink,
                             const StreamOptions& options, ClassifyTotals& totals) {
  auto result = Stream(reader, cascade, llm, sink, options, totals).run();
  totals.tiers.forms = cascade.judged_forms();
  return result;
}

}  // namespace logsieve
