#include "anomaly/alert_payload.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/utf8.h"

namespace logsieve {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kSlackAlerts = 20;

Json labels_of(const Alert& alert) {
  Json labels = {{"alertname", alert.kind}, {"severity", alert.severity}, {"subject", alert.subject}};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) labels[name] = to_valid_utf8(value);
  };
  add("label", alert.label);
  add("source", alert.source);
  add("template", alert.template_text);
  labels["fingerprint"] = alert.fingerprint;
  return labels;
}

Json annotations_of(const Alert& alert) {
  std::string examples;
  for (const std::string& example : alert.examples)
    examples += (examples.empty() ? "" : "\n") + printable(example);
  return {{"summary", to_valid_utf8(alert.what)},
          {"examples", std::move(examples)},
          {"expected", fmt::format("{:.1f}", alert.expected)},
          {"seen", fmt::format("{:.0f}", alert.seen)},
          {"line", std::to_string(alert.line)},
          {"since", format_time(alert.since)}};
}

std::string end_of(const Alert& alert, const Notification& notification) {
  if (is_shown_firing(alert)) return format_time(notification.expires);
  return format_time(alert.ended);
}

// What all alerts have in common.
Json common(const std::vector<Json>& objects) {
  Json shared = objects.empty() ? Json::object() : objects.front();
  for (const Json& object : objects)
    for (auto it = shared.begin(); it != shared.end();) {
      const bool is_same = object.contains(it.key()) && object[it.key()] == it.value();
      it = is_same ? std::next(it) : shared.erase(it);
    }
  return shared;
}

// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config, version 4.
std::string webhook_json(const Notification& notification) {
  auto alerts = Json::array();
  std::vector<Json> labels;
  std::vector<Json> annotations;
  bool is_firing = false;
  for (const Alert& alert : notification.alerts) {
    is_firing |= is_shown_firing(alert);
    labels.push_back(labels_of(alert));
    annotations.push_back(annotations_of(alert));
    alerts.push_back({{"status", is_shown_firing(alert) ? "firing" : "resolved"},
                      {"labels", labels.back()},
                      {"annotations", annotations.back()},
                      {"startsAt", format_time(alert.since)},
                      {"endsAt", is_shown_firing(alert) ? "0001-01-01T00:00:00Z" : format_time(alert.ended)},
                      {"generatorURL", ""},
                      {"fingerprint", alert.fingerprint}});
  }
  Json body = {{"version", "4"},
               {"groupKey", to_valid_utf8(notification.group)},
               {"truncatedAlerts", notification.left_out},
               {"status", is_firing ? "firing" : "resolved"},
               {"receiver", "logsieve"},
               {"groupLabels", notification.is_digest ? Json::object() : common(labels)},
               {"commonLabels", common(labels)},
               {"commonAnnotations", common(annotations)},
               {"externalURL", ""},
               {"notificationId", notification.id},
               {"alerts", std::move(alerts)}};
  return body.dump();
}

// The API refuses an alert that ends before it starts; record time may lie anywhere.
std::string alertmanager_json(const Notification& notification) {
  auto alerts = Json::array();
  for (const Alert& alert : notification.alerts)
    alerts.push_back({{"labels", labels_of(alert)},
                      {"annotations", annotations_of(alert)},
                      {"startsAt", format_time(std::min(alert.since, notification.now))},
                      {"endsAt", end_of(alert, notification)},
                      {"generatorURL", ""}});
  return alerts.dump();
}

// https://api.slack.com/reference/surfaces/formatting#escaping
std::string slack_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else
      escaped += c;
  }
  return escaped;
}

std::string slack_json(const Notification& notification) {
  std::string text;
  if (notification.is_digest) {
    std::map<std::string, std::size_t> kinds;
    for (const Alert& alert : notification.alerts) ++kinds[alert.kind];
    text = fmt::format("*{} alerts*", notification.alerts.size() + notification.left_out);
    for (const auto& [kind, count] : kinds) text += fmt::format("  {} {}", slack_escaped(kind), count);
    text += '\n';
  }
  for (std::size_t i = 0; i < std::min(notification.alerts.size(), kSlackAlerts); ++i) {
    const Alert& alert = notification.alerts[i];
    text += fmt::format("{} *{}* {}\n", is_shown_firing(alert) ? alert.severity : "resolved", alert.kind,
                        slack_escaped(alert.what));
  }
  const std::size_t more =
      notification.left_out + notification.alerts.size() - std::min(notification.alerts.size(), kSlackAlerts);
  if (more > 0) text += fmt::format("and {} more\n", more);
  return Json{{"text", std::move(text)}}.dump();
}

std::string table(const Notification& notification) {
  std::string rows;
  for (const Alert& alert : notification.alerts)
    rows += fmt::format("{:24}  {:8}  {:12}  {}\n", format_time(alert.since),
                        is_shown_firing(alert) ? alert.severity : "over", alert.kind, printable(alert.what));
  if (notification.left_out > 0) rows += fmt::format("and {} more alerts\n", notification.left_out);
  return rows;
}

}  // namespace

bool is_shown_firing(const Alert& alert) {
  return alert.is_open() || alert.is_instant();
}

std::string payload(SinkType type, const Notification& notification) {
  switch (type) {
    case SinkType::kAlertmanager:
      return alertmanager_json(notification);
    case SinkType::kSlack:
      return slack_json(notification);
    case SinkType::kStderr:
      return table(notification);
    default:
      return webhook_json(notification);
  }
}

std::string signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  std::string signed_text(timestamp);
  signed_text.append(".").append(body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), digest.data(),
       &length);
  std::string text = "v1=";
  for (unsigned int i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace logsieve
