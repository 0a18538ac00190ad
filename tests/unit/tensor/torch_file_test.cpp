// Files of torch.save: those that it wrote, and damaged ones.
#include "tensor/torch_file.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "unit/temporary_folder.h"

namespace easel::tensor {
namespace {

std::string data(const std::string& name) { return std::string(EASEL_SOURCE_DIR "/tests/unit/tensor/data/") + name; }

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const base::Error& e) {
    return e.what();
  }
  return "";
}

class TorchFileTest : public ::testing::Test {
 protected:
  // A copy of state.bin changed by edit(bytes), opened and every tensor checked and read.
  template <class Edit>
  std::string error_after(const Edit& edit) {
    std::string bytes = base::read_file(data("state.bin"));
    edit(bytes);
    const std::string path = folder_.file("changed.bin");
    base::write_file(path, bytes);
    return error_of([&] {
      const TorchFile file = TorchFile::map(path);
      for (const auto& name : file.names()) {
        file.check(name);
        file.get(name).contiguous();
      }
    });
  }
  easel::testing::TemporaryFolder folder_;
};

TEST_F(TorchFileTest, ReadsWhatTorchSaved) {
  const TorchFile file = TorchFile::map(data("state.bin"));
  EXPECT_EQ(file.names(), (std::vector<std::string>{"weight", "bias", "half", "transposed", "tail", "scalar", "empty",
                                                    "codes"}));
  const auto floats = [](int64_t n) { return torch::arange(n, torch::kFloat32); };
  EXPECT_TRUE(torch::equal(file.get("weight"), floats(6).view({2, 3})));
  EXPECT_TRUE(torch::equal(file.get("bias"), floats(2)));
  EXPECT_TRUE(torch::equal(file.get("half"), floats(4).to(torch::kBFloat16)));
  EXPECT_TRUE(torch::equal(file.get("transposed"), floats(12).view({3, 4}).t()));
  EXPECT_TRUE(torch::equal(file.get("tail"), floats(12).slice(0, 8)));
  EXPECT_TRUE(torch::equal(file.get("scalar"), torch::tensor(7.0, torch::kFloat64)));
  EXPECT_EQ(file.get("empty").sizes(), (std::vector<int64_t>{0, 3}));
  EXPECT_TRUE(torch::equal(file.get("codes"), torch::arange(5)));
  for (const auto& name : file.names()) file.check(name);
}

TEST_F(TorchFileTest, FindsTheStateDictOfATrainingCheckpoint) {
  const TorchFile file = TorchFile::map(data("checkpoint.bin"));
  EXPECT_EQ(file.names(), std::vector<std::string>{"weight"});
}

TEST_F(TorchFileTest, FindsTheStateDictBesideACounter) {
  const TorchFile file = TorchFile::map(data("counted.bin"));
  EXPECT_EQ(file.names(), (std::vector<std::string>{"weight", "bias"}));
}

TEST_F(TorchFileTest, NoChecksumIsNoDamage) {
  const TorchFile file = TorchFile::map(data("unchecked.bin"));
  file.check("weight");
  EXPECT_TRUE(torch::equal(file.get("weight"), torch::arange(12, torch::kFloat32)));
}

TEST_F(TorchFileTest, RefusesWhatNamesAnythingElse) {
  const std::string error = error_of([] { TorchFile::map(data("foreign.bin")); });
  EXPECT_NE(error.find("it wants \"__main__.Elsewhere\""), std::string::npos) << error;
}

TEST_F(TorchFileTest, RefusesTheOldFormat) {
  const std::string error = error_of([] { TorchFile::map(data("old.bin")); });
  EXPECT_NE(error.find("before PyTorch 1.6"), std::string::npos) << error;
}

TEST_F(TorchFileTest, EveryTruncationIsAnError) {
  const size_t whole = base::read_file(data("state.bin")).size();
  for (size_t size = 0; size < whole; size += 7) {
    EXPECT_NE(error_after([&](std::string& bytes) { bytes.resize(size); }), "") << size;
  }
}

TEST_F(TorchFileTest, AFlippedBitIsAnErrorOrChangesNothingThatIsRead) {
  const std::string whole = base::read_file(data("state.bin"));
  const auto values = [&](const std::string& path) {
    const TorchFile file = TorchFile::map(path);
    std::vector<torch::Tensor> all;
    for (const auto& name : file.names()) {
      file.check(name);
      all.push_back(file.get(name));
    }
    return all;
  };
  const auto expected = values(data("state.bin"));
  int caught = 0;
  for (size_t at = 0; at < whole.size(); at += 3) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
    const std::string path = folder_.file("flipped.bin");
    base::write_file(path, bytes);
    try {
      const auto got = values(path);
      ASSERT_EQ(got.size(), expected.size()) << at;
      for (size_t i = 0; i < got.size(); ++i) EXPECT_TRUE(torch::equal(got[i], expected[i])) << at;
    } catch (const base::Error&) {
      ++caught;
    }
  }
  EXPECT_GT(caught, 100);
}

TEST_F(TorchFileTest, NamesTheDamagedMember) {
  const std::string error = error_after([](std::string& bytes) {
    const size_t at = bytes.find("data/0") + 64;  // inside the data of the first storage
    bytes[bytes.find(std::string("\0\0\x80\x3f", 4), at) + 2] ^= 1;
  });
  EXPECT_NE(error.find("damaged (its checksum is another one)"), std::string::npos) << error;
}

}  // namespace
}  // namespace easel::tensor
