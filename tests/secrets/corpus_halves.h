// The two halves of the corpus, each in a file of its own.
#ifndef LOGSIEVE_TESTS_SECRETS_CORPUS_HALVES_H_
#define LOGSIEVE_TESTS_SECRETS_CORPUS_HALVES_H_

#include <span>
#include <string_view>

#include "tests/secrets/secret_corpus.h"

namespace logsieve::secrets {

struct CarrierKind {
  std::string_view name;
  std::span<const std::string_view> lines;
};

struct CorpusHalf {
  std::span<const SecretFamily> families;
  std::span<const CarrierKind> carriers;
};

CorpusHalf development_half();
CorpusHalf held_out_half();

}  // namespace logsieve::secrets

#endif  // LOGSIEVE_TESTS_SECRETS_CORPUS_HALVES_H_
