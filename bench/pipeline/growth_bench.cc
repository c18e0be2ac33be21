// usage: growth_bench MODEL ENCODER FILE
// What a line costs as its input grows ten times, three times over: the lines of a text file 50, 500, 5,000 and 50,000 times
// (a form costs more the first time that a run meets it), text to JSONL, on one thread. Medians of rounds. Says whether every
// cost is within 10 % of that of the smallest input; ends with 1 only where it could not be measured.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.h"
#include "bundle/bundle.h"
#include "cascade/classify_stream.h"
#include "io/input_stream.h"
#include "io/verdict_writer.h"

namespace {

using namespace logsieve;

constexpr std::size_t kSizes = 4;
// A round of the smallest input is 50 ms: more of them for a steady median.
constexpr std::array<int, kSizes> kRounds = {31, 7, 3, 1};

// The same bytes over and over, up to so many lines.
class Repeated : public InputStream {
 public:
  Repeated(const std::string& text, std::size_t bytes) : text_(text), left_(bytes) {}
  Result<std::size_t> read(std::span<char> out) override {
    const std::size_t got = std::min({out.size(), left_, text_.size() - at_});
    std::copy_n(text_.data() + at_, got, out.data());
    at_ = (at_ + got) % text_.size();
    left_ -= got;
    return got;
  }
  std::uint64_t bytes_read() const override { return 0; }

 private:
  const std::string& text_;
  std::size_t left_;
  std::size_t at_ = 0;
};

// Seconds; nothing of the output is kept.
double classify(const std::string& text, std::size_t bytes, Cascade& cascade) {
  ReaderOptions options;
  options.format = InputFormat::kText;
  options.batch_records = std::size_t{16} << 10U;
  auto reader = read_records(std::make_unique<Repeated>(text, bytes), "input", options);
  if (!reader) std::exit(1);
  const VerdictFormatter formatter(OutputFormat::kJsonl, **reader);
  std::vector<VerdictFormatter> formatters(cascade.threads(), formatter);
  StreamSink sink;
  sink.format = [&](const RecordBatch& batch, const ResolvedBatch& resolved, LineRange lines,
                    std::size_t worker, std::string& out) {
    for (std::size_t i = lines.begin; i < lines.end; ++i) {
      const Verdict& verdict = resolved.verdicts[i];
      formatters[worker].append(batch.records[i],
                                {cascade.bundle().labels.name(verdict.label), verdict.confidence,
                                 tier_name(verdict.tier), "", resolved.forms[i]},
                                out);
    }
  };
  std::size_t written = 0;
  sink.on_text = [&](std::string_view out) {
    written += out.size();
    return ok();
  };
  ClassifyTotals totals;
  const auto start = std::chrono::steady_clock::now();
  if (!classify_stream(**reader, cascade, nullptr, sink, {}, totals) || written == 0) std::exit(1);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

double median_of(int rounds, const auto& run) {
  std::vector<double> seconds;
  for (int round = 0; round < rounds; ++round) seconds.push_back(run());
  return median(std::move(seconds));
}

void measure(Cascade& cascade, const std::string& text) {
  const auto lines = static_cast<double>(std::count(text.begin(), text.end(), '\n'));
  classify(text, text.size(), cascade);  // from now on all forms are known
  std::array<double, kSizes> cost{};
  std::size_t times = 50;
  for (std::size_t i = 0; i < kSizes; ++i, times *= 10) {
    const double seconds =
        median_of(kRounds[i], [&] { return classify(text, times * text.size(), cascade); });
    const double all = lines * static_cast<double>(times);
    cost[i] = 1e9 * seconds / all;
    std::printf("  %10.0f lines %7.1f ns a line  %+5.1f %%\n", all, cost[i], 100 * (cost[i] / cost[0] - 1));
  }
  const bool is_flat =
      std::all_of(cost.begin(), cost.end(), [&](double c) { return c < 1.1 * cost[0] && c > 0.9 * cost[0]; });
  std::printf("  %s\n", is_flat ? "flat within 10 %" : "NOT flat within 10 %");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  auto text = read_file(argv[3]);
  if (!text) return std::fputs(render(text.error()).c_str(), stderr), 1;
  auto bundle = load_bundle(argv[1]);
  auto encoder = SentenceEncoder::load(argv[2], Arithmetic::kFast);
  if (!bundle || !encoder) return std::fputs("the model cannot be opened\n", stderr), 1;
  auto cascade = Cascade::open(std::move(*bundle), std::move(*encoder), {});
  if (!cascade) return std::fputs(render(cascade.error()).c_str(), stderr), 1;
  measure(*cascade, *text);
}
