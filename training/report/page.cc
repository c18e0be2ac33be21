// The page itself: sections from the top of what a reader wants to know to the bottom of how it was made.
#include <algorithm>
#include <fmt/format.h>

#include "training/fit/train_summary.h"
#include "training/report/html.h"
#include "training/report/page_style.h"
#include "training/report/plots.h"
#include "training/report/report.h"

namespace logsieve {
namespace {

constexpr std::size_t kMostRules = 40;
constexpr std::size_t kMostMatrixLabels = 24;
constexpr double kWeakRecall = 0.8;
constexpr std::size_t kShownWeak = 4;
constexpr std::size_t kFewForms = 20;
constexpr std::size_t kMessage = 280;  // code points of a line that are shown

std::string line_cell(std::string_view message) {
  return "<code>" + html_text(message, kMessage) + "</code>";
}

std::string section(std::string_view id, std::string_view title, const std::string& body) {
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", id, title, body);
}

std::string paragraph(const std::string& text) {
  return "<p>" + text + "</p>\n";
}

std::string figure(const std::string& svg, std::string_view caption) {
  return fmt::format("<figure>{}<figcaption>{}</figcaption></figure>\n", svg, caption);
}

std::string range_text(const Report& report, double (*of)(const Evaluation&)) {
  const std::vector<Evaluation>& runs = report.evaluation.runs;
  if (runs.size() < 2) return "";
  double low = of(runs.front());
  double high = low;
  for (const Evaluation& run : runs) {
    low = std::min(low, of(run));
    high = std::max(high, of(run));
  }
  return fmt::format(" <span class=\"quiet\">{:.3f}–{:.3f}</span>", low, high);
}

std::string basis(const Report& report) {
  const Evaluation& run = report.evaluation.runs.front();
  std::string text = fmt::format(
      "Every figure here comes from lines whose wording the judging model had not seen: whole forms (lines "
      "with their "
      "values masked) were held out in {} parts, and rules, regression, thresholds and all were learned anew "
      "from the "
      "other parts",
      run.folds);
  if (report.evaluation.runs.size() > 1)
    text += fmt::format(
        "; {} times with other parts. Figures are means, small ones beside them the lowest and the "
        "highest",
        report.evaluation.runs.size());
  text += ".";
  if (report.judged_forms < report.forms)
    text += fmt::format(
        " Of {} forms a sample of {} was judged, each label in proportion. The models that judged them "
        "learned from fewer forms than the one in the bundle, so expect it to do better than this.",
        counted(report.forms), counted(report.judged_forms));
  return text;
}

std::string rules_sentence(const Report& report, const Evaluation& mean) {
  const std::string text =
      fmt::format("{} decide {} of the training lines.", counted(report.rules.size(), "rule"),
                  percent(static_cast<double>(report.ruled_lines) / static_cast<double>(report.lines)));
  for (const TierScore& tier : mean.after.tiers)
    if (tier.tier == Tier::kRule)
      return text +
             fmt::format(" Of unseen wording they decided {} and were right {}.", percent(tier.coverage),
                         tier.precision >= 1.0 ? "every time" : "in " + percent(tier.precision) + " of it");
  return text + " Unseen wording they left to the model.";
}

// Labels whose unseen lines are seldom found, and of those the ones that have only a few forms to learn from.
std::string weak_labels(const Report& report, const Evaluation& mean) {
  std::vector<const LabelScore*> weak;
  for (const LabelScore& label : mean.after.labels)
    if (label.support > 0 && label.recall < kWeakRecall) weak.push_back(&label);
  std::stable_sort(weak.begin(), weak.end(),
                   [](const LabelScore* a, const LabelScore* b) { return a->recall < b->recall; });
  std::string text;
  bool has_few = false;
  for (std::size_t i = 0; i < std::min(weak.size(), kShownWeak); ++i) {
    const LabelReport& label = report.labels[static_cast<std::size_t>(weak[i]->label)];
    has_few = has_few || label.forms < kFewForms;
    text += fmt::format("{}<b>{}</b> ({} of its lines found, {})", i == 0 ? "Weakest: " : ", ",
                        html_text(label.name, 40), percent(weak[i]->recall), counted(label.forms, "form"));
  }
  if (text.empty()) return "";
  return text + (has_few ? ". More wordings of those that have few would help most." : ".");
}

std::string headline(const Report& report, const Evaluation& mean) {
  const double answered = 1.0 - mean.after.abstain_rate;
  std::string body;
  if (mean.after.answered == 0) {
    body +=
        "<p class=\"headline\">This model stays silent on every line whose wording it has not seen.</p>\n";
  } else if (answered < 0.005) {
    body +=
        "<p class=\"headline\">This model stays silent on nearly every line whose wording it has not "
        "seen.</p>\n";
  } else {
    body += fmt::format(
        "<p class=\"headline\">Of 100 lines whose wording it has never seen, this model labels "
        "<b>{:.0f}</b>, and <b>{}</b> of those labels are right. On the other {:.0f} it stays silent.</p>\n",
        100 * answered, percent(mean.after.answered_accuracy), 100 - std::round(100 * answered));
    body += paragraph(
        fmt::format("Counted by wording, each form once: {} labelled, {} of those rightly; with 95 % "
                    "confidence at least {}{}.",
                    percent(mean.after_by_form.coverage), percent(mean.after_by_form.answered_accuracy),
                    percent(report.form_interval.low),
                    report.evaluation.runs.size() > 1
                        ? fmt::format(" (in the lowest of {} runs)", report.evaluation.runs.size())
                        : ""));
  }
  std::string list;
  const auto add = [&](const std::string& item) {
    if (!item.empty()) list += "<li>" + item + "</li>\n";
  };
  if (!report.rules.empty()) add(rules_sentence(report, mean));
  add(weak_labels(report, mean));
  if (report.suspected_forms > 0)
    add(fmt::format("{} may carry <a href=\"#suspected\">a wrong label</a>.",
                    counted(report.suspected_forms, "form")));
  if (report.conflicting_forms > 0)
    add(fmt::format(
        "{} <a href=\"#conflicts\">several labels</a>.",
        counted(report.conflicting_forms, "form") + (report.conflicting_forms == 1 ? " carries" : " carry")));
  if (!report.next.empty()) add("What to <a href=\"#next\">label next</a> is listed, the most useful first.");
  for (const std::string& suspicion : report.evaluation.suspicions)
    add("Suspect: " + html_text(suspicion) + ".");
  return body + "<ul>\n" + list + "</ul>\n" + "<p class=\"quiet\">" + basis(report) + "</p>\n";
}

std::string data_section(const Report& report) {
  const std::size_t families = report.evaluation.runs.front().families;
  std::string body = paragraph(fmt::format(
      "{}, {}, {}, {}{}. {}", counted(report.lines, "line"), counted(report.forms, "form"),
      counted(report.labels.size(), "label"), counted(report.sources, "source"),
      report.first_time.empty()
          ? ""
          : fmt::format(", from {} to {}", html_text(report.first_time, 40), html_text(report.last_time, 40)),
      families < report.judged_forms
          ? fmt::format(
                "Of {} forms some differ in a word or two only: {} kinds are left if such count as one.",
                counted(report.judged_forms), counted(families))
          : ""));
  body += forms_svg(report);
  if (report.rejected > 0) {
    HtmlTable table({"rows left out", "first at line", "why"}, {0, 1});
    for (const LeftOut& rows : report.left_out)
      table.add(
          {counted(rows.rows), counted(static_cast<std::size_t>(rows.first_line)), html_text(rows.reason)});
    body += table.html();
  }
  return section("data", "The data", body);
}

std::string figures_table(const Report& report, const Evaluation& mean) {
  struct Row {
    const char* name;
    double (*of)(const Evaluation&);
    const char* meaning;
  };
  const Row rows[] = {
      {"accuracy", [](const Evaluation& e) { return e.before.accuracy; },
       "lines right if the model had to answer always"},
      {"macro-F1", [](const Evaluation& e) { return e.macro_f1_before; },
       "the same, each label counted once"},
      {"accuracy by form", [](const Evaluation& e) { return e.before_by_form.accuracy; },
       "each wording counted once"},
      {"macro-F1 by form", [](const Evaluation& e) { return e.form_macro_f1_before; }, ""},
      {"coverage at 99 %", [](const Evaluation& e) { return e.before.coverage_at_99; },
       "lines answered, the surest first, with 99 of 100 right"},
      {"AURC", [](const Evaluation& e) { return e.risk_before.aurc; },
       "area under the risk-coverage curve; lower is better"},
      {"ECE", [](const Evaluation& e) { return e.before.ece; },
       "how far confidence and share right lie apart"},
      {"Brier", [](const Evaluation& e) { return e.before.brier; }, "mean squared error of the confidence"}};
  HtmlTable table({"always answering", "", "what it says"}, {1});
  for (const Row& row : rows)
    table.add({row.name, fmt::format("{:.3f}{}", row.of(mean), range_text(report, row.of)), row.meaning});
  return table.html();
}

std::string tiers_table(const Evaluation& mean) {
  HtmlTable table({"tier, allowed to abstain", "lines answered", "right", "95 % interval"}, {1, 2, 3});
  for (const TierScore& tier : mean.after.tiers)
    table.add({std::string(tier_name(tier.tier)), percent(tier.coverage), percent(tier.precision),
               fmt::format("{} to {}", percent(tier.interval.low), percent(tier.interval.high))});
  return table.empty() ? "" : table.html();
}

std::string labels_table(const Report& report, const Evaluation& mean) {
  HtmlTable table({"label", "lines", "forms", "precision", "recall", "F1", "answered by"}, {1, 2, 3, 4, 5});
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    const LabelReport& label = report.labels[i];
    LabelScore score;
    for (const LabelScore& scored : mean.after.labels)
      if (scored.label == static_cast<LabelId>(i)) score = scored;
    table.add({html_text(label.name, 60), counted(label.lines), counted(label.forms),
               score.predicted > 0 ? fmt::format("{:.3f}", score.precision) : "–",
               fmt::format("{:.3f}", score.recall), fmt::format("{:.3f}", score.f1),
               label.has_prototypes    ? "nearest labelled form"
               : !label.has_regression ? "rules alone"
               : label.threshold > 1.0 ? "nothing was sure enough"
                                       : fmt::format("model, from {}", percent(label.threshold))});
  }
  return paragraph(
             "By label, with abstention: a line without an answer is a miss of its label and nobody's "
             "mistake.") +
         table.html();
}

std::string control_text(const ShuffledControl& control) {
  return paragraph(fmt::format(
      "Negative control: with labels dealt out at random among the forms, {} of forms come out right, "
      "against {} for "
      "always naming the most frequent label, and {} of lines get an answer. {}",
      percent(control.form_accuracy), percent(control.form_prior), percent(control.answered),
      control.falls_to_prior() ? "Nothing leaks." : "<b>Something leaks: do not trust the figures.</b>"));
}

std::string quality_section(const Report& report, const Evaluation& mean) {
  std::string body = figures_table(report, mean) + tiers_table(mean) + labels_table(report, mean);
  if (report.evaluation.control) body += control_text(*report.evaluation.control);
  return section("quality", "How good it is", body);
}

// One row compares nothing.
bool has_ablations(const Ablations& ablations) {
  return ablations.rows.size() >= 2;
}

std::string ablations_section(const Ablations& ablations) {
  if (!has_ablations(ablations)) return "";
  HtmlTable table({"the regression alone", "accuracy", "macro-F1", "by form", "log loss by form",
                   "coverage at 99 %", "forms won", "forms lost"},
                  {1, 2, 3, 4, 5, 6, 7});
  for (const Ablation& row : ablations.rows) {
    const bool is_first = &row == &ablations.rows.front();
    table.add({html_text(row.name), fmt::format("{:.3f}", row.accuracy), fmt::format("{:.3f}", row.macro_f1),
               fmt::format("{:.3f}", row.form_accuracy), fmt::format("{:.3f}", row.log_loss),
               fmt::format("{:.3f}", row.coverage_at_99), is_first ? "" : counted(row.won),
               is_first ? "" : counted(row.lost)});
  }
  return section("ablations", "What each part adds",
                 paragraph(fmt::format(
                     "{} forms, five folds that are the same for every row, one strength of the "
                     "penalty, always answering. Every row but the first leaves a part out, adds one, "
                     "or reads or weighs forms otherwise; forms won are right there and wrong in the first "
                     "row. The first row's weights were chosen on these folds, which flatters it a "
                     "little beside the other weights.",
                     counted(ablations.forms))) +
                     table.html());
}

std::string matrix_cell(std::size_t count, std::size_t row_total, std::string_view kind) {
  const double share = row_total > 0 ? static_cast<double>(count) / static_cast<double>(row_total) : 0.0;
  if (count == 0) return "<td class=\"n quiet\">·</td>";
  return fmt::format("<td class=\"n {}\" style=\"--s:{:.0f}%\" title=\"{}\">{}</td>", kind, 8 + 42 * share,
                     percent(share), counted(count));
}

std::string confusion_section(const Report& report, const Evaluation& mean) {
  if (report.labels.size() > kMostMatrixLabels) {
    HtmlTable table({"truth", "answered as", "lines"}, {2});
    for (std::size_t i = 0; i < std::min<std::size_t>(mean.confusions_before.size(), 40); ++i) {
      const Confusion& pair = mean.confusions_before[i];
      table.add({html_text(mean.labels.name(pair.truth), 60), html_text(mean.labels.name(pair.answer), 60),
                 counted(pair.rows)});
    }
    return section("confusion", "What is confused with what",
                   table.empty() ? paragraph("Nothing, of the labels that have enough lines to tell.")
                                 : paragraph("Always answering; the most frequent first.") + table.html());
  }
  std::string table = "<div class=\"wide\"><table class=\"matrix\"><thead><tr><th></th>";
  for (const LabelReport& label : report.labels)
    table += fmt::format("<th class=\"tall\"><span>{}</span></th>", html_text(label.name, 26));
  table += "<th class=\"tall\"><span>silent</span></th></tr></thead><tbody>\n";
  for (std::size_t truth = 0; truth < report.labels.size(); ++truth) {
    std::size_t total = 0;
    for (const std::size_t count : report.confusion[truth]) total += count;
    table += fmt::format("<tr><th>{}</th>", html_text(report.labels[truth].name, 26));
    for (std::size_t answer = 0; answer <= report.labels.size(); ++answer)
      table += matrix_cell(report.confusion[truth][answer], total,
                           answer == truth                  ? "right"
                           : answer == report.labels.size() ? "silent"
                                                            : "wrong");
    table += "</tr>\n";
  }
  return section(
      "confusion", "What is confused with what",
      paragraph(fmt::format("A row a true label, a column an answer, in lines; all tiers, with abstention{}.",
                            report.evaluation.runs.size() > 1 ? "; the first run" : "")) +
          table + "</tbody></table></div>\n");
}

std::string curves_section(const Report& report) {
  return section(
      "curves", "How far its confidence can be believed",
      "<div class=\"pair\">" +
          figure(reliability_svg(report),
                 "Reliability: a dot is a range of confidence, as large as its share of the answers. On the "
                 "dashed line "
                 "“80 % sure” is right in 80 of 100 cases; below it the model is too sure, above it too "
                 "modest.") +
          figure(
              risk_svg(report),
              "Risk and coverage: how many answers are wrong if only the surest are given. The curve is the "
              "regression alone; the cross is what all tiers do with the thresholds as they are.") +
          "</div>\n");
}

std::string map_section(const Report& report) {
  std::string legend = "<p class=\"legend\">";
  for (std::size_t i = 0; i < report.labels.size(); ++i)
    legend += fmt::format("<span>{} {}</span> ", mark_svg(static_cast<LabelId>(i)),
                          html_text(report.labels[i].name, 40));
  legend += "</p>\n";
  return section(
      "map", "A map of the forms",
      paragraph(fmt::format("Each mark is a form, near to what the encoder thinks is like it: the first two "
                            "principal components, which hold {} of the variance, so that what lies apart is "
                            "apart, and what lies together need not be together. Hollow: not answered. "
                            "Crossed: answered wrongly.",
                            percent(report.explained[0] + report.explained[1]))) +
          legend + map_svg(report));
}

std::string judged_table(const std::vector<JudgedForm>& forms, std::string_view other) {
  HtmlTable table({"line", "copies", "label", std::string(other), "verdict"}, {1});
  for (const JudgedForm& form : forms)
    table.add({line_cell(form.message), counted(form.lines),
               fmt::format("{} <span class=\"p\">{}</span>", html_text(form.label, 60),
                           percent(form.label_probability)),
               fmt::format("{} <span class=\"p\">{}</span>", html_text(form.likeliest, 60),
                           percent(form.likeliest_probability)),
               html_text(form.verdict, 60)});
  return table.html();
}

std::string hardest_section(const Report& report) {
  if (report.hardest.empty())
    return section("hardest", "The hardest lines",
                   paragraph("None: every form's own label was likelier than not while it was held out."));
  return section("hardest", "The hardest lines",
                 paragraph("Their own label seemed least likely while they were held out. One line a form.") +
                     judged_table(report.hardest, "likeliest"));
}

std::string suspected_section(const Report& report) {
  if (report.suspected_forms == 0)
    return section("suspected", "Suspected label errors",
                   paragraph("None: no form is believed more confidently to be of another label than forms "
                             "of that label are."));
  return section(
      "suspected", "Suspected label errors",
      paragraph(fmt::format(
          "{}: a model that had not seen it believes the other label at least as much as it usually "
          "believes that label's own forms (confident learning). Look at them; some are hard, not "
          "wrong.{}",
          counted(report.suspected_forms, "form"),
          report.suspected_forms > report.suspected.size() ? " The worst are shown." : "")) +
          judged_table(report.suspected, "may have to be"));
}

std::string conflicts_section(const Report& report) {
  if (report.conflicting_forms == 0)
    return section("conflicts", "Conflicts", paragraph("None: all lines of a form carry one label."));
  HtmlTable table({"form", "labels", "taken"}, {});
  for (const ConflictReport& conflict : report.conflicts) {
    std::string votes;
    for (const auto& [label, lines] : conflict.votes)
      votes += fmt::format("{}{} {}", votes.empty() ? "" : ", ", counted(lines), html_text(label, 60));
    table.add({line_cell(conflict.form), votes, html_text(conflict.taken, 60)});
  }
  return section(
      "conflicts", "Conflicts",
      paragraph(fmt::format("{} with lines of several labels: training took the most frequent one.",
                            counted(report.conflicting_forms, "form"))) +
          table.html());
}

std::string next_section(const Report& report) {
  if (report.next.empty())
    return section("next", "What to label next",
                   paragraph("Nothing stands out: every cluster was answered rightly."));
  HtmlTable table({"a line of the kind", "label", "looked like", "forms", "lines", "missed", "uncertainty"},
                  {3, 4, 5, 6});
  for (const LabelNext& next : report.next)
    table.add({line_cell(next.message), html_text(next.label, 60), html_text(next.likeliest, 60),
               counted(next.forms), counted(next.lines), counted(next.unsure_lines),
               percent(next.uncertainty)});
  return section(
      "next", "What to label next",
      paragraph("Kinds of lines (clusters of forms) that the model refused or mistook (missed) while they "
                "were held out, "
                "by lines times uncertainty. Label more wordings like these; more copies of the same "
                "wording teach nothing.") +
          table.html());
}

std::string certificate_cells(const Rule& rule, std::vector<std::string>& cells) {
  if (!rule.certificate) {
    cells.insert(cells.end(), {"–", "–", "–", "written by hand"});
    return "";
  }
  const RuleCertificate& certificate = *rule.certificate;
  cells.push_back(counted(certificate.lines));
  cells.push_back(fmt::format("{} / {}", counted(certificate.messages), counted(certificate.forms)));
  cells.push_back(fmt::format("{} / {}", counted(certificate.other_messages), counted(certificate.held_out)));
  cells.push_back(fmt::format("≥ {}{}", percent(certificate.precision_bound),
                              certificate.is_labelled_by_book ? ", by the book's own labels" : ""));
  return certificate.until;
}

std::string rules_section(const Report& report) {
  if (report.rules.empty()) return section("rules", "The rule book", paragraph("No rules."));
  std::vector<const Rule*> rules;
  for (const Rule& rule : report.rules) rules.push_back(&rule);
  std::stable_sort(rules.begin(), rules.end(), [](const Rule* a, const Rule* b) {
    const auto lines = [](const Rule* rule) { return rule->certificate ? rule->certificate->lines : 0; };
    return lines(a) > lines(b);
  });
  HtmlTable table({"pattern, and a line that it matches", "label", "lines", "distinct / forms",
                   "others refused / held out", "precision"},
                  {2, 3, 4, 5});
  std::string until;
  for (std::size_t i = 0; i < std::min(rules.size(), kMostRules); ++i) {
    const Rule& rule = *rules[i];
    std::vector<std::string> cells = {
        fmt::format("<code>{}</code><br><span class=\"quiet\">{}</span>", html_text(rule.pattern, 400),
                    rule.match.empty() ? "" : html_text(rule.match.front(), 110)),
        html_text(rule.label, 60)};
    const std::string last = certificate_cells(rule, cells);
    until = std::max(until, last);
    table.add(cells);
  }
  return section(
      "rules", "The rule book",
      paragraph(fmt::format(
          "{}, which decide {} of {}. A rule that was discovered here is right on every line of its label "
          "that "
          "it was made from, and "
          "was tried on the lines of other labels, a part of which (held out) had no say in making it; it "
          "matches none. A rule that was given shows the certificate that it came with, unless these lines "
          "contradict it. "
          "The precision is the lower end of its 95 % Wilson interval, over distinct lines. Data {}{}.{}",
          counted(report.rules.size(), "rule"), counted(report.ruled_lines), counted(report.lines, "line"),
          html_text(report.data_sha256, 12), until.empty() ? "" : ", up to " + html_text(until, 40),
          rules.size() > kMostRules
              ? fmt::format(" The {} that match most are shown; rules.yaml has all.", kMostRules)
              : "")) +
          table.html());
}

std::string told_section(const Report& report) {
  std::string text;
  for (const std::string& line : report.told) text += html_text(line) + "\n";
  return section("told", "What training told", "<pre>" + text + "</pre>\n");
}

std::string made_section(const Report& report) {
  return section(
      "made", "How it was made",
      paragraph(fmt::format(
          "Data {} (SHA-256 {}), seed {}, mask version {}, encoder {} (placeholders: {}). The same data and "
          "seed give this page again, byte for byte.",
          html_text(report.data_name, 200), html_text(report.data_sha256), report.seed, report.mask_version,
          html_text(report.encoder_sha256, 12), told_name(report.spelling))));
}

std::string contents(bool with_ablations) {
  std::string links =
      "<a href=\"#quality\">How good</a> <a href=\"#curves\">Confidence</a> <a "
      "href=\"#confusion\">Confusion</a> "
      "<a href=\"#next\">Label next</a> <a href=\"#suspected\">Label errors</a> <a "
      "href=\"#conflicts\">Conflicts</a> <a href=\"#hardest\">Hardest lines</a> ";
  if (with_ablations) links += "<a href=\"#ablations\">What each part adds</a> ";
  return "<nav>" + links +
         "<a href=\"#data\">Data</a> <a href=\"#map\">Map</a> <a href=\"#rules\">Rules</a> "
         "<a href=\"#told\">Training</a></nav>\n";
}

}  // namespace

std::string report_html(const Report& report) {
  const Evaluation mean = mean_of(report.evaluation.runs);
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n";
  // Nothing may be fetched or run, even if an escape were ever missed.
  page +=
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  page += fmt::format(
      "<title>logsieve: "
      "{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n<header><h1>{}</h1></header>\n",
      html_text(report.data_name, 100), kPageStyle, html_text(report.data_name, 100));
  page += section("headline", "In short", headline(report, mean)) + contents(has_ablations(report.ablations));
  page += quality_section(report, mean) + curves_section(report) + confusion_section(report, mean);
  page +=
      next_section(report) + suspected_section(report) + conflicts_section(report) + hardest_section(report);
  page += ablations_section(report.ablations) + data_section(report) + map_section(report) +
          rules_section(report) + told_section(report) + made_section(report);
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace logsieve
