// Names records so that a provisional verdict can be settled later: the same record of the same input has the same
// id in every run, wherever the file lies.
#ifndef LOGSIEVE_CASCADE_RECORD_IDS_H_
#define LOGSIEVE_CASCADE_RECORD_IDS_H_

#include <optional>

#include "base/hash.h"
#include "record/record.h"

namespace logsieve {

// Of one input, whose records it must see from the first on.
class RecordIds {
 public:
  // The first record of the input; later ones change nothing. `of` does the same.
  void see(const Record& record) {
    if (!first_) first_ = xxh3_128(record.raw);
  }
  // XXH3-128 of the record as it stood, seeded by the input's first record and the line number.
  Hash128 of(const Record& record);

 private:
  std::optional<Hash128> first_;  // of the first record's bytes
};

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_RECORD_IDS_H_
