// How surprising a count is. Counts of log lines vary more than Poisson counts, so the model is a negative binomial
// (a Poisson whose rate is gamma distributed) with mean `expected` and variance `dispersion * expected`; a
// dispersion of 1 is Poisson. The tails are Chernoff bounds: closed form, O(1), and never smaller than the true
// probability, so that an error is on the side of silence.
#ifndef LOGSIEVE_ANOMALY_COUNT_TAIL_H_
#define LOGSIEVE_ANOMALY_COUNT_TAIL_H_

#include <cstddef>
#include <vector>

namespace logsieve {

// -ln of a bound of P(X >= seen); 0 where seen <= expected. expected >= 0, dispersion >= 1.
double upper_tail_nats(double seen, double expected, double dispersion);
// -ln of a bound of P(X <= seen); 0 where seen >= expected.
double lower_tail_nats(double seen, double expected, double dispersion);

// Benjamini & Hochberg 1995: of `tests` simultaneous tests with -ln p given for the most surprising ones in
// `nats_descending`, how many may be rejected at a false-discovery rate of `rate`.
std::size_t false_discovery_cut(const std::vector<double>& nats_descending, std::size_t tests, double rate);

}  // namespace logsieve

#endif  // LOGSIEVE_ANOMALY_COUNT_TAIL_H_
