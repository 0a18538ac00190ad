#include "report/plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "report/plot_frame.h"
#include "report/ticks.h"

namespace easel::report {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// No coordinate of a drawing may be "nan" or "inf".
void expect_sound(const std::string& figure) {
  for (const char* bad : {"nan", "inf", "NaN"}) EXPECT_EQ(figure.find(bad), std::string::npos);
  EXPECT_EQ(count(figure, "<svg"), 1U);
  EXPECT_EQ(count(figure, "</figure>"), 1U);
}

TEST(Ticks, StandAtRoundNumbers) {
  const Axis axis = linear_axis(0.12, 0.87, 4, true);
  EXPECT_EQ(axis.labels, (std::vector<std::string>{"0.2", "0.4", "0.6", "0.8"}));
  EXPECT_NEAR(axis.low, 0.1, 1e-12);
  EXPECT_NEAR(axis.high, 0.9, 1e-12);
  EXPECT_EQ(linear_axis(0, 100, 4, true).labels, (std::vector<std::string>{"0", "50", "100"}));
}

TEST(Ticks, SmallAndLargeValuesShareAFactor) {
  const Axis small = linear_axis(0, 5e-6, 4, true);
  EXPECT_EQ(small.factor, "1e-6");
  EXPECT_EQ(small.labels.back(), "4");
  EXPECT_EQ(linear_axis(0, 3e7, 4, true).factor, "1e6");
  EXPECT_EQ(linear_axis(0, 1, 4, true).factor, "");
}

TEST(Frame, LeftMarginHoldsTheLongestLabel) {
  const Frame usual{step_axis(0, 100), linear_axis(0, 1, 4, true)};
  EXPECT_EQ(usual.left(), kLeft);
  const Frame long_labels{step_axis(0, 100), linear_axis(1, 1.00001, 4, true)};
  EXPECT_GT(long_labels.left(), 5.5 * static_cast<double>(long_labels.y.labels.back().size()));
  EXPECT_EQ(long_labels.px(0), long_labels.left());
}

TEST(Ticks, EveryRangeGivesAFiniteAxis) {
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{{0, 0},
                                                                        {5, 5},
                                                                        {-3, -3},
                                                                        {1e-300, 1e-300},
                                                                        {-1e300, 1e300},
                                                                        {1, 1 + 1e-15},
                                                                        {1e-9, 1}}) {
    const Axis axis = linear_axis(low, high, 4, true);
    EXPECT_LT(axis.low, axis.high);
    EXPECT_TRUE(std::isfinite(axis.place(low))) << low;
    EXPECT_LT(axis.ticks.size(), 20U);
  }
  const Axis log = log_axis(1e-3, 5e4);
  EXPECT_EQ(log.low, 1e-3);
  EXPECT_EQ(log.high, 1e5);
  EXPECT_LE(log_axis(1e-300, 1e300).ticks.size(), 8U);
}

TEST(Ticks, NumbersForReaders) {
  EXPECT_EQ(short_number(0.123456), "0.1235");
  EXPECT_EQ(short_number(1e-5), "1e-5");
  EXPECT_EQ(short_number(1e20), "1e20");
  EXPECT_EQ(short_number(1200), "1200");
  EXPECT_EQ(short_number(0), "0");
}

TEST(LinePlot, WithoutValuesIsNothing) {
  EXPECT_EQ(line_plot({}), "");
  Plot plot{.title = "t", .unit = ""};
  plot.series = {{.label = "a", .x = {1, 2}, .y = {kNan, kInf}}};
  EXPECT_EQ(line_plot(plot), "");
  EXPECT_EQ(stacked_plot(plot), "");
  EXPECT_EQ(bar_plot({}), "");
}

TEST(LinePlot, AGapBreaksTheLine) {
  Plot plot{.title = "t", .unit = ""};
  plot.series = {{.label = "a", .x = {1, 2, 3, 4, 5, 6}, .y = {1, 2, kNan, 2, -kInf, 3}}};
  const std::string figure = line_plot(plot);
  expect_sound(figure);
  const size_t curve = figure.find("class=\"curve\"");
  const std::string path = figure.substr(curve, figure.find("/>", curve) - curve);
  EXPECT_EQ(count(path, "M"), 3U);
}

TEST(LinePlot, ConstantSingleAndLogSeriesAreSound) {
  for (const bool log : {false, true}) {
    for (const auto& y : std::vector<std::vector<double>>{
             {0, 0, 0}, {5}, {-1, -2}, {1e-12, 1e12}, {0, 1}, {1e308, -1e308}}) {
      Plot plot{.title = "t", .unit = "u"};
      plot.from_zero = plot.log_y = log;
      Series s{.label = "a"};
      for (size_t i = 0; i < y.size(); ++i) s.x.push_back(static_cast<double>(i));
      s.y = y;
      plot.series = {s};
      const std::string figure = line_plot(plot);
      if (!figure.empty()) expect_sound(figure);
    }
  }
}

TEST(LinePlot, LongSeriesStaySmall) {
  Plot plot{.title = "t", .unit = ""};
  Series s{.label = "a"};
  for (int i = 0; i < 100000; ++i) {
    s.x.push_back(i);
    s.y.push_back(std::sin(i * 0.001));
  }
  plot.series = {s};
  const std::string figure = line_plot(plot);
  expect_sound(figure);
  EXPECT_LT(figure.size(), 40000U);
  EXPECT_NE(figure.find("class=\"band\""), std::string::npos);
}

TEST(LinePlot, OneSeriesNeedsNoLegend) {
  Plot plot{.title = "t", .unit = ""};
  plot.series = {{.label = "a", .x = {1, 2}, .y = {1, 2}}, {.label = "b", .x = {1}, .y = {kNan}}};
  EXPECT_EQ(line_plot(plot).find("legend"), std::string::npos);
  plot.series[1].y = {3};
  EXPECT_NE(line_plot(plot).find("legend"), std::string::npos);
}

TEST(Plots, EscapeLabels) {
  Plot plot{.title = "<b>\"&", .unit = "<i>"};
  plot.series = {{.label = "</svg><script>", .x = {1, 2}, .y = {1, 2}},
                 {.label = "b", .x = {1, 2}, .y = {1, 2}}};
  for (const std::string& figure : {line_plot(plot), stacked_plot(plot)}) {
    expect_sound(figure);
    EXPECT_EQ(figure.find("<script"), std::string::npos);
    EXPECT_EQ(figure.find("<b>"), std::string::npos);
  }
}

TEST(StackedPlot, LeavesOutEmptySeriesAndCountsGapsAsZero) {
  Plot plot{.title = "t", .unit = "seconds"};
  plot.series = {{.label = "a", .x = {1, 2, 3}, .y = {1, kNan, 2}},
                 {.label = "none", .x = {1, 2, 3}, .y = {0, 0, kNan}},
                 {.label = "short", .x = {1, 2, 3}, .y = {1}}};
  const std::string figure = stacked_plot(plot);
  expect_sound(figure);
  EXPECT_EQ(count(figure, "class=\"area"), 2U);
  EXPECT_EQ(figure.find("none"), std::string::npos);
}

TEST(BarPlot, MissingBarsLeaveTheirPlace) {
  BarPlot plot{.title = "t", .unit = ""};
  plot.categories = {"one", "two"};
  plot.series = {{"a", 0, {Bar{0.5, 0.4, 0.6, "50%"}, std::nullopt}},
                 {"b", 1, {Bar{2, {}, {}, "200%"}}}};
  const std::string figure = bar_plot(plot);
  expect_sound(figure);
  EXPECT_EQ(count(figure, "<rect"), 2U);
  EXPECT_EQ(count(figure, "whisker"), 1U);
}

}  // namespace
}  // namespace easel::report
