#include "training/report/plots.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>

#include "training/report/html.h"

namespace logsieve {
namespace {

constexpr std::size_t kColours = 9;  // classes k0 to k8 of the page
constexpr std::size_t kShapes = 4;

std::string text_at(double x, double y, std::string_view anchor, std::string_view text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor, text);
}

std::string line_at(double x1, double y1, double x2, double y2, std::string_view kind) {
  return fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", kind,
                     x1, y1, x2, y2);
}

std::string svg(double width, double height, std::string_view title, const std::string& body) {
  return fmt::format(
      "<svg viewBox=\"0 0 {0:.0f} {1:.0f}\" style=\"max-width:{2:.0f}px\" role=\"img\" "
      "aria-label=\"{3}\">\n{4}</svg>\n",
      width, height, 1.15 * width, html_text(title), body);
}

// A plot with x from 0 to 1 and y from 0 to `top`, both in percent.
class Axes {
 public:
  explicit Axes(double top) : top_(top) {}
  static constexpr double kWidth = 420;
  static constexpr double kHeight = 320;

  double x(double value) const { return kLeft + value * (kWidth - kLeft - kRight); }
  double y(double value) const { return kHeight - kBottom - value / top_ * (kHeight - kBottom - kTop); }

  std::string grid(std::string_view x_title, std::string_view y_title) const {
    std::string out;
    for (int i = 0; i <= 5; ++i) {
      const double share = 0.2 * i;
      out += line_at(x(0), y(share * top_), x(1), y(share * top_), "grid");
      out += text_at(x(0) - 6, y(share * top_) + 4, "end", tick(share * top_));
      out += text_at(x(share), kHeight - kBottom + 16, "middle", fmt::format("{:.0f} %", 100 * share));
    }
    out += text_at(x(0.5), kHeight - 6, "middle", x_title);
    out +=
        fmt::format("<text transform=\"translate(13 {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
                    y(0.5 * top_), y_title);
    return out;
  }

 private:
  static constexpr double kLeft = 62;
  static constexpr double kRight = 18;
  static constexpr double kTop = 12;
  static constexpr double kBottom = 44;

  std::string tick(double value) const { return fmt::format("{:.{}f} %", 100 * value, top_ < 0.05 ? 1 : 0); }
  double top_;
};

// The smallest of 1, 2, 2.5, 5 times a power of ten per cent that is not below `value`.
double nice_top(double value) {
  for (double unit = 0.01;; unit *= 10)
    for (const double step : {1.0, 2.0, 2.5, 5.0})
      if (unit * step >= value) return std::min(1.0, unit * step);
}

std::string shape_at(std::size_t shape, double x, double y, double r, std::string_view kind) {
  switch (shape) {
    case 0:
      return fmt::format("<circle class=\"{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>", kind, x, y, r);
    case 1:
      return fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
                         kind, x - 0.9 * r, y - 0.9 * r, 1.8 * r, 1.8 * r);
    case 2:
      return fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}h{:.1f}z\"/>", kind, x,
                         y - 1.2 * r, 1.1 * r, 2.0 * r, -2.2 * r);
    default:
      return fmt::format(
          "<path class=\"{}\" d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}l{:.1f} {:.1f}l{:.1f} {:.1f}z\"/>", kind, x,
          y - 1.3 * r, 1.3 * r, 1.3 * r, -1.3 * r, 1.3 * r, -1.3 * r, -1.3 * r);
  }
}

std::string colour_class(LabelId label) {
  return fmt::format("k{}", static_cast<std::size_t>(label) % kColours);
}
std::size_t shape_of(LabelId label) {
  return static_cast<std::size_t>(label) % kShapes;
}

struct Box {
  double low = 0.0;
  double high = 1.0;
  double scaled(double value, double size) const {
    return high > low ? (value - low) / (high - low) * size : size / 2;
  }
};

Box box_of(const std::vector<MapPoint>& points, std::size_t axis) {
  Box box{points.front().at[axis], points.front().at[axis]};
  for (const MapPoint& point : points)
    box = {std::min(box.low, point.at[axis]), std::max(box.high, point.at[axis])};
  return box;
}

}  // namespace

std::string forms_svg(const Report& report) {
  constexpr double kWidth = 720;
  constexpr double kRow = 22;
  constexpr double kNames = 190;
  constexpr double kNumbers = 170;
  std::size_t most = 1;
  for (const LabelReport& label : report.labels) most = std::max(most, label.forms);
  std::string body;
  double y = 4;
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    const LabelReport& label = report.labels[i];
    const double length = std::max(
        2.0, (kWidth - kNames - kNumbers) * static_cast<double>(label.forms) / static_cast<double>(most));
    body += text_at(kNames - 8, y + 14, "end", html_text(label.name, 26));
    body += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>\n",
                        colour_class(static_cast<LabelId>(i)), kNames, y + 3, length, kRow - 7);
    body += text_at(kNames + length + 6, y + 14, "start",
                    counted(label.forms, "form") + ", " + counted(label.lines, "line"));
    y += kRow;
  }
  return svg(kWidth, y + 4, "Forms of each label", body);
}

std::string reliability_svg(const Report& report) {
  const Axes axes(1.0);
  const Evaluation mean = mean_of(report.evaluation.runs);
  std::string body = axes.grid("confidence", "right");
  body += line_at(axes.x(0), axes.y(0), axes.x(1), axes.y(1), "ideal");
  double all = 0.0;
  for (const ReliabilityBin& bin : mean.reliability_before) all += bin.answers;
  for (const ReliabilityBin& bin : mean.reliability_before) {
    if (bin.answers <= 0) continue;
    body += line_at(axes.x(bin.confidence), axes.y(bin.confidence), axes.x(bin.confidence),
                    axes.y(bin.accuracy), "gap");
    body += fmt::format(
        "<circle class=\"dot\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"><title>{:.0f} answers, {} sure, "
        "{} right</title></circle>\n",
        axes.x(bin.confidence), axes.y(bin.accuracy), 3.0 + 9.0 * std::sqrt(bin.answers / all), bin.answers,
        percent(bin.confidence), percent(bin.accuracy));
  }
  return svg(Axes::kWidth, Axes::kHeight, "Reliability: share right against confidence", body);
}

std::string risk_svg(const Report& report) {
  const Evaluation mean = mean_of(report.evaluation.runs);
  const std::vector<double>& risk = mean.risk_before.risk;
  const double all_tiers = 1.0 - mean.after.answered_accuracy;
  double highest = std::max(all_tiers, 0.01);
  for (const double value : risk) highest = std::max(highest, value);
  const Axes axes(nice_top(highest));
  std::string body = axes.grid("lines answered", "wrong among them");
  std::string points;
  for (std::size_t i = 0; i < risk.size(); ++i)
    points +=
        fmt::format("{:.1f},{:.1f} ", axes.x(static_cast<double>(i + 1) / kCoverageSteps), axes.y(risk[i]));
  body += fmt::format("<polyline class=\"curve\" points=\"{}\"/>\n", points);
  if (mean.after.answered > 0)
    body += fmt::format(
        "<path class=\"mark\" d=\"M{0:.1f} {1:.1f}m-6 -6l12 12m0 -12l-12 12\"><title>all tiers, with "
        "abstention: {2} answered, {3} wrong</title></path>\n",
        axes.x(1.0 - mean.after.abstain_rate), axes.y(all_tiers), percent(1.0 - mean.after.abstain_rate),
        percent(all_tiers));
  return svg(Axes::kWidth, Axes::kHeight, "Risk against coverage", body);
}

std::string map_svg(const Report& report) {
  constexpr double kWidth = 860;
  constexpr double kHeight = 560;
  constexpr double kMargin = 14;
  if (report.map.empty()) return "";
  const Box across = box_of(report.map, 0);
  const Box up = box_of(report.map, 1);
  const std::size_t step = (report.map.size() + kMostMapPoints - 1) / kMostMapPoints;
  const double radius = report.map.size() > 600 ? 3.0 : 4.5;
  std::string body;
  for (std::size_t i = 0; i < report.map.size(); i += step) {
    const MapPoint& point = report.map[i];
    const double x = kMargin + across.scaled(point.at[0], kWidth - 2 * kMargin);
    const double y = kHeight - kMargin - up.scaled(point.at[1], kHeight - 2 * kMargin);
    const std::string kind = colour_class(point.label) + (point.is_answered ? "" : " hollow");
    body += "<g>" + shape_at(shape_of(point.label), x, y, radius, kind);
    if (point.is_answered && !point.is_right)
      body += fmt::format("<path class=\"mark\" d=\"M{:.1f} {:.1f}m-7 -7l14 14m0 -14l-14 14\"/>", x, y);
    body += fmt::format("<title>{}: {}</title></g>\n",
                        html_text(report.labels[static_cast<std::size_t>(point.label)].name),
                        html_text(point.form, 120));
  }
  return svg(kWidth, kHeight, "Map of the forms", body);
}

std::string mark_svg(LabelId label) {
  return "<svg class=\"key\" viewBox=\"0 0 14 14\" aria-hidden=\"true\">" +
         shape_at(shape_of(label), 7, 7, 4.5, colour_class(label)) + "</svg>";
}

}  // namespace logsieve
