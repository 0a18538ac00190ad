// At most so much a minute.
#pragma once

namespace easel::http {

// A balance that refills with time and that takes may overdraw, so that one large take waits no longer than many
// small ones: the next has to wait until it is above zero again. In no minute, wherever it begins, go more than
// per_minute takes of 1; of larger ones the last may go beyond it.
class RateLimit {
 public:
  // per_minute 0: no limit. A hundredth of a minute's worth, and one take, may go at once.
  explicit RateLimit(double per_minute = 0);

  // Seconds from `now` until a take is allowed; 0: now. Times are of one clock and do not go back.
  double wait(double now);
  void take(double amount);

 private:
  void refill(double now);
  double per_second_, most_, balance_, at_ = 0;
};

}  // namespace easel::http
