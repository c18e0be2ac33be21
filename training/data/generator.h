// Log lines with known truth, drawn from templates: the committed data set, and any number of lines for benches.
//
// The same templates and seed give the same bytes on every machine. One thread an object.
#ifndef LOGSIEVE_TRAINING_DATA_GENERATOR_H_
#define LOGSIEVE_TRAINING_DATA_GENERATOR_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "training/data/template_file.h"

namespace logsieve {

struct LogLine {
  std::string timestamp;  // "2025-06-27 07:20:25", never before that of the line before
  std::string message;    // one line of valid UTF-8
  const LogTemplate* origin = nullptr;
};

// Endless lines, as one site writes them. A few templates are frequent and most are rare: the weight of the
// template at random place r is (r + 5)^-1.5 (in the public 2,410-row set 16 forms make 50 % of the lines, 207 make
// 90 %); those of complexity "llm" count 1/20 of it. Values vary freely, but a template names the same few users,
// hosts and services again and again: three sets of names each.
class LineSource {
 public:
  // `templates` must outlive the source and not be empty.
  LineSource(std::span<const LogTemplate> templates, std::uint64_t seed);

  // Replaces `line`; keeps the capacity of its strings. O(length + log templates).
  void next(LogLine& line);

 private:
  std::span<const LogTemplate> templates_;
  Random random_;
  std::vector<std::uint64_t> running_weights_;  // of templates_[i] and all before it
  std::int64_t clock_;                          // Unix seconds
};

struct DataSetOptions {
  std::size_t rows = 15000;  // of the committed training/data/logs.csv
  std::uint64_t seed = 20250701;
};

// The training set in random order: each template of complexity "llm" once, each other at least twice with
// different values (its choices are dealt in turn, so that two rows show two alternatives), and the rest drawn by
// weight among those others. Errors: kInvalidArgument if `rows` is too few for that.
Result<std::vector<LogLine>> make_data_set(std::span<const LogTemplate> templates,
                                           const DataSetOptions& options);

// Appends one CSV record (RFC 4180, '\n') with columns timestamp,source,log_message[,target_label,complexity].
void append_csv_header(bool with_labels, std::string& out);
void append_csv(const LogLine& line, bool with_labels, std::string& out);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_DATA_GENERATOR_H_
