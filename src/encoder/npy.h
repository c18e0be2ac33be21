// NumPy's .npy files, format 1.0, of little-endian floats in C order.
//
//   "\x93NUMPY" 1 0, u16 little endian N, N bytes of a Python dict
//   {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, padded with spaces and ended by '\n' so that the
//   values begin at a multiple of 64; then the values.
//
// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#ifndef LOGSIEVE_ENCODER_NPY_H_
#define LOGSIEVE_ENCODER_NPY_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace logsieve {

template <typename T>
struct NpyArray {
  std::vector<std::size_t> shape;
  std::vector<T> values;  // row-major, product(shape)
};

// What stands before the values of an array of floats of this shape: for writers that stream rows.
std::string npy_header(std::span<const std::size_t> shape);

// The bytes of a file. `values` must hold product(shape) floats.
std::string write_npy(std::span<const std::size_t> shape, std::span<const float> values);

// Reads an array of exactly T: float ('<f4') or double ('<f8'), at most 8 dimensions. `file` is named in errors,
// all of them kBadInput: not this format, another type or order, a size that is not the shape's.
template <typename T>
Result<NpyArray<T>> read_npy(std::string_view bytes, const std::string& file);

}  // namespace logsieve

#endif  // LOGSIEVE_ENCODER_NPY_H_
