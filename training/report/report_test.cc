// The report over real vectors of a small set whose lines mean harm.
#include "training/report/report.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/test_folder.h"
#include "base/utf8.h"
#include "encoder/encoder_test_support.h"
#include "encoder/sentence_encoder.h"
#include "training/fit/form_vectors.h"

namespace logsieve {
namespace {

const std::vector<std::string> kHostile = {
    "<script>alert(1)</script> the disk failed",
    "the fan failed <img src=x onerror=alert(1)>",
    "the \x1B[31mcontroller\x1B[0m failed\r\nagain",
    std::string("\xE2\x80\xAE") + "deliaf \xE2\x80\xAC the battery failed",
    "the raid \xFF\xFE\xC3 failed",
    "the tape failed ]]> --> </title></style></svg> & \" '",
};

LabelledData hostile_data() {
  LabelledData data;
  data.labels = LabelSet({"<b>Error</b>", "User \"Action\""});
  const auto add = [&](std::string message, LabelId label) {
    LabelledLine line;
    line.message = std::move(message);
    line.source = "app";
    line.timestamp = "2025-01-0" + std::to_string(1 + data.lines.size() % 9) + " 10:00:00";
    line.label = label;
    data.lines.push_back(std::move(line));
  };
  for (const std::string& message : kHostile)
    for (int copy = 0; copy < 3; ++copy) add(message, 0);
  for (const char* part : {"disk", "fan", "supply", "sensor", "bus", "link"})
    add("the " + std::string(part) + " reports a fatal fault", 0);
  for (const char* page :
       {"invoice", "report", "calendar", "profile", "basket", "message", "contract", "ticket"})
    for (int copy = 0; copy < 2; ++copy) add("user mary opened the " + std::string(page) + " page", 1);
  add("user mary opened the invoice page", 0);       // a conflict
  add("the network card reports a fatal fault", 1);  // a wrong label
  fold_to_forms(data);
  data.sha256 = std::string(64, 'a');
  return data;
}

class ReportTest : public WithEncoder {
 protected:
  void SetUp() override {
    WithEncoder::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    take(hostile_data());
  }

  void take(LabelledData data) {
    data_ = std::move(data);
    auto vectors = encode_forms(data_, *encoder_, 1);
    ASSERT_TRUE(vectors);
    vectors_ = std::move(*vectors);
  }

  Report report_of(std::size_t threads) {
    TrainOptions options;
    options.threads = threads;
    options.encoder = &*encoder_;
    FormReader reader(*encoder_, threads);
    options.reader = &reader;
    const std::optional<DiscoveryOptions> discovery = DiscoveryOptions{2, threads};
    auto found = discover_rules(data_, vectors_, kDim, *discovery);
    auto rules = joined_books({}, std::move(found->rules));
    EXPECT_TRUE(rules);
    TrainSummary summary;
    auto bundle = train_on_vectors(data_, vectors_, std::move(*rules), options, &summary);
    EXPECT_TRUE(bundle);
    bundle_ = std::move(*bundle);
    auto report = make_report(
        {data_, vectors_, bundle_, {}, options, discovery, "<data>.csv", summary.lines, summary.spelling});
    EXPECT_TRUE(report) << report.error().message;
    return std::move(*report);
  }

  LabelledData data_;
  std::vector<float> vectors_;
  Bundle bundle_;
};

// Tags open and close in order, and are none but the page's own.
void expect_well_formed(const std::string& page) {
  const std::vector<std::string> empty = {"meta", "!DOCTYPE", "br"};
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const std::size_t end = page.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = page.substr(at + 1, end - at - 1);
    const std::string name =
        tag.substr(tag[0] == '/' ? 1 : 0, tag.find_first_of(" /", 1) - (tag[0] == '/' ? 1 : 0));
    ASSERT_NE(name, "script");
    ASSERT_NE(name, "img");
    if (tag[0] == '/') {
      ASSERT_FALSE(open.empty()) << tag;
      ASSERT_EQ(open.back(), tag.substr(1)) << page.substr(at > 200 ? at - 200 : 0, 400);
      open.pop_back();
    } else if (tag.back() != '/' && std::find(empty.begin(), empty.end(), name) == empty.end()) {
      open.push_back(name);
    }
  }
  EXPECT_TRUE(open.empty()) << open.back();
}

TEST_F(ReportTest, ShowsHostileLinesAsText) {
  const std::string page = report_html(report_of(1));
  EXPECT_TRUE(is_valid_utf8(page));
  for (const char c : page)
    ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << static_cast<int>(c);
  EXPECT_EQ(page.find("\xE2\x80\xAE"), std::string::npos) << "no mark that turns the text around";
  EXPECT_NE(page.find("\\u{202E}"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;alert(1)&lt;/script&gt;"), std::string::npos);
  EXPECT_NE(page.find("&lt;b&gt;Error&lt;/b&gt;"), std::string::npos);
  EXPECT_EQ(page.find("onerror=alert(1)>"), std::string::npos);
  expect_well_formed(page);
}

TEST_F(ReportTest, FetchesNothing) {
  const std::string page = report_html(report_of(1));
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  for (const char* loader : {"url(", "@import", "<link", "<iframe", "<object", "xlink:href", "href=\"http"})
    EXPECT_EQ(page.find(loader), std::string::npos) << loader;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1))
    EXPECT_EQ(page.substr(at, page.find('>', at) - at).find(" src="), std::string::npos);
}

TEST_F(ReportTest, TellsConflictsSuspectedLabelsAndHardLines) {
  const Report report = report_of(1);
  EXPECT_EQ(report.conflicting_forms, 1U);
  ASSERT_EQ(report.conflicts.size(), 1U);
  EXPECT_EQ(report.conflicts[0].taken, "User \"Action\"");
  EXPECT_EQ(report.conflicts[0].votes[0].second, 2U);
  EXPECT_EQ(report.conflicts[0].votes[1].second, 1U);
  ASSERT_FALSE(report.suspected.empty());
  EXPECT_EQ(report.suspected[0].message, "the network card reports a fatal fault");
  EXPECT_EQ(report.suspected[0].likeliest, "<b>Error</b>");
  ASSERT_FALSE(report.hardest.empty());
  EXPECT_EQ(report.hardest[0].message, "the network card reports a fatal fault");
  ASSERT_FALSE(report.next.empty());
  EXPECT_EQ(report.first_time, "2025-01-01 10:00:00");
  EXPECT_EQ(report.last_time, "2025-01-09 10:00:00");
}

TEST_F(ReportTest, HasFiguresOfLinesThatWereNotSeen) {
  const Report report = report_of(1);
  for (const Evaluation& run : report.evaluation.runs) EXPECT_EQ(run.seen_form_share, 0.0);
  std::size_t lines = 0;
  for (const auto& row : report.confusion)
    for (const std::size_t count : row) lines += count;
  EXPECT_EQ(lines, data_.lines.size());
  double lowest = 1.0;  // by Wilson's formula, 1.96 squared is 3.8415
  for (const Evaluation& run : report.evaluation.runs) {
    const double n = std::round(run.after_by_form.coverage * static_cast<double>(data_.forms.size()));
    const double p = std::round(run.after_by_form.answered_accuracy * n) / n;
    const double half = 1.95996 * std::sqrt(p * (1 - p) / n + 3.8415 / (4 * n * n));
    lowest = std::min(lowest, (p + 3.8415 / (2 * n) - half) / (1 + 3.8415 / n));
  }
  EXPECT_NEAR(report.form_interval.low, lowest, 1e-4);
  EXPECT_EQ(report.map.size(), data_.forms.size());
  ASSERT_EQ(report.ablations.rows.size(), 10U);
  EXPECT_EQ(report.ablations.forms, data_.forms.size());
  const auto json = report_json(report);
  EXPECT_EQ(json["evaluation"]["seen_form_share"], 0.0);
  EXPECT_EQ(json["data"]["lines"], data_.lines.size());
  EXPECT_EQ(json["placeholders"]["spelling"], spelling_name(bundle_.spelling));
  EXPECT_EQ(json["placeholders"]["tried"].size(), kSpellings.size());
  ASSERT_EQ(json["ablations"].size(), report.ablations.rows.size());
  EXPECT_EQ(json["ablations"][1]["name"], "sentence vectors alone");
  EXPECT_EQ(json["ablations"][1]["lost"], report.ablations.rows[1].lost);
  EXPECT_FALSE(json.dump().empty()) << "valid UTF-8 throughout";
}

TEST_F(ReportTest, GivesTheSameBytesWhateverTheThreads) {
  const Report one = report_of(1);
  const Report three = report_of(3);
  EXPECT_EQ(report_html(one), report_html(three));
  EXPECT_EQ(report_json(one).dump(), report_json(three).dump());
}

// One line of two labels each: nothing can be learned, and the page says so.
TEST_F(ReportTest, BearsDataThatTeachNothing) {
  LabelledData tiny;
  tiny.labels = LabelSet({"A", "B"});
  for (const LabelId label : {0, 1}) {
    LabelledLine line;
    line.message = label == 0 ? "the disk failed" : "user mary logged in";
    line.label = label;
    tiny.lines.push_back(line);
  }
  fold_to_forms(tiny);
  take(std::move(tiny));
  const Report report = report_of(1);
  const std::string page = report_html(report);
  expect_well_formed(page);
  EXPECT_NE(page.find("stays silent on every line"), std::string::npos);
  EXPECT_EQ(page.find("nan"), std::string::npos);
  EXPECT_EQ(report_json(report).dump().find("null"), std::string::npos) << "JSON has no other word for nan";
  EXPECT_TRUE(report.first_time.empty());
}

TEST_F(ReportTest, ListsConfusionsWhereLabelsAreTooManyForAMatrix) {
  LabelledData many;
  std::vector<std::string> names;
  for (int i = 0; i < 25; ++i) names.push_back("label " + std::to_string(100 + i));
  many.labels = LabelSet(names);
  for (LabelId label = 0; label < 25; ++label)
    for (const char* part : {"disk", "fan"})
      for (int copy = 0; copy < 5; ++copy) {
        LabelledLine line;
        line.message =
            "device " + std::string(1, static_cast<char>('a' + label)) + " the " + part + " is well";
        line.label = label;
        many.lines.push_back(line);
      }
  fold_to_forms(many);
  take(std::move(many));
  const std::string page = report_html(report_of(1));
  expect_well_formed(page);
  EXPECT_EQ(page.find("class=\"matrix\""), std::string::npos);
  EXPECT_NE(page.find("the most frequent first"), std::string::npos);
}

TEST_F(ReportTest, LinksOnlyToSectionsThatAreThere) {
  Report report = report_of(1);
  for (const bool has_ablations : {true, false}) {
    report.ablations.rows.clear();
    if (has_ablations) report.ablations.rows.resize(2);
    const std::string page = report_html(report);
    EXPECT_EQ(page.find("href=\"#ablations\"") != std::string::npos, has_ablations);
    constexpr std::string_view kLink = "href=\"#";
    for (std::size_t at = page.find(kLink); at != std::string::npos; at = page.find(kLink, at + 1)) {
      const std::size_t begin = at + kLink.size();
      const std::string id = page.substr(begin, page.find('"', begin) - begin);
      EXPECT_NE(page.find("id=\"" + id + "\""), std::string::npos) << id;
    }
  }
}

TEST_F(ReportTest, ReplacesAnOlderReportAndNothingElse) {
  const Report report = report_of(1);
  const TestFolder folder;
  ASSERT_TRUE(write_report(report, folder / "report"));
  ASSERT_TRUE(write_report(report, folder / "report"));
  EXPECT_EQ(*read_file(folder / "report" / "report.html"), report_html(report));
  std::filesystem::create_directories(folder / "mine");
  ASSERT_TRUE(write_file_atomic(folder / "mine" / "notes.txt", "precious"));
  const auto refused = write_report(report, folder / "mine");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kIo);
  EXPECT_EQ(*read_file(folder / "mine" / "notes.txt"), "precious");
}

TEST_F(ReportTest, MakesACardThatMarkdownCannotMisread) {
  const Report report = report_of(1);
  const std::vector<std::string> told = {"data        44 lines"};
  const std::string card = model_card(bundle_, data_, told, &report);
  EXPECT_EQ(card.find("<b>"), std::string::npos);
  EXPECT_NE(card.find("\\<b\\>Error\\</b\\>"), std::string::npos);
  EXPECT_NE(card.find("| lines answered |"), std::string::npos);
  const std::string plain = model_card(bundle_, data_, told, nullptr);
  EXPECT_NE(plain.find("data        44 lines"), std::string::npos);
  EXPECT_EQ(plain.find("| lines answered |"), std::string::npos);
  for (const std::string& text : {card, plain}) EXPECT_TRUE(is_valid_utf8(text));
}

}  // namespace
}  // namespace logsieve
