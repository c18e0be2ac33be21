#include "tests/secrets/secret_values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>
#include <stdexcept>

namespace logsieve::secrets {
namespace {

constexpr std::array<std::string_view, 40> kWords = {
    "summer",  "winter", "dragon", "monkey", "purple", "silver",  "orange", "guitar", "soccer",  "banana",
    "castle",  "rocket", "tiger",  "coffee", "pepper", "hunter",  "shadow", "yellow", "velvet",  "copper",
    "lantern", "meadow", "pickle", "walrus", "zebra",  "garden",  "puzzle", "marble", "cobalt",  "nectar",
    "thunder", "violet", "anchor", "basket", "cactus", "dolphin", "ember",  "falcon", "glacier", "harbor"};
constexpr std::array<std::string_view, 24> kFirst = {"maria", "john",   "priya", "chen",   "fatima", "oliver",
                                                     "sofia", "lukas",  "amara", "diego",  "hanna",  "kenji",
                                                     "elena", "peter",  "aisha", "marcus", "ingrid", "tomas",
                                                     "laila", "george", "nadia", "felix",  "yusuf",  "clara"};
constexpr std::array<std::string_view, 24> kLast = {
    "lopez",   "smith",   "sharma",  "wei",       "haddad",  "brown",  "rossi", "meyer",
    "okafor",  "garcia",  "nilsson", "tanaka",    "petrov",  "novak",  "khan",  "johnson",
    "larsson", "svoboda", "nasser",  "papadakis", "ivanova", "wagner", "demir", "dubois"};
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

template <std::size_t N>
std::string pick(const std::array<std::string_view, N>& words, Random& random) {
  return std::string(words[random.below(N)]);
}

std::string capitalised(std::string word) {
  word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
  return word;
}

std::string digits(std::size_t count, Random& random) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>('0' + random.below(10));
  return text;
}

std::string base64(std::string_view bytes, bool is_url) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    for (held += 8; held >= 6; held -= 6) out += kBase64[(bits >> static_cast<unsigned>(held - 6)) & 63U];
  }
  if (held > 0) out += kBase64[(bits << static_cast<unsigned>(6 - held)) & 63U];
  if (is_url) {
    std::replace(out.begin(), out.end(), '+', '-');
    std::replace(out.begin(), out.end(), '/', '_');
    return out;
  }
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::string random_bytes(std::size_t count, Random& random) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += static_cast<char>(random.below(256));
  return bytes;
}

std::string leet(std::string word) {
  for (char& c : word) {
    if (c == 'a') c = '@';
    if (c == 'o') c = '0';
    if (c == 'e') c = '3';
  }
  return word;
}

std::string password(Random& random) {
  constexpr std::string_view kMarks = "!@#$%&*?";
  const std::string word = pick(kWords, random);
  const char mark = kMarks[random.below(kMarks.size())];
  switch (random.below(7)) {
    case 0:
      return capitalised(word) + digits(4, random) + mark;
    case 1:
      return leet(word) + mark + digits(2, random);
    case 2:
      return word + "-" + pick(kWords, random) + "-" + pick(kWords, random);
    case 3:
      return word + digits(1 + random.below(3), random);
    case 4:
      return capitalised(word) + capitalised(pick(kWords, random)) + mark + digits(2, random);
    case 5:
      return word + pick(kWords, random);
    default:
      return std::string(1, mark) + capitalised(leet(word)) + digits(3, random) + pick(kWords, random);
  }
}

std::string printable_run(Random& random) {
  std::string text;
  for (std::size_t left = 12 + random.below(9); left > 0;) {
    const char c = static_cast<char>(0x21 + random.below(0x7F - 0x21));
    if (c == '"' || c == '\'' || c == '\\' || c == '`') continue;
    text += c;
    --left;
  }
  return text;
}

std::string with_gaps(const std::string& text, char gap) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i > 0 && i % 4 == 0) out += gap;
    out += text[i];
  }
  return out;
}

std::string card(Random& random) {
  constexpr std::array<std::string_view, 5> kIssuers = {"4", "51", "55", "2221", "6011"};
  std::string text = pick(kIssuers, random);
  text += digits(15 - text.size(), random);
  int sum = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int digit = text[text.size() - 1 - i] - '0';
    sum += i % 2 == 0 ? digit * 2 - (digit > 4 ? 9 : 0) : digit;
  }
  return text + static_cast<char>('0' + (10 - sum % 10) % 10);
}

std::string iban(Random& random) {
  struct Country {
    std::string_view code;
    std::size_t letters;
    std::size_t digits;
  };
  constexpr std::array<Country, 6> kCountries = {
      {{"DE", 0, 18}, {"GB", 4, 14}, {"FR", 0, 23}, {"NL", 4, 10}, {"ES", 0, 20}, {"IE", 4, 14}}};
  const Country& country = kCountries[random.below(kCountries.size())];
  std::string account;
  for (std::size_t i = 0; i < country.letters; ++i) account += static_cast<char>('A' + random.below(26));
  account += digits(country.digits, random);
  int rest = 0;
  for (const char c : account + std::string(country.code) + "00") {
    const int value = c >= 'A' ? c - 'A' + 10 : c - '0';
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  const int check = 98 - rest;
  return std::string(country.code) + (check < 10 ? "0" : "") + std::to_string(check) + account;
}

std::string jwt(Random& random) {
  const std::string claims = R"({"sub":")" + digits(8, random) + R"(","name":")" +
                             capitalised(pick(kFirst, random)) + " " + capitalised(pick(kLast, random)) +
                             R"(","iat":17)" + digits(8, random) + "}";
  return base64(R"({"alg":"HS256","typ":"JWT"})", true) + "." + base64(claims, true) + "." +
         base64(random_bytes(32, random), true);
}

std::string login(Random& random) {
  const std::string first = pick(kFirst, random);
  const std::string last = pick(kLast, random);
  switch (random.below(4)) {
    case 0:
      return first.substr(0, 1) + "." + last;
    case 1:
      return first.substr(0, 1) + last;
    case 2:
      return first + "_" + last;
    default:
      return first;
  }
}

std::string words(std::size_t count, Random& random) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? " " : "") + pick(kWords, random);
  return text;
}

}  // namespace

std::string secret_value(std::string_view name, Random& random) {
  if (name == "password") return password(random);
  if (name == "passphrase") return words(3 + random.below(3), random);
  if (name == "printable") return printable_run(random);
  if (name == "card") return card(random);
  if (name == "card_spaced") return with_gaps(card(random), ' ');
  if (name == "card_dashed") return with_gaps(card(random), '-');
  if (name == "iban") return iban(random);
  if (name == "iban_spaced") return with_gaps(iban(random), ' ');
  if (name == "jwt") return jwt(random);
  if (name == "basic") return base64(login(random) + ":" + password(random), false);
  if (name == "login") return login(random);
  if (name == "person") return capitalised(pick(kFirst, random)) + " " + capitalised(pick(kLast, random));
  if (name == "email") return pick(kFirst, random) + "." + pick(kLast, random) + "@mail.example";
  if (name == "words12") return words(12, random);
  if (name.starts_with("base64:"))
    return base64(random_bytes(static_cast<std::size_t>(std::stoul(std::string(name.substr(7)))), random),
                  false);
  throw std::logic_error("no secret value is called " + std::string(name));
}

}  // namespace logsieve::secrets
