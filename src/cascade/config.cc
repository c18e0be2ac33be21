#include "cascade/config.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <re2/re2.h>
#include <set>
#include <utility>
#include <yaml-cpp/yaml.h>

#include "anomaly/sink_url.h"
#include "base/file.h"
#include "llm/prompt.h"

namespace logsieve {
namespace {

constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20U;
constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxSecretBytes = 4096;

class ConfigParser {
 public:
  ConfigParser(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  Result<Config> parse() {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text_));
    if (documents.size() > 1)
      fail(documents[1], "a configuration is one YAML document", "remove the `---` line");
    const YAML::Node root = documents.empty() ? YAML::Node() : documents[0];
    if (!root.IsNull()) read_root(root);
    if (errors_.empty()) return std::move(config_);
    Error first = std::move(errors_.front());
    first.others.assign(std::make_move_iterator(errors_.begin() + 1), std::make_move_iterator(errors_.end()));
    return first;
  }

 private:
  using Reader = std::function<void(const YAML::Node&)>;
  using Keys = std::vector<std::pair<std::string_view, Reader>>;

  void fail(const YAML::Node& node, std::string message, std::string help) {
    const YAML::Mark mark = node.Mark();
    const auto line = static_cast<std::size_t>(mark.line) + 1;
    errors_.push_back(Error{ErrorCode::kBadConfig, std::move(message)}
                          .at(file_, line, static_cast<std::size_t>(mark.column) + 1)
                          .with_source(source_line(line))
                          .with_help(std::move(help)));
  }

  std::string source_line(std::size_t number) const {
    std::size_t begin = 0;
    for (std::size_t line = 1; line < number; ++line) {
      const std::size_t end = text_.find('\n', begin);
      if (end == std::string_view::npos) return {};
      begin = end + 1;
    }
    return std::string(text_.substr(begin, std::min(text_.find('\n', begin), text_.size()) - begin));
  }

  void read_map(const YAML::Node& node, std::string_view what, const Keys& keys) {
    if (!node.IsMap())
      return fail(node, std::string(what) + " must be a map of keys", "write `key: value` lines");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
      if (!seen.insert(key).second)
        fail(entry.first, "the key \"" + key + "\" stands here twice", "keep one");
      const auto known =
          std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return k.first == key; });
      if (known != keys.end()) {
        known->second(entry.second);
        continue;
      }
      std::string names;
      for (const auto& [name, reader] : keys) names += (names.empty() ? "" : ", ") + std::string(name);
      fail(entry.first, "unknown key \"" + key + "\" in " + std::string(what), "known keys: " + names);
    }
  }

  template <typename T>
  Reader number(T& target, double low, double high) {
    return [this, &target, low, high](const YAML::Node& node) {
      double value = 0;
      if (!node.IsScalar() || !YAML::convert<double>::decode(node, value) || !(value >= low && value <= high))
        return fail(node, "this must be a number from " + plain(low) + " to " + plain(high), "");
      target = static_cast<T>(value);
    };
  }

  static std::string plain(double value) {
    return value == std::floor(value) ? std::to_string(static_cast<long long>(value)) : std::to_string(value);
  }

  Reader text(std::string& target) {
    return [this, &target](const YAML::Node& node) {
      if (!node.IsScalar()) return fail(node, "this must be a text", "");
      target = node.Scalar();
    };
  }

  Reader flag(bool& target) {
    return [this, &target](const YAML::Node& node) {
      if (!node.IsScalar() || !YAML::convert<bool>::decode(node, target))
        fail(node, "this must be true or false", "");
    };
  }

  Reader texts(std::vector<std::string>& target) {
    return [this, &target](const YAML::Node& node) {
      if (!node.IsSequence() || node.size() == 0)
        return fail(node, "this must be a list with at least one item", "");
      target.clear();
      for (const YAML::Node& item : node) {
        if (!item.IsScalar()) return fail(item, "each item must be a text", "");
        target.push_back(item.Scalar());
      }
    };
  }

  void read_root(const YAML::Node& root) {
    read_map(root, "the configuration",
             {{"model", text(config_.model)},
              {"encoder_dir", text(config_.encoder_dir)},
              {"encoder_mode", text(config_.encoder_mode)},
              {"threads", number(config_.threads, 1, 4096)},
              {"state", text(config_.state_dir)},
              {"routes", [this](const YAML::Node& node) { read_routes(node); }},
              {"llm", [this](const YAML::Node& node) { read_llm(node); }},
              {"detect", [this](const YAML::Node& node) { read_detect(node); }},
              {"alerts", [this](const YAML::Node& node) { read_alerts(node); }},
              {"complement", flag(config_.complement)},
              {"complement_below", number(config_.complement_below, 0, 1)},
              {"on_disagreement", [this](const YAML::Node& node) { read_disagreement(node); }}});
  }

  // Seconds in the file, milliseconds here.
  Reader seconds(TimeMs& target) {
    return [this, &target](const YAML::Node& node) {
      double value = 0;
      number(value, 0, 100'000'000)(node);
      target = static_cast<TimeMs>(value * kSecondMs);
    };
  }

  Reader days(TimeMs& target) {
    return [this, &target](const YAML::Node& node) {
      double value = 0;
      number(value, 0, 100'000)(node);
      target = static_cast<TimeMs>(value * static_cast<double>(kDayMs));
    };
  }

  void read_detect(const YAML::Node& node) {
    DetectorOptions& detector = config_.detector;
    read_map(node, "detect",
             {{"warmup_lines", number(detector.warmup_lines, 0, 1e12)},
              {"warmup_seconds", seconds(detector.warmup_ms)},
              {"novel_similarity", number(detector.novel_similarity, -1, 1)},
              {"rare_after_seconds", seconds(detector.rare_after_ms)},
              {"gone_after_seconds", seconds(detector.rates.gone_after_ms)},
              {"risk_labels", texts(detector.risk_labels)},
              {"session_key", [this](const YAML::Node& key) { read_session_key(key); }},
              {"session_idle_seconds", seconds(detector.sessions.idle_ms)},
              {"max_templates", number(detector.max_templates, 100, 10'000'000)},
              {"min_burst_count", number(detector.rates.min_burst_count, 1, 1e9)},
              {"min_burst_ratio", number(detector.rates.min_burst_ratio, 1, 1e6)}});
  }

  void read_session_key(const YAML::Node& node) {
    text(config_.detector.session_key)(node);
    const RE2 pattern(config_.detector.session_key, RE2::Quiet);
    if (!pattern.ok())
      return fail(node, "session_key is no regular expression: " + pattern.error(),
                  "RE2 syntax: no look-around, no back-references");
    if (pattern.NumberOfCapturingGroups() != 1)
      fail(node, "session_key needs one group, which names the session", "as in 'request (\\w+)'");
  }

  void read_alerts(const YAML::Node& node) {
    AlertOptions& alerts = config_.alerts;
    read_map(node, "alerts",
             {{"group_wait_seconds", seconds(alerts.group_wait_ms)},
              {"group_interval_seconds", seconds(alerts.group_interval_ms)},
              {"repeat_interval_seconds", seconds(alerts.repeat_interval_ms)},
              {"cooldown_seconds", seconds(alerts.cooldown_ms)},
              {"keep_days", days(alerts.keep_ms)},
              {"digest_above", number(alerts.digest_above, 1, 1'000'000)},
              {"sinks", [this](const YAML::Node& sinks) { read_sinks(sinks); }}});
  }

  void read_sinks(const YAML::Node& node) {
    if (!node.IsSequence()) return fail(node, "sinks must be a list", "- {type: webhook, url: https://…}");
    for (const YAML::Node& item : node) {
      SinkOptions sink;
      std::string path;
      std::string secret_file;
      read_map(item, "a sink",
               {{"name", text(sink.name)},
                {"type", [this, &sink](const YAML::Node& type) { read_sink_type(type, sink.type); }},
                {"url", text(sink.target)},
                {"path", text(path)},
                {"secret_file", text(secret_file)},
                {"allow_private_addresses", flag(sink.allow_private_addresses)},
                {"timeout_ms", number(sink.timeout_ms, 1, 600'000)}});
      if (sink.type == SinkType::kFile || sink.type == SinkType::kStderr) sink.target = path;
      if (sink.name.empty()) sink.name = default_sink_name(sink);
      if (auto checked = check_sink(sink); !checked)
        fail(item, checked.error().message, checked.error().help);
      if (!secret_file.empty()) read_secret(item, secret_file, sink.secret);
      for (const SinkOptions& other : config_.alerts.sinks)
        if (other.name == sink.name)
          fail(item, "two sinks are named \"" + sink.name + "\"", "give one another name");
      config_.alerts.sinks.push_back(std::move(sink));
    }
  }

  void read_sink_type(const YAML::Node& node, SinkType& type) {
    const std::string name = node.IsScalar() ? node.Scalar() : std::string();
    if (name == "file")
      type = SinkType::kFile;
    else if (name == "webhook")
      type = SinkType::kWebhook;
    else if (name == "alertmanager")
      type = SinkType::kAlertmanager;
    else if (name == "slack")
      type = SinkType::kSlack;
    else if (name == "stderr")
      type = SinkType::kStderr;
    else
      fail(node, "there is no sink type \"" + name + "\"",
           "types: file, webhook, alertmanager, slack, stderr");
  }

  void read_secret(const YAML::Node& node, const std::string& file, std::string& secret) {
    auto bytes = read_file(file, kMaxSecretBytes);
    if (!bytes)
      return fail(node, "secret_file: " + bytes.error().message, "a file that holds only the secret");
    secret = std::move(*bytes);
    while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
    if (secret.empty()) fail(node, "secret_file is empty", "");
  }

  void read_llm(const YAML::Node& node) {
    LlmOptions& llm = config_.llm;
    read_map(node, "llm",
             {{"mode", [this](const YAML::Node& mode) { read_mode(mode); }},
              {"wait", [this](const YAML::Node& wait) { read_wait(wait); }},
              {"agreement", flag(config_.llm_agreement)},
              {"provider", [this](const YAML::Node& provider) { read_provider(provider); }},
              {"base_url", text(llm.base_url)},
              {"models", texts(llm.models)},
              {"key_file", text(config_.llm_key_file)},
              {"allow_private_addresses", flag(llm.allow_private_addresses)},
              {"connect_timeout_ms", number(llm.connect_timeout_ms, 1, 600'000)},
              {"total_timeout_ms", number(llm.total_timeout_ms, 1, 600'000)},
              {"max_retries", number(llm.max_retries, 0, 10)},
              {"parallel_requests", number(llm.parallel_requests, 1, 64)},
              {"batch_forms", number(llm.batch_forms, 1, kMaxBatchForms)},
              {"breaker_pause_ms", number(llm.breaker_pause_ms, 1, 300'000)},
              {"budget", [this](const YAML::Node& budget) { read_budget(budget); }},
              {"prices", [this](const YAML::Node& prices) { read_prices(prices); }}});
  }

  void read_budget(const YAML::Node& node) {
    BudgetLimits& budget = config_.llm.budget;
    constexpr double kMost = 1e12;
    read_map(node, "budget",
             {{"requests_per_minute", number(budget.requests_per_minute, 1, kMost)},
              {"requests_per_day", number(budget.requests_per_day, 1, kMost)},
              {"tokens_per_minute", number(budget.tokens_per_minute, 1, kMost)},
              {"tokens_per_day", number(budget.tokens_per_day, 1, kMost)},
              {"usd_per_day", number(budget.usd_per_day, 0.000'001, 1e9)}});
  }

  void read_prices(const YAML::Node& node) {
    if (!node.IsMap())
      return fail(node, "prices must be a map from model to its price",
                  "my-model: {input: 0.15, output: 0.6}");
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        fail(entry.first, "a price belongs to the name of a model", "");
        continue;
      }
      Price& price = config_.llm.prices[entry.first.Scalar()];
      price.cached_input = -1;
      read_map(entry.second, "a price",
               {{"input", number(price.input, 0, 1e6)},
                {"cached_input", number(price.cached_input, 0, 1e6)},
                {"output", number(price.output, 0, 1e6)}});
      if (price.cached_input < 0) price.cached_input = price.input;
    }
  }

  void read_wait(const YAML::Node& node) {
    config_.llm_wait = node.IsScalar() ? node.Scalar() : std::string();
    if (config_.llm_wait != "none" && config_.llm_wait != "budget" && config_.llm_wait != "all")
      fail(node, "wait must be none, budget or all", "");
  }

  void read_provider(const YAML::Node& node) {
    const auto provider = provider_named(node.IsScalar() ? node.Scalar() : std::string());
    if (!provider)
      return fail(node, "there is no such provider", "auto, groq, openai, vllm, llama.cpp, ollama, other");
    config_.llm.provider = *provider;
  }

  void read_mode(const YAML::Node& node) {
    config_.llm_mode = node.IsScalar() ? node.Scalar() : std::string();
    // YAML 1.1 reads a bare `off` as false; people write it without quotes.
    if (config_.llm_mode == "false") config_.llm_mode = "off";
    if (config_.llm_mode != "auto" && config_.llm_mode != "off") fail(node, "mode must be auto or off", "");
  }

  void read_disagreement(const YAML::Node& node) {
    const std::string value = node.IsScalar() ? node.Scalar() : std::string();
    if (value == "abstain")
      config_.on_disagreement = Disagreement::kAbstain;
    else if (value == "llm")
      config_.on_disagreement = Disagreement::kLlm;
    else
      fail(node, "on_disagreement must be abstain or llm", "");
  }

  void read_routes(const YAML::Node& node) {
    if (!node.IsMap())
      return fail(node, "routes must be a map from source to a list of tiers", "LegacyCRM: [llm]");
    for (const auto& entry : node) {
      if (!entry.first.IsScalar() || !entry.second.IsSequence() || entry.second.size() == 0) {
        fail(entry.first, "a route is a source and a list of tiers", "LegacyCRM: [llm]");
        continue;
      }
      std::vector<Tier>& tiers = config_.routes[entry.first.Scalar()];
      for (const YAML::Node& item : entry.second) {
        const auto tier = read_tier(item);
        if (!tier) continue;
        // Cheap before dear, each once: another order would promise what the cascade does not do.
        if (!tiers.empty() && *tier <= tiers.back())
          fail(item, "a route names each tier once, in the order rule, model, llm", "LegacyCRM: [rule, llm]");
        tiers.push_back(*tier);
      }
    }
  }

  std::optional<Tier> read_tier(const YAML::Node& node) {
    const std::string name = node.IsScalar() ? node.Scalar() : std::string();
    for (const Tier tier : {Tier::kRule, Tier::kModel, Tier::kLlm})
      if (name == tier_name(tier)) return tier;
    fail(node, "there is no tier \"" + name + "\"", "tiers: rule, model, llm");
    return std::nullopt;
  }

  std::string_view text_;
  std::string file_;
  Config config_;
  std::vector<Error> errors_;
};

// yaml-cpp recurses by nesting depth, so depth is bounded before it parses: flow brackets and indentation.
bool is_nested_too_deep(std::string_view yaml) {
  int depth = 0;
  for (const char c : yaml) {
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (depth > kMaxDepth) return true;
  }
  return yaml.find(std::string(2 * kMaxDepth, ' ')) != std::string_view::npos ||
         yaml.find("- - - - -") != std::string_view::npos;
}

}  // namespace

Result<Config> parse_config(std::string_view yaml, const std::string& file_name) {
  if (yaml.size() > kMaxConfigBytes || is_nested_too_deep(yaml))
    return Error{ErrorCode::kBadConfig, "this is not a configuration: too large or nested too deep"}.at(
        file_name);
  try {
    return ConfigParser(yaml, file_name).parse();
  } catch (const YAML::Exception& failure) {
    return Error{ErrorCode::kBadConfig, "not YAML: " + failure.msg}
        .at(file_name, static_cast<std::size_t>(failure.mark.line) + 1,
            static_cast<std::size_t>(failure.mark.column) + 1)
        .with_help("docs/configuration.md shows a whole file");
  }
}

Result<Config> load_config(const std::filesystem::path& file) {
  auto bytes = read_file(file, kMaxConfigBytes);
  if (!bytes) return std::move(bytes).error();
  return parse_config(*bytes, file.string());
}

}  // namespace logsieve
