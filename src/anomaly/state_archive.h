// State as bytes and back: fixed-width little-endian numbers, texts with their length. The same function describes an
// object for both directions. A reader never goes past its bytes; after the first thing that does not fit it yields
// zeros and is_good() is false.
#ifndef LOGSIEVE_ANOMALY_STATE_ARCHIVE_H_
#define LOGSIEVE_ANOMALY_STATE_ARCHIVE_H_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace logsieve {

class StateWriter {
 public:
  static constexpr bool kReads = false;

  template <typename T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) void value(T& number) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &number, sizeof(T));
    bytes_.append(bytes, sizeof(T));
  }
  void text(std::string& some, std::size_t /*limit*/) {
    std::uint64_t size = some.size();
    value(size);
    bytes_ += some;
  }
  std::uint64_t count(std::uint64_t have, std::size_t /*least_bytes*/) {
    value(have);
    return have;
  }
  bool is_good() const { return true; }
  void fail() {}
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class StateReader {
 public:
  static constexpr bool kReads = true;
  explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  requires(std::is_arithmetic_v<T> || std::is_enum_v<T>) void value(T& number) {
    number = T{};
    if (bytes_.size() < sizeof(T)) return fail();
    if constexpr (std::is_same_v<T, bool>) {
      number = bytes_.front() != 0;
    } else {
      std::memcpy(&number, bytes_.data(), sizeof(T));
    }
    bytes_.remove_prefix(sizeof(T));
    if constexpr (std::is_floating_point_v<T>)
      if (!(std::abs(number) < T(1e30))) {
        number = 0;
        fail();
      }
  }
  void text(std::string& some, std::size_t limit) {
    std::uint64_t size = 0;
    value(size);
    some.clear();
    if (size > bytes_.size() || size > limit) return fail();
    some.assign(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
  }
  // Of items of at least `least_bytes` each: never more than the bytes that are left could hold.
  std::uint64_t count(std::uint64_t /*have*/, std::size_t least_bytes) {
    std::uint64_t items = 0;
    value(items);
    if (items > bytes_.size() / least_bytes) {
      fail();
      return 0;
    }
    return items;
  }
  bool is_good() const { return is_good_; }
  bool is_at_end() const { return bytes_.empty(); }
  void fail() {
    is_good_ = false;
    bytes_ = {};
  }

 private:
  std::string_view bytes_;
  bool is_good_ = true;
};

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_STATE_ARCHIVE_H_
