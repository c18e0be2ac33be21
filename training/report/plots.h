// The report's pictures: SVG without scripts, colours by class, so that the page decides what light and dark are.
#ifndef LOGSIEVE_TRAINING_REPORT_PLOTS_H_
#define LOGSIEVE_TRAINING_REPORT_PLOTS_H_

#include <string>

#include "training/report/report.h"

namespace logsieve {

// Forms of each label as bars, in the colours of the map.
std::string forms_svg(const Report& report);
// Accuracy against confidence, a dot a bin, as large as its share of answers.
std::string reliability_svg(const Report& report);
// Error rate against coverage of the regression, and what all tiers together do as one dot.
std::string risk_svg(const Report& report);
// Forms on their first two principal components. A label is a colour and a shape; hollow: not answered; struck through:
// answered wrongly. Of more than kMostMapPoints every n-th is drawn.
inline constexpr std::size_t kMostMapPoints = 2000;
std::string map_svg(const Report& report);
// A label's mark on the map, small, for a legend.
std::string mark_svg(LabelId label);

}  // namespace logsieve

#endif  // LOGSIEVE_TRAINING_REPORT_PLOTS_H_
