#include "encoder/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <simdjson.h>
#include <type_traits>
#include <utility>

#include "base/utf8.h"

namespace logsieve {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are copied as they lie in the file");

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kMaxDepth = 4;  // object, object, array; simdjson wants one more
constexpr std::size_t kMaxShownName = 80;

struct DTypeInfo {
  std::string_view name;
  std::size_t size;
};
// In the order of DType.
constexpr std::array<DTypeInfo, 13> kDTypes = {{{"F64", 8},
                                                {"F32", 4},
                                                {"F16", 2},
                                                {"BF16", 2},
                                                {"I64", 8},
                                                {"I32", 4},
                                                {"I16", 2},
                                                {"I8", 1},
                                                {"U64", 8},
                                                {"U32", 4},
                                                {"U16", 2},
                                                {"U8", 1},
                                                {"BOOL", 1}}};

template <typename T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, float>) return DType::kF32;
  if constexpr (std::is_same_v<T, double>) return DType::kF64;
  if constexpr (std::is_same_v<T, std::int32_t>) return DType::kI32;
  if constexpr (std::is_same_v<T, std::int64_t>) return DType::kI64;
  if constexpr (std::is_same_v<T, std::uint32_t>) return DType::kU32;
  if constexpr (std::is_same_v<T, std::uint8_t>) return DType::kU8;
}

std::optional<DType> find_dtype(std::string_view name) {
  for (std::size_t i = 0; i < kDTypes.size(); ++i)
    if (kDTypes[i].name == name) return static_cast<DType>(i);
  return std::nullopt;
}

std::string quoted(std::string_view name) {
  return '"' + std::string(name.substr(0, kMaxShownName)) + (name.size() > kMaxShownName ? "…\"" : "\"");
}

std::string shape_text(std::span<const std::size_t> shape) {
  std::string text = "[";
  for (const std::size_t n : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
  return text + ']';
}

// Bytes of an array of this shape; nullopt if they do not fit in 64 bits.
std::optional<std::size_t> byte_count(DType dtype, std::span<const std::size_t> shape) {
  std::size_t bytes = element_size(dtype);
  for (const std::size_t n : shape)
    if (__builtin_mul_overflow(bytes, n, &bytes)) return std::nullopt;
  return bytes;
}

// The header's reader: fills `tensors` and `metadata`, or says what is wrong.
class HeaderReader {
 public:
  HeaderReader(std::string_view header, std::string_view data) : header_(header), data_(data) {}

  std::optional<std::string> read() {
    if (!header_.starts_with('{')) return "the header is not a JSON object";
    const simdjson::padded_string padded(header_);
    simdjson::dom::parser parser;
    if (parser.allocate(padded.size(), kMaxDepth) != simdjson::SUCCESS) return "the header is too large";
    simdjson::dom::object root;
    if (const auto code = parser.parse(padded).get(root); code != simdjson::SUCCESS)
      return std::string("the header is not a JSON object: ") + simdjson::error_message(code);
    for (const auto [key, value] : root) {
      auto problem = key == "__metadata__" ? read_metadata(value) : read_tensor(key, value);
      if (problem) return problem;
    }
    return check_coverage();
  }

  std::map<std::string, TensorView, std::less<>> tensors;
  Metadata metadata;

 private:
  std::optional<std::string> read_metadata(const simdjson::dom::element& value) {
    simdjson::dom::object entries;
    if (has_metadata_ || value.get(entries) != simdjson::SUCCESS)
      return "__metadata__ is twice there or no object";
    has_metadata_ = true;
    for (const auto [key, text] : entries) {
      std::string_view view;
      if (text.get(view) != simdjson::SUCCESS) return "__metadata__ holds a value that is no string";
      if (!metadata.emplace(key, view).second) return "__metadata__ has a key twice: " + quoted(key);
    }
    return std::nullopt;
  }

  std::optional<std::string> read_tensor(std::string_view name, const simdjson::dom::element& value) {
    if (tensors.size() == kMaxTensors) return "more than " + std::to_string(kMaxTensors) + " arrays";
    TensorView tensor;
    if (auto problem = read_fields(value, tensor)) return "array " + quoted(name) + ": " + *problem;
    if (!tensors.emplace(name, std::move(tensor)).second) return "array " + quoted(name) + " is there twice";
    return std::nullopt;
  }

  std::optional<std::string> read_fields(const simdjson::dom::element& value, TensorView& tensor) {
    simdjson::dom::object fields;
    if (value.get(fields) != simdjson::SUCCESS) return "its entry is not an object";
    std::string_view dtype;
    if (fields.size() != 3 || fields["dtype"].get(dtype) != simdjson::SUCCESS)
      return "its entry must have dtype, shape and data_offsets";
    const auto known = find_dtype(dtype);
    if (!known) return "unknown dtype " + quoted(dtype);
    tensor.dtype = *known;
    if (!read_numbers(fields["shape"], kMaxRank, tensor.shape))
      return "shape must be a list of at most " + std::to_string(kMaxRank) + " sizes";
    std::vector<std::size_t> offsets;
    if (!read_numbers(fields["data_offsets"], 2, offsets) || offsets.size() != 2)
      return "data_offsets must be two offsets";
    return place(offsets[0], offsets[1], tensor);
  }

  static bool read_numbers(const simdjson::simdjson_result<simdjson::dom::element>& value, std::size_t limit,
                           std::vector<std::size_t>& out) {
    simdjson::dom::array items;
    if (value.get(items) != simdjson::SUCCESS || items.size() > limit) return false;
    for (const simdjson::dom::element item : items) {
      std::uint64_t number = 0;
      if (!item.is<std::uint64_t>() && !item.is<std::int64_t>()) return false;
      if (item.get(number) != simdjson::SUCCESS) return false;
      out.push_back(number);
    }
    return true;
  }

  std::optional<std::string> place(std::size_t begin, std::size_t end, TensorView& tensor) {
    if (begin > end || end > data_.size())
      return "its bytes " + std::to_string(begin) + "-" + std::to_string(end) + " lie outside the " +
             std::to_string(data_.size()) + " bytes of data (truncated file?)";
    const auto needed = byte_count(tensor.dtype, tensor.shape);
    if (!needed || *needed != end - begin)
      return "shape " + shape_text(tensor.shape) + " of " + std::string(dtype_name(tensor.dtype)) +
             " does not fill " + std::to_string(end - begin) + " bytes";
    tensor.bytes = data_.substr(begin, end - begin);
    return std::nullopt;
  }

  // Every byte of the data belongs to exactly one array: no overlap, no hole, nothing after the last.
  std::optional<std::string> check_coverage() const {
    std::vector<std::pair<std::size_t, std::size_t>> ranges;
    ranges.reserve(tensors.size());
    for (const auto& [name, tensor] : tensors) {
      const auto begin = static_cast<std::size_t>(tensor.bytes.data() - data_.data());
      ranges.emplace_back(begin, begin + tensor.bytes.size());
    }
    std::sort(ranges.begin(), ranges.end());
    std::size_t covered = 0;
    for (const auto& [begin, end] : ranges) {
      if (begin < covered) return "two arrays share byte " + std::to_string(begin) + " of the data";
      if (begin > covered) return "no array holds byte " + std::to_string(covered) + " of the data";
      covered = end;
    }
    if (covered != data_.size())
      return std::to_string(data_.size() - covered) + " bytes lie after the last array";
    return std::nullopt;
  }

  std::string_view header_;
  std::string_view data_;
  bool has_metadata_ = false;
};

float float_from_bits(std::uint32_t bits) {
  return std::bit_cast<float>(bits);
}

float float_from_f16(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1FU;
  const std::uint32_t fraction = half & 0x3FFU;
  if (exponent == 0x1FU) return float_from_bits(sign | 0x7F800000U | (fraction << 13U));
  if (exponent != 0) return float_from_bits(sign | ((exponent + 112U) << 23U) | (fraction << 13U));
  const float magnitude = static_cast<float>(fraction) * 0x1p-24F;  // subnormal: exact in float
  return sign == 0 ? magnitude : -magnitude;
}

template <typename Raw, typename Convert>
void convert_each(std::string_view source, std::span<float> out, Convert convert) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Raw raw;
    std::memcpy(&raw, source.data() + i * sizeof raw, sizeof raw);
    out[i] = convert(raw);
  }
}

// NaN and infinity have an exponent of all ones. In blocks of a fixed size, which compilers vectorise.
bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t kExponent = 0x7F800000U;
  constexpr std::size_t kBlock = 16;
  const auto is_bad = [](float value) {
    return (std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent;
  };
  std::uint32_t bad[kBlock] = {};
  std::size_t i = 0;
  for (; i + kBlock <= values.size(); i += kBlock)
    for (std::size_t k = 0; k < kBlock; ++k) bad[k] |= is_bad(values[i + k]) ? 1U : 0U;
  for (; i < values.size(); ++i) bad[0] |= is_bad(values[i]) ? 1U : 0U;
  return std::ranges::count(bad, 0U) == static_cast<std::ptrdiff_t>(kBlock);
}

}  // namespace

std::size_t element_size(DType dtype) {
  return kDTypes[static_cast<std::size_t>(dtype)].size;
}

std::string_view dtype_name(DType dtype) {
  return kDTypes[static_cast<std::size_t>(dtype)].name;
}

Result<Safetensors> Safetensors::parse(std::string_view bytes, std::string file) {
  const auto corrupt = [&](std::string what) {
    return Error{ErrorCode::kCorruptModel, "not a usable safetensors file: " + std::move(what)}
        .at(file)
        .with_help("fetch or write the file again and compare its SHA-256");
  };
  if (bytes.size() < kLengthBytes) return corrupt("it has only " + std::to_string(bytes.size()) + " bytes");
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  if (length > kMaxHeaderBytes || length > bytes.size() - kLengthBytes)
    return corrupt("a header of " + std::to_string(length) + " bytes in a file of " +
                   std::to_string(bytes.size()));
  HeaderReader reader(bytes.substr(kLengthBytes, length), bytes.substr(kLengthBytes + length));
  if (auto problem = reader.read()) return corrupt(std::move(*problem));
  Safetensors parsed;
  parsed.tensors_ = std::move(reader.tensors);
  parsed.metadata_ = std::move(reader.metadata);
  parsed.file_ = std::move(file);
  return parsed;
}

const TensorView* Safetensors::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

Result<TensorView> Safetensors::require(std::string_view name, std::span<const std::size_t> shape) const {
  const TensorView* tensor = find(name);
  if (tensor == nullptr)
    return Error{ErrorCode::kCorruptModel, "the array " + quoted(name) + " is missing"}.at(file_);
  if (!std::ranges::equal(tensor->shape, shape))
    return Error{ErrorCode::kCorruptModel, "the array " + quoted(name) + " has the shape " +
                                               shape_text(tensor->shape) + ", not " + shape_text(shape)}
        .at(file_);
  return *tensor;
}

template <typename T>
Result<std::vector<T>> Safetensors::array(std::string_view name,
                                          std::initializer_list<std::size_t> shape) const {
  auto tensor = require(name, std::span(shape.begin(), shape.size()));
  if (!tensor) return std::move(tensor).error();
  const bool converts =
      std::is_same_v<T, float> && (tensor->dtype == DType::kF16 || tensor->dtype == DType::kBf16);
  if (tensor->dtype != dtype_of<T>() && !converts)
    return Error{ErrorCode::kCorruptModel, "the array " + quoted(name) + " holds " +
                                               std::string(dtype_name(tensor->dtype)) + ", not " +
                                               std::string(dtype_name(dtype_of<T>()))}
        .at(file_);
  std::vector<T> values(tensor->bytes.size() / element_size(tensor->dtype));
  bool is_finite = true;
  if constexpr (std::is_same_v<T, float>) {
    is_finite = convert_to_floats(tensor->dtype, tensor->bytes, values);
  } else {
    if (!values.empty()) std::memcpy(values.data(), tensor->bytes.data(), tensor->bytes.size());
    if constexpr (std::is_floating_point_v<T>)
      is_finite = std::ranges::all_of(values, [](T value) { return std::isfinite(value); });
  }
  if (!is_finite)
    return Error{ErrorCode::kCorruptModel, "the array " + quoted(name) + " holds a NaN or an infinity"}.at(
        file_);
  return values;
}

bool convert_to_floats(DType dtype, std::string_view source, std::span<float> out) {
  assert(source.size() == out.size() * element_size(dtype));
  if (out.empty()) return true;
  switch (dtype) {
    case DType::kF32:
      std::memcpy(out.data(), source.data(), source.size());
      break;
    case DType::kF16:
      convert_each<std::uint16_t>(source, out, float_from_f16);
      break;
    case DType::kBf16:
      convert_each<std::uint16_t>(source, out, [](std::uint16_t raw) {
        return float_from_bits(static_cast<std::uint32_t>(raw) << 16U);
      });
      break;
    default:
      assert(false);
      return false;
  }
  return all_finite(out);
}

template <typename T>
NamedTensor named_tensor(std::string name, std::vector<std::size_t> shape, std::span<const T> values) {
  NamedTensor tensor{std::move(name), dtype_of<T>(), std::move(shape), {}};
  tensor.bytes = {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
  return tensor;
}

std::string write_safetensors(std::span<const NamedTensor> tensors, const Metadata& metadata) {
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const NamedTensor* a, const NamedTensor* b) {
    return std::pair(element_size(b->dtype), std::string_view(a->name)) <
           std::pair(element_size(a->dtype), std::string_view(b->name));
  });
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t end = 0;
  for (const NamedTensor* tensor : order) {
    assert(byte_count(tensor->dtype, tensor->shape) == tensor->bytes.size());
    assert(is_valid_utf8(tensor->name) && !header.contains(tensor->name));
    const std::size_t begin = end;
    end += tensor->bytes.size();
    header[tensor->name] = {
        {"dtype", dtype_name(tensor->dtype)}, {"shape", tensor->shape}, {"data_offsets", {begin, end}}};
  }
  // `replace` keeps the writer from throwing if an assert above is compiled out.
  std::string text = header.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  const std::uint64_t length = text.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof length);
  file.reserve(file.size() + text.size() + end);
  file += text;
  for (const NamedTensor* tensor : order) file += tensor->bytes;
  return file;
}

template Result<std::vector<float>> Safetensors::array(std::string_view,
                                                       std::initializer_list<std::size_t>) const;
template Result<std::vector<double>> Safetensors::array(std::string_view,
                                                        std::initializer_list<std::size_t>) const;
template Result<std::vector<std::int32_t>> Safetensors::array(std::string_view,
                                                              std::initializer_list<std::size_t>) const;
template Result<std::vector<std::int64_t>> Safetensors::array(std::string_view,
                                                              std::initializer_list<std::size_t>) const;
template Result<std::vector<std::uint32_t>> Safetensors::array(std::string_view,
                                                               std::initializer_list<std::size_t>) const;
template Result<std::vector<std::uint8_t>> Safetensors::array(std::string_view,
                                                              std::initializer_list<std::size_t>) const;
template NamedTensor named_tensor(std::string, std::vector<std::size_t>, std::span<const float>);
template NamedTensor named_tensor(std::string, std::vector<std::size_t>, std::span<const double>);
template NamedTensor named_tensor(std::string, std::vector<std::size_t>, std::span<const std::int32_t>);
template NamedTensor named_tensor(std::string, std::vector<std::size_t>, std::span<const std::int64_t>);
template NamedTensor named_tensor(std::string, std::vector<std::size_t>, std::span<const std::uint32_t>);
template NamedTensor named_tensor(std::string, std::vector<std::size_t>, std::span<const std::uint8_t>);

}  // namespace logsieve
