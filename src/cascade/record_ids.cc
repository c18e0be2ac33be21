#include "cascade/record_ids.h"

namespace logsieve {

Hash128 RecordIds::of(const Record& record) {
  see(record);
  return xxh3_128(record.raw, (first_->low + record.line) ^ first_->high);
}

}  // namespace logsieve
