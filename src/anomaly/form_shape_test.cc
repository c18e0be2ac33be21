#include "anomaly/form_shape.h"

#include <gtest/gtest.h>

namespace logsieve {
namespace {

std::string shape(std::string_view form) {
  std::string out = "what was there before";
  shape_of(form, out);
  return out;
}

TEST(FormShape, LeavesOutWhatVariesFromRecordToRecord) {
  EXPECT_EQ(shape("Failed to open package. [HRESULT = 0x800f0805 - CBS_E_INVALID_PACKAGE]"),
            "Failed to open package. [HRESULT = # - CBS_E_INVALID_PACKAGE]");
  EXPECT_EQ(shape("block number of hex, replica id"), "block # of #, replica #");
  EXPECT_EQ(shape("registers number hex number"), "registers #");
  EXPECT_EQ(shape("registers number  7 a1, b"), "registers #, b");
  EXPECT_EQ(shape("idle numbers hexes"), "idle numbers hexes") << "whole words only";
  EXPECT_EQ(shape("no value here"), "no value here");
  EXPECT_EQ(shape(""), "");
  EXPECT_EQ(shape("7"), "#");
  EXPECT_EQ(shape("größe7 ok"), "# ok");
}

TEST(FormShape, OfAShapeIsItself) {
  for (const std::string_view form : {"a number b 0x12 c", "# #", "x=1,y=2;z"}) {
    const std::string once = shape(form);
    EXPECT_EQ(shape(once), once);
  }
}

}  // namespace
}  // namespace logsieve
