// Replays a corpus through a fuzz target without libFuzzer: every file of the folders (and every file) given.
// A sanitizer or an assertion ends the run; an empty or missing corpus fails, so that a moved folder is
// noticed.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

// Sorted, so that a failure comes at the same place on every machine.
std::vector<fs::path> files_under(const fs::path& path) {
  std::error_code failure;
  if (fs::is_regular_file(path, failure)) return {path};
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator it(path, failure), end; !failure && it != end; it.increment(failure))
    if (it->is_regular_file()) files.push_back(it->path());
  std::sort(files.begin(), files.end());
  return files;
}

bool replay(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream) {
    std::fprintf(stderr, "cannot read %s\n", file.c_str());
    return false;
  }
  // A copy of exact size on the heap, so that a sanitizer sees each read past its end.
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s CORPUS...\n", argv[0]);
    return 2;
  }
  for (int i = 1; i < argc; ++i) {
    const std::vector<fs::path> files = files_under(argv[i]);
    if (files.empty()) {
      std::fprintf(stderr, "no corpus in %s\n", argv[i]);
      return 1;
    }
    for (const fs::path& file : files)
      if (!replay(file)) return 1;
    std::printf("%zu inputs of %s replayed\n", files.size(), argv[i]);
  }
  return 0;
}
