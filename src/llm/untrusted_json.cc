#include "llm/untrusted_json.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace logsieve {
namespace {

using nlohmann::json;

// Walks the events of nlohmann's parser, which keeps its own stack on the heap, and stops at the first excess.
class LimitChecker final : public nlohmann::json_sax<json> {
 public:
  bool null() override { return count(); }
  bool boolean(bool /*value*/) override { return count(); }
  bool number_integer(number_integer_t /*value*/) override { return count(); }
  bool number_unsigned(number_unsigned_t /*value*/) override { return count(); }
  bool number_float(number_float_t /*value*/, const string_t& /*text*/) override { return count(); }
  bool string(string_t& /*value*/) override { return count(); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(std::size_t /*size*/) override { return open(); }
  bool start_array(std::size_t /*size*/) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override { return keys_.back().insert(name).second; }
  bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    return false;
  }

 private:
  bool count() { return ++values_ <= kJsonMaxValues; }
  bool open() {
    keys_.emplace_back();
    return count() && keys_.size() <= kJsonMaxDepth;
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  std::size_t values_ = 0;
  std::vector<std::set<std::string>> keys_;  // of each open object; an array's stays empty
};

}  // namespace

std::optional<json> parse_untrusted_json(std::string_view text) {
  LimitChecker checker;
  if (!json::sax_parse(text.begin(), text.end(), &checker)) return std::nullopt;
  json value = json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (value.is_discarded()) return std::nullopt;
  return value;
}

std::optional<std::string_view> string_member(const json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get_ref<const std::string&>();
}

}  // namespace logsieve
