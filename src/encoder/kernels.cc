#include "encoder/kernels.h"

#include <array>
#include <cstdlib>
#include <string>

namespace logsieve {

namespace {

struct NamedTable {
  std::string_view name;
  const Kernels* table;  // nullptr: does not run here
  std::string_view needs;
};

// The fastest first.
std::array<NamedTable, 6> tables() {
  return {{{"amx", amx_kernels(), "AMX-INT8"},
           {"avx512-vnni", avx512_vnni_kernels(), "AVX512-VNNI"},
           {"avx512", avx512_kernels(), "AVX512-F, -BW, -DQ and -VL"},
           {"avx-vnni", avx_vnni_kernels(), "AVX-VNNI"},
           {"avx2", avx2_kernels(), "AVX2 and FMA"},
           {"scalar", &scalar_kernels(), ""}}};
}

}  // namespace

Result<const Kernels*> select_kernels(std::string_view name) {
  for (const NamedTable& known : tables()) {
    if (!name.empty() && known.name != name) continue;
    if (known.table != nullptr) return known.table;
    if (!name.empty())
      return Error{ErrorCode::kBadConfig, "LOGSIEVE_CPU asks for " + std::string(name) +
                                              ", but this CPU has no " + std::string(known.needs)}
          .with_help("unset it: the fastest kernels that run here are chosen");
  }
  return Error{ErrorCode::kBadConfig, "LOGSIEVE_CPU asks for " + std::string(name) + ", which is not known"}
      .with_help("use amx, avx512-vnni, avx512, avx-vnni, avx2 or scalar, or unset it");
}

const Result<const Kernels*>& default_kernels() {
  static const Result<const Kernels*> chosen = [] {
    const char* name = std::getenv("LOGSIEVE_CPU");
    return select_kernels(name != nullptr ? name : "");
  }();
  return chosen;
}

}  // namespace logsieve
