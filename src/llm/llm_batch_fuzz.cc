// Batch replies built from plausible pieces: the fuzzer's bytes choose them, so that most are valid JSON and the
// mistakes are those of a model (ids missing, doubled, swapped, of strangers; labels nearly right). The oracle keeps
// its own account of what each id was given.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "llm/answer.h"

namespace {

using namespace logsieve;

void must(bool is_right) {
  if (!is_right) std::abort();
}

const std::array<std::string, 12> kLabels = {
    "Error",   "Security Alert", "User Action",  "Unclassified",      " Error ",
    "error",   "ERROR",          "\xD0\x95rror", "Error\xE2\x80\x8B", "",
    "Made Up", "User  Action"};
const std::array<std::string, 6> kIds = {"a111", "b222", "c333", " a111", "A111", "zzzz"};

// What a label text means; nothing where it is not valid.
std::string meaning(const std::string& text) {
  if (text == " Error ") return "Error";
  for (std::size_t i = 0; i < 4; ++i)
    if (text == kLabels[i]) return text;
  return "";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const LabelSet labels({"Error", "Security Alert", "User Action"});
  static const std::vector<std::string> ids = {"a111", "b222", "c333"};
  nlohmann::json answers = nlohmann::json::array();
  std::map<std::string, std::set<std::string>> said;  // meanings by id
  std::size_t strangers = 0;
  for (std::size_t i = 0; i + 1 < size && i < 200; i += 2) {
    const std::string& id = kIds[data[i] % kIds.size()];
    const std::string& label = kLabels[data[i + 1] % kLabels.size()];
    nlohmann::json answer = {{"id", id}, {"label", label}};
    if (data[i] > 250) answer["confidence"] = 0.5;
    answers.push_back(std::move(answer));
    const std::string plain = id == " a111" ? "a111" : id;
    if (plain == "A111" || plain == "zzzz")
      ++strangers;
    else
      said[plain].insert(meaning(label));
  }
  const nlohmann::json content = {{"answers", answers}};
  const nlohmann::json body = {{"choices", nlohmann::json::array({{{"message", {{"content", content.dump()}}},
                                                                   {"finish_reason", "stop"}}})}};
  const ParsedReply reply = parse_reply(body.dump(), ids, labels);
  must(reply.kind == ReplyKind::kAnswers && reply.items.size() == ids.size() && reply.strangers == strangers);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const ItemAnswer& item = reply.items[i];
    const auto& meanings = said[ids[i]];
    if (meanings.empty()) {
      must(item.kind == AnswerKind::kMissing);
    } else if (meanings.size() > 1 || meanings.contains("")) {
      must(item.kind == AnswerKind::kInvalid && item.label == kNoLabel);
    } else if (*meanings.begin() == "Unclassified") {
      must(item.kind == AnswerKind::kNoneFits);
    } else {
      must(item.kind == AnswerKind::kLabel && labels.name(item.label) == *meanings.begin());
    }
  }
  return 0;
}
