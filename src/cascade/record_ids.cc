#include "cascade/record_ids.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace logsieve {
namespace {

std::string digits(const Hash128& hash) {
  return fmt::format("{:016x}{:016x}", hash.high, hash.low);
}

}  // namespace

std::string RecordIds::of(const Record& record) {
  if (first_.empty()) first_ = digits(xxh3_128(record.raw));
  return digits(xxh3_128(fmt::format("{}:{}:{}", first_, record.line, record.raw)));
}

}  // namespace logsieve
