// Which items a person should look at first: worth a look, and unlike those already chosen.
#ifndef LOGSIEVE_REVIEW_REVIEW_ORDER_H_
#define LOGSIEVE_REVIEW_REVIEW_ORDER_H_

#include <cstddef>
#include <span>
#include <vector>

namespace logsieve {

// Indices of up to `count` items, the best first: each is the one with the largest value * (1 - s), s being its
// greatest cosine to those before it (0 if negative), so that one look is not spent twice. Ties: the first.
// `embeddings` is row-major [values.size(), dim], unit rows. O(count * n * dim).
// Source: maximal marginal relevance, Carbonell and Goldstein 1998.
std::vector<std::size_t> diverse_order(std::span<const double> values, std::span<const float> embeddings,
                                       std::size_t dim, std::size_t count);

}  // namespace logsieve

#endif  // LOGSIEVE_REVIEW_REVIEW_ORDER_H_
