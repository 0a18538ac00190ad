// Rollouts as rows of a contact sheet.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "image/draw.h"
#include "record/rollout.h"

namespace easel::report {

struct SheetOptions {
  bool by_group = false;  // one row a group, its prompt above it
  int64_t count = 32;     // rollouts, or groups, from the first on
  int size = 192;         // pixels of a picture's square
  std::string root;       // where relative image paths start
};

class Sheet {
 public:
  explicit Sheet(const SheetOptions& options) : options_(options) {}
  // Reads the rollout's image if it is one to show. Throws RecordError, naming the record's place,
  // when that is missing or damaged.
  void add(const record::Rollout& rollout, const base::Location& at = {});
  int64_t shown() const { return shown_; }
  // Throws Error if nothing was added, or if the sheet would be larger than 64 megapixels.
  image::Image draw() const;

 private:
  struct Cell {
    int64_t index = 0;
    image::SheetItem item;
  };
  struct Group {
    std::string title;
    std::vector<Cell> cells;
  };
  image::Image load(const record::Rollout& rollout, const base::Location& at) const;
  std::vector<std::string> caption(const record::Rollout& rollout) const;

  SheetOptions options_;
  std::vector<Group> groups_;
  std::map<std::string, size_t> places_;  // in groups_, by id and policy version
  int64_t shown_ = 0;
};

}  // namespace easel::report
