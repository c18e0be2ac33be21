#include "io/json_line.h"

#include <array>
#include <simdjson.h>
#include <utility>

#include "io/field_names.h"
#include "io/input_buffer.h"
#include "io/json_text.h"

namespace logsieve {

static_assert(InputBuffer::kPadding >= simdjson::SIMDJSON_PADDING);

namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

// Not strings: behind every string of a conventional name.
constexpr std::size_t kOtherTypePenalty = 1000;

struct FieldText {
  std::string_view json;       // with the quotes of a string; empty: not found
  std::size_t rank = kNoRank;  // the less the better

  bool is_string() const { return json.starts_with('"'); }

  void offer(std::string_view text, std::size_t offered_rank) {
    if (offered_rank > rank) return;
    json = text;
    rank = offered_rank;
  }

  std::string_view decoded(std::string& scratch) const {
    if (!is_string()) return json;
    const std::string_view inside = json.substr(1, json.size() - 2);
    if (inside.find('\\') == std::string_view::npos) return inside;
    scratch.clear();
    unescape_json(inside, scratch);
    return scratch;
  }
};

// What is left of the wanted paths at some depth; empty: nothing is wanted here.
struct Paths {
  std::string_view message;
  std::string_view source;
};

// The rest of `path` in the object behind `key`; empty if it does not lead there.
std::string_view rest_behind(std::string_view path, std::string_view key) {
  return path.size() > key.size() + 1 && path.starts_with(key) && path[key.size()] == '.'
             ? path.substr(key.size() + 1)
             : std::string_view();
}

std::string_view without_space_behind(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return text.substr(0, last + 1);
}

// The key as it is written, quotes left out. simdjson gives its start only; stage 1 has seen its closing quote.
std::string_view key_text(ondemand::raw_json_string key) {
  const char* begin = key.raw();
  const char* end = begin;
  for (; *end != '"'; ++end)
    if (*end == '\\') ++end;
  return {begin, static_cast<std::size_t>(end - begin)};
}

std::string reason_of(error_code error) {
  if (error == simdjson::INCORRECT_TYPE) return "not a JSON object";
  if (error == simdjson::DEPTH_ERROR)
    return "JSON nested deeper than " + std::to_string(JsonLine::kMaxDepth) + " levels";
  return std::string("not valid JSON: ") + simdjson::error_message(error);
}

bool is_valid_scalar(std::string_view token) {
  switch (token.empty() ? '\0' : token.front()) {
    case '"':
      return token.size() > 1 && token.ends_with('"') && has_valid_escapes(token.substr(1, token.size() - 2));
    case 't':
      return token == "true";
    case 'f':
      return token == "false";
    case 'n':
      return token == "null";
    default:
      return is_json_number(token);
  }
}

}  // namespace

struct JsonLine::State {
  std::string message_path;
  std::string source_path;
  ondemand::parser parser;
  ondemand::document document;
  FieldText message;
  FieldText source;
  FieldText time;
  std::string reason;

  error_code walk_object(ondemand::object object, Paths paths, std::size_t depth);
  error_code walk_array(ondemand::array array, std::size_t depth);
  error_code walk_value(ondemand::value value, Paths paths, std::size_t depth, std::string_view& json);
  void offer(std::string_view key, std::string_view json, Paths paths, std::size_t depth);
  error_code walk_document(std::string_view line);
};

error_code JsonLine::State::walk_value(ondemand::value value, Paths paths, std::size_t depth,
                                       std::string_view& json) {
  if (depth > kMaxDepth) return simdjson::DEPTH_ERROR;
  ondemand::json_type type{};
  if (const error_code error = value.type().get(type)) return error;
  json = value.raw_json_token();
  if (type != ondemand::json_type::object && type != ondemand::json_type::array) {
    json = without_space_behind(json);
    // A string that is skipped instead of taken may have a colon behind it, as a key has.
    if (type == ondemand::json_type::string && value.get_raw_json_string().error() != simdjson::SUCCESS)
      return simdjson::STRING_ERROR;
    return is_valid_scalar(json) ? simdjson::SUCCESS : simdjson::TAPE_ERROR;
  }
  const char* begin = json.data();
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (const error_code error = value.get_object().get(object)) return error;
    if (const error_code error = walk_object(object, paths, depth)) return error;
  } else {
    ondemand::array array;
    if (const error_code error = value.get_array().get(array)) return error;
    if (const error_code error = walk_array(array, depth)) return error;
  }
  const char* end = nullptr;
  if (const error_code error = document.current_location().get(end)) return error;
  json = without_space_behind({begin, static_cast<std::size_t>(end - begin)});
  return simdjson::SUCCESS;
}

error_code JsonLine::State::walk_array(ondemand::array array, std::size_t depth) {
  for (auto element : array) {
    ondemand::value value;
    std::string_view json;
    if (const error_code error = element.get(value)) return error;
    if (const error_code error = walk_value(value, {}, depth + 1, json)) return error;
  }
  return simdjson::SUCCESS;
}

error_code JsonLine::State::walk_object(ondemand::object object, Paths paths, std::size_t depth) {
  for (auto member : object) {
    ondemand::field field;
    if (const error_code error = std::move(member).get(field)) return error;
    std::string_view key = key_text(field.key());
    std::string unescaped;  // rare, and a nested object may need one of its own
    if (key.find('\\') != std::string_view::npos) {
      if (!unescape_json(key, unescaped)) return simdjson::STRING_ERROR;
      key = unescaped;
    }
    std::string_view json;
    const Paths inner = {rest_behind(paths.message, key), rest_behind(paths.source, key)};
    if (const error_code error = walk_value(field.value(), inner, depth + 1, json)) return error;
    offer(key, json, paths, depth);
  }
  return simdjson::SUCCESS;
}

void JsonLine::State::offer(std::string_view key, std::string_view json, Paths paths, std::size_t depth) {
  if (!paths.message.empty() && key == paths.message) message.offer(json, 0);
  if (!paths.source.empty() && key == paths.source) source.offer(json, 0);
  if (depth > 0 || json == "null") return;
  const std::size_t penalty = json.starts_with('"') ? 0 : kOtherTypePenalty;
  const auto offer_by_convention = [&](FieldText& field, std::size_t rank) {
    if (rank != kNoRank) field.offer(json, rank + penalty);
  };
  if (message_path.empty()) offer_by_convention(message, message_name_rank(key));
  offer_by_convention(time, time_name_rank(key));
  if (source_path.empty() && penalty == 0) offer_by_convention(source, source_name_rank(key));
}

error_code JsonLine::State::walk_document(std::string_view line) {
  const simdjson::padded_string_view padded(line.data(), line.size(),
                                            line.size() + simdjson::SIMDJSON_PADDING);
  ondemand::object root;
  if (const error_code error = parser.iterate(padded).get(document)) return error;
  if (const error_code error = document.get_object().get(root)) return error;
  if (const error_code error = walk_object(root, {message_path, source_path}, 0)) return error;
  // Past the last token there is no location: that is how this version of simdjson says "at the end".
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? simdjson::SUCCESS
                                                                        : simdjson::TRAILING_CONTENT;
}

JsonLine::JsonLine(std::string message_path, std::string source_path) : state_(std::make_unique<State>()) {
  state_->message_path = std::move(message_path);
  state_->source_path = std::move(source_path);
}
JsonLine::JsonLine(JsonLine&&) noexcept = default;
JsonLine& JsonLine::operator=(JsonLine&&) noexcept = default;
JsonLine::~JsonLine() = default;

JsonLine::Status JsonLine::read(std::string_view line) {
  State& state = *state_;
  state.message = {};
  state.source = {};
  state.time = {};
  const error_code error = state.walk_document(line);
  if (error == simdjson::UTF8_ERROR) return Status::kInvalidUtf8;
  if (error != simdjson::SUCCESS) {
    state.reason = reason_of(error);
    return Status::kNoObject;
  }
  if (!state.message.json.empty() && state.message.json != "null") return Status::kOk;
  state.reason = state.message_path.empty()
                     ? "no message: none of the fields " + message_names()
                     : "no message: no field \"" + state.message_path + "\", or it is null";
  return Status::kNoMessage;
}

const std::string& JsonLine::reason() const {
  return state_->reason;
}

std::string_view JsonLine::message(std::string& scratch) const {
  return state_->message.decoded(scratch);
}

std::string_view JsonLine::source(std::string& scratch) const {
  return state_->source.json == "null" ? std::string_view() : state_->source.decoded(scratch);
}

std::string_view JsonLine::time(std::string& scratch) const {
  return state_->time.decoded(scratch);
}

}  // namespace logsieve
