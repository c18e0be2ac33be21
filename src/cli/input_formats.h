// Names of input formats on the command line.
#ifndef LOGSIEVE_CLI_INPUT_FORMATS_H_
#define LOGSIEVE_CLI_INPUT_FORMATS_H_

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/record_reader.h"

namespace logsieve {

inline constexpr std::array<std::pair<std::string_view, InputFormat>, 8> kInputFormats = {{
    {"auto", InputFormat::kAuto},
    {"csv", InputFormat::kCsv},
    {"jsonl", InputFormat::kJsonl},
    {"text", InputFormat::kText},
    {"syslog", InputFormat::kSyslog},
    {"cri", InputFormat::kCri},
    {"docker", InputFormat::kDocker},
    {"logfmt", InputFormat::kLogfmt},
}};

inline std::vector<std::string> input_format_names() {
  std::vector<std::string> names;
  for (const auto& [name, format] : kInputFormats) names.emplace_back(name);
  return names;
}

// `name` is one of input_format_names(): the command line has checked it.
inline InputFormat input_format_from(std::string_view name) {
  for (const auto& [known, format] : kInputFormats)
    if (known == name) return format;
  return InputFormat::kAuto;
}

inline std::string_view input_format_name(InputFormat format) {
  for (const auto& [name, known] : kInputFormats)
    if (known == format) return name;
  return "auto";
}

}  // namespace logsieve

#endif  // LOGSIEVE_CLI_INPUT_FORMATS_H_
