#include "eval/detector.h"

#include <mutex>
#include <unordered_map>

#include "base/error.h"
#include "image/image.h"
#include "jsonl/stream.h"
#include "record/eval_result.h"
#include "world/detector.h"

namespace easel::eval {

using base::cat;
using base::quote;
using record::Detections;

namespace {

class ShapesDetector : public Detector {
 public:
  Detections detect(const GenevalImage& image) override {
    return world::detect(image::read(image.path));
  }
};

// The endings of a path at its slashes, the whole path first: "a/b/c", "b/c", "c".
std::vector<std::string> endings(const std::string& path) {
  std::vector<std::string> out = {path};
  for (size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    if (at + 1 < path.size()) out.push_back(path.substr(at + 1));
  }
  return out;
}

class ReplayDetector : public Detector {
 public:
  explicit ReplayDetector(const std::string& path) : path_(path) {
    jsonl::LineReader reader(path);
    jsonl::for_each(reader, 0, [&](jsonl::Object& record) {
      lines_.push_back(record::ReplayedDetections::parse(record));
      const std::string& name = lines_.back().filename;
      if (!by_name_.emplace(name, lines_.size() - 1).second) {
        record.fail(cat("filename ", quote(name), " came before"));
      }
      for (const auto& ending : endings(name)) {
        const auto [place, added] = by_ending_.emplace(ending, lines_.size() - 1);
        if (!added) place->second = kSeveral;
      }
    });
    users_.resize(lines_.size());
  }

  Detections detect(const GenevalImage& image) override {
    const std::lock_guard lock(mutex_);
    const size_t line = find(image.filename);
    if (line == kNone) {
      base::fail(cat("no detections of ", quote(image.filename), " in ", path_));
    }
    if (!users_[line].empty() && users_[line] != image.filename) {
      base::fail(cat("detections of ", quote(lines_[line].filename), " fit both ",
                     quote(users_[line]), " and ", quote(image.filename)));
    }
    users_[line] = image.filename;
    return lines_[line].detections;
  }

  std::string remark() const override {
    size_t unused = 0;
    for (const auto& user : users_) unused += user.empty();
    if (unused == 0) return "";
    return cat(path_, ": ", unused, " of ", users_.size(), " lines belong to no image here");
  }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1), kSeveral = kNone - 1;

  size_t find(const std::string& filename) const {
    for (const auto& ending : endings(filename)) {
      const auto place = by_name_.find(ending);
      if (place != by_name_.end()) return place->second;
    }
    const auto place = by_ending_.find(filename);
    if (place == by_ending_.end()) return kNone;
    if (place->second == kSeveral) {
      base::fail(cat("several lines of ", path_, " end in ", quote(filename)));
    }
    return place->second;
  }

  std::string path_;
  std::vector<record::ReplayedDetections> lines_;
  std::unordered_map<std::string, size_t> by_name_, by_ending_;
  std::vector<std::string> users_;  // the image that each line went to
  std::mutex mutex_;
};

}  // namespace

std::unique_ptr<Detector> make_detector(const std::string& spec) {
  if (spec == "shapes") return std::make_unique<ShapesDetector>();
  constexpr std::string_view kReplay = "replay:";
  if (spec.starts_with(kReplay) && spec.size() > kReplay.size()) {
    return std::make_unique<ReplayDetector>(spec.substr(kReplay.size()));
  }
  base::fail_usage(cat("--detector: expected shapes or replay:FILE, got ", quote(spec)),
                   spec.starts_with("mask2former:") ? "Mask2Former is not built in: replay:FILE takes what it has found" : "");
}

}  // namespace easel::eval
