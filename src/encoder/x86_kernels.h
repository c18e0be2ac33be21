// What the files of x86-64 kernels have in common. Only for them and their tests.
#ifndef LOGSIEVE_ENCODER_X86_KERNELS_H_
#define LOGSIEVE_ENCODER_X86_KERNELS_H_

#include <cstddef>

#include "encoder/kernels.h"

#if defined(__x86_64__)

namespace logsieve {

// What this CPU and its system let a program use.
bool has_avx2();         // and FMA
bool has_avx_vnni();     // and AVX2
bool has_avx512();       // F, BW, DQ, VL and AVX2
bool has_avx512_vnni();  // and AVX512
bool has_amx();          // INT8 tiles, and AVX512-VNNI. Asks the system for the tiles once.

// `keys` transposed into panels of 16 tokens, each [size][16]; past the last token it is repeated.
void pack_keys_avx2(ConstRows keys, std::size_t tokens, std::size_t size, float* panels);

// The members of Kernels.
void multiply_avx512(ConstRows in, std::size_t rows, const PackedMatrix& matrix, Finish finish, Rows out);
void normalise_avx512(Rows x, std::size_t rows, std::size_t width, const float* gain, const float* shift,
                      float epsilon);
void attend_avx512(const AttentionHead& head);

void quantise_avx2(ConstRows in, std::size_t rows, std::size_t width, const float* factors, IntegerRows out);
void quantise_avx512(ConstRows in, std::size_t rows, std::size_t width, const float* factors,
                     IntegerRows out);
void multiply_integers_avx2(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix, Finish finish,
                            Rows out);
void multiply_integers_avx_vnni(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix, Finish finish,
                                Rows out);
void multiply_integers_avx512_vnni(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix,
                                   Finish finish, Rows out);
void multiply_integers_amx(IntegerRows in, std::size_t rows, const IntegerMatrix& matrix, Finish finish,
                           Rows out);

}  // namespace logsieve

#endif
#endif  // LOGSIEVE_ENCODER_X86_KERNELS_H_
