// Annotations by a vision-language model behind an OpenAI-compatible endpoint.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "http/chat_client.h"
#include "image/image.h"
#include "record/annotation_styles.h"
#include "record/image_ref.h"

namespace easel::annotate {

struct EndpointOptions {
  http::ClientOptions client;
  std::string model;
  int64_t picture_size = 768;  // pictures are sent as PNG, at most so many pixels wide and high
  double temperature = 0;
  std::vector<record::AnnotationStyle> styles;
  bool got = false;                  // a chain with boxes too, in the field got
  bool keep_pictures = false;        // until accept, which gets them; else it gets empty ones
  std::vector<std::string> prompts;  // NAME=FILE instead of share/annotator's texts: captions, got
};

struct Picture {
  record::ImageRef ref;
  image::Image pixels;
};

// Gets a finished record and its picture (keep_pictures).
using Accept = std::function<void(const std::string& id, jsonl::Object record, image::Image pixels)>;

// Asks about the pictures that `next` gives, several at a time, and calls accept with each finished record (without a
// field annotator) and its picture, or refuse with why there is none. Returns a summary of what it cost.
std::string annotate_by_endpoint(const EndpointOptions& options, const std::function<std::optional<Picture>()>& next,
                                 const Accept& accept,
                                 const std::function<void(const record::ImageRef&, const std::string& problem)>& refuse);

}  // namespace easel::annotate
