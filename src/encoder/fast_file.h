// The integers of fast mode, kept beside the weights they were made from so that the next start need not make them.
//
// A safetensors file, model.fast.safetensors. Its metadata say which weights and vocabulary, which way of making them,
// and a hash of the arrays. It is only ever a copy: if it is absent, damaged, of other weights or cannot be written,
// the integers are made again, with the same result.
#ifndef LOGSIEVE_ENCODER_FAST_FILE_H_
#define LOGSIEVE_ENCODER_FAST_FILE_H_

#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "base/file.h"
#include "encoder/safetensors.h"

namespace logsieve {

struct FastFile {
  MappedFile file;  // `arrays` points into it
  Safetensors arrays;
  // What the file says of its origin; the caller compares.
  std::string weights_sha256;
  std::string vocab_sha256;
};

// The file in that folder, whole and undamaged; nothing otherwise. O(bytes).
std::optional<FastFile> read_fast_file(const std::filesystem::path& folder);

// Puts it there, whole or not at all; several processes may do so at once. That it cannot be written is no error.
void write_fast_file(const std::filesystem::path& folder, std::span<const NamedTensor> arrays,
                     const std::string& weights_sha256, const std::string& vocab_sha256);

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_FAST_FILE_H_
