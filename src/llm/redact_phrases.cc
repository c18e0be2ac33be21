#include "llm/redact_phrases.h"

#include <array>
#include <memory>
#include <re2/re2.h>
#include <string_view>
#include <vector>

#include "llm/ascii.h"
#include "llm/redact_keys.h"

namespace logsieve {
namespace {

struct PhraseText {
  std::string_view gate;  // in lower case; a text without it is not searched
  std::string_view pattern;
  std::string_view rewrite;
};

// A value without white space, with the parts that the mask has moved away from it: Summer2024!x -> Summer number!x
#define LOGSIEVE_VALUE \
  R"((?:number [A-Za-z]{1,7}[^\sA-Za-z"'<>,;][^\s"'<>,;]*|[^\s"'<>,;]+)(?: number[^\s"'<>,;]*)*)"

constexpr auto kSecretPhrases = std::to_array<PhraseText>({
    {"private",
     R"((?is)-{3,}\s*BEGIN [a-z0-9 ]*PRIVATE KEY(?: BLOCK)?\s*-{3,}.*?(?:-{3,}\s*END [a-z0-9 ]*-{3,}|$))",
     "secret"},
    {"authorization",
     R"((?i)(authorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic|token|apikey|api-key|ssws|negotiate|ntlm|key)\s+)?))" LOGSIEVE_VALUE,
     R"(\1secret)"},
    {"authorization",
     R"((?i)(authorization["']?\s*[:=]\s*["']?(?:digest|aws4-hmac-sha256|hawk|oauth)\s)[^\n]*)",
     R"(\1secret)"},
    {"cookie", R"((?i)(cookie["']?\s*[:=]\s*["']?)[\w.$-]+=[^;"',]*(?:;\s*[\w.$-]+(?:=[^;"',]*)?)*)",
     R"(\1secret)"},
    {" number", R"(\b[A-Z]{2} number (?:[A-Z]{4}|number|id)(?: (?:number|id)){2,})", "id"},
    {"://", R"(([A-Za-z][\w+.-]*://[^\s/:@"']*):[^\s"']*@)", R"(\1:secret@)"},
});
// After the keyed values: their secrets may hold any of these marks.
constexpr auto kLatePhrases = std::to_array<PhraseText>({
    {"@", R"((\b[A-Za-z][\w.-]*:)[^\s:"'/]\S*(?: number\S*)*@([\w(\[]))", R"(\1secret@\2)"},
    {"@", R"([\w.%+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b)", "email"},
    // ya29.…, a bot's number:AA…, $2b$12$… with their digits masked.
    {"ya number", R"(\bya number[.-])" LOGSIEVE_VALUE, "secret"},
    {":", R"(\bAAAA[\w-]{3,}:(?:secret|id|APA91)[\w-]*)", "secret"},
    {"$v=", R"(\$(?:id|argon2\w*)\$v=\S+)", "secret"},
    {":aa", R"(\b(?:number|[0-9]{8,10}):AA)" LOGSIEVE_VALUE, "secret"},
    {"$", R"(\$(?:number|[0-9])(?: ?[a-z])?\$)" LOGSIEVE_VALUE, "secret"},
});

// The name is the first group.
constexpr auto kNamePhrases = std::to_array<PhraseText>({
    {"user ",
     R"((?i)\b(?:for|by|of|from|as|invalid|unknown|illegal|nonexistent) user ["'(]?([a-z][\w.@\\$-]*))", ""},
    {" for ",
     R"((?i)\b(?:password|publickey|hostbased|none|keyboard-interactive(?:/pam)?) for ([a-z][\w.@\\$-]*) from\b)",
     ""},
});

#undef LOGSIEVE_VALUE

class Phrase {
 public:
  explicit Phrase(const PhraseText& text)
      : gate_(text.gate), pattern_(std::make_unique<RE2>(piece(text.pattern))), rewrite_(text.rewrite) {}

  bool may_match(std::string_view lower) const { return lower.find(gate_) != std::string_view::npos; }
  void rewrite(std::string& text) const { RE2::GlobalReplace(&text, *pattern_, piece(rewrite_)); }

  void replace_names(std::string& text) const {
    std::string out;
    std::size_t done = 0;
    re2::StringPiece rest(text);
    re2::StringPiece name;
    while (RE2::FindAndConsume(&rest, *pattern_, &name)) {
      const std::string_view found(name.data(), name.size());
      if (is_common_account(found) || is_harmless_value(found)) continue;
      const auto begin = static_cast<std::size_t>(found.data() - text.data());
      out.append(text, done, begin - done).append("name");
      done = begin + found.size();
    }
    text = out.append(text, done);
  }

 private:
  static re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

  std::string_view gate_;
  std::unique_ptr<RE2> pattern_;
  std::string_view rewrite_;
};

template <std::size_t N>
std::vector<Phrase> compiled(const std::array<PhraseText, N>& texts) {
  std::vector<Phrase> phrases;
  for (const PhraseText& text : texts) phrases.emplace_back(text);
  return phrases;
}

void rewrite_all(const std::vector<Phrase>& phrases, std::string& text) {
  const std::string lower = to_lower_ascii(text);
  for (const Phrase& phrase : phrases)
    if (phrase.may_match(lower)) phrase.rewrite(text);
}

}  // namespace

void redact_secret_phrases(std::string& text) {
  static const std::vector<Phrase> kPhrases = compiled(kSecretPhrases);
  rewrite_all(kPhrases, text);
}

void redact_late_phrases(std::string& text) {
  static const std::vector<Phrase> kPhrases = compiled(kLatePhrases);
  rewrite_all(kPhrases, text);
  static const std::vector<Phrase> kNames = compiled(kNamePhrases);
  const std::string lower = to_lower_ascii(text);
  for (const Phrase& phrase : kNames)
    if (phrase.may_match(lower)) phrase.replace_names(text);
}

}  // namespace logsieve
