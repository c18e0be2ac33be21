// For the tests of this folder: an input read to its end, as values.
#ifndef LOGSIEVE_IO_READER_TEST_SUPPORT_H_
#define LOGSIEVE_IO_READER_TEST_SUPPORT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/input_stream.h"
#include "io/record_reader.h"

namespace logsieve {

struct ReadRecord {
  std::uint64_t line;
  std::string message;
  std::string source;
  std::string raw;
  friend bool operator==(const ReadRecord&, const ReadRecord&) = default;
};

inline std::ostream& operator<<(std::ostream& out, const ReadRecord& r) {
  return out << r.line << " [" << r.message << "] [" << r.source << "] [" << r.raw << ']';
}

struct ReadInput {
  std::vector<ReadRecord> records;
  std::vector<Reject> rejects;
  std::size_t padded = 0;
  std::optional<Error> error;  // of opening or reading
  InputFormat format = InputFormat::kAuto;
  char delimiter = ',';

  std::vector<std::string> messages() const {
    std::vector<std::string> texts;
    for (const ReadRecord& record : records) texts.push_back(record.message);
    return texts;
  }
};

inline void take_all(RecordReader& reader, ReadInput& input) {
  for (;;) {
    auto batch = reader.next();
    if (!batch) {
      input.error = batch.error();
      return;
    }
    if (batch->records.empty() && batch->rejects.empty()) return;
    for (const Record& r : batch->records)
      input.records.push_back({r.line, std::string(r.message), std::string(r.source), std::string(r.raw)});
    for (Reject& reject : batch->rejects) input.rejects.push_back(std::move(reject));
    input.padded += batch->padded_records;
  }
}

inline ReadInput read_stream(std::unique_ptr<InputStream> stream, const ReaderOptions& options,
                             const std::string& name = "input") {
  ReadInput input;
  auto reader = read_records(std::move(stream), name, options);
  if (!reader) {
    input.error = reader.error();
    return input;
  }
  input.format = (*reader)->format();
  input.delimiter = (*reader)->delimiter();
  take_all(**reader, input);
  return input;
}

inline ReadInput read_all(std::string bytes, const ReaderOptions& options,
                          const std::string& name = "input") {
  return read_stream(memory_input(std::move(bytes)), options, name);
}

inline ReadInput read_all(std::string bytes, InputFormat format) {
  ReaderOptions options;
  options.format = format;
  return read_all(std::move(bytes), options);
}

}  // namespace logsieve

#endif  // LOGSIEVE_IO_READER_TEST_SUPPORT_H_
