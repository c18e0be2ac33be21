// Names records so that a provisional verdict can be settled later: the same record of the same input has the same
// id in every run, wherever the file lies.
#ifndef LOGSIEVE_CASCADE_RECORD_IDS_H_
#define LOGSIEVE_CASCADE_RECORD_IDS_H_

#include <string>

#include "record/record.h"

namespace logsieve {

// Of one input, whose records it must see from the first on.
class RecordIds {
 public:
  // 32 hexadecimal digits: XXH3-128 over the input's first record, the line number and the record as it stood.
  std::string of(const Record& record);

 private:
  std::string first_;  // hash of the first record's bytes; empty: none was seen
};

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_RECORD_IDS_H_
