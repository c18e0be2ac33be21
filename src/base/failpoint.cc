#include "base/failpoint.h"

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace logsieve {
namespace {

struct Failpoint {
  std::string name;
  std::string what;  // a number, or a text
  std::uint64_t at = 1;
  std::string action;
};

Failpoint read_environment() {
  const char* value = std::getenv("LOGSIEVE_FAILPOINT");
  if (value == nullptr) return {};
  const std::string_view text = value;
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string_view::npos ? first : text.find(':', first + 1);
  if (second == std::string_view::npos) return {};
  Failpoint point{std::string(text.substr(0, first)), std::string(text.substr(first + 1, second - first - 1)),
                  1, std::string(text.substr(second + 1))};
  std::from_chars(text.data() + first + 1, text.data() + second, point.at);
  return point;
}

const Failpoint& chosen() {
  static const Failpoint point = read_environment();
  return point;
}

}  // namespace

bool failpoint(std::string_view name) {
  const Failpoint& point = chosen();
  static std::atomic<std::uint64_t> passed{0};
  if (point.name.empty() || point.name != name) return false;
  const std::uint64_t time = ++passed;
  if (point.action == "fail+") return time >= point.at;
  if (time != point.at) return false;
  if (point.action == "kill") ::kill(::getpid(), SIGKILL);
  return point.action == "fail";
}

std::string_view failpoint_text(std::string_view name) {
  const Failpoint& point = chosen();
  return point.name == name && point.action == "abort" ? std::string_view(point.what) : std::string_view();
}

}  // namespace logsieve
