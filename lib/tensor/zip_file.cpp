#include "tensor/zip_file.h"

#include <libdeflate.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/strings.h"

namespace easel::tensor {

using base::cat;
using base::fail;
using base::quote;

namespace {

constexpr uint64_t kEndSize = 22, kLocatorSize = 20, kEnd64Size = 56, kEntrySize = 46, kLocalSize = 30;
constexpr uint32_t kEndMark = 0x06054b50, kLocatorMark = 0x07064b50, kEnd64Mark = 0x06064b50;
constexpr uint32_t kEntryMark = 0x02014b50, kLocalMark = 0x04034b50;
constexpr uint32_t kIn64 = 0xFFFFFFFF;  // the number stands in the zip64 field

// Little-endian numbers of a text; the caller has checked that they are inside.
uint64_t number(std::string_view bytes, uint64_t at, int size) {
  uint64_t value = 0;
  for (int i = size - 1; i >= 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<uint64_t>(i)]);
  return value;
}
uint16_t u16(std::string_view bytes, uint64_t at) { return static_cast<uint16_t>(number(bytes, at, 2)); }
uint32_t u32(std::string_view bytes, uint64_t at) { return static_cast<uint32_t>(number(bytes, at, 4)); }
uint64_t u64(std::string_view bytes, uint64_t at) { return number(bytes, at, 8); }

bool inside(uint64_t begin, uint64_t size, uint64_t whole) { return begin <= whole && size <= whole - begin; }

// Where the end record stands: nothing but its comment follows it.
uint64_t find_end(std::string_view bytes) {
  if (bytes.size() < kEndSize) return bytes.size();
  const uint64_t last = bytes.size() - kEndSize, first = last > 0xFFFF ? last - 0xFFFF : 0;
  for (uint64_t at = last;; --at) {
    if (u32(bytes, at) == kEndMark && at + kEndSize + u16(bytes, at + 20) == bytes.size()) return at;
    if (at == first) return bytes.size();
  }
}

}  // namespace

ZipFile::ZipFile(std::string_view bytes, std::string name) : bytes_(bytes), name_(std::move(name)) {
  const uint64_t end = find_end(bytes);
  if (end == bytes.size()) {
    fail(cat(name_, ": no end of a zip archive in its last 64 KiB; truncated, or no file of torch.save"));
  }
  uint64_t count = u16(bytes, end + 10), size = u32(bytes, end + 12), begin = u32(bytes, end + 16);
  uint64_t limit = end;
  if (end >= kLocatorSize && u32(bytes, end - kLocatorSize) == kLocatorMark) {
    const uint64_t at = u64(bytes, end - kLocatorSize + 8);
    if (!inside(at, kEnd64Size, end - kLocatorSize) || u32(bytes, at) != kEnd64Mark) {
      fail(cat(name_, ": byte ", end - kLocatorSize, ": the zip64 end record is not where it should be"));
    }
    count = u64(bytes, at + 32);
    size = u64(bytes, at + 40);
    begin = u64(bytes, at + 48);
    limit = at;
  }
  if (!inside(begin, size, limit) || count > size / kEntrySize) {
    fail(cat(name_, ": byte ", end, ": the directory claims bytes ", begin, " to ", begin + size, " and ", count,
             " members; the archive has ", limit, " bytes before its end record"));
  }
  read_directory(begin, size, count);
}

void ZipFile::read_directory(uint64_t begin, uint64_t size, uint64_t count) {
  const uint64_t end = begin + size;
  std::vector<std::pair<uint64_t, uint64_t>> spans;  // of local headers and data
  uint64_t at = begin;
  for (uint64_t i = 0; i < count; ++i) {
    const auto bad = [&](const std::string& what) { fail(cat(name_, ": byte ", at, ": ", what)); };
    if (!inside(at, kEntrySize, end) || u32(bytes_, at) != kEntryMark) bad("expected a member of the directory");
    const uint64_t name_size = u16(bytes_, at + 28), extra_size = u16(bytes_, at + 30);
    const uint64_t comment_size = u16(bytes_, at + 32), fields = at + kEntrySize + name_size;
    if (!inside(at + kEntrySize, name_size + extra_size + comment_size, end)) bad("a member reaches past the directory");
    const std::string name(bytes_.substr(at + kEntrySize, name_size));
    const auto bad_member = [&](const std::string& what) { bad(cat("member ", quote(name), " ", what)); };
    if ((u16(bytes_, at + 8) & 1) != 0) bad_member("is encrypted");
    if (u16(bytes_, at + 10) != 0) bad_member("is compressed; torch.save stores its members as they are");
    uint64_t stored = u32(bytes_, at + 20), whole = u32(bytes_, at + 24), local = u32(bytes_, at + 42);
    // Fields of four bytes of head each; zip64's holds, in this order, the numbers that did not fit.
    for (uint64_t field = fields; field + 4 <= fields + extra_size;) {
      const uint64_t field_size = u16(bytes_, field + 2);
      if (field + 4 + field_size > fields + extra_size) bad_member("has an extra field that is too long");
      if (u16(bytes_, field) == 1) {
        uint64_t next = field + 4;
        for (uint64_t* value : {&whole, &stored, &local}) {
          if (*value != kIn64) continue;
          if (next + 8 > field + 4 + field_size) bad_member("lacks a zip64 number");
          *value = u64(bytes_, next);
          next += 8;
        }
      }
      field += 4 + field_size;
    }
    if (stored != whole) bad_member(cat("is said to be stored, but ", stored, " bytes are ", whole, " unpacked"));
    if (!inside(local, kLocalSize, begin) || u32(bytes_, local) != kLocalMark) {
      bad_member(cat("is said to stand at byte ", local, ", where no member stands"));
    }
    const uint64_t local_name = u16(bytes_, local + 26), local_extra = u16(bytes_, local + 28);
    const uint64_t data = local + kLocalSize + local_name + local_extra;
    if (!inside(data, stored, begin)) {
      bad_member(cat("claims bytes ", data, " to ", data + stored, "; the directory begins at ", begin));
    }
    if (bytes_.substr(local + kLocalSize, local_name) != name) bad_member("has another name before its data");
    spans.emplace_back(local, data + stored);
    if (!members_.emplace(name, Member{data, stored, u32(bytes_, at + 16)}).second) bad_member("appears twice");
    at = fields + extra_size + comment_size;
  }
  std::sort(spans.begin(), spans.end());
  for (size_t i = 1; i < spans.size(); ++i) {
    if (spans[i].first < spans[i - 1].second) fail(cat(name_, ": two members share byte ", spans[i].first));
  }
}

const ZipFile::Member& ZipFile::member(const std::string& name) const {
  const auto found = members_.find(name);
  if (found == members_.end()) fail(cat(name_, ": member ", quote(name), " is missing"));
  return found->second;
}

std::string_view ZipFile::get(const std::string& name) const {
  const Member& m = member(name);
  return bytes_.substr(m.begin, m.size);
}

void ZipFile::check(const std::string& name) const {
  const Member& m = member(name);
  if (m.checksum == 0) return;  // its writer made none
  {
    const std::lock_guard lock(checked_->mutex);
    if (checked_->members.count(name) > 0) return;
  }
  const uint32_t got = libdeflate_crc32(0, bytes_.data() + m.begin, m.size);
  if (got != m.checksum) {
    fail(cat(name_, ": member ", quote(name), ", bytes ", m.begin, " to ", m.begin + m.size,
             ": damaged (its checksum is another one)"));
  }
  const std::lock_guard lock(checked_->mutex);
  checked_->members.insert(name);
}

std::string ZipFile::find_ending(std::string_view ending) const {
  std::string found;
  for (const auto& [name, m] : members_) {
    if (!name.ends_with(ending)) continue;
    if (!found.empty()) fail(cat(name_, ": members ", quote(found), " and ", quote(name), "; expected one of them"));
    found = name;
  }
  return found;
}

}  // namespace easel::tensor
