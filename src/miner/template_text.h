// Template texts: what people, ids and scores see.
#ifndef LOGSIEVE_MINER_TEMPLATE_TEXT_H_
#define LOGSIEVE_MINER_TEMPLATE_TEXT_H_

#include <span>
#include <string>
#include <string_view>

#include "miner/vocabulary.h"

namespace logsieve::miner_detail {

// `separators` between `slots`; value bytes stay bytes, kWild is `<*>`. What the id is a hash of.
std::string raw_template(std::span<const WordId> slots, std::span<const std::string> separators,
                         const Vocabulary& vocabulary);

// Values by kind: <number>, <address>.
std::string typed_template(std::string_view raw);

// Values as <*>, a decimal as <*>.<*>; residues (each ended by '\n', for the bytes with has_residue in order)
// are shown where they are not empty: ssh2 for ssh<*>.
std::string plain_template(std::string_view raw, std::string_view residues);

}  // namespace logsieve::miner_detail

#endif  // LOGSIEVE_MINER_TEMPLATE_TEXT_H_
