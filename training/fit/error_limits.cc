#include "training/fit/error_limits.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "base/edit_distance.h"

namespace logsieve {
namespace {

constexpr double kRisk = 0.05;
constexpr float kLeastThreshold = 0.5F;
constexpr std::size_t kMostForms = 1'000'000;

// P(at most `wrong` of `answered`) where each is wrong with probability `rate` in (0, 1).
double binomial_tail(std::size_t wrong, std::size_t answered, double rate) {
  const auto n = static_cast<double>(answered);
  double sum = 0.0;
  for (std::size_t i = 0; i <= wrong; ++i) {
    const auto k = static_cast<double>(i);
    sum += std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) + k * std::log(rate) +
                    (n - k) * std::log1p(-rate));
  }
  return sum;
}

bool is_within(std::size_t wrong, std::size_t answered, double limit) {
  return wrong < answered && binomial_tail(wrong, answered, limit) <= kRisk;
}

Error bad_limit(std::string_view text) {
  return Error{ErrorCode::kInvalidArgument, "\"" + std::string(text) + "\" is no error limit"}.with_help(
      "give a share such as 0.01, or one for a label: \"Security Alert=0.005\"");
}

}  // namespace

double error_upper_bound(std::size_t wrong, std::size_t answered) {
  if (wrong >= answered) return 1.0;
  double low = static_cast<double>(wrong) / static_cast<double>(answered);
  double high = 1.0;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (middle > 0 && binomial_tail(wrong, answered, middle) <= kRisk ? high : low) = middle;
  }
  return high;
}

std::size_t answers_to_certify(std::size_t wrong, double limit) {
  std::size_t low = wrong;  // not enough
  std::size_t high = wrong + 1;
  while (!is_within(wrong, high, limit) && high < kMostForms) high *= 2;
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (is_within(wrong, middle, limit) ? high : low) = middle;
  }
  return high;
}

CertifiedThreshold certify_threshold(std::span<const TopAnswer> answers, const std::vector<bool>& is_meant,
                                     double limit) {
  std::vector<TopAnswer> ranked;
  for (const TopAnswer& answer : answers)
    if (is_meant[static_cast<std::size_t>(answer.answer)]) ranked.push_back(answer);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const TopAnswer& a, const TopAnswer& b) { return a.probability > b.probability; });
  const std::size_t least = answers_to_certify(0, limit);
  CertifiedThreshold out;
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    wrong += ranked[i].is_right ? 0U : 1U;
    const bool is_tied = i + 1 < ranked.size() && ranked[i + 1].probability == ranked[i].probability;
    if (is_tied || i + 1 < least) continue;
    if (!is_within(wrong, i + 1, limit)) break;
    out.threshold =
        std::max(kLeastThreshold, std::nextafter(static_cast<float>(ranked[i].probability), 0.0F));
    out.answered = i + 1;
    out.wrong = wrong;
  }
  if (out.threshold > 1.0F) {
    out.answered = ranked.size();
    for (const TopAnswer& answer : ranked) out.wrong += answer.is_right ? 0U : 1U;
    // The best that more forms could do is to bring no new mistake.
    const std::size_t needed = answers_to_certify(out.wrong, limit);
    out.missing_forms = std::max<std::size_t>(1, needed - std::min(needed, out.answered));
  }
  out.bound = error_upper_bound(out.wrong, out.answered);
  return out;
}

Result<void> ErrorLimits::add(std::string_view text) {
  const std::size_t equals = text.rfind('=');
  const std::string number(equals == std::string_view::npos ? text : text.substr(equals + 1));
  char* end = nullptr;
  const double limit = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0' || !(limit > 0) || !(limit < 1)) return bad_limit(text);
  if (equals == std::string_view::npos) {
    all = limit;
    return ok();
  }
  if (equals == 0) return bad_limit(text);
  of_label.push_back({std::string(text.substr(0, equals)), limit});
  return ok();
}

Result<void> ErrorLimits::check_labels(std::span<const std::string> labels) const {
  for (const OfLabel& of : of_label) {
    if (std::find(labels.begin(), labels.end(), of.label) != labels.end()) continue;
    std::string known;
    for (const std::string& label : labels) {
      if (is_nearly(of.label, label) || edit_distance(of.label, label) == 0)
        return Error{ErrorCode::kInvalidArgument, "--max-error: the data has no label \"" + of.label +
                                                      "\"; did you mean \"" + label + "\"?"};
      known += (known.empty() ? "" : ", ") + label;
    }
    return Error{ErrorCode::kInvalidArgument, "--max-error: the data has no label \"" + of.label + "\""}
        .with_help("its labels are " + known);
  }
  return ok();
}

Result<std::vector<LimitOutcome>> apply_limits(const ErrorLimits& limits, std::span<const TopAnswer> answers,
                                               std::span<const std::string_view> names,
                                               std::vector<float>& thresholds) {
  std::vector<LimitOutcome> outcomes;
  std::vector<bool> is_left(names.size(), true);
  for (const ErrorLimits::OfLabel& of : limits.of_label) {
    const auto found = std::find(names.begin(), names.end(), of.label);
    if (found == names.end())
      return Error{ErrorCode::kInvalidArgument, "no error limit can be kept for \"" + of.label + "\""}
          .with_help(
              "the regression knows no label of this name: it is spelled otherwise, or has too few lines");
    const auto k = static_cast<std::size_t>(found - names.begin());
    std::vector<bool> is_meant(names.size(), false);
    is_meant[k] = true;
    is_left[k] = false;
    outcomes.push_back({of.label, of.limit, certify_threshold(answers, is_meant, of.limit)});
    thresholds[k] = outcomes.back().certified.threshold;
  }
  if (limits.all == 0.0) return outcomes;
  outcomes.push_back({"", limits.all, certify_threshold(answers, is_left, limits.all)});
  for (std::size_t k = 0; k < names.size(); ++k)
    if (is_left[k]) thresholds[k] = outcomes.back().certified.threshold;
  return outcomes;
}

}  // namespace logsieve
