// One line of JSONL: is it a whole, valid object, and which text in it is the message, the source and the time.
#ifndef LOGSIEVE_IO_JSON_LINE_H_
#define LOGSIEVE_IO_JSON_LINE_H_

#include <memory>
#include <string>
#include <string_view>

namespace logsieve {

// The whole line is checked, not just the fields that are wanted: the output repeats it, and must be valid.
// Numbers may be of any size. One thread an object.
class JsonLine {
 public:
  enum class Status { kOk, kInvalidUtf8, kNoObject, kNoMessage };
  static constexpr std::size_t kMaxDepth = 512;  // objects and arrays within each other

  // Empty paths: by convention (field_names.h) among the top-level fields; a field with a string is preferred to
  // one with another value. A path names a field, or one in an object: "log.message" is the key "log.message" as
  // well as the key "message" in the object "log". Of several the last counts.
  JsonLine(std::string message_path, std::string source_path);
  JsonLine(JsonLine&&) noexcept;
  JsonLine& operator=(JsonLine&&) noexcept;
  ~JsonLine();

  // InputBuffer::kPadding bytes behind `line` must be readable. kNoObject (or not JSON at all) and kNoMessage:
  // reason() says why.
  Status read(std::string_view line);
  const std::string& reason() const;

  // After kOk. The decoded text, if it is not a string its JSON text; a view into the line or into `scratch`.
  std::string_view message(std::string& scratch) const;
  std::string_view source(std::string& scratch) const;
  // A top-level field of a conventional name, text or number; empty if there is none.
  std::string_view time(std::string& scratch) const;

 private:
  struct State;  // keeps simdjson out of this header: it is 1 MB
  std::unique_ptr<State> state_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_JSON_LINE_H_
