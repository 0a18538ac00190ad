#include "sample/follow.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/signals.h"

namespace easel::sample {

PolicyFollower::PolicyFollower(std::filesystem::path folder, torch::Device device,
                               torch::Dtype dtype, int64_t max_staleness)
    : folder_(std::move(folder)), device_(device), dtype_(dtype), max_staleness_(max_staleness) {
  load();
}

void PolicyFollower::load() {
  policy_ = std::make_unique<model::Policy>(model::load_policy(folder_, device_, dtype_));
  if (first_ < 0) first_ = policy_->version;
}

const model::Policy& PolicyFollower::current() { return *policy_; }

void PolicyFollower::wait_for_turn() {
  const int64_t wanted = first_ + batch_ - max_staleness_;
  while (true) {
    base::throw_if_stopped();
    // The folder is exchanged in one step, so what is read here is one version or the next.
    const int64_t version = model::policy_version(folder_);
    if (version >= wanted) {
      if (version != policy_->version) load();
      break;
    }
    pollfd out{1, 0, 0};
    if (::poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP))) {
      base::fail("the reader of the rollouts has gone; no new policy version will come");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ++batch_;
}

int64_t default_rows(const model::JanusConfig& config, const SampleOptions& o) {
  const int64_t length = o.max_prompt + o.max_cot + 1 + config.image_tokens();
  const int64_t each = model::Decoder::slot_bytes(config.text, length, torch::kFloat32);
  const auto free_bytes = static_cast<int64_t>(sysconf(_SC_AVPHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  return std::clamp<int64_t>(free_bytes / 4 / each, 2, 256);
}

}  // namespace easel::sample
