// usage: pipeline_bench MODEL FILE [PATTERNS]
// What each stage of a warm line costs on one core, over the lines of a text file: reading, rules, masks, look-up of the
// form, formatting. Beside them Vectorscan alone with the same patterns. Median of five rounds. PATTERNS: a file that the
// rules' patterns are written to, one a line, for rivals.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <hs/hs.h>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "cascade/form_cache.h"
#include "io/input_stream.h"
#include "io/verdict_writer.h"
#include "mask/masker.h"
#include "rules/rule_engine.h"

namespace {

using namespace logsieve;

double median_seconds(const auto& pass) {
  std::vector<double> seconds;
  for (int round = 0; round < 5; ++round) {
    const auto start = std::chrono::steady_clock::now();
    pass();
    seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(seconds.begin(), seconds.begin() + 2, seconds.end());
  return seconds[2];
}

std::vector<RecordBatch> read_all(const char* path, std::unique_ptr<RecordReader>& reader) {
  ReaderOptions options;
  options.format = InputFormat::kText;
  options.batch_records = std::size_t{16} << 10U;
  auto opened = open_records(path, options);
  std::vector<RecordBatch> batches;
  if (!opened) return batches;
  reader = std::move(*opened);
  for (;;) {
    auto batch = reader->next();
    if (!batch || batch->records.empty()) return batches;
    batches.push_back(std::move(*batch));
  }
}

// All patterns in one database, as a prefilter where Vectorscan does not support one whole. Reports each match.
struct Vectorscan {
  hs_database_t* database = nullptr;
  hs_scratch_t* scratch = nullptr;

  explicit Vectorscan(const std::vector<Rule>& rules) {
    std::vector<const char*> patterns;
    std::vector<unsigned> flags;
    std::vector<unsigned> ids;
    for (const Rule& rule : rules) {
      patterns.push_back(rule.pattern.c_str());
      flags.push_back(HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY);
      ids.push_back(static_cast<unsigned>(ids.size()));
    }
    hs_compile_error_t* error = nullptr;
    if (hs_compile_multi(patterns.data(), flags.data(), ids.data(), static_cast<unsigned>(patterns.size()),
                         HS_MODE_BLOCK, nullptr, &database, &error) == HS_SUCCESS)
      hs_alloc_scratch(database, &scratch);
    else
      std::printf("  Vectorscan refuses: %s\n", error->message);
    hs_free_compile_error(error);
  }
  Vectorscan(const Vectorscan&) = delete;
  Vectorscan& operator=(const Vectorscan&) = delete;
  ~Vectorscan() {
    hs_free_scratch(scratch);
    hs_free_database(database);
  }
};

struct Stage {
  const char* name;
  double seconds;
};

void print(const std::vector<Stage>& stages, std::size_t lines) {
  double sum = 0;
  for (const Stage& stage : stages) sum += stage.seconds;
  for (const Stage& stage : stages)
    std::printf("  %-22s %7.0f ns a line  %5.1f %%  %6.2f M lines/s\n", stage.name,
                1e9 * stage.seconds / static_cast<double>(lines), 100 * stage.seconds / sum,
                static_cast<double>(lines) / stage.seconds / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  auto bundle = load_bundle(argv[1]);
  if (!bundle) return std::fputs(render(bundle.error()).c_str(), stderr), 1;
  const std::vector<Rule>& rules = bundle->rules.rules();
  if (argc > 3) {
    std::ofstream patterns(argv[3]);
    for (const Rule& rule : rules) patterns << rule.pattern << '\n';
  }
  std::unique_ptr<RecordReader> reader;
  const std::vector<RecordBatch> batches = read_all(argv[2], reader);
  if (batches.empty()) return 1;
  std::vector<Record> records;
  for (const RecordBatch& batch : batches)
    records.insert(records.end(), batch.records.begin(), batch.records.end());

  auto engine = RuleEngine::compile(bundle->rules);
  if (!engine) return 1;
  RuleEngine::Scratch scratch = engine->make_scratch();
  std::vector<std::string> forms(records.size());
  for (std::size_t i = 0; i < records.size(); ++i) mask(records[i].message, forms[i]);
  FormFront front;
  front.use(std::make_shared<FormTable>());
  const VerdictFormatter formatter(OutputFormat::kJsonl, *reader);
  std::string form;
  std::string out;
  std::size_t hits = 0;
  const auto each = [&](const auto& work) {
    return median_seconds([&] {
      for (std::size_t i = 0; i < records.size(); ++i) work(i);
    });
  };
  std::unique_ptr<RecordReader> again;
  std::vector<Stage> stages;
  stages.push_back({"read", median_seconds([&] { read_all(argv[2], again); })});
  stages.push_back({"rules", each([&](std::size_t i) {
                      hits += engine->match(records[i].message, records[i].source, scratch) >= 0 ? 1 : 0;
                    })});
  stages.push_back({"mask", each([&](std::size_t i) { mask(records[i].message, form); })});
  stages.push_back({"look-up of the form",
                    each([&](std::size_t i) { hits += front.find_or_add(forms[i]) != nullptr ? 1 : 0; })});
  stages.push_back(
      {"format", each([&](std::size_t i) {
         if (out.size() > (std::size_t{4} << 20U)) out.clear();
         formatter.append(records[i], {"System Notification", 0.97F, "model", "", forms[i]}, out);
       })});
  std::printf("stages of a warm line on one core, %zu lines, %zu rules\n", records.size(), rules.size());
  print(stages, records.size());
  const Vectorscan vectorscan(rules);
  if (vectorscan.scratch != nullptr) {
    const auto on_match = [](unsigned, unsigned long long, unsigned long long, unsigned, void* count) {
      ++*static_cast<std::size_t*>(count);
      return 0;
    };
    print({{"Vectorscan alone", each([&](std::size_t i) {
              hs_scan(vectorscan.database, records[i].message.data(),
                      static_cast<unsigned>(records[i].message.size()), 0, vectorscan.scratch, on_match,
                      &hits);
            })}},
          records.size());
  }
  return hits > 0 ? 0 : 1;
}
