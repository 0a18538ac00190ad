// The pickle machine on pickles written by hand: what it builds and what it refuses.
#include "tensor/pickle.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/strings.h"

namespace easel::tensor {
namespace {

using base::cat;

std::string text(const std::string& s) { return cat("\x8c", static_cast<char>(s.size()), s); }
std::string small(int n) { return cat("K", static_cast<char>(n)); }
std::string global(const std::string& module, const std::string& name) { return cat("c", module, "\n", name, "\n"); }
std::string tuple(const std::string& items) { return cat("(", items, "t"); }
const std::string kNone = "N", kFalse = "\x89", kStop = ".";

std::string storage(int elements, const std::string& type = "FloatStorage", const std::string& key = "0") {
  return tuple(text("storage") + global("torch", type) + text(key) + text("cpu") + small(elements)) + "Q";
}
std::string tensor(const std::string& offset, const std::string& shape, const std::string& strides,
                   const std::string& of = storage(12)) {
  return global("torch._utils", "_rebuild_tensor_v2") +
         tuple(of + offset + tuple(shape) + tuple(strides) + kFalse + kNone) + "R";
}
std::string dictionary(const std::string& items) { return cat("\x80\x02}(", items, "u."); }
std::string with(const std::string& value) { return dictionary(text("w") + value); }

std::string error_of(const std::string& pickle) {
  try {
    read_state_dict(pickle, "p");
  } catch (const base::Error& e) {
    return e.what();
  }
  return "";
}

TEST(Pickle, BuildsATensor) {
  const auto tensors = read_state_dict(with(tensor(small(2), small(2) + small(5), small(5) + small(1))), "p");
  ASSERT_EQ(tensors.size(), 1u);
  EXPECT_EQ(tensors[0].name, "w");
  EXPECT_EQ(tensors[0].storage_type, "FloatStorage");
  EXPECT_EQ(tensors[0].storage, "0");
  EXPECT_EQ(tensors[0].offset, 2);
  EXPECT_EQ(tensors[0].shape, (std::vector<int64_t>{2, 5}));
  EXPECT_EQ(tensors[0].strides, (std::vector<int64_t>{5, 1}));
}

// torch._neg_view of a tensor: the same bytes, and a seventh argument that says they are negated.
TEST(Pickle, RefusesViewsWhoseValuesAreNotTheirBytes) {
  const auto with_metadata = [](const std::string& metadata) {
    return with(global("torch._utils", "_rebuild_tensor_v2") +
                tuple(storage(12) + small(0) + tuple(small(12)) + tuple(small(1)) + kFalse + kNone + metadata) + "R");
  };
  EXPECT_EQ(error_of(with_metadata(kNone)), "");
  EXPECT_EQ(error_of(with_metadata("}")), "");
  EXPECT_NE(error_of(with_metadata("}(" + text("neg") + "\x88u")).find("negated"), std::string::npos);
}

TEST(Pickle, RefusesEveryOtherNameByName) {
  for (const auto& [module, name] : {std::pair("os", "system"), std::pair("builtins", "eval"), std::pair("torch", "load"),
                                     std::pair("torch._utils", "_rebuild_tensor"), std::pair("collections", "Counter")}) {
    const std::string error = error_of(with(global(module, name) + tuple(text("touch x")) + "R"));
    EXPECT_NE(error.find(cat(module, ".", name)), std::string::npos) << error;
  }
  // The same by the opcode of protocol 4.
  EXPECT_NE(error_of(with(text("os") + text("system") + "\x93")).find("os.system"), std::string::npos);
  // And by that of protocol 0, which names and calls at once.
  EXPECT_NE(error_of(with("(" + text("touch x") + "ios\nsystem\n")).find("os.system"), std::string::npos);
  EXPECT_NE(error_of(with("(icollections\nOrderedDict\n")).find("a call of \"collections.OrderedDict\""), std::string::npos);
}

TEST(Pickle, RefusesOpcodesThatBuildObjects) {
  for (const std::string opcode : {"o", "\x81", "\x92", "P", "\x82", "\x97"}) {
    EXPECT_NE(error_of(with(tuple("") + opcode + "\n\n")).find("opcode"), std::string::npos);
  }
}

TEST(Pickle, TensorsStayInsideTheirStorage) {
  EXPECT_EQ(error_of(with(tensor(small(0), small(3) + small(4), small(4) + small(1)))), "");
  EXPECT_NE(error_of(with(tensor(small(1), small(3) + small(4), small(4) + small(1)))), "");  // one too far
  EXPECT_NE(error_of(with(tensor(small(13), small(0), small(1)))), "");
  EXPECT_NE(error_of(with(tensor(small(12), "", ""))), "");                                   // a scalar past the end
  EXPECT_NE(error_of(with(tensor(small(0), small(255) + small(255), small(0) + small(0)))), "");  // more than it has
  EXPECT_NE(error_of(with(tensor(small(0), small(2), ""))), "");                              // shape without strides
  EXPECT_NE(error_of(with(tensor("J\xff\xff\xff\xff", small(1), small(1)))), "");             // offset -1
  EXPECT_NE(error_of(with(tensor(small(0), "J\xff\xff\xff\xff", small(1)))), "");             // extent -1
  const std::string huge = "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f";                        // 2^63 - 1
  EXPECT_NE(error_of(with(tensor(small(0), huge + huge, huge + huge))), "");
}

TEST(Pickle, DamageIsAnError) {
  const std::string whole = with(tensor(small(0), small(3), small(1)));
  ASSERT_EQ(error_of(whole), "");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(error_of(whole.substr(0, size)), "") << size;
  }
  EXPECT_NE(error_of("\x80\x06."), "");                        // a protocol of the future
  EXPECT_NE(error_of("\x80\x02h\x05."), "");                   // an empty memo
  EXPECT_NE(error_of("\x80\x02(."), "");                       // a mark is no value
  EXPECT_NE(error_of("\x80\x02}" + text("a") + "."), "");      // the top is no dictionary
  EXPECT_NE(error_of(dictionary(text("w"))), "");              // a key without a value
  EXPECT_NE(error_of(with(small(1))), "");                     // no tensor at all
  EXPECT_NE(error_of(with(storage(12) + storage(3) + "R")), "");
  const std::string once = text("w") + tensor(small(0), small(3), small(1));
  EXPECT_NE(error_of(dictionary(once + once)).find("appears twice"), std::string::npos);
}

// A byte of the file is a value, of which the largest checkpoint has a fraction of this.
TEST(Pickle, ValuesWithoutEndAreRefused) {
  for (const std::string opcode : {"N", "]", "\x94"}) {
    std::string many = "\x80\x02N";
    for (int i = 0; i < 5'000'000; ++i) many += opcode;
    EXPECT_NE(error_of(many).find("more than 4194304 values"), std::string::npos) << opcode;
  }
}

// What refers to itself is no trouble for whoever does not follow it.
TEST(Pickle, CyclesEnd) {
  const std::string cycle = "\x80\x02}q\x01(" + text("self") + "h\x01" + text("w") +
                            tensor(small(0), small(3), small(1)) + "u.";
  EXPECT_EQ(read_state_dict(cycle, "p").size(), 1u);
}

}  // namespace
}  // namespace easel::tensor
