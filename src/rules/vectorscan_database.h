// A Vectorscan database as a value, and what it takes to make one.
#ifndef LOGSIEVE_RULES_VECTORSCAN_DATABASE_H_
#define LOGSIEVE_RULES_VECTORSCAN_DATABASE_H_

#include <cstddef>
#include <hs/hs_common.h>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace logsieve {

struct DatabaseDeleter {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
using DatabasePtr = std::unique_ptr<hs_database_t, DatabaseDeleter>;

struct ScanPattern {
  std::string text;        // Vectorscan syntax
  unsigned id = 0;         // reported by a scan, once at most
  bool is_filter = false;  // may also report where it does not match, if that makes it possible to run it
};

// What came of a compilation: a database (null for no patterns at all), or what stands in its way.
struct DatabaseBuild {
  DatabasePtr database;
  std::vector<std::size_t>
      refused;  // indexes of patterns that Vectorscan cannot run; then there is no database
};

// Errors: kInvalidRule if each pattern alone is accepted and all together are not; kUnavailable on a CPU that
// Vectorscan does not run on. Costs 1 to 5 ms a pattern.
Result<DatabaseBuild> build_database(const std::vector<ScanPattern>& patterns);

// Bytes for load_database on the same kind of CPU; empty for no database.
std::string save_database(const hs_database_t* database);
// nullptr if the bytes are of another Vectorscan or another kind of CPU. The bytes must be trusted.
DatabasePtr load_database(std::string_view bytes);

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_VECTORSCAN_DATABASE_H_
