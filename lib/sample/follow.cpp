#include "sample/follow.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/signals.h"
#include "record/refill.h"

namespace easel::sample {

PolicyFollower::PolicyFollower(std::filesystem::path folder, torch::Device device,
                               torch::Dtype dtype, int64_t max_staleness)
    : folder_(std::move(folder)), device_(device), dtype_(dtype), max_staleness_(max_staleness) {
  load();
}

void PolicyFollower::load() {
  policy_ = std::make_unique<model::Policy>(model::load_policy(folder_, {device_, dtype_, model::Use::kRead}));
  if (first_ < 0) first_ = policy_->version;
}

const model::Policy& PolicyFollower::current() { return *policy_; }

void PolicyFollower::wait_for_turn(bool refill) {
  const int64_t wanted = first_ + batch_ - max_staleness_;
  while (true) {
    base::throw_if_stopped();
    // The folder is exchanged in one step, so what is read here is one version or the next.
    const int64_t version = model::policy_version(folder_);
    if (version >= wanted) {
      if (version != policy_->version) load();
      drawn_ = 1;
      break;
    }
    if (refill && drawn_ > 0) {
      const auto asked = record::RefillRequest::read(folder_);
      if (asked.policy_version == policy_->version && asked.batches > drawn_) {
        ++drawn_;
        return;  // the turn is still this version's
      }
    }
    pollfd out{1, 0, 0};
    if (::poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP))) {
      base::fail("the reader of the rollouts has gone; no new policy version will come");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ++batch_;
}

}  // namespace easel::sample
