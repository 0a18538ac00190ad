#include "sample/follow.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "base/links.h"
#include "base/signals.h"
#include "record/refill.h"

namespace easel::sample {

using base::cat;

PolicyFollower::PolicyFollower(std::filesystem::path folder, torch::Device device,
                               torch::Dtype dtype, int64_t max_staleness)
    : folder_(base::with_name(std::move(folder))),  // "." would stay with the version that is replaced
      device_(device), dtype_(dtype), max_staleness_(max_staleness) {
  finished_before_ = record::RefillRequest::read(folder_).finished;
  load();
}

void PolicyFollower::load() {
  policy_ = std::make_unique<model::Policy>(model::load_policy(folder_, {device_, dtype_, model::Use::kRead}));
  if (first_ < 0) first_ = policy_->version;
}

const model::Policy& PolicyFollower::current() { return *policy_; }

bool PolicyFollower::left_alone() {
  pollfd out{STDOUT_FILENO, 0, 0};
  if (::poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP))) return true;
  struct stat info {};
  // Rollouts that go to a file may be taken by one grpo-step after another.
  if (::fstat(STDOUT_FILENO, &info) != 0 || !S_ISFIFO(info.st_mode)) return false;
  const bool held = base::FileLock::is_held(record::file_beside(folder_, "lock"));
  const bool gone = trainer_seen_ && !held;
  trainer_seen_ = held;
  return gone;
}

// A run that was stopped may have asked; this one's grpo-step has not yet, since it has no rollouts.
void PolicyFollower::forget_old_request() {
  const auto asked = record::RefillRequest::read(folder_);
  if (asked.batches > 1) record::RefillRequest{policy_->version, 1, asked.finished}.write(folder_);
}

bool PolicyFollower::wait_for_turn(bool refill) {
  const int64_t wanted = first_ + batch_ - max_staleness_;
  if (batch_ == 0) forget_old_request();
  while (true) {
    base::throw_if_stopped();
    const auto asked = record::RefillRequest::read(folder_);
    if (!asked.finished.empty() && asked.finished != finished_before_) return false;
    // The folder is exchanged in one step, so what is read here is one version or the next.
    const int64_t version = model::policy_version(folder_);
    if (version >= wanted) {
      if (version != policy_->version) {
        load();
        drawn_ = 0;
      }
      ++drawn_;
      break;
    }
    if (drawn_ > 0 && asked.policy_version == policy_->version && asked.batches > drawn_) {
      if (!refill) {
        base::fail(cat("grpo-step asks for another batch of policy version ", policy_->version),
                   "--refill draws it; or give grpo-step --refill 1");
      }
      ++drawn_;
      return true;  // the turn is still this version's
    }
    if (left_alone() && model::policy_version(folder_) < wanted) {
      base::fail("the reader of the rollouts has gone; no new policy version will come");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ++batch_;
  return true;
}

}  // namespace easel::sample
