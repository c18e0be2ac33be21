#include "miner/state.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace logsieve::miner_detail {
namespace {

// Their number first: a separator may hold a NUL, and forms of one bucket must have as many slots.
std::string skeleton_of(std::span<const std::string> separators) {
  std::string skeleton = std::to_string(separators.size()) + '\0';
  for (const std::string& separator : separators) skeleton.append(separator) += '\0';
  return skeleton;
}

constexpr std::size_t kMostKnown = std::size_t{1} << 17U;  // form texts in the cache
constexpr std::uint32_t kResiduesVary = 0xFFFFFFFF;        // note: nothing left to compare
constexpr std::size_t kMostFreed = 4096;

Hash128 hash_of(std::span<const WordId> words, std::uint64_t salt) {
  const Hash128 hash = xxh3_128({reinterpret_cast<const char*>(words.data()), words.size_bytes()});
  return {hash.low ^ (salt * 0x9E3779B97F4A7C15ULL), hash.high + salt};
}

std::uint32_t note_of(std::string_view residues) {
  return residues.empty() ? 0 : static_cast<std::uint32_t>(xxh3_128(residues).low) & 0x7FFFFFFFU;
}

// In the slots that `shown` shows.
std::string residues_for(const FormTokens& tokens, std::span<const WordId> shown) {
  std::string joined;
  for (std::size_t i = 0; i < shown.size(); ++i)
    if (shown[i] != kWild)
      for (const std::string& residue : tokens.slots[i].residues) joined.append(residue) += '\n';
  return joined;
}

bool all_vary(std::string_view residues) {
  return std::all_of(residues.begin(), residues.end(), [](char c) { return c == '\n'; });
}

}  // namespace

std::string common_residues(std::string_view a, std::string_view b) {
  if (a == b) return std::string(a);
  std::string common;
  const auto next = [](std::string_view& lines) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 1, lines.size()));
    return line;
  };
  while (!a.empty() && !b.empty()) {
    const std::string_view residue = next(a);
    if (residue == next(b)) common += residue;
    common += '\n';
  }
  return common;
}

bool matches(std::span<const WordId> pattern, std::span<const WordId> slots) {
  return std::equal(pattern.begin(), pattern.end(), slots.begin(), slots.end(),
                    [](WordId p, WordId word) { return p == kWild || p == word; });
}

State::State(const MinerOptions& wanted) : options(wanted), texts(wanted.most_line_bytes) {
  Template unlearned;
  unlearned.id = xxh3_128("<*>").low;
  templates.push_back(std::move(unlearned));
  fates_.emplace_back();
}

FormIndex State::live(FormIndex index) const {
  while (forms[index].slots.empty()) index = forms[index].redirect;
  return index;
}

Mined State::count_line(FormIndex index) {
  Form& form = forms[index];
  ++form.count;
  form.last_seen = counted.lines;
  return {form.in, form.number, false, false};
}

Mined State::observe(const FormText& text) {
  ++counted.lines;
  const Hash128 key = xxh3_128(text.text);
  HashIndex::Entry* entry = known_.find(key);
  if (entry == nullptr) return observe_unknown(text, key);
  entry->value = live(entry->value);
  if (text.is_cut) ++counted.cut_lines;
  if (!text.residues.empty() && entry->note != kResiduesVary && entry->note != note_of(text.residues))
    see_residues(*entry, text);
  return count_line(entry->value);
}

void State::see_residues(HashIndex::Entry& entry, const FormText& text) {
  Form& form = forms[entry.value];
  form.residues =
      common_residues(form.residues, residues_for(tokens_of(text, options.most_slots), form.slots));
  entry.note = all_vary(form.residues) ? kResiduesVary : note_of(text.residues);
}

Mined State::observe_unknown(const FormText& text, const Hash128& key) {
  if (freed_.size() >= kMostFreed || known_.size() >= kMostKnown) forget_known();
  const FormTokens tokens = tokens_of(text, options.most_slots);
  if (tokens.is_cut) ++counted.cut_lines;
  if (counted.lines <= brake_until_) return observe_braked(tokens);
  std::vector<WordId> slots;
  for (const Slot& slot : tokens.slots) slots.push_back(vocabulary.intern(slot.text));
  const BucketIndex bucket = bucket_of(tokens.separators);
  FormIndex index = find_form(bucket, slots);
  const bool is_new_form = index == HashIndex::kNone;
  if (is_new_form) {
    index = add_form(bucket, std::move(slots));
    forms[index].residues = residues_for(tokens, forms[index].slots);
    ++new_since_eviction_;
  } else {
    forms[index].residues = common_residues(forms[index].residues, residues_for(tokens, forms[index].slots));
  }
  known_.insert(key, index, note_of(text.residues));
  const FormNumber number = forms[index].number;
  count_line(index);
  if (!is_new_form) return {forms[index].in, forms[index].number, false, false};
  group_new(index);
  index = live(index);
  const TemplateIndex in = forms[index].in;
  const bool is_new = templates[in].body->forms.size() == 1 && forms[index].count == 1;
  evict_if_full();
  return {in, number, is_new, true};
}

// What is known is counted; nothing is learned.
Mined State::observe_braked(const FormTokens& tokens) {
  const std::string skeleton = skeleton_of(tokens.separators);
  const auto* bucket = bucket_index_.find(xxh3_128(skeleton));
  std::vector<WordId> slots;
  for (const Slot& slot : tokens.slots) slots.push_back(vocabulary.find(slot.text));
  const FormIndex index = bucket == nullptr ? HashIndex::kNone : find_form(bucket->value, slots);
  if (index != HashIndex::kNone) return count_line(index);
  ++counted.unlearned_lines;
  return {};
}

// Of a compacted state.
void State::index_all() {
  for (BucketIndex i = 0; i < buckets.size(); ++i) {
    const std::string skeleton = skeleton_of(buckets[i].separators);
    if (buckets[i].forms.empty()) {
      free_buckets_.push_back(i);
      continue;
    }
    bucket_index_.insert(xxh3_128(skeleton), i);
    slot_bytes_ += skeleton.size() + buckets[i].separators.size() * sizeof(std::string);
    for (const FormIndex form : buckets[i].forms) {
      form_index_.insert(hash_of(forms[form].slots, i + 1), form);
      slot_bytes_ += forms[form].slots.size() * sizeof(WordId);
    }
  }
  for (TemplateIndex i = 1; i < templates.size(); ++i) {
    if (!templates[i].body) continue;
    template_index_.insert(template_key(templates[i].id, templates[i].body->bucket), i);
    slot_bytes_ += templates[i].body->slots.size() * sizeof(WordId);
  }
}

BucketIndex State::bucket_of(std::span<const std::string> separators) {
  const std::string skeleton = skeleton_of(separators);
  const Hash128 key = xxh3_128(skeleton);
  if (const auto* entry = bucket_index_.find(key)) return entry->value;
  BucketIndex index = static_cast<BucketIndex>(buckets.size());
  if (free_buckets_.empty()) {
    buckets.emplace_back();
  } else {
    index = free_buckets_.back();
    free_buckets_.pop_back();
  }
  buckets[index].separators.assign(separators.begin(), separators.end());
  slot_bytes_ += skeleton.size() + separators.size() * sizeof(std::string);
  bucket_index_.insert(key, index);
  return index;
}

// The same form, or a settled one that covers it.
FormIndex State::find_form(BucketIndex bucket, std::span<const WordId> slots) const {
  if (const auto* entry = form_index_.find(hash_of(slots, bucket + 1))) return live(entry->value);
  for (const FormIndex wild : buckets[bucket].settled)
    if (matches(forms[wild].slots, slots)) return wild;
  return HashIndex::kNone;
}

FormIndex State::add_form(BucketIndex bucket, std::vector<WordId> slots) {
  FormIndex index = static_cast<FormIndex>(forms.size());
  if (free_.empty()) {
    forms.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
    forms[index] = Form();
  }
  form_index_.insert(hash_of(slots, bucket + 1), index);
  buckets[bucket].forms.push_back(index);
  if (std::find(slots.begin(), slots.end(), kWild) != slots.end()) buckets[bucket].settled.push_back(index);
  slot_bytes_ += slots.size() * sizeof(WordId);
  forms[index].bucket = bucket;
  forms[index].slots = std::move(slots);
  forms[index].number = static_cast<FormNumber>(fates_.size());
  fates_.push_back({forms[index].number, index, kUnlearned});
  ++live_forms_;
  return index;
}

// Leaves the buckets' lists alone: the callers remove many forms at a time.
void State::remove_form(FormIndex index, FormIndex redirect) {
  Form& form = forms[index];
  Fate& fate = fates_[form.number];
  if (redirect == index)
    fate.evicted_from = form.in;
  else
    fate.joined = forms[redirect].number;
  form_index_.erase(hash_of(form.slots, form.bucket + 1));
  slot_bytes_ -= form.slots.size() * sizeof(WordId);
  form = Form();
  form.slots.shrink_to_fit();
  form.redirect = redirect;
  freed_.push_back(index);
  --live_forms_;
}

// From here on no index of a freed form is kept anywhere.
void State::forget_known() {
  known_.clear();
  free_.insert(free_.end(), freed_.begin(), freed_.end());
  freed_.clear();
}

void State::take_lines(FormIndex into, FormIndex from) {
  forms[into].count += forms[from].count;
  forms[into].last_seen = std::max(forms[into].last_seen, forms[from].last_seen);
}

void State::add(std::span<const std::string> separators, std::vector<WordId> slots, std::string_view residues,
                std::uint64_t count) {
  const BucketIndex bucket = bucket_of(separators);
  FormIndex index = find_form(bucket, slots);
  if (index == HashIndex::kNone) {
    index = add_form(bucket, std::move(slots));
    forms[index].residues = residues;
    ++buckets[bucket].pending;
    if (!buckets[bucket].settled.empty() && buckets[bucket].settled.back() == index) absorb_matches(index);
  } else {
    const std::string seen = shown_residues(slots, residues, forms[index].slots, vocabulary);
    forms[index].residues = common_residues(forms[index].residues, seen);
  }
  forms[index].count += count;
  forms[index].last_seen = counted.lines;
}

TemplateIndex State::template_of(FormNumber number) const {
  while (fates_[number].joined != number) number = fates_[number].joined;
  const Fate& fate = fates_[number];
  if (number == 0) return kUnlearned;
  return fate.evicted_from != kUnlearned ? current(fate.evicted_from) : forms[fate.form].in;
}

TemplateIndex State::current(TemplateIndex index) const {
  while (templates[index].current != index && templates[index].body == nullptr)
    index = templates[index].current;
  return index;
}

std::uint64_t State::count(TemplateIndex index) const {
  if (index == kUnlearned) return counted.unlearned_lines;
  std::uint64_t lines = 0;
  if (templates[index].body)
    for (const FormIndex form : templates[index].body->forms) lines += forms[form].count;
  return lines;
}

TemplateIndex State::find(std::uint64_t id) const {
  const auto* entry = template_index_.find({id, 0});
  return entry != nullptr && templates[entry->value].body ? entry->value : kUnlearned;
}

}  // namespace logsieve::miner_detail
