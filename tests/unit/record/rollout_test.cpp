// Rewards beside those that a rollout has.
#include "record/rollout.h"

#include <gtest/gtest.h>

#include <cmath>

namespace easel::record {
namespace {

TEST(WriteRewards, KeepsWhatOthersSaidAndItsOrder) {
  auto record = jsonl::Object::parse(R"({"id":"a","prompt":"x","rewards":{"judge":null,"old":0.5,"new":null},"reward":null})", {"r", 1});
  auto rewards = Rollout::parse(record).rewards;
  rewards.emplace_back("new", 0.75);
  rewards.emplace_back("mute", std::nan(""));
  write_rewards(record, rewards, 1.5);
  EXPECT_EQ(record.str(),
            R"({"id":"a","prompt":"x","rewards":{"judge":null,"old":0.5,"new":0.75,"mute":null},"reward":1.5})");
}

TEST(WriteRewards, OfARolloutWithoutAny) {
  auto record = jsonl::Object::parse(R"({"id":"a","prompt":"x","rewards":null})", {"r", 1});
  write_rewards(record, {{"s", 0.25}}, std::nullopt);
  EXPECT_EQ(record.str(), R"({"id":"a","prompt":"x","rewards":{"s":0.25},"reward":null})");
}

TEST(Sampling, SystemIsThereOnlyWhereItWasGiven) {
  Rollout rollout;
  rollout.id = rollout.group_id = "a";
  rollout.finish = "stop";
  for (const auto& system : std::vector<std::optional<std::string>>{std::nullopt, "", "Be brief."}) {
    rollout.sampling.system = system;
    jsonl::Object record;
    rollout.write(record);
    EXPECT_EQ(record.object("sampling").has("system"), system.has_value());
    EXPECT_EQ(Rollout::parse(jsonl::Object::parse(record.str(), {"r", 1})).sampling.system, system);
  }
}

}  // namespace
}  // namespace easel::record
