// Redaction against examples, against generated secrets in log lines, and against lines that hold none.
#include "llm/redact.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iostream>
#include <map>
#include <re2/re2.h>
#include <set>
#include <sstream>

#include "base/csv_test_reader.h"
#include "base/random.h"
#include "llm/redact_numbers.h"
#include "mask/masker.h"
#include "tests/secrets/secret_corpus.h"

namespace logsieve {
namespace {

using secrets::Half;
using secrets::SecretLine;

std::string form_of(std::string_view line) {
  std::string form;
  mask(line, form);
  return form;
}

// What a prompt would hold of this line.
std::string outgoing(std::string_view line) {
  return redact(form_of(line));
}

struct Example {
  std::string_view line;
  std::string_view sent;
};

TEST(Redact, ReplacesTheValueAndKeepsTheSentence) {
  const std::vector<Example> examples = {
      {"login with password=bananaTree failed", "login with password=secret failed"},
      {"password=Summer2024!x, retries=3", "password=secret, retries=number"},
      {R"({"user":"maria","apiKey":"QkzXwvPq"})", R"({"user":"name","apiKey":"secret"})"},
      {R"(body: "{\"pwd\":\"hunter\"}")", R"(body: "{\"pwd\":\"secret\"}")"},
      {"<dbPassword>velvet</dbPassword>", "<dbPassword>secret<path>"},
      {"exec: tool --token velvetRain --verbose", "exec: tool --token secret --verbose"},
      {"Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer secret"},
      {"Cookie: sid=abcdef; theme=dark", "Cookie: secret"},
      {"dial svc:velvet!rain@tcp(db-2:3306)/orders", "dial svc:secret@tcp(db-number:number)path"},
      {"pushed with ghp_QkzXwvPqLmNoRsTu", "pushed with secret"},
      {"Failed password for invalid user webmaster from 10.0.0.1 port 22 ssh2",
       "Failed password for invalid user name from address port number ssh number"},
      {"customer: Maria Lopez called", "customer: name called"},
      {"-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY----- loaded", "secret loaded"},
  };
  for (const Example& example : examples) EXPECT_EQ(outgoing(example.line), example.sent) << example.line;
}

TEST(Redact, LeavesAloneWhatOnlySpeaksOfSecrets) {
  for (const std::string_view line : {
           "password expired for account 12",
           "Invalid token: expired",
           "password policy changed by operator",
           "token_count=12 max_tokens=400",
           "session opened for user root by (uid=0)",
           "authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.1",
           "imap-login: Disconnected: Inactivity",
           "primary key violation on orders_pkey",
           "password=**** token=<hidden> secret=null",
           R"(secret "db-credentials" not found)",
           "BlockReceiver and FsDatasetImpl closed blk_-16",
       })
    EXPECT_EQ(outgoing(line), form_of(line));
}

TEST(Redact, KnowsNumbersOfPeopleWhereTheMaskHasNotBeen) {
  EXPECT_EQ(redact("card 4111 1111 1111 1111 declined"), "card number declined");
  EXPECT_EQ(redact("order 4111 1111 1111 1112 shipped"), "order 4111 1111 1111 1112 shipped");  // no card
  EXPECT_EQ(redact("to GB82 WEST 1234 5698 7654 32 OK"), "to id OK");
  EXPECT_EQ(redact("to GB82 WEST 1234 5698 7654 33 OK"), "to GB82 WEST 1234 5698 7654 33 OK");
  EXPECT_EQ(redact("ssn 078-05-1120."), "ssn number.");
  EXPECT_EQ(redact("mail maria.lopez@mail.example now"), "mail email now");
  EXPECT_TRUE(has_luhn_check("79927398713"));
  EXPECT_FALSE(has_luhn_check("79927398710"));
  EXPECT_TRUE(has_iban_check("DE89370400440532013000"));
  EXPECT_FALSE(has_iban_check("DE89370400440532013001"));
}

// Recall over a half of the corpus, with what leaked by family.
struct Recall {
  std::size_t lines = 0;
  std::size_t leaks = 0;
  std::string text;
};

Recall measure(Half half, std::size_t count, std::uint64_t seed) {
  constexpr std::size_t kShown = 3;
  Recall recall;
  std::map<std::string, std::size_t> leaks;
  std::ostringstream shown;
  for (const SecretLine& line : secrets::secret_lines(half, count, seed)) {
    ++recall.lines;
    const std::string sent = outgoing(line.line);
    const std::string leaked = secrets::leaked_piece(line, sent);
    if (leaked.empty()) continue;
    ++recall.leaks;
    if (++leaks[line.family] <= kShown)
      shown << "  " << leaked << " of: " << line.line << "\n  in: " << sent << '\n';
  }
  std::ostringstream text;
  text << "recall " << 1.0 - static_cast<double>(recall.leaks) / static_cast<double>(recall.lines) << " ("
       << recall.leaks << " of " << recall.lines << " leak)\n";
  for (const auto& [family, number] : leaks) text << "  " << number << ": " << family << '\n';
  recall.text = text.str() + shown.str();
  return recall;
}

TEST(Redact, KeepsSecretsOfTheDevelopmentHalfHere) {
  ASSERT_GE(secrets::families(Half::kDevelopment).size(), 40U);
  const Recall recall = measure(Half::kDevelopment, 5'000, 1);
  RecordProperty("recall", recall.text);
  EXPECT_LE(recall.leaks * 100, recall.lines) << recall.text;
  std::cout << recall.text;
}

TEST(Redact, KeepsSecretsOfTheHeldOutHalfHere) {
  ASSERT_GE(secrets::families(Half::kHeldOut).size(), 30U);
  const Recall recall = measure(Half::kHeldOut, 5'000, 1);
  EXPECT_LE(recall.leaks * 100, recall.lines) << recall.text;
  std::cout << recall.text;
}

// The measure itself: without redaction most secrets leak, so it can fail.
TEST(Redact, IsWhatKeepsThem) {
  std::size_t leaks = 0;
  const auto lines = secrets::secret_lines(Half::kDevelopment, 1'000, 3);
  for (const SecretLine& line : lines) leaks += secrets::leaked_piece(line, line.line).empty() ? 0U : 1U;
  EXPECT_GE(leaks, 990U);
}

std::vector<std::string> column_of(const std::filesystem::path& file, std::string_view column) {
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto records = test_support::read_csv(text);
  if (records.empty()) return {};
  const auto at = std::find(records.front().begin(), records.front().end(), column) - records.front().begin();
  std::vector<std::string> values;
  for (std::size_t i = 1; i < records.size(); ++i)
    if (static_cast<std::size_t>(at) < records[i].size())
      values.push_back(records[i][static_cast<std::size_t>(at)]);
  return values;
}

struct Changes {
  std::size_t forms = 0;
  std::size_t changed = 0;  // for whatever reason
  std::size_t wrongly = 0;  // in forms that name no account or person
  std::string examples;
};

Changes changes_of(const std::vector<std::string>& lines) {
  // Written apart from the redaction: forms in which somebody's name may stand.
  const RE2 names_somebody(R"((?i)(?:user|usr|login|logname|owner|customer|account|for \S+ from)\b)");
  std::set<std::string> forms;
  for (const std::string& line : lines) forms.insert(form_of(line));
  Changes changes;
  for (const std::string& form : forms) {
    ++changes.forms;
    const std::string sent = redact(form);
    if (sent == form) continue;
    ++changes.changed;
    if (RE2::PartialMatch(form, names_somebody) && sent.find("secret") == std::string::npos) continue;
    ++changes.wrongly;
    changes.examples += "  " + form + "\n  " + sent + "\n";
  }
  std::cout << changes.changed << " of " << changes.forms << " forms changed, " << changes.wrongly
            << " of them without a name in them\n";
  return changes;
}

TEST(Redact, ChangesAlmostNoCleanFormOfTheTrainingData) {
  const auto lines = column_of(std::string(LOGSIEVE_SOURCE_DIR) + "/training/data/logs.csv", "log_message");
  ASSERT_GE(lines.size(), 10'000U);
  const Changes changes = changes_of(lines);
  EXPECT_LE(changes.wrongly * 100, changes.forms) << changes.examples;
}

TEST(Redact, ChangesAlmostNoCleanFormOfPublicLogs) {
  const char* given = std::getenv("LOGSIEVE_SHARED_DIR");
  const std::filesystem::path shared =
      given != nullptr ? given : std::string(LOGSIEVE_SOURCE_DIR) + "/../shared";
  std::vector<std::string> lines;
  std::error_code absent;
  for (const auto& system : std::filesystem::directory_iterator(shared / "data/loghub2k", absent))
    for (const std::string& line :
         column_of(system.path() / (system.path().filename().string() + "_2k.log_structured.csv"), "Content"))
      lines.push_back(line);
  if (lines.empty()) GTEST_SKIP() << "no public logs under " << shared;
  const Changes changes = changes_of(lines);
  EXPECT_LE(changes.wrongly * 100, changes.forms) << changes.examples;
}

TEST(Redact, IsIdempotentAndBoundedForAnyBytes) {
  Random random(5);
  const auto lines = secrets::secret_lines(Half::kDevelopment, 2'000, 9);
  for (const SecretLine& line : lines) {
    std::string text = line.line;
    for (std::size_t i = random.below(4); i > 0; --i)
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    const std::string once = redact(text);
    ASSERT_EQ(redact(once), once) << text;
    ASSERT_LE(once.size(), kMaxRedactionGrowth * text.size());
  }
}

}  // namespace
}  // namespace logsieve
