// Tests only: where the encoder's weights and the shared reference data lie, and how much a test should do.
#ifndef LOGSIEVE_ENCODER_TEST_PATHS_H_
#define LOGSIEVE_ENCODER_TEST_PATHS_H_

#include <cstdlib>
#include <filesystem>

namespace logsieve {

inline std::filesystem::path path_from(const char* variable, std::filesystem::path fallback) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0' ? std::filesystem::path(value) : std::move(fallback);
}

inline std::filesystem::path encoder_folder() {
  return path_from("LOGSIEVE_ENCODER_DIR", std::filesystem::path(LOGSIEVE_SOURCE_DIR) / "models" / "encoder");
}

inline std::filesystem::path golden_folder() {
  return path_from("LOGSIEVE_SHARED_DIR", std::filesystem::path(LOGSIEVE_SOURCE_DIR) / ".." / "shared") /
         "golden";
}

// Address and thread sanitizers slow the kernels down 30 times and more: tests over real texts take fewer then.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif
#else
inline constexpr bool kIsSanitized = false;
#endif

inline bool wants_long_tests() {
  return std::getenv("LOGSIEVE_LONG_TESTS") != nullptr;
}

}  // namespace logsieve

// Leaves the test with a message where `path` is not there: a checkout without weights or reference data.
#define LOGSIEVE_NEEDS(path)                                                      \
  do {                                                                            \
    if (!std::filesystem::exists(path)) GTEST_SKIP() << (path) << " is not here"; \
  } while (false)

#endif  // LOGSIEVE_ENCODER_TEST_PATHS_H_
