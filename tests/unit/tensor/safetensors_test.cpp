// safetensors files whose headers lie, and damaged ones: one line that names file and tensor, or what was written.
#include "tensor/safetensors.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "unit/temporary_folder.h"

namespace easel::tensor {
namespace {

// A file of this header and so many bytes of data.
std::string file_of(const std::string& header, size_t data) {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[static_cast<size_t>(i)] = static_cast<char>(header.size() >> (8 * i));
  return bytes + header + std::string(data, '\1');
}

// Every tensor read to its end; "" when nothing was wrong.
std::string error_of(const std::string& bytes) {
  try {
    const auto file = Safetensors::parse(bytes, "a.safetensors");
    for (const auto& name : file.names()) file.get(name).clone();
  } catch (const base::Error& e) {
    return e.what();
  }
  return "";
}

std::string tensor_of(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return R"({"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
}

TEST(Safetensors, WhatAHeaderLiesAbout) {
  const std::string good = tensor_of("F32", "[2]", "[0,8]");
  ASSERT_EQ(error_of(file_of(R"({"x":)" + good + "}", 8)), "");
  const struct {
    std::string header;
    size_t data;
    const char* expected;
  } cases[] = {
      {R"({"x":)" + good + R"(,"y":)" + tensor_of("F32", "[2]", "[4,12]") + "}", 12, "share byte 4"},
      {R"({"x":)" + good + R"(,"y":)" + tensor_of("F32", "[2]", "[0,8]") + "}", 8, "share byte 0"},
      {R"({"x":)" + good + R"(,"y":)" + tensor_of("F32", "[2]", "[12,20]") + "}", 20, "bytes 8 to 12"},
      {R"({"x":)" + good + "}", 12, "4 bytes follow"},
      {R"({"x":)" + good + "}", 4, "lie outside"},
      {R"({"x":)" + tensor_of("F32", "[2]", "[8,0]") + "}", 8, "lie outside"},
      {R"({"x":)" + tensor_of("F32", "[2]", "[0,18446744073709551615]") + "}", 8, "lie outside"},
      {R"({"x":)" + tensor_of("F32", "[2]", "[-8,0]") + "}", 8, "an offset is not a whole number"},
      {R"({"x":)" + tensor_of("F32", "[2]", "[0,8.0]") + "}", 8, "an offset is not a whole number"},
      {R"({"x":)" + tensor_of("F32", "[2]", "[0]") + "}", 8, "expected dtype, shape and data_offsets"},
      {R"({"x":)" + tensor_of("F32", "[3]", "[0,8]") + "}", 8, "need 12 bytes"},
      {R"({"x":)" + tensor_of("F16", "[2]", "[0,8]") + "}", 8, "need 4 bytes"},
      {R"({"x":)" + tensor_of("F32", "[-2]", "[0,8]") + "}", 8, "a dimension is not a whole number"},
      {R"({"x":)" + tensor_of("F32", "[4294967296,4294967296]", "[0,8]") + "}", 8, "the shape is too large"},
      {R"({"x":)" + tensor_of("F32", "[0,18446744073709551615]", "[0,0]") + "}", 0, "the shape is too large"},
      {R"({"x":)" + tensor_of("F8_E9", "[8]", "[0,8]") + "}", 8, "unknown dtype \"F8_E9\""},
      {R"({"x":)" + tensor_of("F32", "2", "[0,8]") + "}", 8, "expected dtype, shape and data_offsets"},
      {R"({"x":)" + good + R"(,"x":)" + good + "}", 8, "\"x\": appears twice"},
      {R"({"x":7})", 0, "expected dtype, shape and data_offsets"},
      {R"({"__metadata__":{"format":1}})", 0, "is not a string"},
      {R"({"__metadata__":[]})", 0, "is not an object"},
      {"[]", 0, "not a JSON object"},
      {R"({"x":)", 0, "not a JSON object"},
      {"", 0, "not a JSON object"},
  };
  for (const auto& c : cases) {
    const std::string error = error_of(file_of(c.header, c.data));
    EXPECT_NE(error.find(c.expected), std::string::npos) << c.header << ": " << error;
    EXPECT_EQ(error.find("a.safetensors: "), 0U) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  }
}

TEST(Safetensors, TypesThatNothingComputesWithAreListedAndNotRead) {
  const struct {
    const char* code;
    int bytes;
  } types[] = {{"U16", 2}, {"U32", 4}, {"U64", 8}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};
  for (const auto& t : types) {
    const int bytes = 3 * t.bytes;
    const std::string header = R"({"x":)" + tensor_of(t.code, "[3]", base::cat("[0,", bytes, "]")) + "}";
    const auto file = Safetensors::parse(file_of(header, static_cast<size_t>(bytes)), "a.safetensors");
    EXPECT_EQ(file.entry("x").code, t.code);
    EXPECT_FALSE(file.entry("x").dtype);
    EXPECT_THROW(file.require_readable(), base::Error);
    const std::string error = error_of(file_of(header, static_cast<size_t>(bytes)));
    EXPECT_TRUE(error.starts_with("a.safetensors: tensor \"x\": ") && error.ends_with(base::cat(", got ", t.code))) << error;
    EXPECT_NE(error_of(file_of(header, static_cast<size_t>(bytes) + 1)).find("1 bytes follow"), std::string::npos);
    EXPECT_THROW(Safetensors::parse(file_of(header, static_cast<size_t>(bytes) - 1), "a"), base::Error);
  }
}

class SafetensorsDamage : public ::testing::Test {
 protected:
  const NamedTensors tensors_ = {{"a", torch::arange(6, torch::kFloat32).view({2, 3})},
                                 {"b", torch::arange(5)},
                                 {"none", torch::empty({0, 3})},
                                 {"half", torch::ones({3}, torch::kBFloat16)}};
  const std::string whole_ = to_safetensors(tensors_, {{"format", "pt"}});
};

TEST_F(SafetensorsDamage, EveryTruncationIsAnError) {
  ASSERT_EQ(error_of(whole_), "");
  for (size_t size = 0; size < whole_.size(); ++size) EXPECT_NE(error_of(whole_.substr(0, size)), "") << size;
}

TEST_F(SafetensorsDamage, NoFlippedBitReachesOutsideTheFile) {
  // The format has no checksum: a bit of a value is another value. One of the header is an error, or a file that the
  // header still describes (another name, another type of the same size): under a sanitizer, reading it shows that.
  size_t errors = 0;
  const size_t header = whole_.find('}', whole_.find("half"));
  for (size_t bit = 0; bit < 8 * header; ++bit) {
    std::string bytes = whole_;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
    errors += !error_of(bytes).empty();
  }
  EXPECT_GT(errors, 4 * header);
}

TEST(SafetensorsWriter, RefusesWhatFloat16DoesNotHold) {
  const easel::testing::TemporaryFolder folder;
  const auto written_as = [&](torch::Dtype dtype, float value) {
    SafetensorsWriter writer(folder.file("x.safetensors"), {{"x", dtype, {2}}}, {});
    writer.write(torch::tensor({1.0F, value}));
  };
  EXPECT_THROW(written_as(torch::kFloat16, 1e6F), base::Error);
  written_as(torch::kFloat16, 65504);
  written_as(torch::kBFloat16, 1e6F);
  written_as(torch::kFloat16, std::numeric_limits<float>::infinity());  // which is what it was
}

}  // namespace
}  // namespace easel::tensor
