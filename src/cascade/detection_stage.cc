#include "cascade/detection_stage.h"

#include <algorithm>
#include <re2/re2.h>
#include <unordered_map>
#include <utility>

#include "anomaly/meaning_memory.h"
#include "base/hash.h"
#include "miner/miner.h"

namespace logsieve {

struct DetectionStage::Impl {
  Impl(Cascade& with, DetectionOptions given)
      : cascade(with),
        options(std::move(given)),
        timestamps(options.reference),
        memory(kDim),
        detector(
            options.detector, label_names(with), [this](std::string_view form) { return nearness(form); },
            [this](std::string_view form) { return miner.observe_form(form).is_new; }) {
    cascade.listen_to_embeddings(
        [this](std::string_view form, std::span<const float> vector) { keep(form, vector); });
    cascade.keep_numbers(true);
    if (const std::string& pattern = options.detector.session_key; !pattern.empty())
      session_key = std::make_unique<RE2>(pattern, RE2::Quiet);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    cascade.listen_to_embeddings({});
    cascade.keep_numbers(false);
  }

  static std::vector<std::string> label_names(const Cascade& cascade) {
    const LabelSet& labels = cascade.bundle().labels;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < labels.size(); ++i) names.emplace_back(labels.name(static_cast<LabelId>(i)));
    return names;
  }

  // Vectors of forms that are embedded anyway wait here until their record comes by: the batches run ahead of the
  // records, and a form must not be compared with what comes after it.
  void keep(std::string_view form, std::span<const float> vector) {
    if (waiting.size() >= kMaxWaiting) waiting.clear();
    waiting.try_emplace(xxh3_128(form).low, vector.begin(), vector.end());
  }

  void remember_first(std::uint64_t hash) {
    const auto known = waiting.find(hash);
    if (known == waiting.end()) return;
    memory.add(known->second);
    waiting.erase(known);
  }

  // Only new templates come here, once each.
  std::optional<float> nearness(std::string_view form) {
    std::vector<float> vector;
    if (const auto known = waiting.find(xxh3_128(form).low); known != waiting.end()) {
      vector = known->second;
    } else {
      auto embedded = cascade.embed(form);
      if (!embedded) return std::nullopt;
      vector = std::move(*embedded);
    }
    const float nearest = memory.nearest(vector);
    memory.add(vector);
    waiting.erase(xxh3_128(form).low);
    return nearest;
  }

  // What the first group of the session key matched; empty where the line has none.
  std::string_view session_of(std::string_view message) const {
    re2::StringPiece found;
    if (!RE2::PartialMatch(re2::StringPiece(message.data(), message.size()), *session_key, &found)) return {};
    return {found.data(), found.size()};
  }

  static constexpr std::size_t kMaxWaiting = 16'384;
  Cascade& cascade;
  DetectionOptions options;
  TimestampFinder timestamps;
  std::unordered_map<std::uint64_t, std::vector<float>> waiting;
  MeaningMemory memory;
  std::unique_ptr<RE2> session_key;  // null: there is none
  Miner miner;
  Detector detector;
};

DetectionStage::DetectionStage(Cascade& cascade, DetectionOptions options)
    : impl_(std::make_unique<Impl>(cascade, std::move(options))) {}
DetectionStage::DetectionStage(DetectionStage&&) noexcept = default;
DetectionStage& DetectionStage::operator=(DetectionStage&&) noexcept = default;
DetectionStage::~DetectionStage() = default;

void DetectionStage::begin_input(TimeMs reference, bool may_go_back) {
  impl_->timestamps = TimestampFinder(reference);
  if (may_go_back) impl_->detector.begin_input();
}

void DetectionStage::observe(const Record& record, const Verdict& verdict, std::string_view form,
                             std::span<const double> numbers, std::vector<AnomalyEvent>& events) {
  Observation observed;
  observed.line = record.line;
  // A line of text states its time somewhere at its beginning, other formats in a field of their own.
  observed.time =
      record.time.empty() ? impl_->timestamps.find(record.raw) : impl_->timestamps.find(record.time);
  if (!observed.time && impl_->options.arrival) observed.time = impl_->options.arrival();
  observed.message = record.message;
  observed.source = record.source;
  observed.form = form;
  observed.form_hash = xxh3_128(form).low;
  observed.label = static_cast<std::uint32_t>(verdict.label);
  observed.numbers = numbers;
  if (impl_->session_key) observed.session = impl_->session_of(record.message);
  impl_->detector.observe(observed, events);
  if (!impl_->waiting.empty()) impl_->remember_first(observed.form_hash);
}

void DetectionStage::advance(TimeMs now, std::vector<AnomalyEvent>& events) {
  impl_->detector.advance(now, events);
}
void DetectionStage::finish(std::vector<AnomalyEvent>& events) {
  impl_->detector.finish(events);
}
std::string DetectionStage::save() const {
  return impl_->detector.save();
}
Result<void> DetectionStage::restore(std::string_view bytes) {
  if (auto restored = impl_->detector.restore(bytes); !restored) return restored;
  // Templates are a function of the set of forms, so the miner is as it was.
  impl_->miner = Miner();
  impl_->detector.for_each_form([&](std::string_view form) { impl_->miner.observe_form(form); });
  return ok();
}
const Detector& DetectionStage::detector() const {
  return impl_->detector;
}

}  // namespace logsieve
