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
constexpr auto kHundredths = SlotRangeKind::kHundredths;

constexpr std::array kTypes = {
    SlotType{"n", append_plain, kInteger, {0, 999}},
    SlotType{"float", append_float, kHundredths, {1, 99999}},
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

// "12", "-3", "0.25" as an integer, or in hundredths. No exponent, no third decimal.
std::optional<std::int64_t> parse_bound(std::string_view text, SlotRangeKind kind) {
  std::int64_t whole = 0;
  const char* const end = text.data() + text.size();
  auto [at, failure] = std::from_chars(text.data(), end, whole);
  if (failure != std::errc{} || whole > INT64_C(1000000000000000) || whole < INT64_C(-1000000000000000))
    return std::nullopt;
  if (kind == SlotRangeKind::kInteger) return at == end ? std::optional(whole) : std::nullopt;
  std::int64_t cents = 0;
  if (at != end) {
    const std::string_view decimals(at + 1, end);
    if (*at != '.' || decimals.empty() || decimals.size() > 2) return std::nullopt;
    if (decimals.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
    std::from_chars(decimals.data(), end, cents);
    if (decimals.size() == 1) cents *= 10;
  }
  return whole * 100 + (text.front() == '-' ? -cents : cents);
}

Error bad_range(std::string_view text) {
  return Error{ErrorCode::kBadInput,
               "the range of slot <" + std::string(text) + "> is not LO-HI with LO <= HI"};
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
  const std::string_view range = text.substr(colon + 1);
  const std::size_t dash = range.find('-', 1);
  if (range.empty() || dash == std::string_view::npos) return bad_range(text);
  const auto low = parse_bound(range.substr(0, dash), type->range_kind);
  const auto high = parse_bound(range.substr(dash + 1), type->range_kind);
  if (!low || !high || *low > *high) return bad_range(text);
  return Slot{type, SlotRange{*low, *high}};
}

}  // namespace logsieve
