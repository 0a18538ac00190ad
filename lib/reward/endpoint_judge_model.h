// Judges behind OpenAI-compatible endpoints.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "http/chat_client.h"
#include "reward/judge_model.h"

namespace easel::reward {

struct EndpointOptions {
  http::ClientOptions client;
  std::string model;           // the name that the server knows it by
  int64_t picture_size = 768;  // pictures are sent as PNG, at most so many pixels wide and high
  double temperature = 0;
  std::string system = {};     // message before each question; empty: none
};

// From the command line's words, cli::EndpointOptions.
template <class Options>
EndpointOptions endpoint_options(const Options& o) {
  return {.client = http::client_options(o),
          .model = o.model,
          .picture_size = o.picture_size,
          .temperature = o.temperature};
}

std::unique_ptr<JudgeModel> make_endpoint_judge_model(const EndpointOptions& options);

}  // namespace easel::reward
