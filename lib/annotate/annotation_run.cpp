#include "annotate/annotation_run.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/signals.h"
#include "image/draw.h"
#include "image/image.h"
#include "jsonl/resumable.h"
#include "jsonl/stream.h"
#include "record/annotation.h"
#include "record/external_annotator.h"
#include "record/got_chain.h"
#include "world/captions.h"
#include "world/detector.h"

namespace easel::annotate {

using base::cat;

namespace {

// A kept record has what the list says of its picture now.
void require_same_fields(const jsonl::Object& stored, const jsonl::Object& listed) {
  for (const auto& field : listed.keys()) {
    if (record::Annotation::writes(field) || stored.raw(field) == listed.raw(field)) continue;
    stored.fail(cat("field ", base::quote(field), " is not as the list has it"),
                "give the list of the run that was stopped, or remove the file");
  }
}

std::string stored_id(const AnnotationRunOptions& o, const PictureList& pictures, const jsonl::Object& record) {
  const auto stored = record::AnnotationStamp::parse(record);
  if (o.annotator.empty()) return stored.id;  // a command, which may write any field as it likes
  if (stored.annotator != o.annotator) {
    record.fail(cat("written by ", base::quote(stored.annotator), "; this run is ", base::quote(o.annotator)),
                "give the options of the run that was stopped, or remove the file");
  }
  require_same_fields(record, pictures.record_of(stored.id));
  return stored.id;
}

std::vector<std::string> ids(const std::vector<image::ImageFile>& files) {
  std::vector<std::string> out;
  for (const auto& file : files) out.push_back(file.id);
  return out;
}

class Run {
 public:
  Run(const PictureList& pictures, const AnnotationRunOptions& o)
      : options_(o),
        pictures_(pictures),
        files_(pictures.files()),
        bad_(o.max_bad),
        output_(o.out, ids(files_), o.resume,
                [&](const jsonl::Object& record) {
                  const std::string id = stored_id(o, pictures, record);
                  if (draws()) draw_stored(id, record);
                  return id;
                }),
        progress_("images", static_cast<int64_t>(files_.size())) {
    // Not before the output is known to be this run's: another may be at work, or have stopped.
    if (!o.resume) remove_answers();
    if (o.resume) base::note(cat(output_.resumed(), " of ", files_.size(), " were done before"));
    progress_.add(output_.resumed());
  }

  AnnotationRunResult annotate() {
    if (options_.endpoint) {
      annotate_by_model();
    } else if (options_.command.empty()) {
      annotate_here();
    } else {
      annotate_by_command();
    }
    remove_answers();  // all records are on disk
    output_.close();
    return {drawn_, digest_.hex()};
  }

 private:
  void remove_answers() const {
    if (!options_.answers.empty()) base::fs::remove_all(options_.answers);
  }

  void annotate_here() {
    while (const auto* file = next()) {
      const auto found = world::seen_objects(world::detect(picture_), picture_.width, picture_.height);
      guarded(*file, [&] {
        auto annotation = world::annotate(found, file->id, file->path, options_.noise, options_.seed, options_.got);
        annotation.annotator = options_.annotator;
        jsonl::Object record;
        annotation.write(record);
        if (draws()) draw_boxes(file->id, record, std::move(picture_));
        write(file->id, record);
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
      write(id, record);
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
    const auto accept = [&](const std::string& id, jsonl::Object record, image::Image pixels) {
      record.set("annotator", options_.annotator);
      if (draws()) draw_boxes(id, record, std::move(pixels));
      write(id, record);
    };
    const auto refuse = [&](const record::ImageRef& ref, const std::string& problem) {
      bad_.add(base::RecordError(cat(ref.image, ": ", problem)));
      output_.skip(ref.id);
    };
    EndpointOptions endpoint = *options_.endpoint;
    endpoint.keep_pictures = draws();
    base::note(annotate_by_endpoint(endpoint, next_picture, accept, refuse));
  }

  // Puts the annotation over the fields of the record that named the picture.
  void write(const std::string& id, const jsonl::Object& annotation) {
    jsonl::Object record = pictures_.record_of(id);
    if (record.empty()) {
      output_.write(id, annotation);
    } else {
      for (const auto& field : annotation.keys()) record.set_raw(field, std::string(annotation.raw(field)));
      output_.write(id, record);
    }
    progress_.add();
  }

  bool draws() const { return !options_.drawn_boxes.empty(); }

  std::string drawing_of(const std::string& id) const {
    return base::fs::path(options_.drawn_boxes) / (base::safe_file_name(id) + ".png");
  }

  // A picture that was done before, but not drawn.
  void draw_stored(const std::string& id, const jsonl::Object& record) {
    if (base::fs::exists(drawing_of(id))) return;
    try {
      draw_boxes(id, record, read_picture(record.string("image")));
    } catch (const base::RecordError& e) {
      bad_.add(e);
    }
  }

  // For a look at the plan: the picture with each planned box and its name.
  void draw_boxes(const std::string& id, const jsonl::Object& annotation, image::Image picture) {
    const auto chain = record::parse_got_chain(annotation.optional_string("got").value_or(""));
    if (chain.objects.empty()) return;
    std::vector<image::NamedBox> boxes;
    for (const auto& o : chain.objects) boxes.push_back({o.name, o.x1, o.y1, o.x2, o.y2});
    image::draw_named_boxes(picture, boxes);
    image::write_png(drawing_of(id), picture);
    ++drawn_;
  }

  // One whose pixels are part of what the manifest says was read.
  image::Image read_picture(const std::string& path) {
    image::Image picture = image::read(path);
    digest_.add({reinterpret_cast<const char*>(picture.rgb.data()), picture.rgb.size()});
    return picture;
  }

  // The next image that is not done and can be read, as picture_; null at the end.
  const image::ImageFile* next() {
    while (position_ < files_.size()) {
      const auto& file = files_[position_++];
      base::throw_if_stopped();
      if (output_.done(file.id)) continue;
      if (guarded(file, [&] {
            image::require_utf8_name(file);
            picture_ = read_picture(file.path);
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
  const PictureList& pictures_;
  const std::vector<image::ImageFile>& files_;
  jsonl::BadRecords bad_;
  base::Digest digest_;
  int64_t drawn_ = 0;
  jsonl::ResumableOutput output_;  // draws what was done before
  base::Progress progress_;
  image::Image picture_;
  size_t position_ = 0;
};

}  // namespace

AnnotationRunResult annotate_pictures(const PictureList& pictures, const AnnotationRunOptions& options) {
  return Run(pictures, options).annotate();
}

}  // namespace easel::annotate
