// Any bytes as a detector state: refused or taken, and a state that was taken works. The checksum is made right, or
// the fuzzer would never get past it.
#include <cstdint>
#include <string>

#include "anomaly/detector_test_support.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace logsieve;
  std::string bytes = "LSDETEC2" + std::string(reinterpret_cast<const char*>(data), size);
  const std::uint64_t check = xxh3_128(bytes).low;
  bytes.append(reinterpret_cast<const char*>(&check), sizeof(check));
  DetectorOptions options;
  options.max_templates = 50;
  Detector detector(options, {"Notice", "Error"}, {});
  if (!detector.restore(bytes)) return 0;
  std::vector<AnomalyEvent> events;
  Observation record;
  record.message = record.form = "a line";
  record.form_hash = 7;
  for (int i = 0; i < 20; ++i) {
    record.line = static_cast<std::uint64_t>(i);
    record.time = detector.now() + 5 * kSecondMs;
    const std::array<double, 2> numbers = {1.0 * i, -0.5};
    record.numbers = numbers;
    record.session = i % 3 == 0 ? "one" : "other";
    detector.observe(record, events);
  }
  std::string text;
  for (const AnomalyEvent& event : events) append_event_json(event, text);
  text += detector.save();
  return 0;
}
