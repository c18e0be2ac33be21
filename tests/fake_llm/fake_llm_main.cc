// The fake endpoint as a program, for end-to-end tests of the command line.
//
//   fake_llm --port-file F [--answer LABEL] [--rules FILE] [--status N] [--hang] [--delay-ms N] [--log FILE]
//            [--style json_schema|object_schema|json_object|plain] [--honest]
//
// Listens on 127.0.0.1, on a port that it writes to F once it is ready. Each POST is answered with the label of
// the first rule whose text stands in the asked form, else with --answer (default Unclassified), for each form that
// it asks about. A rules file has
// lines "text => label"; empty lines and lines that start with # are skipped. --status N answers every POST with
// that error, --hang with nothing. --honest repeats the labels that a prompt shows: a form that stands among its
// examples gets that label, whatever the rules say. --style refuses every response_format but that one, each in the words of a server
// that does so. --log appends each request, head and body, to a file.
// GET /stats gives {"requests": N}, the POSTs so far; at SIGTERM or SIGINT "requests N" goes to stdout.
#include <CLI/CLI.hpp>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <pthread.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/fake_llm/chat.h"

namespace {

using logsieve::fake::Behaviour;
using logsieve::fake::ReceivedRequest;

struct Rule {
  std::string text;
  std::string label;
};

struct Settings {
  std::string port_file;
  std::string answer = "Unclassified";
  std::string rules_file;
  std::string log_file;
  std::string style;
  int status = 200;
  bool is_hanging = false;
  bool is_honest = false;
  int delay_ms = 0;
};

std::vector<Rule> read_rules(const std::string& path) {
  constexpr std::string_view kArrow = " => ";
  std::vector<Rule> rules;
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t arrow = line.find(kArrow);
    if (arrow == std::string::npos) throw std::runtime_error("no \" => \" in the rule: " + line);
    rules.push_back({line.substr(0, arrow), line.substr(arrow + kArrow.size())});
  }
  return rules;
}

class Endpoint {
 public:
  explicit Endpoint(const Settings& settings) : settings_(settings) {
    if (!settings.rules_file.empty()) rules_ = read_rules(settings.rules_file);
  }

  Behaviour respond(const ReceivedRequest& request) {
    if (request.method == "GET" && request.path == "/stats") return stats();
    log(request);
    ++requests_;
    if (auto refusal = refused_style(request)) return *refusal;
    std::unordered_map<std::string, std::string> shown;
    if (settings_.is_honest) shown = logsieve::fake::shown_labels(request.body);
    const auto label_of = [&](const std::string& form) {
      const auto found = shown.find(form);
      return found == shown.end() ? label_for(form) : found->second;
    };
    Behaviour reply = settings_.status == 200
                          ? logsieve::fake::answer_each(request, label_of)
                          : logsieve::fake::error_reply(settings_.status, "scripted by --status");
    if (settings_.is_hanging) reply.kind = Behaviour::Kind::kHang;
    reply.delay = std::chrono::milliseconds(settings_.delay_ms);
    return reply;
  }

  std::size_t requests() const { return requests_; }

 private:
  Behaviour stats() const {
    Behaviour reply;
    reply.body = "{\"requests\": " + std::to_string(requests_) + "}";
    return reply;
  }

  // Nothing if the request asks for its answer in a way that this server takes.
  std::optional<Behaviour> refused_style(const ReceivedRequest& request) const {
    if (settings_.style.empty()) return std::nullopt;
    const auto body = nlohmann::json::parse(request.body, nullptr, false);
    std::string asked = "plain";
    if (body.contains("response_format")) {
      asked = body["response_format"].value("type", "");
      if (asked == "json_object" && body["response_format"].contains("schema")) asked = "object_schema";
    }
    if (asked == settings_.style || asked == "plain") return std::nullopt;
    if (asked == "json_schema")
      return logsieve::fake::error_reply(500,
                                         "response_format type must be one of \"text\" and \"json_object\"");
    if (asked == "object_schema")
      return logsieve::fake::error_reply(400, "Unknown parameter: 'response_format.schema'.",
                                         "unknown_parameter");
    return logsieve::fake::error_reply(400, "response format `json_object` is not supported");
  }

  std::string label_for(const std::string& form) const {
    for (const Rule& rule : rules_) {
      if (form.find(rule.text) != std::string::npos) return rule.label;
    }
    return settings_.answer;
  }

  void log(const ReceivedRequest& request) {
    if (settings_.log_file.empty()) return;
    const std::lock_guard lock(log_mutex_);
    std::ofstream(settings_.log_file, std::ios::app | std::ios::binary) << request.raw << '\n';
  }

  const Settings& settings_;
  std::vector<Rule> rules_;
  std::atomic<std::size_t> requests_{0};
  std::mutex log_mutex_;
};

// Whoever polls for the file finds it whole.
void write_port(const std::string& path, std::uint16_t port) {
  const std::string part = path + ".part";
  std::ofstream(part) << port << '\n';
  std::filesystem::rename(part, path);
}

int run(const Settings& settings) {
  sigset_t ends{};
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before any thread starts: only sigwait takes them
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);          // a test that crashes leaves no server behind
  Endpoint endpoint(settings);
  const logsieve::fake::FakeLlmServer server(
      [&endpoint](const ReceivedRequest& request) { return endpoint.respond(request); });
  write_port(settings.port_file, server.port());
  int signal = 0;
  sigwait(&ends, &signal);
  std::cout << "requests " << endpoint.requests() << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app("A fake OpenAI-compatible endpoint on 127.0.0.1");
  app.add_option("--port-file", settings.port_file, "where to write the port")->required();
  app.add_option("--answer", settings.answer, "label where no rule matches");
  app.add_option("--rules", settings.rules_file, "lines \"text => label\"");
  app.add_option("--status", settings.status, "answer with this HTTP status");
  app.add_flag("--hang", settings.is_hanging, "never answer");
  app.add_flag("--honest", settings.is_honest, "repeat the labels that the prompt shows");
  app.add_option("--delay-ms", settings.delay_ms, "wait before each answer");
  app.add_option("--style", settings.style, "the one response_format that is taken")
      ->check(CLI::IsMember({"json_schema", "object_schema", "json_object", "plain"}));
  app.add_option("--log", settings.log_file, "append each request to this file");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(settings);
  } catch (const std::exception& error) {
    std::cerr << "fake_llm: " << error.what() << '\n';
    return 1;
  }
}
