#include "model/adjacent.h"

namespace easel::model {

using torch::Tensor;

namespace {

bool adjacent(const std::vector<Tensor>& parts) {
  const char* next = static_cast<const char*>(parts[0].data_ptr());
  for (const Tensor& part : parts) {
    if (!part.is_contiguous() || part.scalar_type() != parts[0].scalar_type() || part.device() != parts[0].device() ||
        part.data_ptr() != next) {
      return false;
    }
    next += part.nbytes();
  }
  return true;
}

}  // namespace

Tensor stacked_rows(const std::vector<Tensor>& parts) {
  if (!adjacent(parts)) return torch::cat(parts, 0);
  int64_t rows = 0;
  for (const Tensor& part : parts) rows += part.size(0);
  // The parts live as long as the view: memory may be of several tensors that only happen to be neighbours.
  return torch::from_blob(parts[0].data_ptr(), {rows, parts[0].size(1)}, [parts](void*) {}, parts[0].options());
}

void make_adjacent(const std::vector<Tensor*>& matrices) {
  std::vector<Tensor> parts;
  for (const Tensor* matrix : matrices) parts.push_back(*matrix);
  if (adjacent(parts)) return;
  const Tensor all = torch::cat(parts, 0);
  int64_t row = 0;
  for (Tensor* matrix : matrices) {
    const int64_t rows = matrix->size(0);
    *matrix = all.narrow(0, row, rows);
    row += rows;
  }
}

}  // namespace easel::model
