#include "encoder/npy.h"

#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/file.h"
#include "encoder/test_paths.h"

namespace logsieve {
namespace {

using Shape = std::vector<std::size_t>;

TEST(Npy, WritesTheHeaderThatNumpyWrites) {
  const std::string header = npy_header(Shape{1317, 384});
  EXPECT_EQ(header.size(), 128U);
  EXPECT_EQ(header.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_EQ(header.substr(8, 2), std::string("\x76\x00", 2));
  EXPECT_EQ(header.substr(10, 64), "{'descr': '<f4', 'fortran_order': False, 'shape': (1317, 384), }");
  EXPECT_EQ(header.back(), '\n');
  EXPECT_NE(npy_header(Shape{7}).find("'shape': (7,), }"), std::string::npos);
  EXPECT_NE(npy_header(Shape{}).find("'shape': (), }"), std::string::npos);
  for (std::size_t n = 1; n < 1000000000000U; n *= 7) EXPECT_EQ(npy_header(Shape{n, n}).size() % 64, 0U) << n;
}

TEST(Npy, WritesTheBytesOfAReferenceFile) {
  const auto path = golden_folder() / "embeddings.npy";
  LOGSIEVE_NEEDS(path);
  const auto bytes = read_file(path);
  ASSERT_TRUE(bytes);
  const auto array = read_npy<float>(*bytes, "embeddings.npy");
  ASSERT_TRUE(array) << array.error().message;
  EXPECT_EQ(array->shape, (Shape{1317, 384}));
  EXPECT_TRUE(write_npy(array->shape, array->values) == *bytes);
}

TEST(Npy, ReadsWhatItWrote) {
  for (const Shape& shape : {Shape{}, Shape{0}, Shape{5}, Shape{0, 384}, Shape{2, 3}, Shape{2, 1, 3}}) {
    std::size_t count = 1;
    for (const std::size_t n : shape) count *= n;
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i) - 0.5F;
    const auto array = read_npy<float>(write_npy(shape, values), "f");
    ASSERT_TRUE(array) << array.error().message;
    EXPECT_EQ(array->shape, shape);
    EXPECT_EQ(array->values, values);
  }
}

TEST(Npy, RefusesEveryTruncationAndOtherFormats) {
  const std::string file = write_npy(Shape{2, 3}, std::vector<float>(6, 1.0F));
  for (std::size_t size = 0; size < file.size(); ++size)
    EXPECT_FALSE(read_npy<float>(file.substr(0, size), "f"));
  EXPECT_FALSE(read_npy<float>(file + '\0', "f"));
  EXPECT_FALSE(read_npy<double>(file, "f"));
  const auto with = [&](std::string_view from, std::string_view to) {
    EXPECT_EQ(from.size(), to.size());
    std::string changed = file;
    return read_npy<float>(changed.replace(changed.find(from), from.size(), to), "f");
  };
  EXPECT_FALSE(with("False", "True "));
  EXPECT_FALSE(with("(2, 3)", "(2;;3)"));
  EXPECT_FALSE(with("(2, 3)", "(2, 4)"));
  EXPECT_FALSE(with("(2, 3), }                  ", "(9223372036854775808, 8), }"));  // wraps to 0
  EXPECT_FALSE(with("\x01", "\x02"));
}

}  // namespace
}  // namespace logsieve
