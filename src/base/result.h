// Result<T>: a value or an Error, for everything the world can do wrong.
//
// Factories and I/O return it; constructors do not fail; no exception crosses a folder. An Error says what,
// where, why and what to do, and `render` prints it the way a compiler would. Errors are for set-up and
// whole-file failures: hot paths use plain enums and never build one.
#ifndef LOGSIEVE_BASE_RESULT_H_
#define LOGSIEVE_BASE_RESULT_H_

#include <cassert>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace logsieve {

enum class ErrorCode {
  kInvalidArgument,  // the caller's words are off (usage): exit 2
  kNotFound,         // a named file, rule or model is not there
  kIo,               // reading, writing, syncing failed: exit 74
  kBadInput,         // foreign data that cannot be read as what it claims to be: exit 65
  kInvalidRule,      // a rule book that must not be used: exit 78
  kBadConfig,        // logsieve.yaml, an environment variable, a key file: exit 78
  kCorruptModel,     // weights or bundle damaged, truncated, of another version: exit 78
  kUnavailable,      // a service that is needed cannot be reached: exit 69
  kInterrupted,      // a signal asked for an end: exit 130
  kInternal,         // our bug: exit 1
};

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;             // what and why, one line, no final full stop
  std::string file = {};           // where: a path, empty if none
  std::size_t line = 0;            // 1-based; 0: no line
  std::size_t column = 0;          // 1-based, in bytes; 0: no column
  std::string source_line = {};    // the text of that line, for the caret
  std::string caret_note = {};     // said beside the caret
  std::string help = {};           // what to do
  std::vector<Error> others = {};  // further errors of the same load, so that a user mends all at once

  Error at(std::string path, std::size_t line_number = 0, std::size_t column_number = 0) &&;
  Error with_source(std::string text, std::string note = {}) &&;
  Error with_help(std::string text) &&;
  // Puts "while CONTEXT: " knowledge before the message: "loading rules: ...".
  Error with_context(std::string_view context) &&;
};

// Compiler-like text, several lines, each ended by '\n'. Control bytes of foreign text are escaped.
//   error: rule "user-session" misses its own sample
//     --> rules.yaml:12:14
//      |  ^User \d+ logged in$
//      |        ^ matched up to here
//     help: the sample under `match` must match the pattern
std::string render(const Error& error);

// The process exit code of DESIGN section 3 for an error.
int exit_code(ErrorCode code);

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(value()); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & {
    assert(!*this);
    return *std::get_if<1>(&state_);
  }
  const Error& error() const& {
    assert(!*this);
    return *std::get_if<1>(&state_);
  }
  Error&& error() && { return std::move(error()); }

 private:
  T& value() {
    assert(*this);
    return *std::get_if<0>(&state_);
  }
  const T& value() const {
    assert(*this);
    return *std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  explicit operator bool() const { return !error_.has_value(); }
  Error& error() & {
    assert(error_);
    return *error_;
  }
  const Error& error() const& {
    assert(error_);
    return *error_;
  }
  Error&& error() && { return std::move(error()); }

 private:
  std::optional<Error> error_;
};

// Success of a Result<void>, readable at the return: `return ok();`
inline Result<void> ok() {
  return {};
}

}  // namespace logsieve

#endif  // LOGSIEVE_BASE_RESULT_H_
