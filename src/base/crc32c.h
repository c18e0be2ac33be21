// CRC-32C (Castagnoli), as of RFC 3720 appendix B.4: for records of a journal, where a torn or flipped one must be seen.
#ifndef LOGSIEVE_BASE_CRC32C_H_
#define LOGSIEVE_BASE_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace logsieve {

// A table look-up a byte: a few hundred MB a second, enough for records of tens of bytes.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_CRC32C_H_
