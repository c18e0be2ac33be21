// How fast the encoder is, beside what this machine could do at most: rounds of (peak, 1 thread, all threads),
// interleaved, medians. Beside wall time it shows work a CPU second, which a busy machine changes less.
//
//   encoder_bench ENCODER_FOLDER TEXTS [ROUNDS]
//
// TEXTS: one form a line. Prints a table for each arithmetic, and the numbers of the rounds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include "base/threads.h"
#include "encoder/kernels.h"
#include "encoder/model_config.h"
#include "encoder/sentence_encoder.h"
#include "peaks.h"

namespace logsieve {
namespace {

struct Seconds {
  double wall = 0;
  double cpu = 0;
};

template <typename Work>
Seconds timed(const Work& work) {
  const auto wall = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count(),
          static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double peak_operations(PeakLoop loop, std::size_t threads) {
  std::vector<double> done(threads);
  std::vector<std::thread> workers;
  for (double& operations : done) workers.emplace_back([&operations, loop] { operations = loop(); });
  for (std::thread& worker : workers) worker.join();
  return std::accumulate(done.begin(), done.end(), 0.0);
}

struct Texts {
  std::vector<std::string> lines;
  std::vector<std::string_view> forms;
  double bytes = 0;
  double tokens = 0;
  double operations = 0;  // of one pass
};

Texts read_texts(const SentenceEncoder& encoder, const ModelConfig& config, const char* path) {
  Texts texts;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) texts.lines.push_back(line);
  texts.forms.assign(texts.lines.begin(), texts.lines.end());
  const auto hidden = static_cast<double>(config.hidden);
  const double weights = 4 * hidden * hidden + 2 * hidden * static_cast<double>(config.intermediate);
  for (const std::string& line : texts.lines) {
    std::vector<std::int32_t> ids;
    encoder.tokenize(line, ids);
    const auto tokens = static_cast<double>(ids.size());
    texts.bytes += static_cast<double>(line.size());
    texts.tokens += tokens;
    texts.operations += static_cast<double>(config.layers) * tokens * (2 * weights + 4 * tokens * hidden);
  }
  return texts;
}

struct Rates {
  std::vector<double> wall;
  std::vector<double> cpu;
  void add(double work, const Seconds& seconds) {
    wall.push_back(work / seconds.wall);
    cpu.push_back(work / seconds.cpu);
  }
};

void print_encoding(const Texts& texts, const SentenceEncoder& encoder, Arithmetic arithmetic, int rounds) {
  std::vector<std::size_t> threads = {1};
  if (usable_cpus() > 1) threads.push_back(usable_cpus());
  const PeakLoop loop = peak_loop(SentenceEncoder::kernel_name(), arithmetic);
  std::vector<Rates> peaks(threads.size());
  std::vector<Rates> tokens(threads.size());
  std::vector<float> out(texts.forms.size() * kDim);
  for (int round = 0; round <= rounds; ++round) {
    for (std::size_t i = 0; i < threads.size(); ++i) {
      double operations = 0;
      const Seconds peak =
          timed([&] { operations = loop != nullptr ? peak_operations(loop, threads[i]) : 0; });
      const Seconds encoding = timed([&] { (void)encoder.encode(texts.forms, out, threads[i]); });
      if (round == 0) continue;  // warms up
      peaks[i].add(operations, peak);
      tokens[i].add(texts.tokens, encoding);
    }
  }
  std::printf("%-8s %12s %10s %12s %9s | a CPU second: %10s %9s %12s %8s\n", "threads", "tokens/s", "GOP/s",
              "peak GOP/s", "of peak", "tokens", "GOP", "peak GOP", "of peak");
  const double work = texts.operations / texts.tokens / 1e9;
  for (std::size_t i = 0; i < threads.size(); ++i) {
    const double wall = median(tokens[i].wall);
    const double cpu = median(tokens[i].cpu);
    const double peak_wall = median(peaks[i].wall) / 1e9;
    const double peak_cpu = median(peaks[i].cpu) / 1e9;
    std::printf("%-8zu %12.0f %10.1f %12.1f %8.1f%% | %24.0f %9.1f %12.1f %7.1f%%\n", threads[i], wall,
                wall * work, peak_wall, 100 * wall * work / peak_wall, cpu, cpu * work, peak_cpu,
                100 * cpu * work / peak_cpu);
  }
  for (std::size_t i = 0; i < threads.size(); ++i) {
    std::printf("rounds, %zu threads: tokens/s", threads[i]);
    for (const double rate : tokens[i].wall) std::printf(" %.0f", rate);
    std::printf("; peak GOP/s");
    for (const double rate : peaks[i].wall) std::printf(" %.1f", rate / 1e9);
    std::printf("\n");
  }
}

void print_single_line(const Texts& texts, const SentenceEncoder& encoder) {
  std::vector<float> out(kDim);
  std::vector<double> wall;
  std::vector<double> cpu;
  for (std::size_t i = 0; i < std::min<std::size_t>(texts.forms.size(), 400); ++i) {
    std::vector<std::int32_t> ids;
    encoder.tokenize(texts.forms[i], ids);
    if (ids.size() < 28 || ids.size() > 36) continue;
    const Seconds seconds = timed([&] { (void)encoder.encode({&texts.forms[i], 1}, out, 1); });
    wall.push_back(seconds.wall);
    cpu.push_back(seconds.cpu);
  }
  if (wall.empty()) return;
  std::printf("one form of 28-36 tokens, one thread: %.2f ms, %.2f ms of CPU (median of %zu)\n",
              median(wall) * 1e3, median(cpu) * 1e3, wall.size());
}

void print_tokenizing(const Texts& texts, const SentenceEncoder& encoder) {
  std::vector<std::int32_t> ids;
  const int passes = static_cast<int>(20e6 / texts.bytes) + 1;
  const Seconds seconds = timed([&] {
    for (int pass = 0; pass < passes; ++pass)
      for (const std::string_view form : texts.forms) {
        ids.clear();
        encoder.tokenize(form, ids);
      }
  });
  std::printf("tokenizing, one thread, a CPU second: %.1f MB, %.1f M tokens\n",
              texts.bytes * passes / seconds.cpu / 1e6, texts.tokens * passes / seconds.cpu / 1e6);
}

long resident_megabytes() {
  std::ifstream file("/proc/self/statm");
  long pages = 0;
  file >> pages >> pages;
  return pages * ::sysconf(_SC_PAGESIZE) >> 20U;
}

// How long it takes to load and encode one form, in this process, whose files are in memory.
void print_start(const char* folder, Arithmetic arithmetic) {
  std::vector<double> wall;
  std::vector<double> cpu;
  for (int i = 0; i < 5; ++i) {
    const Seconds seconds = timed([&] {
      auto loaded = SentenceEncoder::load(folder, arithmetic);
      std::vector<float> out(kDim);
      const std::string_view form = "connection refused";
      if (loaded) (void)loaded->encode({&form, 1}, out, 1);
    });
    wall.push_back(seconds.wall);
    cpu.push_back(seconds.cpu);
  }
  std::printf("load and first vector: %.0f ms, %.0f ms of CPU (median of 5, least %.0f and %.0f)\n",
              median(wall) * 1e3, median(cpu) * 1e3, *std::min_element(wall.begin(), wall.end()) * 1e3,
              *std::min_element(cpu.begin(), cpu.end()) * 1e3);
}

int run(const char* folder, const char* texts_path, int rounds) {
  for (const Arithmetic arithmetic : {Arithmetic::kFp32, Arithmetic::kFast}) {
    const auto encoder = SentenceEncoder::load(folder, arithmetic);
    const auto config = read_model_config(folder);
    if (!encoder || !config) {
      std::fputs(render(encoder ? config.error() : encoder.error()).c_str(), stderr);
      return 78;
    }
    const Texts texts = read_texts(*encoder, *config, texts_path);
    if (texts.forms.empty()) return std::fprintf(stderr, "error: no texts in %s\n", texts_path), 74;
    if (arithmetic == Arithmetic::kFp32) {
      std::printf("kernels %s; %zu forms, %.0f tokens, %.2f million operations a token\n",
                  std::string(SentenceEncoder::kernel_name()).c_str(), texts.forms.size(), texts.tokens,
                  texts.operations / texts.tokens / 1e6);
      print_tokenizing(texts, *encoder);
    }
    std::printf("\n%s\n", std::string(arithmetic_name(arithmetic)).c_str());
    print_encoding(texts, *encoder, arithmetic, rounds);
    print_single_line(texts, *encoder);
    std::printf("resident memory: %ld MB\n", resident_megabytes());
    print_start(folder, arithmetic);
  }
  return 0;
}

}  // namespace
}  // namespace logsieve

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "usage: encoder_bench ENCODER_FOLDER TEXTS [ROUNDS]\n"), 2;
  return logsieve::run(argv[1], argv[2], argc > 3 ? std::atoi(argv[3]) : 5);
}
