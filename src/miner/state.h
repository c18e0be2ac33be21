// What a miner holds: forms by skeleton, and the templates they make. See miner.h for what it means.
#ifndef LOGSIEVE_MINER_STATE_H_
#define LOGSIEVE_MINER_STATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "miner/form_text.h"
#include "miner/form_tokens.h"
#include "miner/grouping.h"
#include "miner/hash_index.h"
#include "miner/miner.h"
#include "miner/vocabulary.h"

namespace logsieve::miner_detail {

using FormIndex = std::uint32_t;
using BucketIndex = std::uint32_t;

// One wording; with kWild slots it is what a settled template's forms left behind.
struct Form {
  std::vector<WordId> slots;  // empty: free, see `redirect`
  std::string residues;       // in slot order, each ended by '\n'; empty ones vary
  std::uint64_t count = 0;
  std::uint64_t last_seen = 0;  // number of the line
  BucketIndex bucket = 0;
  TemplateIndex in = kUnlearned;
  FormIndex redirect = 0;  // of a free one: where its lines count now
  FormNumber number = 0;
};

// All forms with the same separators.
struct Bucket {
  std::vector<std::string> separators;
  std::vector<FormIndex> forms;    // live ones
  std::vector<FormIndex> settled;  // those of them with kWild
  std::size_t pending = 0;         // forms since the last grouping
};

struct TemplateBody {
  std::vector<FormIndex> forms;  // never empty
  std::vector<WordId> slots;     // empty for a single form: they are the form's
  BucketIndex bucket = 0;
};

struct Template {
  std::uint64_t id = 0;
  TemplateIndex current = kUnlearned;  // itself while it stands, and for good once its forms are evicted
  std::unique_ptr<TemplateBody> body;  // null: it does not stand
};

// Where a form of some number is now.
struct Fate {
  FormNumber joined = 0;           // the form that took its lines; itself if none did
  FormIndex form = 0;              // live, of a form that nothing joined …
  TemplateIndex evicted_from = 0;  // … or, evicted, its last template (kUnlearned: it is live)
};

class State {
 public:
  explicit State(const MinerOptions& options);

  Mined observe(const FormText& text);
  // Adds a form with `count` lines. Its template is made by `group_all` only, which must follow.
  void add(std::span<const std::string> separators, std::vector<WordId> slots, std::string_view residues,
           std::uint64_t count);
  void group_all();
  void evict_if_full();

  TemplateIndex current(TemplateIndex index) const;
  TemplateIndex template_of(FormNumber number) const;
  MinedTemplate at(TemplateIndex index) const;
  std::uint64_t count(TemplateIndex index) const;
  TemplateIndex find(std::uint64_t id) const;  // kUnlearned if none stands
  MinerTotals totals() const;

  MinerOptions options;
  FormTexts texts;
  Vocabulary vocabulary;
  std::vector<Form> forms;
  std::vector<Bucket> buckets;
  std::vector<Template> templates;
  MinerTotals counted;  // only the line counters

 private:
  // Knowing forms: state.cc
  Mined count_line(FormIndex form);
  Mined observe_unknown(const FormText& text, const Hash128& key);
  Mined observe_braked(const FormTokens& tokens);
  void see_residues(HashIndex::Entry& entry, const FormText& text);
  FormIndex live(FormIndex index) const;
  BucketIndex bucket_of(std::span<const std::string> separators);
  FormIndex find_form(BucketIndex bucket, std::span<const WordId> slots) const;
  FormIndex add_form(BucketIndex bucket, std::vector<WordId> slots);
  void remove_form(FormIndex index, FormIndex redirect);  // redirect == index: evicted
  void take_lines(FormIndex into, FormIndex from);
  void forget_known();

  // Making templates of them: state_templates.cc
  void group_new(FormIndex added);
  void group(BucketIndex bucket);
  void place(BucketIndex bucket, const Family& family, std::span<const FormIndex> members);
  void settle(TemplateIndex index);
  void absorb_matches(FormIndex wild);
  TemplateIndex make_template(BucketIndex bucket, std::span<const WordId> slots);
  Hash128 template_key(std::uint64_t id, BucketIndex bucket) const;
  std::string residues_of(const TemplateBody& body) const;
  std::span<const WordId> slots_of(const TemplateBody& body) const;
  void drop_body(TemplateIndex index);

  // Staying small: state_eviction.cc
  void evict_oldest();
  void compact();
  void index_all();
  std::size_t bytes() const;

  HashIndex known_;           // hash of a form text -> form, note: hash of residues; only a cache
  HashIndex form_index_;      // hash of bucket and slots -> form
  HashIndex bucket_index_;    // hash of separators -> bucket
  HashIndex template_index_;  // {id, 0} -> template; {id, bucket + 1} where another skeleton has that id
  std::vector<Fate> fates_;   // by form number
  std::vector<FormIndex> free_;
  std::vector<FormIndex> freed_;  // still named in known_
  std::vector<BucketIndex> free_buckets_;
  // Templates whose last form a wild one took over; they lead to the template that it gets.
  std::vector<std::pair<TemplateIndex, FormIndex>> absorbed_;
  std::size_t live_forms_ = 0;
  std::size_t slot_bytes_ = 0;       // of forms and templates
  std::uint64_t brake_until_ = 0;    // a line number
  std::uint64_t last_eviction_ = 0;  // likewise
  std::uint64_t new_since_eviction_ = 0;
};

// Residue lists of the same length, each residue ended by '\n': what differs becomes empty.
std::string common_residues(std::string_view a, std::string_view b);

// The residues of a form's `slots` that stand in the slots that `shown` (equal to them but for kWild) shows.
std::string shown_residues(std::span<const WordId> slots, std::string_view residues,
                           std::span<const WordId> shown, const Vocabulary& vocabulary);

// True if `pattern` has kWild or the same word in each slot.
bool matches(std::span<const WordId> pattern, std::span<const WordId> slots);

}  // namespace logsieve::miner_detail

#endif  // LOGSIEVE_MINER_STATE_H_
