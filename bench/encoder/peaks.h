// What this machine can do at most: loops of nothing but the instructions that products are made of.
#ifndef LOGSIEVE_BENCH_ENCODER_PEAKS_H_
#define LOGSIEVE_BENCH_ENCODER_PEAKS_H_

#include <string_view>

#include "encoder/arithmetic.h"

namespace logsieve {

// A tenth of a second or so of work whose operands stay in registers; returns its operations, two a multiply-add.
using PeakLoop = double (*)();

// For the table of kernels of that name, which must run here; nullptr for "scalar".
PeakLoop peak_loop(std::string_view kernels, Arithmetic arithmetic);

}  // namespace logsieve

#endif  // LOGSIEVE_BENCH_ENCODER_PEAKS_H_
