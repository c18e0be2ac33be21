#include "encoder/fast_file.h"

#include <map>
#include <utility>

#include "base/hash.h"

namespace logsieve {
namespace {

constexpr const char* kName = "model.fast.safetensors";
// To be raised when the layout, the calibration lines or the way of rounding change.
constexpr const char* kVersion = "1";

// A hash of all arrays: of their own hashes, in the order of names.
template <typename Arrays>
std::string hash_of(const Arrays& arrays) {
  std::string hashes;
  for (const auto& [name, bytes] : arrays) hashes += name + ' ' + sha256_hex(bytes) + '\n';
  return sha256_hex(hashes);
}

std::string found(const Metadata& metadata, std::string_view key) {
  const auto place = metadata.find(key);
  return place == metadata.end() ? std::string() : place->second;
}

}  // namespace

std::optional<FastFile> read_fast_file(const std::filesystem::path& folder) {
  auto file = MappedFile::open(folder / kName);
  if (!file) return std::nullopt;
  FastFile read;
  read.file = std::move(*file);
  auto arrays = Safetensors::parse(read.file.bytes(), (folder / kName).string());
  if (!arrays || found(arrays->metadata(), "version") != kVersion) return std::nullopt;
  std::map<std::string, std::string_view> bytes;
  for (const auto& [name, array] : arrays->tensors()) bytes[name] = array.bytes;
  if (found(arrays->metadata(), "arrays_sha256") != hash_of(bytes)) return std::nullopt;
  read.weights_sha256 = found(arrays->metadata(), "weights_sha256");
  read.vocab_sha256 = found(arrays->metadata(), "vocab_sha256");
  read.arrays = std::move(*arrays);
  return read;
}

void write_fast_file(const std::filesystem::path& folder, std::span<const NamedTensor> arrays,
                     const std::string& weights_sha256, const std::string& vocab_sha256) {
  std::map<std::string, std::string_view> bytes;
  for (const NamedTensor& array : arrays) bytes[array.name] = array.bytes;
  const Metadata metadata = {{"version", kVersion},
                             {"weights_sha256", weights_sha256},
                             {"vocab_sha256", vocab_sha256},
                             {"arrays_sha256", hash_of(bytes)}};
  (void)write_file_atomic(folder / kName, write_safetensors(arrays, metadata));
}

}  // namespace logsieve
