// The zip archives that torch.save writes: members stored without compression, read in place.
// Format: APPNOTE.TXT of PKWARE, sections 4.3.7 to 4.3.16 (zip64 included).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace easel::tensor {

// The members of an archive in memory. Every offset and size is checked when it is opened: inside the
// archive, not overlapping, the same in the directory as in front of the data. A compressed or encrypted
// member is refused, so that nothing unpacks to more than its file. Throws Error naming the file.
class ZipFile {
 public:
  // `bytes` must outlive this object.
  ZipFile(std::string_view bytes, std::string name);

  bool has(const std::string& member) const { return members_.count(member) > 0; }
  // The member's bytes; throws Error when it is absent.
  std::string_view get(const std::string& member) const;
  // Throws Error when the member's bytes do not have the checksum that was stored with them.
  void check(const std::string& member) const;
  // The one member whose name ends so, "" when there is none; throws Error when there are several.
  std::string find_ending(std::string_view ending) const;

 private:
  struct Member {
    uint64_t begin, size;
    uint32_t checksum;  // CRC-32
  };
  const Member& member(const std::string& name) const;
  void read_directory(uint64_t begin, uint64_t size, uint64_t count);
  std::string_view bytes_;
  std::string name_;
  std::map<std::string, Member> members_;
  // Members that were found whole: many tensors may lie in one.
  struct Checked {
    std::mutex mutex;
    std::set<std::string> members;
  };
  std::unique_ptr<Checked> checked_ = std::make_unique<Checked>();
};

}  // namespace easel::tensor
