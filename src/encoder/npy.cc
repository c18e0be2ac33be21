#include "encoder/npy.h"

#include <bit>
#include <cassert>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

namespace logsieve {
namespace {

static_assert(std::endian::native == std::endian::little, "values are copied as they lie in the file");

constexpr std::string_view kMagic("\x93NUMPY\x01\x00", 8);
constexpr std::size_t kPrefix = 10;  // magic and the header's length
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMaxRank = 8;

[[maybe_unused]] std::size_t product(std::span<const std::size_t> shape) {
  std::size_t count = 1;
  for (const std::size_t n : shape) count *= n;
  return count;
}

// The sizes of "2, 3" or "2,"; nullopt if it is no such list.
std::optional<std::vector<std::size_t>> parse_shape(std::string_view text) {
  std::vector<std::size_t> shape;
  while (!text.empty()) {
    std::size_t size = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (failure != std::errc() || shape.size() == kMaxRank) return std::nullopt;
    shape.push_back(size);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with(','))
      text.remove_prefix(1);
    else if (!text.empty())
      return std::nullopt;
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  return shape;
}

// What follows `'key': ` up to `end`, or nullopt.
std::optional<std::string_view> value_of(std::string_view header, std::string_view key, char end) {
  const std::size_t found = header.find(key);
  if (found == std::string_view::npos) return std::nullopt;
  const std::size_t begin = found + key.size();
  const std::size_t stop = header.find(end, begin);
  if (stop == std::string_view::npos) return std::nullopt;
  return header.substr(begin, stop - begin);
}

std::optional<std::size_t> bytes_of(std::span<const std::size_t> shape, std::size_t element) {
  std::size_t bytes = element;
  for (const std::size_t n : shape)
    if (__builtin_mul_overflow(bytes, n, &bytes)) return std::nullopt;
  return bytes;
}

}  // namespace

std::string npy_header(std::span<const std::size_t> shape) {
  std::string dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (";
  for (std::size_t i = 0; i < shape.size(); ++i) dict += (i > 0 ? " " : "") + std::to_string(shape[i]) + ',';
  if (shape.size() > 1) dict.pop_back();  // Python wants the comma in (2,) only
  dict += "), }";
  dict.append((2 * kAlignment - (kPrefix + dict.size() + 1) % kAlignment) % kAlignment, ' ');
  dict += '\n';
  const auto length = static_cast<std::uint16_t>(dict.size());
  std::string header(kMagic);
  header.append(reinterpret_cast<const char*>(&length), sizeof length);
  return header + dict;
}

std::string write_npy(std::span<const std::size_t> shape, std::span<const float> values) {
  assert(product(shape) == values.size());
  std::string file = npy_header(shape);
  file.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return file;
}

template <typename T>
Result<NpyArray<T>> read_npy(std::string_view bytes, const std::string& file) {
  const auto bad = [&](std::string_view what) {
    return Error{ErrorCode::kBadInput, "not a usable .npy file: " + std::string(what)}.at(file);
  };
  std::uint16_t length = 0;
  if (!bytes.starts_with(kMagic) || bytes.size() < kPrefix)
    return bad("it does not begin as format 1.0 does");
  std::memcpy(&length, bytes.data() + kMagic.size(), sizeof length);
  if (length > bytes.size() - kPrefix) return bad("its header is cut off");
  const std::string_view header = bytes.substr(kPrefix, length);
  if (value_of(header, "'descr': '", '\'') != (std::is_same_v<T, float> ? "<f4" : "<f8"))
    return bad("its values are of another type");
  if (value_of(header, "'fortran_order': ", ',') != "False") return bad("its values are in Fortran order");
  const auto listed = value_of(header, "'shape': (", ')');
  const auto shape = listed ? parse_shape(*listed) : std::nullopt;
  if (!shape) return bad("its shape cannot be read");
  const std::string_view values = bytes.substr(kPrefix + length);
  if (bytes_of(*shape, sizeof(T)) != values.size())
    return bad("it holds " + std::to_string(values.size()) + " bytes of values, which is not its shape");
  NpyArray<T> array{*shape, std::vector<T>(values.size() / sizeof(T))};
  if (!values.empty()) std::memcpy(array.values.data(), values.data(), values.size());
  return array;
}

template Result<NpyArray<float>> read_npy(std::string_view, const std::string&);
template Result<NpyArray<double>> read_npy(std::string_view, const std::string&);

}  // namespace logsieve
