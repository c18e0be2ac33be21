// The held-out half: families and lines that the redaction's patterns were not written against. Whoever changes the
// patterns to catch one of these moves it to the other half and writes a new one here.
#include <array>

#include "tests/secrets/corpus_halves.h"

namespace logsieve::secrets {
namespace {

constexpr auto kFamilies = std::to_array<SecretFamily>({
    {"gitlab runner token", "token", "runner token|RUNNER_AUTH", "glrt-<[A-Za-z0-9_-]{20}>"},
    {"slack app token", "token", "app token|SLACK_APP", "xapp-1-<[A-Z0-9]{11}-[0-9]{13}-[a-f0-9]{64}>"},
    {"square token", "token", "square token|SQUARE", "sq0atp-<[A-Za-z0-9_-]{22}>"},
    {"netlify token", "token", "site token|NETLIFY", "nfp_<[A-Za-z0-9]{36}>"},
    {"figma token", "token", "design token|FIGMA", "figd_<[A-Za-z0-9_-]{40}>"},
    {"rubygems key", "token", "gem key|GEM_HOST", "rubygems_<[a-f0-9]{48}>"},
    {"doppler token", "token", "config token|DOPPLER", "dp.pt.<[A-Za-z0-9]{43}>"},
    {"dynatrace token", "token", "metrics token|DT", "dt0c01.<[A-Z0-9]{24}.[A-Z0-9]{64}>"},
    {"pulumi token", "token", "stack token|PULUMI", "pul-<[a-f0-9]{40}>"},
    {"razorpay key", "token", "pay key|RAZOR", "rzp_live_<[A-Za-z0-9]{14}>"},
    {"circleci token", "token", "ci token|CIRCLE", "CCIPAT_<[A-Za-z0-9]{22}_[a-f0-9]{40}>"},
    {"artifactory key", "token", "repo key|ARTIFACTORY", "AKCp<[A-Za-z0-9]{69}>"},
    {"supabase token", "token", "base token|SUPA", "sbp_<[a-f0-9]{40}>"},
    {"nuget key", "token", "feed key|NUGET", "oy2<[a-z0-9]{43}>"},
    {"unknown maker, prefix", "token", "zeta key|ZETA", "zt_live_<[A-Za-z0-9]{40}>"},
    {"unknown maker, two parts", "token", "theta key|THETA", "<[A-Za-z0-9]{20}.[A-Za-z0-9]{40}>"},
    {"argon2 hash", "token", "stored hash|digest",
     "$argon2id$v=19$m=65536,t=3,p=4$<[A-Za-z0-9+/]{22}>$<[A-Za-z0-9+/]{43}>"},
    {"base64 key", "keyed", "hmac_key|AppSecretKey|master-key", "<%base64:32%>"},
    {"hex secret", "keyed", "app_secret|consumerSecret|SHARED_SECRET", "<[a-f0-9]{40,64}>"},
    {"oauth code verifier", "keyed", "code_verifier_secret|authToken|id_token", "<[A-Za-z0-9._~-]{43,64}>"},
    {"api token, lower case", "keyed", "apitoken|x-access-token|bot_token", "<[a-z0-9]{32}>"},
    {"cookie value", "keyed", "session_cookie|auth_cookie", "<[A-Za-z0-9%._-]{30,50}>"},
    {"snmp community", "keyed", "community_secret|snmp_password", "<[a-z]{6,12}>"},
    {"login password", "password", "user_password|loginPassword|admin_pwd", "<%password%>"},
    {"wifi password", "password", "wpa_passphrase|psk|wifi_password", "<%password%>"},
    {"database password", "password", "PGPASSWORD|MYSQL_PWD|mongoPassword", "<%printable%>"},
    {"apikey header", "header", "", "X-Api-Key: <[A-Za-z0-9]{32}>"},
    {"ssws header", "header", "", "Authorization: SSWS <00[A-Za-z0-9_-]{40}>"},
    {"mariadb url", "url", "", "mariadb://root2:<%password%>@sql-4.internal/app"},
    {"ftp url", "url", "", "ftp://deploy:<[A-Za-z0-9]{12}>@files.example/pub"},
    {"pkcs8 block", "block", "",
     "-----BEGIN PRIVATE KEY-----\\\\n<MII[A-Za-z0-9+/]{61}>\\\\n<[A-Za-z0-9+/]{64}>\\\\n-----END PRIVATE "
     "KEY-----"},
    {"login name", "person", "loginName|requested_by|ruser", "<%login%>"},
    {"given and family name", "person", "contactName|displayName|cardholder", "<%person%>"},
    {"address of a person", "contact", "mail|cc|sender", "<%email%>"},
    {"card number", "money", "card_no|primary_account_number", "<%card_spaced%>"},
    {"bank account", "money", "debtor_iban|bank account", "<%iban_spaced%>"},
});

constexpr auto kToken = std::to_array<std::string_view>({
    "skipping stale %k %s",
    "%k: %s (from vault, lease %n)",
    "diff: - %k=%s",
    "panic: bad %k \"%s\"",
    "http 403 for key %s after %n retries",
    "ENV %k %s",
    "- name: %k\\n  value: %s",
});
constexpr auto kKeyed = std::to_array<std::string_view>({
    "%k='%s'",
    "options{%k:%s,retries:%n}",
    "setenv %k=%s; run",
    "[%n] %k -> %s",
    "curl https rejected, form %k=%s",
    "\"%k\" : \"%s\"",
    "agent --%k '%s' start",
});
constexpr auto kPassword = std::to_array<std::string_view>({
    "%k='%s'",
    "cfg[%n] %k: \"%s\"",
    "spawn: client -u app --%k=%s db",
    "\\\"%k\\\":\\\"%s\\\"",
    "export %k=%s",
    "bad %k=%s from console",
});
constexpr auto kHeader = std::to_array<std::string_view>({
    "< %s",
    "forwarding with %s",
    "['%s', 'Accept: */*']",
});
constexpr auto kUrl = std::to_array<std::string_view>({
    "mirror from %s failed (%n)",
    "target: %s",
    "--from=%s --to=local",
});
constexpr auto kBlock = std::to_array<std::string_view>({
    "server.key changed: %s",
    "data: \"%s\"",
});
constexpr auto kPerson = std::to_array<std::string_view>({
    "case %n %k=%s closed",
    "{'%k': '%s', 'n': %n}",
    "%k=\"%s\" opened file",
});
constexpr auto kContact = std::to_array<std::string_view>({
    "%k=<%s> size=%n",
    "cannot reach %s, greylisted",
});
constexpr auto kMoney = std::to_array<std::string_view>({
    "%k: %s, sum %n",
    "{\"%k\": \"%s\"}",
});

constexpr auto kCarriers = std::to_array<CarrierKind>({
    {"token", kToken},
    {"keyed", kKeyed},
    {"password", kPassword},
    {"header", kHeader},
    {"url", kUrl},
    {"block", kBlock},
    {"person", kPerson},
    {"contact", kContact},
    {"money", kMoney},
});

}  // namespace

CorpusHalf held_out_half() {
  return {kFamilies, kCarriers};
}

}  // namespace logsieve::secrets
