#include "training/data/slots.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "training/data/slot_values.h"

namespace logsieve {
namespace {

using namespace values;

constexpr auto kInteger = SlotRangeKind::kInteger;
constexpr auto kDecimal = SlotRangeKind::kDecimal;

constexpr std::array kTypes = {
    SlotType{"n", append_plain, kInteger, {0, 999}},
    SlotType{"float", append_float, kDecimal, {1, 99999, 2}},
    SlotType{"pct", append_percent},
    SlotType{"ms", append_plain, kInteger, {1, 60000}},
    SlotType{"size", append_size},
    SlotType{"ip", append_ip},
    SlotType{"ipport", append_ip_port},
    SlotType{"ip6", append_ip6},
    SlotType{"mac", append_mac},
    SlotType{"port", append_port},
    SlotType{"hex", append_hex_word},
    SlotType{"addr", append_address},
    SlotType{"uuid", append_uuid},
    SlotType{"user", append_user},
    SlotType{"host", append_host},
    SlotType{"email", append_email},
    SlotType{"url", append_url},
    SlotType{"path", append_path},
    SlotType{"dir", append_directory},
    SlotType{"winpath", append_windows_path},
    SlotType{"file", append_file},
    SlotType{"ts", append_timestamp},
    SlotType{"date", append_date_value},
    SlotType{"time", append_time_value},
    SlotType{"duration", append_duration},
    SlotType{"pid", append_plain, kInteger, {2, 99999}},
    SlotType{"id", append_id},
    SlotType{"word", append_word},
    SlotType{"service", append_service},
    SlotType{"db", append_database},
    SlotType{"table", append_table},
    SlotType{"iface", append_interface},
    SlotType{"dev", append_device},
    SlotType{"httppath", append_http_path},
    SlotType{"method", append_method},
    SlotType{"status2", append_status2},
    SlotType{"status3", append_status3},
    SlotType{"status4", append_status4},
    SlotType{"status5", append_status5},
    SlotType{"ua", append_user_agent},
    SlotType{"version", append_version},
    SlotType{"country", append_country},
    SlotType{"amount", append_amount},
    SlotType{"currency", append_currency},
    SlotType{"thread", append_thread},
    SlotType{"class", append_class},
    SlotType{"signal", append_signal},
    SlotType{"errno", append_errno},
    SlotType{"code", append_code},
};

constexpr std::size_t kLeastDecimals = 2;
constexpr std::size_t kMostDecimals = 6;
constexpr std::int64_t kLargestBound = INT64_C(1000000000000);  // times 10^kMostDecimals still fits

std::size_t decimals_of(std::string_view bound) {
  const std::size_t point = bound.find('.');
  return point == std::string_view::npos ? 0 : bound.size() - point - 1;
}

// "12", "-3" or "0.25" in units of the last of `decimals` digits. No exponent.
std::optional<std::int64_t> parse_bound(std::string_view text, std::size_t decimals) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  if (point < text.size()) digits += text.substr(point + 1);
  if (point == 0 || point + 1 == text.size()) return std::nullopt;
  std::int64_t value = 0;
  const auto [at, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (failure != std::errc{} || at != digits.data() + digits.size()) return std::nullopt;
  if (value > kLargestBound || value < -kLargestBound) return std::nullopt;
  for (std::size_t i = decimals_of(text); i < decimals; ++i) value *= 10;
  return value;
}

std::optional<SlotRange> parse_range(std::string_view text, SlotRangeKind kind) {
  const std::size_t dash = text.find('-', 1);
  if (text.empty() || dash == std::string_view::npos) return std::nullopt;
  const std::string_view low_text = text.substr(0, dash);
  const std::string_view high_text = text.substr(dash + 1);
  std::size_t decimals = std::max(decimals_of(low_text), decimals_of(high_text));
  if (decimals > (kind == SlotRangeKind::kInteger ? 0 : kMostDecimals)) return std::nullopt;
  if (kind == SlotRangeKind::kDecimal) decimals = std::max(decimals, kLeastDecimals);
  const auto low = parse_bound(low_text, decimals);
  const auto high = parse_bound(high_text, decimals);
  if (!low || !high || *low > *high) return std::nullopt;
  return SlotRange{*low, *high, decimals};
}

Error bad_range(std::string_view text) {
  return Error{ErrorCode::kBadInput,
               "the range of slot <" + std::string(text) + "> is not LO-HI with LO <= HI"}
      .with_help("n takes integers, float at most six decimals");
}

}  // namespace

std::span<const SlotType> slot_types() {
  return kTypes;
}

Result<Slot> parse_slot(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const auto* const type =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const SlotType& t) { return t.name == name; });
  if (type == kTypes.end())
    return Error{ErrorCode::kBadInput, "unknown slot <" + std::string(text) + ">"}.with_help(
        "a literal < is written \\<; the slot types are listed in training/data/slots.cc");
  if (colon == std::string_view::npos) return Slot{type, type->default_range};
  if (type->range_kind == SlotRangeKind::kNone)
    return Error{ErrorCode::kBadInput, "slot <" + std::string(name) + "> takes no range"};
  const auto range = parse_range(text.substr(colon + 1), type->range_kind);
  if (!range) return bad_range(text);
  return Slot{type, *range};
}

}  // namespace logsieve
