#include "encoder/x86_kernels.h"

#if defined(__x86_64__)

#include <cpuid.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace logsieve {
namespace {

struct Registers {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
};

// CPUID leaf 7: what the compilers' own test does not know by name.
Registers leaf_7(unsigned subleaf) {
  Registers r;
  if (__get_cpuid_count(7, subleaf, &r.a, &r.b, &r.c, &r.d) == 0) return {};
  return r;
}

bool has_bit(unsigned value, unsigned bit) {
  return (value >> bit & 1U) != 0;
}

// Linux lets a process use the tile registers once it has asked for them (arch_prctl(2), ARCH_REQ_XCOMP_PERM).
bool may_use_tiles() {
#if defined(__linux__)
  constexpr long kRequestPermission = 0x1023;
  constexpr long kTileData = 18;
  return ::syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

}  // namespace

bool has_avx2() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}

bool has_avx_vnni() {
  return has_avx2() && has_bit(leaf_7(1).a, 4);
}

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0;
}

bool has_avx512_vnni() {
  return has_avx512() && __builtin_cpu_supports("avx512vnni") != 0;
}

bool has_amx() {
  static const bool runs_here =
      has_avx512_vnni() && has_bit(leaf_7(0).d, 24) && has_bit(leaf_7(0).d, 25) && may_use_tiles();
  return runs_here;
}

}  // namespace logsieve

#endif
