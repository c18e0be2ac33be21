#include "encoder/kernels.h"

#include <cstdlib>
#include <string>

namespace logsieve {

Result<const Kernels*> select_kernels(std::string_view name) {
  const Kernels* avx2 = avx2_kernels();
  if (name.empty()) return avx2 != nullptr ? avx2 : &scalar_kernels();
  if (name == scalar_kernels().name) return &scalar_kernels();
  if (name == "avx2" && avx2 != nullptr) return avx2;
  const std::string asked = "LOGSIEVE_CPU asks for " + std::string(name);
  if (name == "avx2") return Error{ErrorCode::kBadConfig, asked + ", but this CPU has no AVX2 and FMA"};
  return Error{ErrorCode::kBadConfig, asked + ", which is not known"}.with_help(
      "use avx2 or scalar, or unset it");
}

const Result<const Kernels*>& default_kernels() {
  static const Result<const Kernels*> chosen = [] {
    const char* name = std::getenv("LOGSIEVE_CPU");
    return select_kernels(name != nullptr ? name : "");
  }();
  return chosen;
}

}  // namespace logsieve
