#include "llm/probe.h"

#include <algorithm>
#include <set>

#include "base/utf8.h"
#include "llm/untrusted_json.h"

namespace logsieve {
namespace {

// {"data": [{"id": "..."}]}; empty where it is something else.
std::set<std::string> listed_models(const std::string& body) {
  std::set<std::string> ids;
  const auto reply = parse_untrusted_json(body);
  if (!reply || !reply->is_object()) return ids;
  const auto data = reply->find("data");
  if (data == reply->end() || !data->is_array()) return ids;
  for (const nlohmann::json& model : *data) {
    if (const auto id = string_member(model, "id")) ids.emplace(*id);
  }
  return ids;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + printable(name);
  return text;
}

std::string compare(const std::set<std::string>& listed, const std::vector<std::string>& models) {
  std::vector<std::string> offered;
  std::vector<std::string> missing;
  for (const std::string& name : models) (listed.contains(name) ? offered : missing).push_back(name);
  if (offered.empty()) return "reachable; offers none of the models that are configured: " + joined(missing);
  return "reachable; offers " + joined(offered) + (missing.empty() ? "" : ", not " + joined(missing));
}

}  // namespace

Result<std::string> describe_probe(const HttpReply& reply, const std::vector<std::string>& models) {
  const bool has_list = reply.status != 404 && reply.status != 405 && reply.status != 501;
  switch (classify_reply(reply)) {
    case ReplyClass::kOk: {
      const std::set<std::string> listed = listed_models(reply.body);
      return listed.empty() ? "reachable; it does not list its models" : compare(listed, models);
    }
    case ReplyClass::kKeyRefused:
      return Error{ErrorCode::kBadConfig, "the LLM endpoint refused the key: " + describe_reply(reply)}
          .with_help("check LOGSIEVE_LLM_API_KEY or GROQ_API_KEY");
    default:
      if (!has_list) return std::string("reachable; it does not list its models");
      return Error{ErrorCode::kUnavailable, "the LLM endpoint does not answer: " + describe_reply(reply)}
          .with_help("check LOGSIEVE_LLM_BASE_URL and the network; --llm off works without it");
  }
}

}  // namespace logsieve
