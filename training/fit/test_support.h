// For tests only: the shared reference data, where it is, and NumPy files of one dtype each.
#ifndef LOGSIEVE_TRAINING_FIT_TEST_SUPPORT_H_
#define LOGSIEVE_TRAINING_FIT_TEST_SUPPORT_H_

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace logsieve::fit_test {

inline std::filesystem::path shared_dir() {
  const char* named = std::getenv("LOGSIEVE_SHARED_DIR");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(LOGSIEVE_SOURCE_DIR) / ".." / "shared";
}

inline std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// The numbers of a NumPy 1.0 file; empty if it is absent or of another dtype.
template <typename T>
std::vector<T> read_npy(const std::filesystem::path& file, std::string_view dtype) {
  const std::string bytes = bytes_of(file);
  if (bytes.size() < 10 || bytes.find("'" + std::string(dtype) + "'") == std::string::npos) return {};
  const std::size_t header = 10 + static_cast<std::size_t>(static_cast<unsigned char>(bytes[8])) +
                             256 * static_cast<std::size_t>(static_cast<unsigned char>(bytes[9]));
  std::vector<T> out((bytes.size() - header) / sizeof(T));
  std::memcpy(out.data(), bytes.data() + header, out.size() * sizeof(T));
  return out;
}
inline std::vector<float> read_npy_f32(const std::filesystem::path& file) {
  return read_npy<float>(file, "<f4");
}
inline std::vector<double> read_npy_f64(const std::filesystem::path& file) {
  return read_npy<double>(file, "<f8");
}
inline std::vector<std::int32_t> read_npy_i32(const std::filesystem::path& file) {
  return read_npy<std::int32_t>(file, "<i4");
}

}  // namespace logsieve::fit_test

#endif  // LOGSIEVE_TRAINING_FIT_TEST_SUPPORT_H_
