#include "training/discover/rule_judgement.h"

#include <algorithm>
#include <cstddef>
#include <fmt/format.h>
#include <utility>

#include "training/discover/rule_record.h"

namespace logsieve {
namespace {

constexpr std::size_t kShownRules = 6;
constexpr std::size_t kShownBytes = 80;  // of a line

void tell_wrong(const RuleBook& book, const std::vector<RuleRecord>& records,
                std::vector<std::string>& told) {
  std::vector<std::size_t> wrong;
  for (std::size_t i = 0; i < records.size(); ++i)
    if (records[i].wrong > 0) wrong.push_back(i);
  std::stable_sort(wrong.begin(), wrong.end(),
                   [&](std::size_t a, std::size_t b) { return records[a].wrong > records[b].wrong; });
  for (std::size_t i = 0; i < std::min(wrong.size(), kShownRules); ++i) {
    const RuleRecord& record = records[wrong[i]];
    told.push_back(fmt::format("            {}: {} of {} wrong, such as \"{}\", labelled {}",
                               book.rules()[wrong[i]].name, record.wrong, record.decided,
                               record.first_wrong.message.substr(0, kShownBytes), record.first_wrong.label));
  }
  if (wrong.size() > kShownRules)
    told.push_back(fmt::format(
        "            … {} rules in all are wrong on some lines; `logsieve rules check` lists them",
        wrong.size()));
}

}  // namespace

Result<JudgedRules> judge_rules(RuleBook book, const LabelledData& data) {
  JudgedRules judged;
  if (book.rules().empty()) return judged;
  auto records = record_rules(book, data);
  if (!records) return std::move(records).error();
  std::size_t decided = 0;
  std::size_t wrong = 0;
  std::vector<std::size_t> dropped;
  for (std::size_t i = 0; i < records->size(); ++i) {
    const RuleRecord& record = (*records)[i];
    decided += record.decided;
    wrong += record.wrong;
    if (!contradiction(book.rules()[i], record, LabelledBy::kData).empty()) dropped.push_back(i);
  }
  judged.told.push_back(fmt::format("given rules {} of {} lines decided, {} of them wrongly", decided,
                                    data.lines.size() + data.counterexamples.size(), wrong));
  tell_wrong(book, *records, judged.told);
  if (!dropped.empty()) {
    std::string names;
    for (std::size_t i = 0; i < std::min(dropped.size(), kShownRules); ++i)
      names += (i == 0 ? "" : ", ") + book.rules()[dropped[i]].name;
    judged.told.push_back(
        fmt::format("            {} certificate{} dropped, as these lines contradict {}: {}{}",
                    dropped.size(), dropped.size() == 1 ? " is" : "s are",
                    dropped.size() == 1 ? "it" : "them", names, dropped.size() > kShownRules ? ", …" : ""));
  }
  for (const std::size_t rule : dropped) book.drop_certificate(rule);
  judged.book = std::move(book);
  return judged;
}

}  // namespace logsieve
