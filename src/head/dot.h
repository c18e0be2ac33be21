// The dot product of two float vectors in one fixed order of summation: 16 lanes, then a tree. The order is
// part of the result: every machine and vector width gives the same bits (built with -ffp-contract=off).
#ifndef LOGSIEVE_HEAD_DOT_H_
#define LOGSIEVE_HEAD_DOT_H_

#include <cstddef>
#include <span>

namespace logsieve {

// Cosine of two unit rows. a.size() == b.size(). Relative error of the sum below 3e-6 for 384 floats.
float dot(std::span<const float> a, std::span<const float> b);
// out[i, j] = dot(row i of `a`, row j of `rows`), the same bits: all row-major, rows of `size` > 0 floats. Where the CPU
// has AVX-512 or AVX2, tiles of four by four or two by three rows at a time.
void dots(std::span<const float> a, std::span<const float> rows, std::size_t size, std::span<float> out);
// The same summed in double, 8 lanes: exact to about 1e-15, at a third of the speed.
double dot_double(std::span<const float> a, std::span<const float> b);

}  // namespace logsieve

#endif  // LOGSIEVE_HEAD_DOT_H_
