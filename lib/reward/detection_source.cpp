#include "reward/detection_source.h"

#include "base/error.h"
#include "base/parallel.h"
#include "image/image.h"
#include "record/image_ref.h"
#include "reward/asked_command.h"
#include "world/detector.h"

namespace easel::reward {

using base::cat;
using base::quote;

namespace {

image::Image picture_of(const Item& item, const std::string& root) {
  if (item.rollout.image.empty()) base::fail("field \"image\" is missing");
  return image::read(record::resolve_path(item.rollout.image, root));
}

class ShapesSource : public DetectionSource {
 public:
  explicit ShapesSource(const ExpertOptions& options) : options_(options) {}

  std::vector<Seen> see(const std::vector<const Item*>& items) override {
    std::vector<Seen> seen(items.size());
    base::parallel_for(static_cast<int64_t>(items.size()), options_.threads, [&](int64_t i) {
      Seen& s = seen[static_cast<size_t>(i)];
      try {
        const image::Image picture = picture_of(*items[static_cast<size_t>(i)], options_.root);
        s.width = picture.width;
        s.height = picture.height;
        for (auto& found : world::detect(picture).items) {
          s.detections.items.push_back(found);
          if (found.color.empty()) continue;
          found.class_name = cat(found.color, " ", found.class_name);
          s.detections.items.push_back(std::move(found));
        }
      } catch (const base::Error& e) {
        s.problem = e.what();
        s.bad_record = true;
      }
    });
    return seen;
  }

 private:
  ExpertOptions options_;
};

class CommandSource : public DetectionSource {
 public:
  CommandSource(std::string command, const ExpertOptions& options) : command_(std::move(command)), options_(options) {}

  std::vector<Seen> see(const std::vector<const Item*>& items) override {
    std::vector<Seen> seen(items.size());
    std::vector<const Item*> whole;
    std::vector<size_t> places;
    for (size_t i = 0; i < items.size(); ++i) {
      try {
        const image::Image picture = picture_of(*items[i], options_.root);
        seen[i].width = picture.width;
        seen[i].height = picture.height;
        seen[i].problem = "the command gave no detections";
        whole.push_back(items[i]);
        places.push_back(i);
      } catch (const base::Error& e) {
        seen[i].problem = e.what();
        seen[i].bad_record = true;
      }
    }
    ask_command(command_, "detector", "expected lines {\"id\":\"...\",\"detections\":{\"dog\":[[x1,y1,x2,y2,score]]}}", whole,
                [&](size_t i, const jsonl::Object& answer) {
                  seen[places[i]].detections = record::Detections::parse(answer);
                  seen[places[i]].problem.clear();
                });
    return seen;
  }

 private:
  std::string command_;
  ExpertOptions options_;
};

}  // namespace

std::unique_ptr<DetectionSource> make_detection_source(const std::string& spec, const ExpertOptions& options,
                                                       const std::string& flag) {
  if (spec == "shapes") return std::make_unique<ShapesSource>(options);
  if (spec.starts_with("exec:") && !base::trim(spec.substr(5)).empty()) {
    return std::make_unique<CommandSource>(spec.substr(5), options);
  }
  base::fail_usage(cat(flag, ": expected shapes or exec:COMMAND, got ", quote(spec)));
}

}  // namespace easel::reward
