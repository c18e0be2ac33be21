// Any bytes, as they are and with the length of their header mended (else hardly any changed header is ever read):
// what is accepted lies inside the input, covers all of it once, is what another JSON reader reads, and can be written
// and read again; what is refused says so with the file's name.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/safetensors.h"

namespace {

using logsieve::Safetensors;
using logsieve::TensorView;

constexpr std::size_t kLengthBytes = 8;

void require(bool holds) {
  if (!holds) std::abort();
}

// `bytes` with everything up to the last brace as its header.
std::string with_mended_length(std::string_view bytes) {
  if (bytes.size() < kLengthBytes) return {};
  bytes.remove_prefix(kLengthBytes);
  const std::uint64_t length = bytes.rfind('}') + 1;  // 0 if there is none
  std::string mended(reinterpret_cast<const char*>(&length), sizeof length);
  return mended.append(bytes);
}

void check_against_other_reader(const Safetensors& file, std::string_view bytes) {
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i > 0; --i)
    length = length << 8U | static_cast<unsigned char>(bytes[i - 1]);
  const auto header = nlohmann::json::parse(bytes.substr(kLengthBytes, length), nullptr, false);
  require(header.is_object());
  require(file.tensors().size() + (header.contains("__metadata__") ? 1 : 0) == header.size());
  std::vector<bool> is_covered(bytes.size() - kLengthBytes - length);
  for (const auto& [name, tensor] : file.tensors()) {
    const auto& entry = header.at(name);
    require(entry.at("dtype") == logsieve::dtype_name(tensor.dtype) && entry.at("shape") == tensor.shape);
    const auto begin = entry.at("data_offsets").at(0).get<std::size_t>();
    const auto end = entry.at("data_offsets").at(1).get<std::size_t>();
    require(begin <= end && end <= is_covered.size() && tensor.bytes.size() == end - begin);
    require(tensor.bytes.data() == bytes.data() + kLengthBytes + length + begin);
    for (std::size_t i = begin; i < end; ++i) {
      require(!is_covered[i]);
      is_covered[i] = true;
    }
  }
  for (const bool covered : is_covered) require(covered);
}

// The rows a network would read: of the right type and finite, or an error.
void check_values(const Safetensors& file) {
  for (const auto& [name, tensor] : file.tensors()) {
    if (tensor.shape.size() != 2) continue;
    const auto values = file.array<float>(name, {tensor.shape[0], tensor.shape[1]});
    const bool is_float = tensor.dtype == logsieve::DType::kF32 || tensor.dtype == logsieve::DType::kF16 ||
                          tensor.dtype == logsieve::DType::kBf16;
    if (!values) continue;
    require(is_float && values->size() * element_size(tensor.dtype) == tensor.bytes.size());
    for (const float value : *values) require(std::isfinite(value));
  }
}

void check_round_trip(const Safetensors& file) {
  std::vector<logsieve::NamedTensor> tensors;
  for (const auto& [name, tensor] : file.tensors())
    tensors.push_back({name, tensor.dtype, tensor.shape, tensor.bytes});
  const std::string written = logsieve::write_safetensors(tensors, file.metadata());
  const auto again = Safetensors::parse(written, "again");
  require(again && again->tensors().size() == tensors.size() && again->metadata() == file.metadata());
  for (const auto& tensor : tensors) {
    const TensorView* found = again->find(tensor.name);
    require(found != nullptr && found->dtype == tensor.dtype && found->shape == tensor.shape &&
            found->bytes == tensor.bytes);
  }
}

void check(std::string_view bytes) {
  const auto file = Safetensors::parse(bytes, "fuzz");
  if (!file) {
    require(file.error().code == logsieve::ErrorCode::kCorruptModel && file.error().file == "fuzz");
    return;
  }
  check_against_other_reader(*file, bytes);
  check_values(*file);
  check_round_trip(*file);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(bytes);
  check(with_mended_length(bytes));
  return 0;
}
