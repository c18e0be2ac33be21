// Typed slots of a log template: each draws a varied, realistic value of its type from a seeded Random.
//
// Values are invented here; none is taken from a log of the world. Addresses of documentation ranges are
// mixed with private ones, names are made of common parts. Drawing allocates nothing beyond the growth of
// `out`.
#ifndef LOGSIEVE_TRAINING_DATA_SLOTS_H_
#define LOGSIEVE_TRAINING_DATA_SLOTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace logsieve {

// A closed range of an `n` or `float` slot, in units of its last decimal: 0.25-1.50 is {25, 150, 2}.
struct SlotRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::size_t decimals = 0;
};

enum class SlotRangeKind : std::uint8_t { kNone, kInteger, kDecimal };

struct SlotType {
  std::string_view name;
  void (*append)(const SlotRange& range, Random& random, std::string& out);
  SlotRangeKind range_kind = SlotRangeKind::kNone;
  SlotRange default_range = {};
};

// One slot of one template.
struct Slot {
  const SlotType* type = nullptr;  // into slot_types(); never null once parsed
  SlotRange range;
};

// Every type there is, as README.md tells authors.
std::span<const SlotType> slot_types();

// Reads what stands between `<` and `>`: "name" or "name:LO-HI". A float is printed with the decimals of its
// bounds, 2 to 6 of them. Errors: kBadInput (unknown type, a range
// where the type takes none, a range that is empty or no number), without a place: the caller knows it.
Result<Slot> parse_slot(std::string_view text);

// Appends one value.
inline void append_slot(const Slot& slot, Random& random, std::string& out) {
  slot.type->append(slot.range, random, out);
}

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DATA_SLOTS_H_
