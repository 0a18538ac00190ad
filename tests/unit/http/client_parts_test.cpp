// What the client is made of: waits, limits, servers, addresses, keys, kept answers.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/error.h"
#include "http/endpoint.h"
#include "http/rate_limit.h"
#include "http/response_cache.h"
#include "http/transport.h"
#include "unit/temporary_folder.h"

namespace easel::http {
namespace {

TEST(RetryAfter, IsANumberOrADate) {
  constexpr int64_t kNow = 1445412480;  // Wed, 21 Oct 2015 07:28:00 GMT
  EXPECT_EQ(parse_retry_after("120", kNow), 120);
  EXPECT_EQ(parse_retry_after(" 0.5 ", kNow), 0.5);
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2015 07:29:00 GMT", kNow), 60);
  EXPECT_EQ(parse_retry_after("Wed, 21 Oct 2015 07:00:00 GMT", kNow), 0);
  for (const char* other : {"", "soon", "-1", "nan", "1e99", "inf"}) EXPECT_EQ(parse_retry_after(other, kNow), std::nullopt) << other;
}

TEST(RateLimit, LetsSoManyThroughAMinute) {
  RateLimit limit(600);  // 10 a second, 60 at once
  double now = 1000;
  int taken = 0;
  for (; now < 1060; now += 0.01) {
    while (limit.wait(now) == 0) {
      limit.take(1);
      ++taken;
    }
  }
  EXPECT_NEAR(taken, 660, 2);
}

TEST(RateLimit, ALargeTakeIsPaidBack) {
  RateLimit limit(60);  // 1 a second, 6 at once
  EXPECT_EQ(limit.wait(0), 0);
  limit.take(26);
  EXPECT_NEAR(limit.wait(0), 20, 0.01);
  EXPECT_NEAR(limit.wait(15), 5, 0.01);
  EXPECT_EQ(limit.wait(20.1), 0);
  RateLimit none;
  none.take(1e12);
  EXPECT_EQ(none.wait(0), 0);
}

void fail_times(Endpoints& all, size_t i, int times, double now) {
  for (int n = 0; n < times; ++n) all.started(i);
  for (int n = 0; n < times; ++n) all.failed(i, {now, now, true});
}

TEST(Endpoints, ShareTheWorkAndLeaveADeadOneAlone) {
  Endpoints all({"a", "b"});
  EXPECT_EQ(all.pick(0), 0U);
  all.started(0);
  EXPECT_EQ(all.pick(0), 1U);
  all.answered(0, 0);
  fail_times(all, 1, 4, 10);
  EXPECT_TRUE(all.left_alone(1, 11));
  for (int i = 0; i < 5; ++i) {  // however much the other has to do
    EXPECT_EQ(all.pick(11), 0U);
    all.started(0);
  }
  EXPECT_FALSE(all.left_alone(1, 16));
  EXPECT_EQ(all.pick(16), 1U);
  all.started(1);
  EXPECT_TRUE(all.left_alone(1, 16));  // one call asks
  all.answered(1, 17);
  EXPECT_FALSE(all.left_alone(1, 17));
}

TEST(Endpoints, TakeTurnsWhenOneCallIsOutAtATime) {
  Endpoints all({"a", "b", "c"});
  std::string order;
  for (int i = 0; i < 6; ++i) {
    const size_t next = all.pick(0);
    order += all.url(next);
    all.started(next);
    all.answered(next, 0);
  }
  EXPECT_EQ(order, "abcabc");
}

TEST(Endpoints, CallsThatFailTogetherAreOneFailureOfTheServer) {
  Endpoints all({"a", "b"});
  fail_times(all, 1, 16, 10);
  EXPECT_TRUE(all.left_alone(1, 14.9));
  EXPECT_FALSE(all.left_alone(1, 15.1));  // 5 s, not 5 x 2^13
  fail_times(all, 1, 1, 16);
  EXPECT_TRUE(all.left_alone(1, 25.9));   // then 10 s
  EXPECT_FALSE(all.left_alone(1, 26.1));
}

TEST(Endpoints, OneThatAnswersBadlyIsLeftAloneLater) {
  Endpoints all({"a", "b"});
  for (int n = 0; n < 12; ++n) {
    EXPECT_FALSE(all.left_alone(1, 10)) << n;
    all.started(1);
    all.failed(1, {10, 10});
  }
  EXPECT_TRUE(all.left_alone(1, 14.9));
}

// A server that is slow to fail now and then is no dead one.
TEST(Endpoints, AnAnswerSpeaksForTheCallsThatWentOutBefore) {
  Endpoints all({"a", "b"});
  for (int n = 0; n < 5; ++n) all.started(1);
  all.answered(1, 5);
  for (int n = 0; n < 4; ++n) all.failed(1, {2, 5.5, true});
  EXPECT_FALSE(all.left_alone(1, 6));
  for (int n = 0; n < 4; ++n) all.started(1);
  for (int n = 0; n < 4; ++n) all.failed(1, {6, 6, true, true});  // questions that had failed elsewhere
  EXPECT_FALSE(all.left_alone(1, 7));
}

TEST(Endpoints, OfThoseLeftAloneTheOneThatFailedLast) {
  Endpoints all({"a", "b"});
  fail_times(all, 0, 4, 10);
  fail_times(all, 0, 1, 16);  // until 26
  fail_times(all, 1, 4, 25);  // until 30
  EXPECT_EQ(all.pick(25.5), 1U);
}

TEST(Endpoints, ABusyOneIsLeftAloneAsLongAsItAsksFor) {
  Endpoints all({"a", "b"});
  for (int n = 0; n < 12; ++n) {
    all.started(0);
    all.failed(0, {100, 100, false, false, 20});
  }
  EXPECT_EQ(all.pick(119), 1U);
  EXPECT_FALSE(all.left_alone(0, 121));
}

TEST(Endpoints, AQuestionThatFailedGoesElsewhere) {
  Endpoints all({"a", "b"});
  all.started(1);  // more at work than a
  EXPECT_EQ(all.pick(0, 0), 1U);
  EXPECT_EQ(all.pick(0, -1), 0U);
}

TEST(Endpoints, OneThatRefusesEveryCallIsGivenUp) {
  Endpoints all({"a", "b"});
  all.started(0);
  all.give_up(0);
  EXPECT_TRUE(all.any_left());
  all.started(1);
  all.failed(1, {});
  EXPECT_EQ(all.pick(0, 1), 1U);  // rather the same again than one that refuses
  all.started(1);
  all.give_up(1);
  EXPECT_FALSE(all.any_left());
}

TEST(Endpoints, TheOnlyOneIsAskedWhateverHappens) {
  Endpoints one({"a"});
  for (int i = 0; i < 20; ++i) fail_times(one, 0, 1, i);
  EXPECT_EQ(one.pick(20, 0), 0U);
}

TEST(Address, IsMadeOfTheEndpoint) {
  EXPECT_EQ(chat_url("https://h/v1", true, false), "https://h/v1/chat/completions");
  EXPECT_EQ(chat_url("https://h/v1/", true, false), "https://h/v1/chat/completions");
  EXPECT_EQ(chat_url("https://h/v1/chat/completions", true, false), "https://h/v1/chat/completions");
  EXPECT_EQ(chat_url("http://localhost:8000/v1", true, false), "http://localhost:8000/v1/chat/completions");
  EXPECT_EQ(chat_url("http://127.0.0.1:8000/v1", true, false), "http://127.0.0.1:8000/v1/chat/completions");
  EXPECT_EQ(chat_url("http://[::1]:8000/v1", true, false), "http://[::1]:8000/v1/chat/completions");
  EXPECT_EQ(chat_url("http://h/v1", false, false), "http://h/v1/chat/completions");
  EXPECT_EQ(chat_url("http://h/v1", true, true), "http://h/v1/chat/completions");
}

TEST(Address, RefusesWhatCannotBeMeant) {
  for (const char* bad : {"", "h/v1", "ftp://h/v1", "file:///etc/passwd", "https://", "https://h/v1?key=x", "https://h/v1#x",
                          "http://h/v1", "http://127.0.0.1.evil.example/v1", "http://localhost.evil.example/v1"}) {
    EXPECT_THROW(chat_url(bad, true, false), base::UsageError) << bad;
  }
  try {
    chat_url("https://me:secret@h/v1", true, false);
    FAIL();
  } catch (const base::UsageError& e) {
    EXPECT_EQ(std::string(e.what()).find("secret"), std::string::npos);
  }
}

TEST(Key, ComesFromTheEnvironmentAndIsShownNowhere) {
  ::setenv("EASEL_TEST_KEY", "sk-12345", 1);
  const Key key = Key::from_environment("EASEL_TEST_KEY");
  EXPECT_EQ(key.header(), "Authorization: Bearer sk-12345");
  EXPECT_EQ(key.redacted("the key sk-12345 is not sk-1234"), "the key [key] is not sk-1234");
  EXPECT_TRUE(Key::from_environment("").empty());
  EXPECT_THROW(Key::from_environment("EASEL_NO_SUCH_KEY"), base::Error);
  ::setenv("EASEL_TEST_KEY", "sk\r\nX-Evil: 1", 1);
  try {
    Key::from_environment("EASEL_TEST_KEY");
    FAIL();
  } catch (const base::Error& e) {
    EXPECT_EQ(std::string(e.what()).find("Evil"), std::string::npos);
  }
  ::unsetenv("EASEL_TEST_KEY");
}

TEST(ResponseCache, KeepsAnswersByWhatWasAsked) {
  const easel::testing::TemporaryFolder folder;
  ResponseCache cache(folder.path() / "answers");
  const std::string key = ResponseCache::key("{\"model\":\"m\"}");
  EXPECT_EQ(cache.find(key), std::nullopt);
  cache.keep(key, "{}");
  EXPECT_EQ(cache.find(key), "{}");
  EXPECT_EQ(ResponseCache(folder.path() / "answers").find(key), "{}");
  EXPECT_EQ(cache.find(ResponseCache::key("{\"model\":\"n\"}")), std::nullopt);
  ResponseCache none("");
  none.keep(key, "{}");
  EXPECT_EQ(none.find(key), std::nullopt);
}

}  // namespace
}  // namespace easel::http
