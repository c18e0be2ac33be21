// Log lines with planted secrets, made from a seed: what the redaction is measured against. No secret here is, or
// ever was, one.
//
// Two halves. The development half is what the redaction was written against. The held-out half has other families
// and other lines around them, and was not looked at while the patterns were written.
#ifndef LOGSIEVE_TESTS_SECRETS_SECRET_CORPUS_H_
#define LOGSIEVE_TESTS_SECRETS_SECRET_CORPUS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace logsieve::secrets {

enum class Half : std::uint8_t { kDevelopment, kHeldOut };

// `shape` is text in which
//   [A-Za-z0-9]{8} or {8,12}   are characters of a class,
//   <…>                        is the private part (its marks are not written); there may be several,
//   %card% …                   is a made-up value (secret_values.h),
//   \x                         is x.
// `keys` are the names, divided by |, that stand before it. `carriers` names the lines that may surround it.
struct SecretFamily {
  std::string_view name;
  std::string_view carriers;
  std::string_view keys;
  std::string_view shape;
};
std::span<const SecretFamily> families(Half half);

// Lines with %s for the secret and %k for its key. Empty for an unknown kind.
std::span<const std::string_view> carriers(std::string_view kind, Half half);

struct SecretLine {
  std::string family;
  std::string line;
  std::string carrier;                // the line without the secret
  std::vector<std::string> payloads;  // the private parts, as they stand in the line
};

// `count` lines, the families in turn.
std::vector<SecretLine> secret_lines(Half half, std::size_t count, std::uint64_t seed);

// A secret of `shape`.
struct Expansion {
  std::string text;
  std::vector<std::string> payloads;
};
Expansion expand_shape(std::string_view shape, Random& random);

// The first piece of a payload, of four bytes or all of a shorter one, that `outgoing` holds and that neither the
// carrier nor a placeholder word explains; empty if nothing leaked.
std::string leaked_piece(const SecretLine& line, std::string_view outgoing);

}  // namespace logsieve::secrets

#endif  // LOGSIEVE_TESTS_SECRETS_SECRET_CORPUS_H_
