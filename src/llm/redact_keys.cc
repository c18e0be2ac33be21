#include "llm/redact_keys.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "llm/ascii.h"

namespace logsieve {
namespace {

using Words = std::span<const std::string_view>;

// Anywhere in a name, written together or apart: dbPassword, x-api-key.
constexpr auto kSecretParts = std::to_array<std::string_view>(
    {"password",       "passwd",           "passphrase",    "passcode",   "secret",     "apikey",
     "privatekey",     "accesskey",        "encryptionkey", "signingkey", "accountkey", "storagekey",
     "masterkey",      "serverkey",        "sharedkey",     "licensekey", "pushkey",    "credential",
     "sessionid",      "sessid",           "csrf",          "xsrf",       "mnemonic",   "seedphrase",
     "recoveryphrase", "bindpw",           "authorization", "cookie",     "totp",       "connectionstring",
     "accesstoken",    "refreshtoken",     "authtoken",     "bearer",     "signature",  "userpw",
     "rootpw",         "verificationcode", "securitycode",  "keyphrase",  "authkey",    "deploykey"});
// The last word of a name: DB_PASS, auth-token, cvv2.
constexpr auto kSecretLast = std::to_array<std::string_view>(
    {"token", "pwd", "pass", "pw",   "otp", "pin",  "cvv", "cvc", "ssn",  "sid",    "sig",
     "hmac",  "psk", "dsn",  "salt", "pan", "iban", "pat", "jwt", "auth", "authtok"});
constexpr auto kMaybeLast = std::to_array<std::string_view>(
    {"key", "keys", "tokens", "hash", "code", "session", "nonce", "community", "license", "account",
     "identity", "payee", "card", "certificate", "shadow", "sas", "digest", "auth", "creds"});
// A name that ends so is about a secret and holds none: password_policy, token_count.
constexpr auto kAbout = std::to_array<std::string_view>(
    {"policy", "count",     "length",     "age",     "expiry",   "expires",  "expired",    "changed",
     "type",   "status",    "state",      "enabled", "disabled", "required", "attempts",   "ttl",
     "file",   "path",      "url",        "size",    "limit",    "manager",  "service",    "provider",
     "name",   "reset",     "error",      "store",   "rotation", "version",  "expiration", "lifetime",
     "method", "algorithm", "validation", "check",   "failures", "mode",     "format",     "strength"});
constexpr auto kLoginParts = std::to_array<std::string_view>(
    {"username", "loginname", "accountname", "submittedby", "createdby", "requestedby", "updatedby",
     "assignedto", "modifiedby", "nickname", "screenname"});
constexpr auto kLoginLast =
    std::to_array<std::string_view>({"user", "usr", "owner", "login", "logname", "ruser", "uname", "acct"});
constexpr auto kPersonParts = std::to_array<std::string_view>(
    {"fullname", "firstname", "lastname", "surname", "customername", "contactname", "displayname", "realname",
     "givenname", "familyname", "patientname", "employeename", "cardholder"});
constexpr auto kPersonLast = std::to_array<std::string_view>(
    {"name", "customer", "patient", "employee", "author", "recipient", "contact", "assignee"});

// What the mask and the redaction put in.
constexpr auto kPlaceholders = std::to_array<std::string_view>(
    {"number", "time", "address", "id", "hex", "path", "url", "email", "secret", "name"});
constexpr auto kHarmless = std::to_array<std::string_view>(
    {// values of switches and empties
     "null", "none", "nil", "true", "false", "yes", "no", "on", "off", "ok", "undefined", "unset", "empty",
     "default", "unknown", "n/a", "na", "redacted", "masked", "hidden", "filtered", "removed",
     // what becomes of secrets
     "expired", "invalid", "valid", "missing", "required", "incorrect", "wrong", "failed", "failure",
     "success", "succeeded", "accepted", "rejected", "denied", "revoked", "rotated", "refreshed", "changed",
     "reset", "updated", "created", "deleted", "found", "not", "error", "bad", "mismatch", "verified",
     "unverified", "granted", "refused", "locked", "disabled", "enabled", "blocked", "issued", "stale",
     "unavailable", "unsupported", "malformed", "too", "must", "cannot", "could", "the", "a", "an", "is",
     "was", "has", "no", "only", "this", "your", "for", "from", "in", "at", "to", "with", "by", "on", "and",
     "or", "please", "basic", "bearer", "digest", "negotiate", "mandatory", "optional"});
constexpr auto kCommonAccounts = std::to_array<std::string_view>(
    {"root",     "admin", "administrator", "system",    "daemon",    "nobody",   "guest",    "anonymous",
     "postgres", "mysql", "www-data",      "nginx",     "apache",    "operator", "service",  "localsystem",
     "test",     "user",  "users",         "sa",        "oracle",    "ftp",      "ubuntu",   "ec2-user",
     "hadoop",   "hdfs",  "spark",         "cyrus",     "news",      "mail",     "rpc",      "sshd",
     "bin",      "sync",  "backup",        "git",       "logged",    "session",  "account",  "agent",
     "action",   "input", "data",          "profile",   "group",     "role",     "id",       "who",
     "that",     "space", "mode",          "interface", "requested", "does",     "had",      "will",
     "can",      "did",   "are",           "were",      "via",       "as",       "after",    "before",
     "of",       "when",  "while",         "without",   "login",     "logout",   "accounts", "sessions",
     "but",      "if"});

bool has(Words words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}
bool holds_any(std::string_view text, Words parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [text](std::string_view part) { return text.find(part) != std::string_view::npos; });
}

// Lower case without what divides its words, and the last of them.
struct PlainKey {
  std::string joined;
  std::string last;
};

PlainKey plain_key(std::string_view key) {
  PlainKey plain;
  char before = ' ';
  for (const char c : key) {
    const bool is_letter = is_ascii_letter(c);
    if (is_letter) {
      if (!is_ascii_letter(before) || (is_ascii_upper(c) && !is_ascii_upper(before))) plain.last.clear();
      plain.last += ascii_lower(c);
      plain.joined += ascii_lower(c);
    }
    before = c;
  }
  return plain;
}

// ****, xxxx, <hidden>, [REDACTED], {}, %s, $1: what somebody else has put in already, or a hole for a value.
bool is_mark_only(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    return (is_ascii_letter(c) && c != 'x' && c != 'X') || is_ascii_digit(c) ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

// True if each run of letters in `value` is a placeholder and nothing else carries meaning: id-id, number.number
bool is_placeholders_only(std::string_view value) {
  for (std::size_t at = 0; at < value.size();) {
    if (is_ascii_digit(value[at]) || static_cast<unsigned char>(value[at]) >= 0x80) return false;
    std::size_t end = at;
    while (end < value.size() && is_ascii_letter(value[end])) ++end;
    if (end > at && !is_placeholder(value.substr(at, end - at))) return false;
    at = std::max(end, at + 1);
  }
  return true;
}

}  // namespace

bool is_placeholder(std::string_view word) {
  return has(kPlaceholders, word);
}

KeyKind kind_of_key(std::string_view key) {
  const PlainKey plain = plain_key(key);
  if (plain.joined.empty()) return KeyKind::kNone;
  if (holds_any(plain.joined, kLoginParts)) return KeyKind::kLogin;
  if (holds_any(plain.joined, kPersonParts)) return KeyKind::kPerson;
  const bool is_about = has(kAbout, plain.last);
  if (!is_about && (holds_any(plain.joined, kSecretParts) || has(kSecretLast, plain.last)))
    return KeyKind::kSecret;
  if (has(kMaybeLast, plain.last)) return KeyKind::kMaybe;
  if (has(kLoginLast, plain.last)) return KeyKind::kLogin;
  return has(kPersonLast, plain.last) ? KeyKind::kPerson : KeyKind::kNone;
}

bool may_hold_a_word(std::string_view key) {
  constexpr auto kLast =
      std::to_array<std::string_view>({"token", "secret", "cookie", "credential", "credentials", "signature",
                                       "sid", "license", "certificate"});
  return has(kLast, plain_key(key).last);
}

bool is_harmless_value(std::string_view value) {
  constexpr std::string_view kAround = "<>[](){}*.,;:!?%$#-_/ ";
  const std::size_t first = value.find_first_not_of(kAround);
  if (first == std::string_view::npos) return true;
  if (is_mark_only(value) || is_placeholders_only(value)) return true;
  const std::string_view core = value.substr(first, value.find_last_not_of(kAround) - first + 1);
  return core.size() < 24 && has(kHarmless, to_lower_ascii(core));
}

bool is_common_account(std::string_view value) {
  return value.size() < 24 && has(kCommonAccounts, to_lower_ascii(value));
}

}  // namespace logsieve
