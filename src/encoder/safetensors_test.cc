#include "encoder/safetensors.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>
#include <string>
#include <vector>

#include "base/random.h"

namespace logsieve {
namespace {

std::string file_with(std::string_view header, std::string_view data) {
  const std::uint64_t length = header.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof length);
  file += header;
  file += data;
  return file;
}

std::string small_file() {
  static const std::vector<float> weights = {1.0F, -2.5F, 0.0F, 4.0F, 5.0F, 6.0F};
  static const std::vector<std::int32_t> ids = {7, -8};
  static const std::vector<double> bias = {0.125};
  const std::vector<NamedTensor> tensors = {
      named_tensor<std::int32_t>("ids", {2}, ids), named_tensor<float>("weight", {2, 3}, weights),
      named_tensor<double>("bias", {}, bias), named_tensor<float>("empty", {0, 3}, {})};
  return write_safetensors(tensors, {{"format", "pt"}, {"note", "quote \" and \xC3\xA9"}});
}

// What parsing says of this header over `data`; empty if it is accepted.
std::string refusal(std::string_view header, std::string_view data) {
  const std::string bytes = file_with(header, data);
  const auto parsed = Safetensors::parse(bytes, "x.safetensors");
  if (parsed) return "";
  EXPECT_EQ(parsed.error().code, ErrorCode::kCorruptModel);
  EXPECT_EQ(parsed.error().file, "x.safetensors");
  return parsed.error().message;
}

TEST(Safetensors, ReadsWhatItWrote) {
  const std::string bytes = small_file();
  const auto file = Safetensors::parse(bytes, "small");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->tensors().size(), 4U);
  EXPECT_EQ(*file->array<float>("weight", {2, 3}), (std::vector<float>{1.0F, -2.5F, 0.0F, 4.0F, 5.0F, 6.0F}));
  EXPECT_EQ(*file->array<std::int32_t>("ids", {2}), (std::vector<std::int32_t>{7, -8}));
  EXPECT_EQ(*file->array<double>("bias", {}), (std::vector<double>{0.125}));
  EXPECT_TRUE(file->array<float>("empty", {0, 3})->empty());
  EXPECT_EQ(file->metadata().at("format"), "pt");
  EXPECT_EQ(file->metadata().at("note"), "quote \" and \xC3\xA9");
}

TEST(Safetensors, WritesTheSameBytesInAnyOrderAndAlignsEachArray) {
  const std::vector<float> a = {1.0F};
  const std::vector<double> b = {2.0};
  const std::vector<std::uint8_t> c = {3};
  std::vector<NamedTensor> tensors = {named_tensor<std::uint8_t>("c", {1}, c),
                                      named_tensor<float>("a", {1}, a), named_tensor<double>("b", {1}, b)};
  const std::string first = write_safetensors(tensors, {});
  std::swap(tensors[0], tensors[2]);
  EXPECT_EQ(write_safetensors(tensors, {}), first);
  const auto file = Safetensors::parse(first, "f");
  ASSERT_TRUE(file);
  for (const auto& [name, tensor] : file->tensors())
    EXPECT_EQ(static_cast<std::size_t>(tensor.bytes.data() - first.data()) % element_size(tensor.dtype), 0U)
        << name;
}

TEST(Safetensors, RefusesAnArrayOfAnotherNameShapeOrType) {
  const std::string bytes = small_file();
  const auto file = Safetensors::parse(bytes, "small");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->array<float>("absent", {1}).error().message, "the array \"absent\" is missing");
  EXPECT_EQ(file->array<float>("weight", {3, 2}).error().message,
            "the array \"weight\" has the shape [2, 3], not [3, 2]");
  EXPECT_EQ(file->array<float>("ids", {2}).error().message, "the array \"ids\" holds I32, not F32");
  EXPECT_EQ(file->array<std::int32_t>("weight", {2, 3}).error().message,
            "the array \"weight\" holds F32, not I32");
}

TEST(Safetensors, RefusesNanAndInfinity) {
  for (const double bad : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    for (std::size_t place = 0; place < 5; ++place) {
      std::vector<float> floats(5, 1.0F);
      std::vector<double> doubles(5, 1.0);
      floats[place] = static_cast<float>(bad);
      doubles[place] = bad;
      const std::vector<NamedTensor> tensors = {named_tensor<float>("f", {5}, floats),
                                                named_tensor<double>("d", {5}, doubles)};
      const std::string bytes = write_safetensors(tensors, {});
      const auto file = Safetensors::parse(bytes, "f");
      ASSERT_TRUE(file);
      EXPECT_EQ(file->array<float>("f", {5}).error().message, "the array \"f\" holds a NaN or an infinity");
      EXPECT_EQ(file->array<double>("d", {5}).error().message, "the array \"d\" holds a NaN or an infinity");
    }
  }
}

TEST(Safetensors, ConvertsEveryFiniteHalfExactly) {
  for (std::uint32_t bits = 0; bits < 0x10000U; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const int exponent = static_cast<int>((bits >> 10U) & 0x1FU);
    const double fraction = static_cast<double>(bits & 0x3FFU);
    const double magnitude =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024.0 + fraction, exponent - 25);
    float out = 0;
    const std::string_view source(reinterpret_cast<const char*>(&half), sizeof half);
    ASSERT_EQ(convert_to_floats(DType::kF16, source, {&out, 1}), exponent != 31) << bits;
    if (exponent == 31) continue;
    ASSERT_EQ(out, static_cast<float>((bits & 0x8000U) != 0 ? -magnitude : magnitude)) << bits;
  }
}

TEST(Safetensors, ConvertsBrainFloats) {
  const std::uint16_t raw[] = {0x3F80, 0xC040, 0x0000, 0x0001};
  std::vector<float> out(4);
  const std::string_view source(reinterpret_cast<const char*>(raw), sizeof raw);
  ASSERT_TRUE(convert_to_floats(DType::kBf16, source, out));
  EXPECT_EQ(out, (std::vector<float>{1.0F, -3.0F, 0.0F, std::bit_cast<float>(0x00010000U)}));
  const std::uint16_t infinity = 0x7F80;
  EXPECT_FALSE(
      convert_to_floats(DType::kBf16, {reinterpret_cast<const char*>(&infinity), 2}, {out.data(), 1}));
}

TEST(SafetensorsHostile, RefusesEveryTruncation) {
  const std::string bytes = small_file();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);  // its own allocation, so that ASan sees a read past it
    EXPECT_FALSE(Safetensors::parse(cut, "cut")) << size;
  }
  EXPECT_FALSE(Safetensors::parse(bytes + '\0', "longer"));
}

TEST(SafetensorsHostile, SurvivesEveryFlippedHeaderBit) {
  const std::string bytes = small_file();
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  for (std::size_t bit = 0; bit < (8 + length) * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    const auto file = Safetensors::parse(flipped, "flipped");
    if (!file) continue;  // a changed name or a digit of the metadata may pass, but never points outside
    std::size_t total = 0;
    for (const auto& [name, tensor] : file->tensors()) {
      EXPECT_GE(tensor.bytes.data(), flipped.data());
      EXPECT_LE(tensor.bytes.data() + tensor.bytes.size(), flipped.data() + flipped.size());
      total += tensor.bytes.size();
    }
    EXPECT_EQ(total, 24U + 8U + 8U) << bit;
  }
}

TEST(SafetensorsHostile, RefusesHugeLengths) {
  for (const std::uint64_t length : {std::uint64_t{1} << 63U, ~std::uint64_t{0}, ~std::uint64_t{0} - 7,
                                     std::uint64_t{kMaxHeaderBytes} + 1, std::uint64_t{100}}) {
    std::string bytes = small_file().substr(0, 100);
    std::memcpy(bytes.data(), &length, sizeof length);
    EXPECT_FALSE(Safetensors::parse(bytes, "f")) << length;
  }
}

TEST(SafetensorsHostile, RefusesWrongOffsets) {
  const std::string data(8, '\0');
  const auto with = [&](std::string_view offsets) {
    return refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":)" + std::string(offsets) + "}}", data);
  };
  EXPECT_EQ(with("[0,8]"), "");
  EXPECT_NE(with("[0,16]").find("lie outside"), std::string::npos);
  EXPECT_NE(with("[8,0]").find("lie outside"), std::string::npos);
  EXPECT_NE(with("[0,4]").find("does not fill 4 bytes"), std::string::npos);
  for (const auto* bad : {"[-8,0]", "[0,8.0]", "[0]", "[0,8,9]", "8", "[\"0\",8]"})
    EXPECT_NE(with(bad).find("data_offsets must be two offsets"), std::string::npos) << bad;
  EXPECT_NE(with("[0,18446744073709551616]"), "");  // 2^64: the JSON reader refuses it
  EXPECT_NE(with("[9223372036854775808,9223372036854775816]").find("lie outside"), std::string::npos);
}

TEST(SafetensorsHostile, RefusesSizesThatOverflow) {
  const auto with = [](std::string_view shape) {
    return refusal(R"({"a":{"dtype":"F32","shape":)" + std::string(shape) + R"(,"data_offsets":[0,8]}})",
                   std::string(8, '\0'));
  };
  // 4 * 2^62 * 2 and 2^32 * 2^32 wrap to small numbers.
  EXPECT_NE(with("[4611686018427387904,2]").find("does not fill"), std::string::npos);
  EXPECT_NE(with("[4294967296,4294967296,2]").find("does not fill"), std::string::npos);
  EXPECT_NE(with("[1,1,1,1,1,1,1,1,2]").find("at most 8"), std::string::npos);
  EXPECT_NE(with("[-2]").find("list of"), std::string::npos);
  EXPECT_NE(with("{}").find("list of"), std::string::npos);
}

TEST(SafetensorsHostile, RefusesOverlapHoleAndTail) {
  const auto two = [](std::string_view first, std::string_view second, std::size_t bytes) {
    return refusal(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":)" + std::string(first) +
                       R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":)" + std::string(second) + "}}",
                   std::string(bytes, '\0'));
  };
  EXPECT_EQ(two("[0,4]", "[4,8]", 8), "");
  EXPECT_NE(two("[0,4]", "[3,7]", 7).find("share byte 3"), std::string::npos);
  EXPECT_NE(two("[0,4]", "[0,4]", 4).find("share byte 0"), std::string::npos);
  EXPECT_NE(two("[0,4]", "[5,9]", 9).find("no array holds byte 4"), std::string::npos);
  EXPECT_NE(two("[0,4]", "[4,8]", 9).find("1 bytes lie after"), std::string::npos);
}

TEST(SafetensorsHostile, RefusesHeadersThatAreNotTheFormat) {
  for (const auto* bad :
       {"", "[]", " {}", "{", "{}x", "null", "{\"a\":1}", "{\"a\":{}}", "{\"__metadata__\":[]}",
        "{\"__metadata__\":{\"k\":1}}", "{\"__metadata__\":{},\"__metadata__\":{}}",
        R"({"a":{"dtype":"F31","shape":[],"data_offsets":[0,0]}})",
        R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"more":1}})",
        R"({"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
        R"({"a":{"dtype":4,"shape":[0],"data_offsets":[0,0]}})", "{\"\xFF\":1}"})
    EXPECT_NE(refusal(bad, ""), "") << bad;
  EXPECT_EQ(refusal("{}", ""), "");
  EXPECT_EQ(refusal("{}      ", ""), "");
  const std::string twice = R"("a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  EXPECT_NE(refusal('{' + twice + ',' + twice + '}', "").find("is there twice"), std::string::npos);
}

TEST(SafetensorsHostile, RefusesDeepNestingWithoutRecursion) {
  const std::size_t depth = 1000000;
  EXPECT_NE(refusal("{\"a\":" + std::string(depth, '['), ""), "");
  EXPECT_NE(refusal("{\"a\":{\"dtype\":" + std::string(5, '[') + std::string(5, ']') + "}}", ""), "");
}

TEST(SafetensorsHostile, SurvivesRandomDamage) {
  Random random(11);
  const std::string bytes = small_file();
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = bytes;
    for (std::size_t edits = 1 + random.below(4); edits > 0; --edits) {
      const std::size_t place = random.below(damaged.size());
      if (random.below(2) == 0)
        damaged[place] = static_cast<char>(random.below(256));
      else
        damaged.erase(place, random.below(9));
      if (damaged.empty()) break;
    }
    const auto file = Safetensors::parse(damaged, "damaged");
    if (!file) continue;
    for (const auto& [name, tensor] : file->tensors()) EXPECT_LE(tensor.bytes.size(), damaged.size());
  }
}

}  // namespace
}  // namespace logsieve
