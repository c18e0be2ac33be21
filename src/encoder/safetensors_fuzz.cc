// Any bytes: what is accepted lies inside the input, covers all of it once, and can be written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/safetensors.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto file = logsieve::Safetensors::parse(bytes, "fuzz");
  if (!file) return 0;
  std::vector<logsieve::NamedTensor> tensors;
  std::size_t total = 0;
  for (const auto& [name, tensor] : file->tensors()) {
    require(tensor.bytes.data() >= bytes.data() &&
            tensor.bytes.data() + tensor.bytes.size() <= bytes.data() + size);
    total += tensor.bytes.size();
    tensors.push_back({name, tensor.dtype, tensor.shape, tensor.bytes});
  }
  require(total < size);
  const std::string written = logsieve::write_safetensors(tensors, file->metadata());
  const auto again = logsieve::Safetensors::parse(written, "again");
  require(again && again->tensors().size() == tensors.size() && again->metadata() == file->metadata());
  for (const auto& tensor : tensors) {
    const logsieve::TensorView* found = again->find(tensor.name);
    require(found != nullptr && found->dtype == tensor.dtype && found->shape == tensor.shape &&
            found->bytes == tensor.bytes);
  }
  return 0;
}
