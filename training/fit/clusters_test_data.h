// For tests only: labelled forms whose vectors lie in clusters, one or more a label, without an encoder.
#ifndef LOGSIEVE_TRAINING_FIT_CLUSTERS_TEST_DATA_H_
#define LOGSIEVE_TRAINING_FIT_CLUSTERS_TEST_DATA_H_

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "encoder/sentence_encoder.h"
#include "training/fit/labelled_data.h"

namespace logsieve::fit_test {

struct Clusters {
  LabelledData data;
  std::vector<float> vectors;  // [data.forms.size(), kDim], unit rows
};

// What one label has: so many forms, each occurring so many times.
struct LabelShape {
  std::string name;
  std::size_t forms;
  std::size_t lines_a_form;
};

// A word no masker touches: letters only.
inline std::string word_of(std::size_t number) {
  std::string word = "w";
  for (; number > 0; number /= 26) word += static_cast<char>('a' + number % 26);
  return word;
}

// Forms of a label are its centre plus noise of length `spread`, so that a small spread is easily told apart.
// Labels must be given in ascending order.
inline Clusters make_clusters(const std::vector<LabelShape>& shapes, double spread, std::uint64_t seed) {
  Random random(seed);
  Clusters out;
  std::vector<std::string> names;
  for (const LabelShape& shape : shapes) names.push_back(shape.name);
  out.data.labels = LabelSet(names);
  const auto direction = [&] {
    std::vector<double> v(kDim);
    double squared = 0;
    for (double& x : v) {
      x = random.unit() + random.unit() + random.unit() - 1.5;
      squared += x * x;
    }
    for (double& x : v) x /= std::sqrt(squared);
    return v;
  };
  std::size_t next = 0;
  for (std::size_t label = 0; label < shapes.size(); ++label) {
    const auto centre = direction();
    for (std::size_t form = 0; form < shapes[label].forms; ++form, ++next) {
      const auto noise = direction();
      double squared = 0;
      std::vector<double> v(kDim);
      for (std::size_t d = 0; d < kDim; ++d) {
        v[d] = centre[d] + spread * noise[d];
        squared += v[d] * v[d];
      }
      for (const double x : v) out.vectors.push_back(static_cast<float>(x / std::sqrt(squared)));
      for (std::size_t i = 0; i < shapes[label].lines_a_form; ++i) {
        LabelledLine line;
        line.message = "event " + word_of(next) + " happened";
        line.source = "test";
        line.label = static_cast<LabelId>(label);
        out.data.lines.push_back(std::move(line));
      }
    }
  }
  fold_to_forms(out.data);
  return out;
}

}  // namespace logsieve::fit_test

#endif  // LOGSIEVE_TRAINING_FIT_CLUSTERS_TEST_DATA_H_
