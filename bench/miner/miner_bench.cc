// usage: miner_bench FILE…: text files, one message a line.
// Lines a second on one core, each file read over and over, in the same run: masking alone, the miner with its own
// masking, the miner from masked forms. The new lines of a file are in the figure of its first pass ("cold").
// Then what 100,000 templates cost in memory and time.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "mask/masker.h"
#include "miner/miner.h"

namespace {

using logsieve::Miner;

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Median of five rounds of at least 0.1 s, in lines a second.
double rate(std::size_t lines, const auto& pass) {
  std::vector<double> rates;
  for (int round = 0; round < 5; ++round) {
    double seconds = 0;
    std::size_t passes = 0;
    while (seconds < 0.1) {
      seconds += seconds_of(pass);
      ++passes;
    }
    rates.push_back(static_cast<double>(lines * passes) / seconds);
  }
  std::nth_element(rates.begin(), rates.begin() + 2, rates.end());
  return rates[2];
}

std::vector<std::string> lines_of(const char* path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// Resident bytes of this process.
std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t pages = 0;
  file >> pages >> pages;
  return pages * 4096;
}

void bench_file(const char* path) {
  const std::vector<std::string> lines = lines_of(path);
  if (lines.empty()) return;
  std::string form;
  std::vector<std::string> forms;
  for (const std::string& line : lines) {
    logsieve::mask(line, form);
    forms.push_back(form);
  }
  const double masked = rate(lines.size(), [&] {
    for (const std::string& line : lines) logsieve::mask(line, form);
  });
  const double cold = rate(lines.size(), [&] {
    Miner miner;
    for (const std::string& line : lines) miner.observe(line);
  });
  Miner miner;
  const double warm = rate(lines.size(), [&] {
    for (const std::string& line : lines) miner.observe(line);
  });
  Miner form_miner;
  const double from_forms = rate(lines.size(), [&] {
    for (const std::string& line : forms) form_miner.observe_form(line);
  });
  const std::string name(path);
  std::printf("%-24s %8zu %10.0f %10.0f %10.0f %10.0f %8zu\n", name.substr(name.rfind('/') + 1).c_str(),
              lines.size(), masked, cold, warm, from_forms, miner.totals().templates);
}

std::string word_of(std::size_t number) {
  std::string word;
  for (std::size_t n = number + 26; n > 0; n /= 26) word += static_cast<char>('a' + n % 26);
  return word;
}

// Templates share 20,000 words, one of each is its own; lengths vary, as in logs.
void bench_many_templates(std::size_t templates) {
  const std::size_t before = resident_bytes();
  std::size_t bytes = 0;
  Miner miner({.budget_bytes = std::size_t{1} << 30U});
  const double seconds = seconds_of([&] {
    for (std::size_t i = 0; i < templates; ++i) {
      std::string line = "module" + word_of(i % 300) + ": " + word_of(i);
      for (std::size_t k = 0; k < 3 + i % 9; ++k) line += " " + word_of((i * 31 + k * 977) % 20000);
      line += " id=" + std::to_string(i) + " took 5 ms";
      bytes += line.size();
      miner.observe(line);
    }
    miner.settle();
  });
  const logsieve::MinerTotals totals = miner.totals();
  std::printf(
      "%zu templates of %zu bytes a line: %.1f MB resident, %.1f MB by its own account, %.1f us a new one\n",
      totals.templates, bytes / templates, static_cast<double>(resident_bytes() - before) / 1e6,
      static_cast<double>(totals.bytes) / 1e6, 1e6 * seconds / static_cast<double>(templates));
}

}  // namespace

int main(int argc, char** argv) {
  std::printf("%-24s %8s %10s %10s %10s %10s %8s\n", "lines/s, one core", "lines", "mask only", "mine cold",
              "mine warm", "from form", "templ.");
  for (int i = 1; i < argc; ++i) bench_file(argv[i]);
  bench_many_templates(100000);
  return 0;
}
