#include "base/hash.h"

#include <array>
#include <openssl/evp.h>
#include <xxhash.h>

namespace logsieve {

namespace {

using Digest = std::array<unsigned char, 32>;
constexpr char kDigits[] = "0123456789abcdef";

std::string hex_of(const Digest& digest) {
  std::string hex;
  hex.reserve(digest.size() * 2);
  for (const unsigned char byte : digest) {
    hex += kDigits[byte >> 4U];
    hex += kDigits[byte & 0xFU];
  }
  return hex;
}

}  // namespace

std::string sha256_hex(std::string_view bytes) {
  Digest digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return hex_of(digest);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

void Sha256::add(std::string_view bytes) {
  EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  Digest digest{};
  EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
  return hex_of(digest);
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Hash128 xxh3_128(std::string_view bytes, std::uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
  return {hash.low64, hash.high64};
}

std::array<char, 32> hex_digits(const Hash128& hash) {
  std::array<char, 32> digits{};
  for (std::size_t i = 0; i < 16; ++i) {
    digits[i] = kDigits[hash.high >> (60 - 4 * i) & 0xFU];
    digits[16 + i] = kDigits[hash.low >> (60 - 4 * i) & 0xFU];
  }
  return digits;
}

}  // namespace logsieve
