// Two hashes: SHA-256 for identity that an enemy must not forge, XXH3-128 for tables.
#ifndef LOGSIEVE_BASE_HASH_H_
#define LOGSIEVE_BASE_HASH_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's

namespace logsieve {

// Lower-case hexadecimal, 64 characters. FIPS 180-4, by OpenSSL (uses SHA instructions where present).
std::string sha256_hex(std::string_view bytes);

// The same, piece by piece.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  std::string hex();  // of all that was added; once, and nothing may be added after it

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

struct Hash128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
};

// XXH3, 128 bits: fast, stable across machines and versions, not for security.
Hash128 xxh3_128(std::string_view bytes, std::uint64_t seed = 0);
// Lower-case hexadecimal, the high half first.
std::array<char, 32> hex_digits(const Hash128& hash);

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_HASH_H_
