// What src/io makes of many inputs, as JSON lines for tests/io_differential.py to compare with Python's own csv
// and json modules. stdin: cases, each "FORMAT BLOCK_BYTES LENGTH\n" and LENGTH bytes. All bytes go out as hex.
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "io/input_stream.h"
#include "io/record_reader.h"
#include "io/verdict_writer.h"

namespace {

using logsieve::InputFormat;
using logsieve::OutputFormat;
using Json = nlohmann::json;

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4U];
    text += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

struct Outputs {
  logsieve::VerdictFormatter csv;
  logsieve::VerdictFormatter tsv;
  logsieve::VerdictFormatter jsonl;
  std::string csv_text;
  std::string tsv_text;
  std::string jsonl_text;

  explicit Outputs(const logsieve::RecordReader& reader)
      : csv(OutputFormat::kCsv, reader),
        tsv(OutputFormat::kTsv, reader),
        jsonl(OutputFormat::kJsonl, reader) {
    csv.header(csv_text);
    tsv.header(tsv_text);
  }

  void append(const logsieve::Record& record) {
    const logsieve::NamedVerdict verdict = {"a,\"b\"", 0.25F, "model", "", "x\ty \\ \n"};
    csv.append(record, verdict, csv_text);
    tsv.append(record, verdict, tsv_text);
    jsonl.append(record, verdict, jsonl_text);
  }
};

void add_batch(const logsieve::RecordBatch& batch, char delimiter, Json& result, Outputs& outputs) {
  std::vector<std::string> fields;
  for (const logsieve::Record& record : batch.records) {
    Json decoded = Json::array();
    logsieve::split_csv_record(record.raw, fields, delimiter);
    for (const std::string& field : fields) decoded.push_back(hex(field));
    result["records"].push_back(
        {record.line, hex(record.message), hex(record.source), hex(record.raw), decoded});
    outputs.append(record);
  }
  for (const logsieve::Reject& reject : batch.rejects)
    result["rejects"].push_back({reject.line, reject.record, reject.reason, hex(reject.raw)});
}

Json dump(std::string bytes, const logsieve::ReaderOptions& options) {
  Json result = {{"records", Json::array()}, {"rejects", Json::array()}};
  auto reader = logsieve::read_records(logsieve::memory_input(std::move(bytes)), "case", options);
  if (!reader) return {{"error", reader.error().message}};
  Outputs outputs(**reader);
  for (;;) {
    auto batch = (*reader)->next();
    if (!batch) return {{"error", batch.error().message}};
    if (batch->records.empty() && batch->rejects.empty()) break;
    add_batch(*batch, (*reader)->delimiter(), result, outputs);
  }
  result["csv"] = hex(outputs.csv_text);
  result["tsv"] = hex(outputs.tsv_text);
  result["jsonl"] = hex(outputs.jsonl_text);
  return result;
}

}  // namespace

int main() {
  std::string format;
  std::size_t block_bytes = 0;
  std::size_t length = 0;
  while (std::cin >> format >> block_bytes >> length) {
    std::cin.get();
    std::string bytes(length, '\0');
    if (!std::cin.read(bytes.data(), static_cast<std::streamsize>(length))) return 1;
    logsieve::ReaderOptions options;
    options.format = format == "csv" ? InputFormat::kCsv : InputFormat::kJsonl;
    options.batch_bytes = block_bytes;
    options.batch_records = 7;
    std::cout << dump(std::move(bytes), options).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  }
  return 0;
}
