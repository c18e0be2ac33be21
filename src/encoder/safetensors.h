// The safetensors container: named arrays in one file, checked whole before anything is used.
//
//   u64 little endian  N, the header's length, at most kMaxHeaderBytes
//   N bytes            a JSON object: name -> {"dtype", "shape", "data_offsets": [begin, end)}, and
//   optionally
//                      "__metadata__" -> {string: string}; padded with spaces
//   the rest           the arrays, row-major, little endian, each byte in exactly one of them
//
// Format: https://github.com/huggingface/safetensors ("Format"). Stricter than the reference: limits on
// header, rank and depth; a name must not occur twice.
#ifndef LOGSIEVE_ENCODER_SAFETENSORS_H_
#define LOGSIEVE_ENCODER_SAFETENSORS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace logsieve {

enum class DType : std::uint8_t {
  kF64,
  kF32,
  kF16,
  kBf16,
  kI64,
  kI32,
  kI16,
  kI8,
  kU64,
  kU32,
  kU16,
  kU8,
  kBool
};

std::size_t element_size(DType dtype);     // bytes, 1-8
std::string_view dtype_name(DType dtype);  // as the format spells it: "F32"

inline constexpr std::size_t kMaxHeaderBytes = std::size_t{16} << 20U;
inline constexpr std::size_t kMaxTensors = std::size_t{1} << 16U;
inline constexpr std::size_t kMaxRank = 8;

// An array inside the parsed bytes. `bytes` may start at any address: copy it out, do not cast the pointer.
struct TensorView {
  DType dtype = DType::kF32;
  std::vector<std::size_t> shape;  // empty: one value
  std::string_view bytes;          // element_size(dtype) * product(shape)
};

using Metadata = std::map<std::string, std::string, std::less<>>;

// A parsed file. Immutable; the parsed bytes must outlive it.
class Safetensors {
 public:
  // Checks everything but the values: O(header). `file` is named in errors, all of them kCorruptModel.
  static Result<Safetensors> parse(std::string_view bytes, std::string file);

  // nullptr if there is no such array.
  const TensorView* find(std::string_view name) const;
  // The same, or an error that names the file and the array, if it is absent or its shape is not `shape`.
  Result<TensorView> require(std::string_view name, std::span<const std::size_t> shape) const;

  // A copy of an array of exactly this shape. T: float (from F32, F16 or BF16), double, std::int32_t,
  // std::int64_t, std::uint32_t, std::uint8_t (each from its own dtype only).
  // Errors: kCorruptModel if it is absent, of another shape or dtype, or holds a NaN or an infinity.
  template <typename T>
  Result<std::vector<T>> array(std::string_view name, std::initializer_list<std::size_t> shape) const;

  const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }
  const Metadata& metadata() const { return metadata_; }
  const std::string& file() const { return file_; }

 private:
  std::map<std::string, TensorView, std::less<>> tensors_;
  Metadata metadata_;
  std::string file_;
};

// Floats of `source` as `out`; false, with `out` part-written, if a value is NaN or infinite.
// `source` must be F32, F16 or BF16 and hold out.size() values. For slices, narrow source.bytes.
bool convert_to_floats(DType dtype, std::string_view source, std::span<float> out);

// One array to write; `bytes` must outlive the call and match dtype and shape.
struct NamedTensor {
  std::string name;  // valid UTF-8, unique in its file, not "__metadata__"
  DType dtype = DType::kF32;
  std::vector<std::size_t> shape;
  std::string_view bytes;
};

// `values` (float, double or an integer type of the list at `array`) as an array to write; they must outlive
// it.
template <typename T>
NamedTensor named_tensor(std::string name, std::vector<std::size_t> shape, std::span<const T> values);

// The bytes of a file. They depend on the set of arrays and the metadata, not on the order given: arrays lie
// by falling element size, then by name, so each is aligned to its element.
std::string write_safetensors(std::span<const NamedTensor> tensors, const Metadata& metadata);

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_SAFETENSORS_H_
