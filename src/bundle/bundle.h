// A saved model: a folder whose manifest holds every file's SHA-256; read, verified, written whole.
// Format: docs/formats/bundle.md.
#ifndef LOGSIEVE_BUNDLE_BUNDLE_H_
#define LOGSIEVE_BUNDLE_BUNDLE_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "head/novelty.h"
#include "head/prototypes.h"
#include "head/softmax_head.h"
#include "mask/spelling.h"
#include "record/label_set.h"
#include "rules/rule_book.h"

namespace logsieve {

// A value; read-only once loaded.
struct Bundle {
  LabelSet labels;
  RuleBook rules;
  SoftmaxHead head;
  Prototypes prototypes;
  Novelty novelty;
  std::vector<std::string> forms;      // [prototypes.size()] the labelled forms themselves
  std::string encoder_weights_sha256;  // the encoder that made the vectors
  std::string encoder_vocab_sha256;
  int mask_version = 0;
  Spelling spelling = Spelling::kWords;  // of placeholders, in the text that the encoder reads
  std::string data_sha256;               // of the training file
  std::uint64_t seed = 0;
  std::string model_card;  // Markdown for people: what it is made from and how good it is; may be empty
};

// Errors: kNotFound, kCorruptModel (a hash, shape, version or number is off: says which file and what to do),
// kInvalidRule. Nothing is used before every hash has been checked.
Result<Bundle> load_bundle(const std::filesystem::path& folder);
// Appears at `folder` whole or not at all. The same bundle gives the same bytes.
Result<void> save_bundle(const Bundle& bundle, const std::filesystem::path& folder);
// Whether save_bundle() could begin at `folder`, to be known before a long training; missing parents are made. kIo.
Result<void> check_bundle_folder(const std::filesystem::path& folder);
// Identity of the bundle's content: the SHA-256 of its manifest.
Result<std::string> bundle_id(const std::filesystem::path& folder);

}  // namespace logsieve

#endif  // LOGSIEVE_BUNDLE_BUNDLE_H_
