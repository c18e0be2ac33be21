// Staying within the budget: the forms seen least recently go, and are counted.
#include <algorithm>
#include <utility>

#include "miner/state.h"

namespace logsieve::miner_detail {
namespace {

constexpr double kBrakeAt = 0.25;       // new forms a line since the last eviction: it does not pay to learn
constexpr std::uint64_t kBrakeFor = 4;  // times as many lines as since the last eviction

}  // namespace

// An estimate: what the containers hold, without the allocator's share.
std::size_t State::bytes() const {
  return vocabulary.bytes() + known_.bytes() + form_index_.bytes() + bucket_index_.bytes() +
         template_index_.bytes() + slot_bytes_ + forms.capacity() * sizeof(Form) +
         buckets.capacity() * sizeof(Bucket) + templates.capacity() * sizeof(Template) +
         fates_.capacity() * sizeof(Fate) + live_forms_ * (sizeof(TemplateBody) + 2 * sizeof(FormIndex));
}

MinerTotals State::totals() const {
  MinerTotals totals = counted;
  totals.forms = live_forms_;
  totals.bytes = bytes();
  for (const Template& of : templates) totals.templates += of.body ? 1U : 0U;
  return totals;
}

void State::evict_if_full() {
  if (live_forms_ <= options.most_forms && bytes() <= options.budget_bytes) return;
  const std::uint64_t lines = counted.lines - last_eviction_;
  if (static_cast<double>(new_since_eviction_) > kBrakeAt * static_cast<double>(lines))
    brake_until_ = counted.lines + kBrakeFor * lines;
  last_eviction_ = counted.lines;
  new_since_eviction_ = 0;
  const std::size_t most = options.most_forms - options.most_forms / 8;
  do evict_oldest();
  while (live_forms_ > 1 &&
         (live_forms_ > most || bytes() > options.budget_bytes - options.budget_bytes / 8));
}

// The eighth of the forms that was seen least recently.
void State::evict_oldest() {
  std::vector<FormIndex> oldest;
  for (FormIndex i = 0; i < forms.size(); ++i)
    if (!forms[i].slots.empty()) oldest.push_back(i);
  const auto last = oldest.begin() + static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, oldest.size() / 8));
  const auto is_older = [&](FormIndex a, FormIndex b) { return forms[a].last_seen < forms[b].last_seen; };
  std::stable_sort(oldest.begin(), oldest.end(), is_older);
  for (auto i = oldest.begin(); i != last; ++i) {
    ++counted.evicted_forms;
    counted.evicted_lines += forms[*i].count;
    ++buckets[forms[*i].bucket].pending;
    TemplateBody* body = templates[forms[*i].in].body.get();
    if (body != nullptr) {
      std::erase(body->forms, *i);
      if (body->forms.empty()) drop_body(forms[*i].in);
    }
    remove_form(*i, *i);
  }
  compact();
  group_all();
}

// New vocabulary and indexes without what is gone.
void State::compact() {
  forget_known();
  const Vocabulary old = std::exchange(vocabulary, Vocabulary());
  const auto renew = [&](std::vector<WordId>& slots) {
    for (WordId& word : slots)
      if (word != kWild) word = vocabulary.intern(old.text(word));
  };
  form_index_.clear();
  bucket_index_.clear();
  template_index_.clear();
  slot_bytes_ = 0;
  free_buckets_.clear();
  for (Bucket& bucket : buckets) {
    const auto is_gone = [&](FormIndex f) { return forms[f].slots.empty(); };
    std::erase_if(bucket.forms, is_gone);
    std::erase_if(bucket.settled, is_gone);
    if (bucket.forms.empty()) bucket = Bucket();
  }
  for (Form& form : forms) renew(form.slots);
  for (Template& of : templates)
    if (of.body) renew(of.body->slots);
  index_all();
}

}  // namespace logsieve::miner_detail
