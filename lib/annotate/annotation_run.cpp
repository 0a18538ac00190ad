#include "annotate/annotation_run.h"

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/signals.h"
#include "image/draw.h"
#include "image/image.h"
#include "jsonl/resumable.h"
#include "jsonl/stream.h"
#include "record/external_annotator.h"
#include "record/got_chain.h"
#include "world/captions.h"
#include "world/detector.h"

namespace easel::annotate {

using base::cat;

namespace {

std::string stored_id(const AnnotationRunOptions& o, const jsonl::Object& record) {
  const auto stored = record::Annotation::parse(record);
  if (!o.annotator.empty() && stored.annotator != o.annotator) {
    record.fail(cat("written by ", base::quote(stored.annotator), "; this run is ", base::quote(o.annotator)),
                "give the options of the run that was stopped, or remove the file");
  }
  return stored.id;
}

std::vector<std::string> ids(const std::vector<image::ImageFile>& files) {
  std::vector<std::string> out;
  for (const auto& file : files) out.push_back(file.id);
  return out;
}

class Run {
 public:
  Run(const std::vector<image::ImageFile>& files, const AnnotationRunOptions& o)
      : options_(o),
        files_(files),
        bad_(o.max_bad),
        output_(o.out, ids(files), o.resume, [&o](const jsonl::Object& record) { return stored_id(o, record); }),
        progress_("images", static_cast<int64_t>(files.size())) {
    if (o.resume) base::note(cat(output_.resumed(), " of ", files.size(), " were done before"));
    progress_.add(output_.resumed());
  }

  void annotate() {
    if (options_.endpoint) {
      annotate_by_model();
    } else if (options_.command.empty()) {
      annotate_here();
    } else {
      annotate_by_command();
    }
    output_.close();
  }

 private:
  void annotate_here() {
    while (const auto* file = next()) {
      const auto found = world::seen_objects(world::detect(picture_), picture_.width, picture_.height);
      guarded(*file, [&] {
        auto annotation = world::annotate(found, file->id, file->path, options_.noise, options_.seed, options_.got);
        annotation.annotator = options_.annotator;
        jsonl::Object record;
        annotation.write(record);
        output_.write(file->id, record);
        progress_.add();
      });
    }
  }

  void annotate_by_command() {
    const auto next_ref = [&]() -> std::optional<record::ImageRef> {
      const auto* file = next();
      if (file == nullptr) return std::nullopt;
      return record::ImageRef{file->id, file->path};
    };
    const auto accept = [&](const std::string& id, jsonl::Object record) {
      if (!options_.annotator.empty()) record.set("annotator", options_.annotator);
      output_.write(id, record);
      progress_.add();
    };
    const auto refuse = [&](const std::string& id, const base::RecordError& problem) {
      bad_.add(problem);
      output_.skip(id);
    };
    record::annotate_externally(options_.command, next_ref, accept, refuse);
  }

  void annotate_by_model() {
    const auto next_picture = [&]() -> std::optional<Picture> {
      const auto* file = next();
      if (file == nullptr) return std::nullopt;
      return Picture{{file->id, file->path}, std::move(picture_)};
    };
    const auto accept = [&](const std::string& id, jsonl::Object record) {
      record.set("annotator", options_.annotator);
      if (!options_.drawn_boxes.empty()) draw_boxes(id, record);
      output_.write(id, record);
      progress_.add();
    };
    const auto refuse = [&](const record::ImageRef& ref, const std::string& problem) {
      bad_.add(base::RecordError(cat(ref.image, ": ", problem)));
      output_.skip(ref.id);
    };
    base::note(annotate_by_endpoint(*options_.endpoint, next_picture, accept, refuse));
  }

  // For a look at the plan: the picture with each planned box and its name.
  void draw_boxes(const std::string& id, const jsonl::Object& record) const {
    const auto chain = record::parse_got_chain(record.optional_string("got").value_or(""));
    if (chain.objects.empty()) return;
    image::Image picture = image::read(record.string("image"));
    std::vector<image::NamedBox> boxes;
    for (const auto& o : chain.objects) boxes.push_back({o.name, o.x1, o.y1, o.x2, o.y2});
    image::draw_named_boxes(picture, boxes);
    image::write_png(base::fs::path(options_.drawn_boxes) / (base::safe_file_name(id) + ".png"), picture);
  }

  // The next image that is not done and can be read, as picture_; null at the end.
  const image::ImageFile* next() {
    while (position_ < files_.size()) {
      const auto& file = files_[position_++];
      base::throw_if_stopped();
      if (output_.done(file.id)) continue;
      if (guarded(file, [&] {
            image::require_utf8_name(file);
            picture_ = image::read(file.path);
          })) {
        return &file;
      }
    }
    return nullptr;
  }

  // Whether body went well; a bad image is counted and has no record.
  template <class Body>
  bool guarded(const image::ImageFile& file, const Body& body) {
    try {
      body();
      return true;
    } catch (const base::RecordError& e) {
      bad_.add(e);
      output_.skip(file.id);
      return false;
    }
  }

  const AnnotationRunOptions& options_;
  const std::vector<image::ImageFile>& files_;
  jsonl::BadRecords bad_;
  jsonl::ResumableOutput output_;
  base::Progress progress_;
  image::Image picture_;
  size_t position_ = 0;
};

}  // namespace

void annotate_pictures(const std::vector<image::ImageFile>& files, const AnnotationRunOptions& options) {
  Run(files, options).annotate();
}

}  // namespace easel::annotate
