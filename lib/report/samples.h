// Sample images over training: a few rollouts of a few policy versions, with prompt, chain of
// thought and reward.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "jsonl/stream.h"
#include "record/rollout.h"
#include "report/html.h"

namespace easel::report {

struct Sample {
  std::string prompt, cot, image;
  std::optional<double> reward;
  base::Location at;  // for a message about its image
};

// Rollouts of one label, by policy version: the first of each of the first groups is kept.
struct SampleStrip {
  struct Version {
    std::vector<Sample> samples;
    std::map<std::string, bool> groups;
    int64_t rollouts = 0, scored = 0;
    double reward_sum = 0;
  };
  std::string label;
  std::map<int64_t, Version> versions;
};

int64_t read_samples(const std::string& path, jsonl::BadRecords& bad, SampleStrip* strip);

// At most 8 versions, evenly spread, the first and the last among them; 6 samples of each, prompts
// that more versions share first.
void add_samples(const SampleStrip& strip, const std::string& root, jsonl::BadRecords& bad,
                 Page* page);

}  // namespace easel::report
