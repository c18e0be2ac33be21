#include "llm/redact_tokens.h"

#include <algorithm>
#include <array>

#include "llm/ascii.h"
#include "llm/random_word.h"
#include "llm/redact_keys.h"

namespace logsieve {
namespace {

struct TokenPrefix {
  std::string_view text;
  std::size_t least_rest;  // bytes behind it, where the mask has left no placeholder in them
};

// Published prefixes of credentials. Those that are no word or name of anything else need no length.
constexpr auto kPrefixes = std::to_array<TokenPrefix>({
    {"AKIA", 10},         {"ASIA", 10},    {"ABIA", 12},    {"ACCA", 12},        {"ghp_", 8},
    {"gho_", 8},          {"ghu_", 8},     {"ghs_", 8},     {"ghr_", 8},         {"github_pat_", 4},
    {"glpat-", 4},        {"gldt-", 8},    {"glrt-", 8},    {"glptt-", 8},       {"xoxb-", 4},
    {"xoxp-", 4},         {"xoxa-", 4},    {"xoxr-", 4},    {"xoxs-", 4},        {"xoxe.", 4},
    {"xapp-", 4},         {"sk_live_", 1}, {"sk_test_", 1}, {"rk_live_", 1},     {"rk_test_", 1},
    {"pk_live_", 1},      {"whsec_", 4},   {"SG.", 6},      {"AIza", 16},        {"ya29.", 4},
    {"GOCSPX-", 4},       {"sk-proj-", 4}, {"sk-ant-", 4},  {"sk-svcacct-", 4},  {"sk-or-", 8},
    {"sk-", 20},          {"gsk_", 12},    {"hf_", 16},     {"npm_", 24},        {"pypi-Ag", 8},
    {"hvs.", 12},         {"hvb.", 12},    {"dop_v", 4},    {"doo_v", 4},        {"dor_v", 4},
    {"shpat_", 4},        {"shpss_", 4},   {"shpca_", 4},   {"shppa_", 4},       {"NRAK-", 4},
    {"NRII-", 8},         {"glsa_", 8},    {"glc_", 16},    {"dckr_pat_", 1},    {"dapi", 24},
    {"ATATT", 12},        {"ATCTT", 12},   {"ATBB", 16},    {"lin_api_", 4},     {"PMAK-", 4},
    {"pscale_", 12},      {"squ_", 12},    {"sqp_", 12},    {"sqa_", 16},        {"AGE-SECRET-KEY-", 1},
    {"APA91", 8},         {"EAAA", 16},    {"sq0atp-", 4},  {"sq0csp-", 4},      {"figd_", 12},
    {"nfp_", 16},         {"pul-", 24},    {"dp.pt.", 8},   {"dp.st.", 8},       {"rubygems_", 16},
    {"cio", 28},          {"AKCp", 16},    {"CCIPAT_", 4},  {"rzp_live_", 1},    {"rzp_test_", 1},
    {"FLWSECK", 4},       {"EZAK", 16},    {"EZTK", 16},    {"duffel_live_", 1}, {"secret_", 24},
    {"ntn_", 16},         {"sbp_", 16},    {"FlyV", 8},     {"fm2_", 8},         {"key-", 24},
    {"access_token$", 4}, {"tfp_", 16},    {"dt0c", 8},     {"sntrys_", 4},      {"sntryu_", 4},
    {"patt", 40},         {"phc_", 16},    {"phx_", 16},    {"r8_", 24},         {"pplx-", 12},
    {"xai-", 16},         {"eyJ", 12},     {"$2a$", 8},     {"$2b$", 8},         {"$2y$", 8},
    {"$argon", 8},        {"$apr", 8},     {"SSWS", 16},
});

constexpr std::size_t kLongestWord = 15;      // from here on a random-looking run of letters alone is enough
constexpr std::size_t kLeastEncodedRun = 20;  // letters and digits mixed, unmasked

bool is_token_byte(char c) {
  constexpr std::string_view kMarks = "_-.+/~$%*@&!?^#";
  return is_ascii_letter(c) || is_ascii_digit(c) || static_cast<unsigned char>(c) >= 0x80 ||
         kMarks.find(c) != std::string_view::npos;
}

std::string without_digits(std::string_view piece) {
  std::string letters;
  std::copy_if(piece.begin(), piece.end(), std::back_inserter(letters),
               [](char c) { return !is_ascii_digit(c); });
  return letters;
}

// What the runs of letters and digits in a token are.
struct TokenPieces {
  std::size_t placeholders = 0;    // id, hex
  std::size_t numbers = 0;         // number
  std::size_t random_letters = 0;  // in pieces that look random
  std::size_t longest_random = 0;
  bool has_capital = false;  // in a piece that is no placeholder
  bool has_encoded = false;  // a long run that mixes letters and digits
};

TokenPieces pieces_of(std::string_view token) {
  TokenPieces pieces;
  for (std::size_t at = 0; at < token.size();) {
    std::size_t end = at;
    std::size_t digits = 0;
    while (end < token.size() && (is_ascii_letter(token[end]) || is_ascii_digit(token[end])))
      digits += is_ascii_digit(token[end++]) ? 1U : 0U;
    const std::string_view piece = token.substr(at, end - at);
    if (piece == "id" || piece == "hex") ++pieces.placeholders;
    if (piece == "number") ++pieces.numbers;
    if (!is_placeholder(piece) && looks_random(digits > 0 ? without_digits(piece) : std::string(piece))) {
      pieces.random_letters += piece.size();
      pieces.longest_random = std::max(pieces.longest_random, piece.size());
    }
    if (!is_placeholder(piece)) pieces.has_capital |= std::any_of(piece.begin(), piece.end(), is_ascii_upper);
    pieces.has_encoded =
        pieces.has_encoded || (piece.size() >= kLeastEncodedRun && digits > 1 && digits < piece.size());
    at = std::max(end, at + 1);
  }
  return pieces;
}

std::size_t token_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_token_byte(text[at])) ++at;
  return at;
}

// Up to white space or a quote, without what closes a clause.
std::size_t value_end(std::string_view text, std::size_t at) {
  std::size_t end = std::min(text.find_first_of(" \t\r\n\"'`", at), text.size());
  while (end > at && std::string_view(",;)]}>").find(text[end - 1]) != std::string_view::npos) --end;
  return end;
}

// Parts of base64url that = joins: a key with padding in its midst. A single = ties a key to its value.
std::size_t chain_end(std::string_view text, std::size_t end) {
  std::size_t last = end;
  std::size_t links = 0;
  constexpr std::size_t kMostLinks = 8;
  while (links < kMostLinks && last + 1 < text.size() && text[last] == '=' && is_token_byte(text[last + 1])) {
    last = token_end(text, last + 1);
    ++links;
  }
  return links > 1 ? last : end;
}

constexpr std::string_view kNumberGap = " number";

// Where the mask has put a space into a value that ends at `end`, so far: the end of the next part. It puts one before
// a number (x number), and between a number and its unit (number ms).
std::size_t joined_end(std::string_view text, std::size_t end) {
  const std::string_view rest = text.substr(end);
  if (rest.starts_with(kNumberGap)) return value_end(text, end + kNumberGap.size());
  if (!text.substr(0, end).ends_with("number") || !rest.starts_with(' ')) return end;
  const std::size_t next = value_end(text, end + 1);
  const std::string_view part = text.substr(end + 1, next - end - 1);
  const bool is_word =
      std::all_of(part.begin(), part.end(), [](char c) { return is_ascii_letter(c) || c == '.'; });
  return is_word ? end : next;
}

bool has_secret_prefix(std::string_view token) {
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [token](const TokenPrefix& prefix) {
    if (!token.starts_with(prefix.text)) return false;
    const std::string_view rest = token.substr(prefix.text.size());
    if (rest.size() >= prefix.least_rest) return true;
    const TokenPieces pieces = pieces_of(rest);
    return pieces.placeholders > 0 && pieces.placeholders * 2 < rest.size();
  });
}

}  // namespace

bool is_secret_token(std::string_view token, Doubt doubt) {
  const std::size_t first = token.find_first_not_of("_-.+/~%*@&!?^#");
  if (first == std::string_view::npos) return false;
  token.remove_prefix(first);
  if (is_harmless_value(token)) return false;
  if (has_secret_prefix(token)) return true;
  const TokenPieces pieces = pieces_of(token);
  if (pieces.has_encoded || pieces.longest_random >= kLongestWord) return true;
  if (pieces.placeholders > 0 && pieces.random_letters > 0) return true;
  // Parts of a key with what the mask has left between them: id.NKl-id, id_OHYow=id.
  if (pieces.placeholders > 1 && pieces.has_capital) return true;
  // Three parts of base64url with the first two masked: what is left of a JSON web token.
  if (token.starts_with("id.id.")) return true;
  if (doubt == Doubt::kAnywhere) return pieces.random_letters >= 2 * kLongestWord;
  return pieces.longest_random >= 6 || (pieces.numbers > 0 && pieces.random_letters > 0);
}

std::size_t masked_value_end(std::string_view text, std::size_t end) {
  for (std::size_t next = joined_end(text, end); next > end; next = joined_end(text, end)) end = next;
  return end;
}

namespace {

// Two placeholders and something else between marks of base64: no list of settings is written so.
bool is_secret_chain(std::string_view chain) {
  const TokenPieces pieces = pieces_of(chain);
  return is_secret_token(chain, Doubt::kAnywhere) || (pieces.placeholders > 1 && !is_harmless_value(chain));
}

}  // namespace

std::string redact_tokens(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = token_end(text, at);
    if (end == at) {
      out += text[at++];
      continue;
    }
    const std::size_t chained = chain_end(text, end);
    if (chained > end && is_secret_chain(text.substr(at, chained - at))) {
      out += "secret";
      at = masked_value_end(text, chained);
      continue;
    }
    const std::size_t masked_end = masked_value_end(text, end);
    // A number that stands alone behind a word belongs to the sentence.
    const bool is_joined = masked_end > end && text.substr(end, masked_end - end) != kNumberGap;
    const bool is_secret = is_secret_token(text.substr(at, end - at), Doubt::kAnywhere) ||
                           (is_joined && is_secret_token(text.substr(at, masked_end - at), Doubt::kAnywhere));
    const std::size_t next = is_secret ? masked_end : end;
    out += is_secret ? std::string_view("secret") : text.substr(at, end - at);
    at = next;
  }
  return out;
}

}  // namespace logsieve
