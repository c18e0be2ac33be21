#include "base/hash.h"

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace logsieve {
namespace {

TEST(Sha256, EqualsTheVectorsOfFips180) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, IsTheSameInPieces) {
  const std::string text(1000, 'q');
  for (const std::size_t piece : {1U, 63U, 64U, 65U, 999U, 1000U}) {
    Sha256 hash;
    for (std::size_t i = 0; i < text.size(); i += piece) hash.add(std::string_view(text).substr(i, piece));
    EXPECT_EQ(hash.hex(), sha256_hex(text)) << piece;
  }
}

TEST(Sha256, ReadsPastNulBytes) {
  EXPECT_EQ(sha256_hex(std::string_view("\0", 1)),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST(Xxh3, ShowsTheHighHalfFirst) {
  const auto digits = hex_digits({0x0123456789abcdefU, 0xfedcba9876543210U});
  EXPECT_EQ(std::string(digits.begin(), digits.end()), "fedcba98765432100123456789abcdef");
}

// The input of xxHash's own sanity check (xsum_sanity_check.c of release 0.8).
std::string sanity_input(std::size_t length) {
  std::string bytes;
  for (std::uint64_t state = 2654435761U; bytes.size() < length; state *= 0x9E3779B185EBCA8DU)
    bytes += static_cast<char>(state >> 56U);
  return bytes;
}

struct Xxh3Case {
  std::size_t length;
  Hash128 wanted;
};

TEST(Xxh3, EqualsThePublishedValuesForEveryLengthClass) {
  // XXH3 has a path of its own for 0, 1-3, 4-8, 9-16, 17-128, 129-240 and more bytes, and stripes beyond 1024.
  const Xxh3Case cases[] = {
      {0, {0x6001C324468D497FU, 0x99AA06D3014798D8U}},    {1, {0xC44BDFF4074EECDBU, 0xA6CD5E9392000F6AU}},
      {6, {0x3E7039BDDA43CFC6U, 0x082AFE0B8162D12AU}},    {12, {0x061A192713F69AD9U, 0x6E3EFD8FC7802B18U}},
      {24, {0x1E7044D28B1B901DU, 0x0CE966E4678D3761U}},   {48, {0xF942219AED80F67BU, 0xA002AC4E5478227EU}},
      {81, {0x5E8BAFB9F95FB803U, 0x4952F58181AB0042U}},   {222, {0xF1AEBD597CEC6B3AU, 0x337E09641B948717U}},
      {403, {0xCDEB804D65C6DEA4U, 0x1B6DE21E332DD73DU}},  {512, {0x617E49599013CB6BU, 0x18D2D110DCC9BCA1U}},
      {2048, {0xDD59E2C3A5F038E0U, 0xF736557FD47073A5U}}, {2367, {0xCB37AEB9E5D361EDU, 0xE89C0F6FF369B427U}},
  };
  for (const Xxh3Case& c : cases) EXPECT_EQ(xxh3_128(sanity_input(c.length)), c.wanted) << c.length;
}

TEST(Xxh3, TextHasTheSameValueWhereverItLies) {
  const Hash128 wanted{0xC779CFAA5E523818U, 0xB5E9C1AD071B3E7FU};
  std::string room(64, '.');
  for (std::size_t shift = 0; shift < 16; ++shift) {
    room.replace(shift, 5, "hello");
    EXPECT_EQ(xxh3_128(std::string_view(room).substr(shift, 5)), wanted) << shift;
  }
}

}  // namespace
}  // namespace logsieve
