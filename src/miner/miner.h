// Online log templates: one pass, bounded memory, and the same templates whatever the order of the lines.
//
// A line becomes a *form* (values out, see form_text.h). Forms are kept, each with its exact count, and the
// templates are a pure function of the set of forms (see grouping.h), brought up to date whenever a form comes
// that was not there before. So miners of shards, merged in any order, hold the templates of one pass, and a
// template's id is a hash of its text: the same in every run, shard and machine.
//
// What bounds memory makes that exact rule approximate: a template of many forms is *settled* (its varying words
// become `<*>` for good and its forms are dropped, their counts added up), and beyond the budget the forms seen
// least recently are dropped and counted as evicted. docs/adr/0007 has the figures.
//
// Two answers a line. `observe` says what the line's template is *now*; as more lines come a template may become
// more general, and `template_of` and `current` lead from what was said then to what stands for it now. Published
// scores use the latter.
//
// Not thread-safe: one miner a thread, then `merge`. Sources: He et al. 2017 (Drain, the similarity threshold),
// Makanju et al. 2009 (IPLoM, splitting by the position of fewest words); the order-free grouping is this
// project's.
#ifndef LOGSIEVE_MINER_MINER_H_
#define LOGSIEVE_MINER_MINER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace logsieve {

namespace miner_detail {
class State;
}

struct MinerOptions {
  std::size_t budget_bytes = std::size_t{64} << 20U;  // of everything the miner keeps
  std::size_t most_forms = 200'000;                   // kept at a time
  std::size_t settle_at = 64;          // a template of more forms than this keeps only what they share
  std::size_t most_line_bytes = 8192;  // what stands behind is not mined, and the line counted as cut
  std::size_t most_slots = 250;        // likewise
};

// A place in one miner's list of templates: dense from 1, never reused, not the same in another miner.
using TemplateIndex = std::uint32_t;

// The template of lines that were not learned, `<*>`.
inline constexpr TemplateIndex kUnlearned = 0;

// A wording in one miner, numbered from 1 as they come; never reused.
using FormNumber = std::uint32_t;

struct Mined {
  TemplateIndex index = kUnlearned;
  FormNumber form = 0;       // 0: not learned
  bool is_new = false;       // the first line of a template that generalises no older one
  bool is_new_form = false;  // never seen in this wording
};

struct MinedTemplate {
  std::uint64_t id = 0;  // of the template's content: the same in every run, shard and machine
  // Variables by their kind: <number>, <address>, … and <*> where words vary. Shows no more than a masked form.
  std::string text;
  // Variables as <*>, the spelling of published templates. A digit at the end of a name (ssh2, eth0) and the
  // scheme of a URL are shown while they never varied, so this text is for this machine only.
  std::string plain;
  std::uint64_t count = 0;  // lines, exact unless evicted
};

struct MinerTotals {
  std::uint64_t lines = 0;
  std::uint64_t cut_lines = 0;        // longer than the options allow: mined by their beginning
  std::uint64_t evicted_forms = 0;    // dropped to stay within the budget …
  std::uint64_t evicted_lines = 0;    // … and the lines that they had counted
  std::uint64_t unlearned_lines = 0;  // came while the eviction brake was on: counted here, in no template
  std::size_t forms = 0;
  std::size_t templates = 0;
  std::size_t bytes = 0;  // kept now
};

class Miner {
 public:
  explicit Miner(const MinerOptions& options = {});
  Miner(Miner&&) noexcept;
  Miner& operator=(Miner&&) noexcept;
  ~Miner();

  // Learns one line. Amortised O(length); does not allocate for a form that is known.
  Mined observe(std::string_view line);
  // The same from a masked form (mask/masker.h) where the line itself is not at hand. Its template can be spelled
  // differently from the line's (`User<number>`, `User <number>`): use one of the two in one miner.
  Mined observe_form(std::string_view masked_form);

  // One past the largest TemplateIndex given so far.
  TemplateIndex end_index() const;
  // The template that stands for `index` now; `index` itself while it stands.
  TemplateIndex current(TemplateIndex index) const;
  // The template of a wording's lines now, or when it was evicted. Unlike `current` it is exact where a template was
  // split: that leads all lines of the old one to one of its parts.
  TemplateIndex template_of(FormNumber form) const;
  // Of an index with current(index) == index. O(forms of the template) for the count.
  MinedTemplate at(TemplateIndex index) const;
  std::uint64_t id(TemplateIndex index) const;
  // Brings the templates up to date where that was put off (more than 256 forms of one skeleton): from then on
  // `current` and `templates` are a function of the set of forms. `templates`, `merge` and `snapshot` do so too.
  void settle();
  // All that stand and have lines, by falling count, then id.
  std::vector<TemplateIndex> templates();
  // The template with this id, if it stands.
  std::optional<TemplateIndex> find(std::uint64_t id) const;

  // Adds all that `other` has seen. Indices of this miner stay valid.
  void merge(const Miner& other);
  // Everything but the indices, in the format of docs/formats/miner.md.
  std::string snapshot();
  // Errors: kCorruptModel for bytes that are no snapshot, are damaged, or of another version or mask version.
  static Result<Miner> restore(std::string_view bytes, const MinerOptions& options = {});
  MinerTotals totals() const;

 private:
  std::unique_ptr<miner_detail::State> state_;
};

// 16 hexadecimal digits.
std::string template_id_text(std::uint64_t id);

}  // namespace logsieve

#endif  // LOGSIEVE_MINER_MINER_H_
