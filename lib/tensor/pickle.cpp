#include "tensor/pickle.h"

#include <deque>
#include <map>
#include <memory>
#include <set>

#include "base/error.h"
#include "base/strings.h"

namespace easel::tensor {

using base::cat;
using base::quote;

namespace {

// Small, for a file may ask for one with every byte.
struct Value {
  enum Kind { kNone, kBool, kInteger, kFloat, kText, kSequence, kDictionary, kName, kStorage, kTensor, kMark };
  explicit Value(Kind k) : kind(k) {}
  Kind kind;
  int64_t integer = 0;
  std::string_view text;                  // of a text or a name: a piece of the pickle, or a name that is known here
  std::vector<Value*> items;              // of a sequence; of a dictionary key, value, key, value
  std::unique_ptr<PickledTensor> tensor;  // of a tensor and of a storage
};

const char* kind_name(Value::Kind kind) {
  constexpr const char* kNames[] = {"None",       "a truth value", "an integer", "a float",  "a text", "a list",
                                    "a dictionary", "a name",      "a storage",  "a tensor", "a mark"};
  return kNames[kind];
}

const std::set<std::string>& storage_types() {
  static const auto* types = new std::set<std::string>{
      "DoubleStorage", "FloatStorage", "HalfStorage", "BFloat16Storage", "LongStorage", "IntStorage",
      "ShortStorage",  "CharStorage",  "ByteStorage", "BoolStorage"};
  return *types;
}

constexpr std::string_view kTensor = "torch._utils._rebuild_tensor_v2";
constexpr std::string_view kParameter = "torch._utils._rebuild_parameter";
constexpr std::string_view kOrderedDict = "collections.OrderedDict";

class Machine {
 public:
  Machine(std::string_view pickle, const std::string& where) : pickle_(pickle), where_(where) {}

  Value* run() {
    while (true) {
      opcode_at_ = at_;
      const auto opcode = static_cast<unsigned char>(take(1)[0]);
      if (opcode == '.') return pop();
      step(opcode);
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    base::fail(cat(where_, ": byte ", opcode_at_, " of the pickle: ", what));
  }

 private:
  std::string_view take(uint64_t size) {
    if (size > pickle_.size() - at_) fail(cat(size, " bytes are expected, ", pickle_.size() - at_, " are left"));
    const std::string_view bytes = pickle_.substr(at_, size);
    at_ += size;
    return bytes;
  }
  uint64_t unsigned_number(int size) {
    const std::string_view bytes = take(static_cast<uint64_t>(size));
    uint64_t value = 0;
    for (int i = size - 1; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[static_cast<size_t>(i)]);
    return value;
  }
  std::string_view line() {
    const size_t end = pickle_.find('\n', at_);
    if (end == std::string_view::npos) fail("a line without its end");
    const std::string_view text = take(end - at_);
    ++at_;
    return text;
  }

  Value* make(Value::Kind kind) { return &values_.emplace_back(kind); }
  // Of everything that takes memory. A tensor takes some thirty, and the largest published files hold ten thousand.
  void count() {
    constexpr int64_t kMost = int64_t{1} << 22;
    if (++counted_ > kMost) fail(cat("more than ", kMost, " values; a checkpoint of tensors needs fewer"));
  }
  void push(Value* value) {
    count();
    stack_.push_back(value);
  }
  Value* pop() {
    if (stack_.empty()) fail("the stack is empty");
    Value* value = stack_.back();
    if (value->kind == Value::kMark) fail("a mark where a value is expected");
    stack_.pop_back();
    return value;
  }
  Value* top(Value::Kind kind) {
    if (stack_.empty() || stack_.back()->kind != kind) {
      fail(cat("expected ", kind_name(kind), ", got ", stack_.empty() ? "nothing" : kind_name(stack_.back()->kind)));
    }
    return stack_.back();
  }
  std::vector<Value*> pop_to_mark() {
    size_t mark = stack_.size();
    while (mark > 0 && stack_[mark - 1]->kind != Value::kMark) --mark;
    if (mark == 0) fail("no mark on the stack");
    std::vector<Value*> items(stack_.begin() + static_cast<std::ptrdiff_t>(mark), stack_.end());
    stack_.resize(mark - 1);
    return items;
  }
  void push_integer(int64_t integer) {
    Value* value = make(Value::kInteger);
    value->integer = integer;
    push(value);
  }
  void push_text(std::string_view text) {
    Value* value = make(Value::kText);
    value->text = text;
    push(value);
  }
  void push_sequence(std::vector<Value*> items) {
    Value* value = make(Value::kSequence);
    value->items = std::move(items);
    push(value);
  }
  void push_last(size_t count) {
    std::vector<Value*> items(count);
    for (size_t i = count; i > 0; --i) items[i - 1] = pop();
    push_sequence(std::move(items));
  }
  void put(uint64_t index) {
    if (stack_.empty()) fail("nothing to remember");
    count();
    memo_[index] = stack_.back();
  }
  void get(uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail(cat("memo ", index, " is empty"));
    push(found->second);
  }
  // A storage's type by its own name, another by its whole name.
  std::string_view known_name(std::string_view module, std::string_view name) const {
    const std::string whole = cat(module, ".", name);
    const auto type = storage_types().find(std::string(name));
    if (module == "torch" && type != storage_types().end()) return *type;
    for (const std::string_view known : {kTensor, kParameter, kOrderedDict}) {
      if (whole == known) return known;
    }
    fail(cat("it wants ", quote(whole), "; a checkpoint of tensors needs no such thing, and nothing of it is run"));
  }
  void push_name(std::string_view module, std::string_view name) {
    Value* value = make(Value::kName);
    value->text = known_name(module, name);
    push(value);
  }

  const Value* item(const Value* of, size_t i, Value::Kind kind, const char* what) const {
    if (of->kind != Value::kSequence || i >= of->items.size() || of->items[i]->kind != kind) {
      fail(cat("expected ", kind_name(kind), " as ", what));
    }
    return of->items[i];
  }

  // ("storage", type, key, device, elements)
  void push_storage(const Value* id) {
    if (item(id, 0, Value::kText, "the kind of a persistent id")->text != "storage") {
      fail(cat("expected a storage, got ", quote(id->items[0]->text)));
    }
    const Value* type = item(id, 1, Value::kName, "a storage's type");
    if (storage_types().count(std::string(type->text)) == 0) fail(cat("expected a storage's type, got ", quote(type->text)));
    Value* value = make(Value::kStorage);
    value->tensor = std::make_unique<PickledTensor>();
    value->tensor->storage_type = type->text;
    value->tensor->storage = item(id, 2, Value::kText, "a storage's key")->text;
    value->tensor->storage_size = item(id, 4, Value::kInteger, "a storage's number of elements")->integer;
    if (value->tensor->storage_size < 0) fail("a storage of fewer than no elements");
    push(value);
  }

  std::vector<int64_t> extents(const Value* of, const char* what) const {
    if (of->kind != Value::kSequence) fail(cat("expected a list as ", what));
    std::vector<int64_t> out;
    for (size_t i = 0; i < of->items.size(); ++i) {
      const int64_t n = item(of, i, Value::kInteger, what)->integer;
      if (n < 0) fail(cat("a negative number in ", what));
      out.push_back(n);
    }
    return out;
  }

  // (storage, offset, shape, strides, ...)
  void push_tensor(const Value* arguments) {
    const Value* storage = item(arguments, 0, Value::kStorage, "a tensor's storage");
    Value* value = make(Value::kTensor);
    value->tensor = std::make_unique<PickledTensor>(*storage->tensor);
    PickledTensor& t = *value->tensor;
    t.offset = item(arguments, 1, Value::kInteger, "a tensor's offset")->integer;
    t.shape = extents(item(arguments, 2, Value::kSequence, "a tensor's shape"), "a tensor's shape");
    t.strides = extents(item(arguments, 3, Value::kSequence, "a tensor's strides"), "a tensor's strides");
    if (t.shape.size() != t.strides.size()) fail("a tensor's shape and strides differ in length");
    // The last element's place, without overflow: every partial sum is at most the storage's size.
    bool empty = false;
    for (const int64_t n : t.shape) empty |= n == 0;
    if (t.offset < 0 || t.offset > t.storage_size) fail("a tensor begins outside its storage");
    int64_t last = t.offset;
    for (size_t i = 0; i < t.shape.size() && !empty; ++i) {
      const int64_t steps = t.shape[i] - 1, room = t.storage_size - last;
      if (steps > 0 && t.strides[i] > room / steps) fail("a tensor reaches outside its storage");
      last += steps * t.strides[i];
    }
    // A stride of 0 repeats elements: a small file could ask for any amount of memory.
    int64_t count = 1;
    for (const int64_t n : t.shape) {
      if (empty) break;
      if (count > t.storage_size / n) fail("a tensor has more elements than its storage");
      count *= n;
    }
    if (!empty && last >= t.storage_size) fail("a tensor reaches outside its storage");
    // Behind whether it wants a gradient and its hooks: that a view's values are negated, say.
    constexpr size_t kMetadata = 6;
    if (arguments->items.size() > kMetadata) {
      const Value* metadata = arguments->items[kMetadata];
      const bool empty_one = metadata->kind == Value::kDictionary && metadata->items.empty();
      if (metadata->kind != Value::kNone && !empty_one) fail("a tensor that is a negated or conjugated view");
    }
    push(value);
  }

  void reduce() {
    const Value* arguments = pop();
    const Value* function = pop();
    if (function->kind != Value::kName || arguments->kind != Value::kSequence) fail("a call of what is no name");
    if (function->text == kTensor) {
      push_tensor(arguments);
    } else if (function->text == kParameter) {
      item(arguments, 0, Value::kTensor, "a parameter's tensor");
      push(arguments->items[0]);
    } else if (function->text == kOrderedDict) {
      if (!arguments->items.empty()) fail("an OrderedDict made of something");
      push(make(Value::kDictionary));
    } else {
      fail(cat("a call of ", quote(function->text)));
    }
  }

  void set_items(const std::vector<Value*>& items) {
    Value* dictionary = top(Value::kDictionary);
    if (items.size() % 2 != 0) fail("a key without a value");
    dictionary->items.insert(dictionary->items.end(), items.begin(), items.end());
  }
  void append(const std::vector<Value*>& items) {
    Value* list = top(Value::kSequence);
    list->items.insert(list->items.end(), items.begin(), items.end());
  }

  // Integers of up to eight bytes, two's complement, little-endian.
  void push_long(uint64_t size) {
    if (size > 8) fail(cat("an integer of ", size, " bytes"));
    uint64_t value = unsigned_number(static_cast<int>(size));
    if (size > 0 && size < 8 && (value >> (8 * size - 1)) != 0) value |= ~uint64_t{0} << (8 * size);
    push_integer(static_cast<int64_t>(value));
  }

  void step(unsigned char opcode) {
    switch (opcode) {
      case 0x80:  // PROTO
        if (const uint64_t protocol = unsigned_number(1); protocol > 5) fail(cat("protocol ", protocol));
        return;
      case 0x95: unsigned_number(8); return;                                       // FRAME
      case 'N': push(&none_); return;                                              // NONE
      case 0x88: push(&true_or_false_); return;                                    // NEWTRUE
      case 0x89: push(&true_or_false_); return;                                    // NEWFALSE
      case 'J': push_integer(static_cast<int32_t>(unsigned_number(4))); return;    // BININT
      case 'K': push_integer(static_cast<int64_t>(unsigned_number(1))); return;    // BININT1
      case 'M': push_integer(static_cast<int64_t>(unsigned_number(2))); return;    // BININT2
      case 0x8a: push_long(unsigned_number(1)); return;                            // LONG1
      case 'G': take(8); push(&float_); return;                                    // BINFLOAT
      case 'X': push_text(take(unsigned_number(4))); return;                       // BINUNICODE
      case 0x8c: push_text(take(unsigned_number(1))); return;                      // SHORT_BINUNICODE
      case 0x8d: push_text(take(unsigned_number(8))); return;                      // BINUNICODE8
      case 'U': push_text(take(unsigned_number(1))); return;                       // SHORT_BINSTRING
      case 'T': push_text(take(unsigned_number(4))); return;                       // BINSTRING
      case '(': push(&mark_); return;                                              // MARK
      case ')': push_sequence({}); return;                                         // EMPTY_TUPLE
      case ']': push_sequence({}); return;                                         // EMPTY_LIST
      case '}': push(make(Value::kDictionary)); return;                            // EMPTY_DICT
      case 't': push_sequence(pop_to_mark()); return;                              // TUPLE
      case 'l': push_sequence(pop_to_mark()); return;                              // LIST
      case 0x85: push_last(1); return;                                             // TUPLE1
      case 0x86: push_last(2); return;                                             // TUPLE2
      case 0x87: push_last(3); return;                                             // TUPLE3
      case 'q': put(unsigned_number(1)); return;                                   // BINPUT
      case 'r': put(unsigned_number(4)); return;                                   // LONG_BINPUT
      case 0x94: put(memo_.size()); return;                                        // MEMOIZE
      case 'h': get(unsigned_number(1)); return;                                   // BINGET
      case 'j': get(unsigned_number(4)); return;                                   // LONG_BINGET
      case '0': pop(); return;                                                     // POP
      case 'c': {                                                                  // GLOBAL
        const std::string_view module = line();
        return push_name(module, line());
      }
      case 'i': {  // INST: a call of a name
        const std::string_view module = line();
        fail(cat("a call of ", quote(known_name(module, line()))));
      }
      case 0x93: {  // STACK_GLOBAL
        const Value *name = pop(), *module = pop();
        if (name->kind != Value::kText || module->kind != Value::kText) fail("a name that is no text");
        return push_name(module->text, name->text);
      }
      case 'Q': return push_storage(pop());  // BINPERSID
      case 'R': return reduce();             // REDUCE
      case 'b':                              // BUILD: the attributes of a state dict (_metadata)
        pop();
        top(Value::kDictionary);
        return;
      case 's': {  // SETITEM
        Value *value = pop(), *key = pop();
        return set_items({key, value});
      }
      case 'u': return set_items(pop_to_mark());  // SETITEMS
      case 'a': return append({pop()});           // APPEND
      case 'e': return append(pop_to_mark());     // APPENDS
      default: fail(cat("opcode ", static_cast<int>(opcode), " is none that a checkpoint of tensors needs"));
    }
  }

  std::string_view pickle_;
  const std::string& where_;
  uint64_t at_ = 0, opcode_at_ = 0;
  // What nobody changes or looks into is there once.
  Value none_{Value::kNone}, true_or_false_{Value::kBool}, float_{Value::kFloat}, mark_{Value::kMark};
  std::deque<Value> values_;  // whatever refers to whatever, all of it goes at the end
  int64_t counted_ = 0;
  std::vector<Value*> stack_;
  std::map<uint64_t, Value*> memo_;
};

size_t count_tensors(const Value& dictionary) {
  size_t count = 0;
  for (size_t i = 1; i < dictionary.items.size(); i += 2) count += dictionary.items[i]->kind == Value::kTensor;
  return count;
}

}  // namespace

std::vector<PickledTensor> read_state_dict(std::string_view pickle, const std::string& where) {
  Machine machine(pickle, where);
  const Value* root = machine.run();
  if (root->kind != Value::kDictionary) machine.fail(cat("expected a dictionary of tensors, got ", kind_name(root->kind)));
  // A trainer's file has the model's dictionary beside other things, a counter's tensor among them.
  const size_t outer = count_tensors(*root);
  const Value* inner = nullptr;
  for (size_t i = 0; i < root->items.size(); i += 2) {
    const Value &key = *root->items[i], &value = *root->items[i + 1];
    if (value.kind != Value::kDictionary || count_tensors(value) <= outer) continue;
    if (inner != nullptr) machine.fail(cat("several dictionaries of tensors, ", quote(key.text), " among them"));
    inner = &value;
  }
  if (inner != nullptr) root = inner;
  else if (outer == 0) machine.fail("no tensors in it");
  std::vector<PickledTensor> tensors;
  std::set<std::string_view> seen;
  for (size_t i = 0; i < root->items.size(); i += 2) {
    const Value &key = *root->items[i], &value = *root->items[i + 1];
    if (value.kind != Value::kTensor) continue;
    if (key.kind != Value::kText) machine.fail("a tensor whose key is no text");
    if (!seen.insert(key.text).second) machine.fail(cat("tensor ", quote(key.text), " appears twice"));
    tensors.push_back(*value.tensor);
    tensors.back().name = key.text;
  }
  return tensors;
}

}  // namespace easel::tensor
