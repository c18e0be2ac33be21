// What must hold for every input, whatever its bytes: shared by the fuzz targets of this folder.
#ifndef LOGSIEVE_IO_READER_FUZZ_SUPPORT_H_
#define LOGSIEVE_IO_READER_FUZZ_SUPPORT_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "io/reader_test_support.h"
#include "io/verdict_writer.h"

namespace logsieve {

inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// The first two bytes choose the limits, the rest is the input.
struct FuzzInput {
  ReaderOptions options;
  std::string bytes;

  FuzzInput(const std::uint8_t* data, std::size_t size, InputFormat format) {
    options.format = format;
    if (size < 2) return;
    options.batch_bytes = 1 + data[0] % 64;
    if (data[1] % 4 == 0) options.max_record_bytes = 1 + data[1];
    bytes.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
  }
};

inline bool is_same(const Reject& a, const Reject& b) {
  return a.line == b.line && a.record == b.record && a.reason == b.reason && a.raw == b.raw;
}

// Reads in one block and in tiny ones: both must say the same. Returns what they say.
inline ReadInput read_both_ways(const FuzzInput& input) {
  ReaderOptions at_once = input.options;
  at_once.batch_bytes = std::size_t{1} << 12U;  // more than an input, and not so much that a run is slow
  ReadInput whole = read_all(input.bytes, at_once);
  const ReadInput pieces = read_all(input.bytes, input.options);
  require(whole.records == pieces.records, "records do not depend on blocks");
  require(whole.rejects.size() == pieces.rejects.size(), "the number of rejects does not depend on blocks");
  for (std::size_t i = 0; i < whole.rejects.size(); ++i)
    require(is_same(whole.rejects[i], pieces.rejects[i]), "rejects do not depend on blocks");
  require(whole.error.has_value() == pieces.error.has_value(), "errors do not depend on blocks");
  return whole;
}

struct Unpacked {
  std::string bytes;
  bool has_failed = false;
};

// What a stream made by `open` yields of packed bytes that come in pieces, up to `most_bytes`: a fuzzer finds bombs soon
// enough.
template <typename Open>
Unpacked unpack(Open open, const std::string& packed, std::size_t piece_bytes, std::size_t read_bytes,
                std::size_t most_bytes) {
  Unpacked out;
  auto stream = open(memory_input(packed, piece_bytes), "input");
  require(static_cast<bool>(stream), "the stream starts");
  std::string buffer(read_bytes, '\0');
  while (out.bytes.size() < most_bytes) {
    auto got = (*stream)->read(buffer);
    out.has_failed = !got;
    if (!got || *got == 0) return out;
    out.bytes.append(buffer, 0, *got);
  }
  out.bytes.resize(most_bytes);
  return out;
}

// The input's records, formatted.
inline std::string format_all(const FuzzInput& input, OutputFormat to) {
  std::string out;
  auto reader = read_records(memory_input(input.bytes), "input", input.options);
  if (!reader) return out;
  const VerdictFormatter formatter(to, **reader);
  formatter.header(out);
  for (auto batch = (*reader)->next(); batch && !(batch->records.empty() && batch->rejects.empty());
       batch = (*reader)->next())
    for (const Record& record : batch->records)
      formatter.append(record, {"a,\"b\"", 0.5F, "model", "r", record.message}, out);
  return out;
}

// Each record written is one that can be read again.
inline void require_readable(const std::string& out, InputFormat format, const std::string& message_column,
                             std::size_t records, char delimiter = ',') {
  ReaderOptions options;
  options.batch_bytes = std::size_t{1} << 12U;
  options.format = format;
  options.delimiter = delimiter;
  options.message_column = message_column;
  const ReadInput again = read_all(out, options);
  require(!again.error, "the output can be read");
  require(again.rejects.empty(), "no record of the output is rejected");
  require(again.records.size() == records, "the output has as many records as the input");
}

}  // namespace logsieve

#endif  // LOGSIEVE_IO_READER_FUZZ_SUPPORT_H_
