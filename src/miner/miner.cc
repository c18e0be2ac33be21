#include "miner/miner.h"

#include <algorithm>

#include "miner/state.h"

namespace logsieve {

using miner_detail::Bucket;
using miner_detail::Form;
using miner_detail::kWild;
using miner_detail::State;
using miner_detail::WordId;

Miner::Miner(const MinerOptions& options) : state_(std::make_unique<State>(options)) {}
Miner::Miner(Miner&&) noexcept = default;
Miner& Miner::operator=(Miner&&) noexcept = default;
Miner::~Miner() = default;

Mined Miner::observe(std::string_view line) {
  return state_->observe(state_->texts.of_line(line));
}
Mined Miner::observe_form(std::string_view masked_form) {
  return state_->observe(state_->texts.of_form(masked_form));
}

TemplateIndex Miner::end_index() const {
  return static_cast<TemplateIndex>(state_->templates.size());
}
TemplateIndex Miner::current(TemplateIndex index) const {
  return state_->current(index);
}
TemplateIndex Miner::template_of(FormNumber form) const {
  return state_->template_of(form);
}
MinedTemplate Miner::at(TemplateIndex index) const {
  return state_->at(index);
}
std::uint64_t Miner::id(TemplateIndex index) const {
  return state_->templates[index].id;
}
void Miner::settle() {
  state_->group_all();
}
MinerTotals Miner::totals() const {
  return state_->totals();
}

std::optional<TemplateIndex> Miner::find(std::uint64_t id) const {
  const TemplateIndex index = state_->find(id);
  return index == kUnlearned ? std::nullopt : std::optional(index);
}

std::vector<TemplateIndex> Miner::templates() {
  settle();
  struct Row {
    std::uint64_t count;
    std::uint64_t id;
    TemplateIndex index;
  };
  std::vector<Row> rows;
  for (TemplateIndex i = 0; i < end_index(); ++i)
    if (const std::uint64_t count = state_->count(i); count > 0) rows.push_back({count, id(i), i});
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    if (a.count != b.count) return a.count > b.count;
    return a.id != b.id ? a.id < b.id : a.index < b.index;
  });
  std::vector<TemplateIndex> indices;
  for (const Row& row : rows) indices.push_back(row.index);
  return indices;
}

void Miner::merge(const Miner& other) {
  const State& from = *other.state_;
  const auto add = [&](const Form& form) {
    std::vector<WordId> slots;
    for (const WordId word : form.slots)
      slots.push_back(word == kWild ? kWild : state_->vocabulary.intern(from.vocabulary.text(word)));
    state_->add(from.buckets[form.bucket].separators, std::move(slots), form.residues, form.count);
  };
  for (const bool settled : {true, false})
    for (const Bucket& bucket : from.buckets)
      for (const auto form : bucket.forms) {
        const auto& slots = from.forms[form].slots;
        if ((std::find(slots.begin(), slots.end(), kWild) != slots.end()) == settled) add(from.forms[form]);
      }
  MinerTotals& counted = state_->counted;
  counted.lines += from.counted.lines;
  counted.cut_lines += from.counted.cut_lines;
  counted.evicted_forms += from.counted.evicted_forms;
  counted.evicted_lines += from.counted.evicted_lines;
  counted.unlearned_lines += from.counted.unlearned_lines;
  settle();
}

std::string template_id_text(std::uint64_t id) {
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; id >>= 4U) text[i] = "0123456789abcdef"[id & 15U];
  return text;
}

}  // namespace logsieve
