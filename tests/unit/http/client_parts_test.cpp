// What the client is made of: waits, limits, servers, addresses, keys, kept answers.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "http/endpoint.h"
#include "http/rate_limit.h"
#include "http/response_cache.h"
#include "http/transport.h"
#include "jsonl/object.h"
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
  RateLimit limit(600);  // 9.9 a second, 6 at once
  double now = 1000;
  int taken = 0;
  for (; now < 1060; now += 0.01) {
    while (limit.wait(now) == 0) {
      limit.take(1);
      ++taken;
    }
  }
  EXPECT_LE(taken, 600);
  EXPECT_GE(taken, 598);
}

TEST(RateLimit, NoMinuteHasMoreWhereverItBegins) {
  for (const double per_minute : {0.01, 1.0, 2.0, 7.0, 60.0, 100.0, 1000.0}) {
    RateLimit limit(per_minute);
    std::deque<double> minute;  // when those of the last minute were taken
    size_t most = 0, all = 0;
    for (double now = 1000; now < 1600;) {
      if (const double wait = limit.wait(now); wait > 0) {
        now += wait;
        continue;
      }
      limit.take(1);
      ++all;
      minute.push_back(now);
      while (minute.front() < now - 60) minute.pop_front();
      most = std::max(most, minute.size());
    }
    EXPECT_LE(static_cast<double>(most), std::max(1.0, per_minute)) << per_minute;
    EXPECT_GE(static_cast<double>(all), 9.8 * per_minute - 1) << per_minute;
  }
}

TEST(RateLimit, ALargeTakeIsPaidBack) {
  RateLimit limit(6000);  // 99 a second, 60 at once
  EXPECT_EQ(limit.wait(0), 0);
  limit.take(60 + 20 * 99);
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

TEST(Endpoints, OneThatTurnsACallAwayIsAskedOthersIfItHasAnswered) {
  Endpoints all({"a"});
  all.started(0);
  EXPECT_FALSE(all.turned_away(0));  // every call, as far as anybody knows
  all.answered(0, 1);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 7; ++i) {
      all.started(0);
      EXPECT_TRUE(all.turned_away(0));
    }
    all.started(0);
    if (round == 2) {
      EXPECT_FALSE(all.turned_away(0));  // the eighth in a row
    }
    all.answered(0, 2);
  }
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

void limit_times(Endpoints& all, size_t i, int times, double now, double asked_for) {
  for (int n = 0; n < times; ++n) all.started(i);
  for (int n = 0; n < times; ++n) all.limited(i, {now, now, false, false, asked_for});
}

TEST(Endpoints, OneThatRefusesMostCallsAsTooManyIsLeftAloneUntilItSays) {
  Endpoints one({"a"});
  one.started(0);
  one.answered(0, 1);
  for (int n = 0; n < 20; ++n) {  // now and then: the questions wait, not the server
    limit_times(one, 0, 1, 2, 30);
    one.started(0);
    one.answered(0, 2);
    EXPECT_EQ(one.wait(3), 0);
  }
  for (int n = 0; n < 16; ++n) one.started(0);
  for (int n = 0; n < 15; ++n) one.limited(0, {4, 4, false, false, 30});
  EXPECT_EQ(one.wait(10), 24);
  EXPECT_TRUE(one.left_alone(0, 33.9));
  EXPECT_TRUE(one.answers(0, 10, 9));
  EXPECT_FALSE(one.answers(0, 10, 7));
  // Then half as many at once as there were, and one more with each answer.
  one.answered(0, 34);
  int at_once = 0;
  for (; one.wait(35) == 0 && at_once < 100; ++at_once) one.started(0);
  EXPECT_GE(at_once, 4);
  EXPECT_LE(at_once, 9);
  one.answered(0, 35);
  EXPECT_EQ(one.wait(35), 0);
}

TEST(Endpoints, WaitsThatNothingComesOfDouble) {
  Endpoints one({"a"});
  limit_times(one, 0, 10, 0, 0);
  EXPECT_EQ(one.waits_in_vain(), 1);
  EXPECT_EQ(one.wait(0), 1);
  limit_times(one, 0, 1, 1.5, 0);
  EXPECT_EQ(one.wait(1.5), 2);
  limit_times(one, 0, 1, 4, 0.1);  // what it asks for is not enough
  EXPECT_EQ(one.wait(4), 4);
  EXPECT_EQ(one.waits_in_vain(), 3);
  one.started(0);
  one.answered(0, 9);
  EXPECT_EQ(one.waits_in_vain(), 0);
  Endpoints two({"a", "b"});
  limit_times(two, 0, 10, 0, 60);
  EXPECT_EQ(two.wait(1), 0);
  EXPECT_EQ(two.pick(1), 1U);
  EXPECT_EQ(two.waits_in_vain(), 0);
  two.started(1);
  two.give_up(1);
  EXPECT_EQ(two.wait(1), 59);
  EXPECT_EQ(two.waits_in_vain(), 1);
}

TEST(Endpoints, AServerThatWantsTimeGetsItBesideADeadOne) {
  Endpoints all({"a", "b"});
  limit_times(all, 0, 10, 0, 60);
  EXPECT_EQ(all.wait(1), 0);
  fail_times(all, 1, 4, 1);  // rests until 6
  EXPECT_EQ(all.wait(2), 4);
  EXPECT_EQ(all.wait(6), 0);
  EXPECT_EQ(all.pick(6), 1U);
  all.started(1);  // asks whether it is back
  EXPECT_EQ(all.wait(6), 1);
  all.failed(1, {6, 7, true});
  EXPECT_EQ(all.wait(7), 10);
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

// A key may stand behind the question mark.
TEST(Address, IsNotRepeatedWithItsQuery) {
  for (const char* bad : {"https://h.example/v1?key=secret", "https://h.example/v1#secret",
                          "http://h.example/v1?key=secret", "ftp://h.example/v1?key=secret",
                          "https://h.example:port/v1?key=secret"}) {
    try {
      chat_url(bad, true, false);
      ADD_FAILURE() << bad;
    } catch (const base::UsageError& e) {
      const std::string said = e.what();
      EXPECT_EQ(said.find("secret"), std::string::npos) << said;
      EXPECT_NE(said.find("h.example"), std::string::npos) << said;
    }
  }
}

TEST(Address, IsOfThisMachineOrNot) {
  for (const char* here : {"http://localhost:8000/v1", "http://127.0.0.1/v1", "https://127.3.2.1:1/v1",
                           "http://[::1]/v1"}) {
    EXPECT_TRUE(is_loopback_url(here)) << here;
  }
  for (const char* elsewhere : {"http://localhost.evil.example/v1", "http://127.0.0.1.evil.example/v1",
                                "http://192.0.2.1/127.0.0.1", "https://me:localhost@h/v1", "", "localhost"}) {
    EXPECT_FALSE(is_loopback_url(elsewhere)) << elsewhere;
  }
}

// A port of this machine where nobody answers.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_, any, size), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
    EXPECT_EQ(::getsockname(socket_, any, &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::string url() const { return base::cat("http://127.0.0.1:", port_); }
  bool was_called() const {
    pollfd waiting{socket_, POLLIN, 0};
    return ::poll(&waiting, 1, 0) == 1;
  }

 private:
  int socket_, port_ = 0;
};

TEST(Transport, AsksThisMachineWithoutAProxy) {
  const Listener proxy;
  for (const char* other : {"no_proxy", "NO_PROXY"}) ::unsetenv(other);
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  const auto ask = [](const std::string& url) {
    Transport transport({.connect_timeout = 0.5, .timeout = 0.5});
    bool ended = false;
    transport.start({url, "{}", {}}, [&](const Answer&) { ended = true; });
    while (!ended) transport.run(0.1);
  };
  for (const char* host : {"127.0.0.1", "localhost", "[::1]"}) ask(base::cat("http://", host, ":9/v1"));
  EXPECT_FALSE(proxy.was_called());
  ask("http://192.0.2.1/v1");  // an address for examples: the proxy alone is called
  EXPECT_TRUE(proxy.was_called());
  ::unsetenv("http_proxy");
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

// JSON has several spellings of one string.
TEST(Key, IsTakenOutHoweverJsonSpellsIt) {
  ::setenv("EASEL_TEST_KEY", "sk/\"a+b\"", 1);
  const Key key = Key::from_environment("EASEL_TEST_KEY");
  ::unsetenv("EASEL_TEST_KEY");
  for (const std::string s : {R"(sk/\"a+b\")", R"(sk\/\"a+b\")", R"(\u0073k\u002f\u0022a\u002Bb\u0022)"}) {
    const auto clean = [&](const std::string& before, const std::string& after) {
      return key.redacted_body(before + s + after);
    };
    EXPECT_EQ(clean(R"({"text": "a )", R"( b", "n": 1.50})"), R"({"text":"a [key] b","n":1.5})");
    EXPECT_EQ(clean(R"({"tokens": [{")", R"(": "\"\n"}]})"), R"({"tokens":[{"[key]":"\"\n"}]})");
    EXPECT_EQ(clean(R"({"a": ")", R"(", "a": 1})"), R"({"a":1})");
    // Not whole, and deeper than anyone means.
    EXPECT_EQ(clean(R"({"error": "wrong key )", ""), R"({"error": "wrong key [key])");
    EXPECT_EQ(clean(std::string(1000, '[') + '"', '"' + std::string(1000, ']')),
              std::string(1000, '[') + "\"[key]\"" + std::string(1000, ']'));
    // What another server said, in a string.
    const jsonl::Json quoted = {{"raw", R"({"error":")" + s + R"("})"}};
    EXPECT_EQ(jsonl::Json::parse(key.redacted_body(quoted.dump()))["raw"], R"({"error":"[key]"})");
  }
  EXPECT_EQ(key.redacted_body("<p>sk/\"a+b\"</p>"), "<p>[key]</p>");
  for (const char* other : {R"({ "a": 1.50, "b": "sk\/a+b \u0073" })", R"({"a": "sk\\/)", "", "\\", "sk\\"}) {
    EXPECT_EQ(key.redacted_body(other), other);
  }
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
