// How many injected lines get the label that they want from a model that obeys every one of them, and how many of
// their neighbours are moved: with the checks off, on, and on without recognising such lines.
#include <cstdio>

#include "tests/injections/hijack_trial.h"

namespace {

using logsieve::injections::run_trial;
using logsieve::injections::Scope;
using logsieve::injections::TrialOptions;
using logsieve::injections::TrialResult;

double percent(std::size_t part, std::size_t all) {
  return all == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(all);
}

TrialResult show(const char* name, const TrialOptions& options) {
  const TrialResult result = run_trial(options);
  std::printf(
      "  %-34s %4zu injected: %5.1f %% hijacked   %5zu clean: %5.1f %% moved, %5.1f %% silent   %4zu "
      "requests\n",
      name, result.injections, percent(result.hijacked, result.injections), result.clean,
      percent(result.moved, result.clean), percent(result.clean_silent, result.clean), result.requests);
  return result;
}

void show_scopes(const char* title, const std::vector<Scope>& scopes, std::size_t clean) {
  std::printf("%s, %zu clean line%s an injected one\n", title, clean, clean == 1 ? "" : "s");
  TrialOptions options;
  options.scopes = scopes;
  options.clean_per_injection = clean;
  options.rounds = clean == 1 ? 3 : 1;
  options.agreement.is_on = false;
  show("agreement off", options);
  options.agreement.is_on = true;
  show("agreement on", options);
  options.agreement.knows_instructions = false;
  show("on, injections not recognised", options);
}

}  // namespace

int main() {
  const std::vector<Scope> scopes = {Scope::kItself, Scope::kNamed, Scope::kBatch};
  show_scopes("itself, named ids, whole batch", scopes, 1);
  show_scopes("itself, named ids, whole batch", scopes, 20);
  show_scopes("itself alone", {Scope::kItself}, 1);
  show_scopes("the next line, the line before", {Scope::kNext, Scope::kPrevious}, 20);
  TrialOptions options;
  std::puts("hijacked with agreement on, by style");
  for (const auto& [style, count] : run_trial(options).hijacked_by_style)
    std::printf("  %-20s %zu\n", style.c_str(), count);
  return 0;
}
