#include "llm/api_key.h"

#include <algorithm>
#include <cstdlib>
#include <sys/stat.h>
#include <utility>

#include "base/file.h"
#include "llm/ascii.h"
#include "llm/llm_client.h"

namespace logsieve {
namespace {

constexpr std::size_t kKeyFileLimit = 4096;
constexpr std::size_t kSharedRun = 6;

bool others_can_read(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077U) != 0;
}

Result<std::string> checked_key(std::string_view text, std::string_view origin) {
  const std::string_view key = trim_space(text);
  if (auto checked = check_api_key(key, origin); !checked) return checked.error();
  return std::string(key);
}

Result<std::string> key_from_file(const std::string& path, std::string& warning) {
  const std::string origin = "key file " + path;
  auto content = read_file(path, kKeyFileLimit);
  if (!content) {
    Error error = std::move(content).error();
    error.code = ErrorCode::kBadConfig;
    return std::move(error).with_help("the key file holds the API key and nothing else, at most 4 KiB");
  }
  auto key = checked_key(*content, origin);
  if (!key) return key;
  if (key->empty()) {
    return Error{ErrorCode::kBadConfig, origin + " is empty"}.with_help(
        "write the API key into it, or set LOGSIEVE_LLM_API_KEY");
  }
  if (others_can_read(path)) {
    warning = origin + " can be read by other users: chmod 600 " + path;
  }
  return key;
}

// How many bytes at the start of `text` stand in `key` as one run.
std::size_t shared_prefix(std::string_view text, std::string_view key) {
  std::size_t best = 0;
  for (std::size_t start = 0; start < key.size(); ++start) {
    const std::string_view rest = key.substr(start);
    const auto end = std::mismatch(text.begin(), text.end(), rest.begin(), rest.end()).first;
    best = std::max(best, static_cast<std::size_t>(end - text.begin()));
  }
  return best;
}

}  // namespace

Result<void> check_api_key(std::string_view key, std::string_view origin) {
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i] > ' ' && key[i] <= '~') continue;
    return Error{ErrorCode::kBadConfig, "the API key from the " + std::string(origin) +
                                            " has a space, line break or " + "non-ASCII character (byte " +
                                            std::to_string(i + 1) + " of it)"}
        .with_help("a key is one word; copy it again from the provider's page");
  }
  return ok();
}

std::string without_key(std::string_view text, std::string_view key) {
  // A word of a few letters is a stand-in for local servers and occurs in ordinary text.
  constexpr std::size_t kLeastKey = 6;
  if (key.size() < kLeastKey) return std::string(text);
  const std::size_t wanted = std::min(kSharedRun, key.size());
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t run = shared_prefix(text.substr(i), key);
    if (run >= wanted) {
      out += "***";
      i += run;
    } else {
      out += text[i++];
    }
  }
  return out;
}

Result<std::string> find_api_key(const std::string& key_file, std::string& warning) {
  warning.clear();
  for (const char* name : {"LOGSIEVE_LLM_API_KEY", "GROQ_API_KEY"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || trim_space(value).empty()) continue;
    return checked_key(value, "environment variable " + std::string(name));
  }
  if (key_file.empty()) return std::string();
  return key_from_file(key_file, warning);
}

}  // namespace logsieve
