#include "record/image_ref.h"

namespace easel::record {

ImageRef ImageRef::parse(const jsonl::Object& record) {
  ImageRef ref{record.string("id"), record.string("image")};
  if (ref.id.empty()) record.fail("field \"id\" is empty");
  if (ref.image.empty()) record.fail("field \"image\" is empty; expected the path of a picture");
  return ref;
}

void ImageRef::write(jsonl::Object& record) const {
  record.set("id", id);
  record.set("image", image);
}

}  // namespace easel::record
