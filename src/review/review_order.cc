#include "review/review_order.h"

#include <algorithm>
#include <numeric>

namespace logsieve {

std::vector<std::size_t> diverse_order(std::span<const double> values, std::span<const float> embeddings,
                                       std::size_t dim, std::size_t count) {
  std::vector<double> likeness(values.size(), 0.0);  // to the nearest that is chosen
  std::vector<bool> is_chosen(values.size(), false);
  std::vector<std::size_t> order;
  while (order.size() < std::min(count, values.size())) {
    std::size_t best = values.size();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (is_chosen[i]) continue;
      if (best == values.size() || values[i] * (1 - likeness[i]) > values[best] * (1 - likeness[best]))
        best = i;
    }
    is_chosen[best] = true;
    order.push_back(best);
    const auto chosen = embeddings.subspan(best * dim, dim);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto row = embeddings.subspan(i * dim, dim);
      const double cosine = std::inner_product(row.begin(), row.end(), chosen.begin(), 0.0);
      likeness[i] = std::clamp(cosine, likeness[i], 1.0);
    }
  }
  return order;
}

}  // namespace logsieve
