// Forms to templates.
#include <algorithm>
#include <utility>

#include "miner/state.h"
#include "miner/template_text.h"

namespace logsieve::miner_detail {
namespace {

// Up to so many forms a skeleton is grouped again at each new form; beyond, when it has grown by 1/8, so that
// the cost of a new form stays O(slots log forms), amortised.
constexpr std::size_t kGroupedAtOnce = 256;
constexpr std::size_t kGroupedEach = 8;

bool has_wild(std::span<const WordId> slots) {
  return std::find(slots.begin(), slots.end(), kWild) != slots.end();
}

}  // namespace

std::string shown_residues(std::span<const WordId> slots, std::string_view residues,
                           std::span<const WordId> shown, const Vocabulary& vocabulary) {
  std::string kept;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (slots[i] == kWild) continue;
    for (const char c : vocabulary.text(slots[i])) {
      if (!has_residue(c)) continue;
      const std::size_t end = std::min(residues.find('\n'), residues.size());
      if (shown[i] != kWild) kept.append(residues.substr(0, end)) += '\n';
      residues.remove_prefix(std::min(end + 1, residues.size()));
    }
  }
  return kept;
}

void State::group_new(FormIndex added) {
  const BucketIndex index = forms[added].bucket;
  Bucket& bucket = buckets[index];
  ++bucket.pending;
  if (bucket.forms.size() <= kGroupedAtOnce || bucket.pending * kGroupedEach >= bucket.forms.size())
    return group(index);
  const TemplateIndex own = make_template(index, forms[added].slots);
  forms[added].in = own;
  templates[own].body->forms.push_back(added);
}

void State::group_all() {
  for (BucketIndex i = 0; i < buckets.size(); ++i)
    if (buckets[i].pending > 0) group(i);
  for (const auto& [gone, form] : absorbed_) templates[gone].current = forms[live(form)].in;
  absorbed_.clear();
}

void State::group(BucketIndex index) {
  buckets[index].pending = 0;
  const std::vector<FormIndex> members = buckets[index].forms;
  std::vector<const WordId*> rows;
  std::vector<TemplateIndex> before;
  for (const FormIndex form : members) {
    rows.push_back(forms[form].slots.data());
    before.push_back(forms[form].in);
    if (templates[forms[form].in].body) templates[forms[form].in].body->forms.clear();
  }
  for (const Family& family : group_forms(rows, buckets[index].separators, vocabulary, GroupingOptions()))
    place(index, family, members);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Template& old = templates[before[i]];
    if (before[i] == kUnlearned || !old.body || !old.body->forms.empty()) continue;
    drop_body(before[i]);
    templates[before[i]].current = forms[members[i]].in;
  }
  std::vector<TemplateIndex> large;
  for (const FormIndex form : members) {
    const TemplateIndex in = forms[form].in;
    if (templates[in].body->forms.size() > options.settle_at && templates[in].body->forms.front() == form &&
        has_wild(slots_of(*templates[in].body)))
      large.push_back(in);
  }
  for (const TemplateIndex in : large) settle(in);
}

void State::place(BucketIndex bucket, const Family& family, std::span<const FormIndex> members) {
  const TemplateIndex index = make_template(bucket, family.slots);
  TemplateBody& body = *templates[index].body;
  body.forms.reserve(family.forms.size());
  for (const std::uint32_t place : family.forms) {
    body.forms.push_back(members[place]);
    forms[members[place]].in = index;
  }
  slot_bytes_ -= body.slots.size() * sizeof(WordId);
  if (family.forms.size() > 1)
    body.slots = family.slots;
  else
    std::vector<WordId>().swap(body.slots);
  slot_bytes_ += body.slots.size() * sizeof(WordId);
}

std::span<const WordId> State::slots_of(const TemplateBody& body) const {
  return body.slots.empty() ? forms[body.forms.front()].slots : body.slots;
}

void State::drop_body(TemplateIndex index) {
  slot_bytes_ -= templates[index].body->slots.size() * sizeof(WordId);
  templates[index].body.reset();
}

// Where the template of this id and skeleton is, or would go. Equal ids of two skeletons are equal texts, which
// slots with separators inside make possible.
Hash128 State::template_key(std::uint64_t id, BucketIndex bucket) const {
  const auto* entry = template_index_.find({id, 0});
  const bool is_taken =
      entry != nullptr && templates[entry->value].body && templates[entry->value].body->bucket != bucket;
  return {id, is_taken ? bucket + std::uint64_t{1} : 0};
}

TemplateIndex State::make_template(BucketIndex bucket, std::span<const WordId> slots) {
  const std::uint64_t id = xxh3_128(raw_template(slots, buckets[bucket].separators, vocabulary)).low;
  const Hash128 key = template_key(id, bucket);
  TemplateIndex index = static_cast<TemplateIndex>(templates.size());
  if (const auto* entry = template_index_.find(key)) {
    index = entry->value;
  } else {
    templates.emplace_back();
    templates[index].id = id;
    template_index_.insert(key, index);
  }
  Template& of = templates[index];
  of.current = index;
  if (!of.body) of.body = std::make_unique<TemplateBody>();
  of.body->bucket = bucket;
  return index;
}

// Keeps what the forms share and adds up their lines.
void State::settle(TemplateIndex index) {
  if (!templates[index].body) return;
  const std::vector<FormIndex> members = templates[index].body->forms;
  const std::span<const WordId> shared = slots_of(*templates[index].body);
  const std::vector<WordId> slots(shared.begin(), shared.end());
  const BucketIndex bucket = templates[index].body->bucket;
  const std::string residues = residues_of(*templates[index].body);
  FormIndex wild = HashIndex::kNone;
  for (const FormIndex form : members)
    if (forms[form].slots == slots) wild = form;
  if (wild == HashIndex::kNone) wild = add_form(bucket, slots);
  forms[wild].residues = residues;
  forms[wild].in = index;
  for (const FormIndex form : members)
    if (form != wild) take_lines(wild, form);
  for (const FormIndex form : members)
    if (form != wild) remove_form(form, wild);
  slot_bytes_ -= templates[index].body->slots.size() * sizeof(WordId);
  templates[index].body = std::make_unique<TemplateBody>();
  templates[index].body->forms.assign(1, wild);
  templates[index].body->bucket = bucket;
  const auto is_gone = [&](FormIndex f) { return forms[f].slots.empty(); };
  std::erase_if(buckets[bucket].forms, is_gone);
  std::erase_if(buckets[bucket].settled, is_gone);
}

// Forms that a new wild form covers count with it from now on.
void State::absorb_matches(FormIndex wild) {
  Bucket& bucket = buckets[forms[wild].bucket];
  std::vector<FormIndex> covered;
  for (const FormIndex form : bucket.forms)
    if (form != wild && matches(forms[wild].slots, forms[form].slots)) covered.push_back(form);
  for (const FormIndex form : covered) {
    forms[wild].residues = common_residues(
        forms[wild].residues,
        shown_residues(forms[form].slots, forms[form].residues, forms[wild].slots, vocabulary));
    take_lines(wild, form);
    TemplateBody* body = templates[forms[form].in].body.get();
    if (body != nullptr) {
      std::erase(body->forms, form);
      if (body->forms.empty()) {
        absorbed_.emplace_back(forms[form].in, wild);
        drop_body(forms[form].in);
      }
    }
    remove_form(form, wild);
  }
  const auto is_gone = [&](FormIndex f) { return forms[f].slots.empty(); };
  std::erase_if(bucket.forms, is_gone);
  std::erase_if(bucket.settled, is_gone);
}

std::string State::residues_of(const TemplateBody& body) const {
  const std::span<const WordId> slots = slots_of(body);
  const auto of = [&](FormIndex form) {
    return shown_residues(forms[form].slots, forms[form].residues, slots, vocabulary);
  };
  std::string residues = of(body.forms.front());
  for (const FormIndex form : body.forms) residues = common_residues(residues, of(form));
  return residues;
}

MinedTemplate State::at(TemplateIndex index) const {
  const Template& of = templates[index];
  MinedTemplate mined{of.id, "<*>", "<*>", count(index)};
  if (!of.body) return mined;
  const std::string raw = raw_template(slots_of(*of.body), buckets[of.body->bucket].separators, vocabulary);
  mined.text = typed_template(raw);
  mined.plain = plain_template(raw, residues_of(*of.body));
  return mined;
}

}  // namespace logsieve::miner_detail
