#include <array>

#include "training/data/slot_values.h"
#include "training/data/value_parts.h"

namespace logsieve::values {

void append_user(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 12> kService = {
      "svc_backup", "svc-deploy", "root",     "admin",      "postgres", "jenkins",
      "operator",   "oracle",     "www-data", "batch_user", "guest",    "adm_net"};
  const std::string_view given = pick(given_names(), random);
  const std::string_view family = pick(family_names(), random);
  switch (random.below(6)) {
    case 0:
      out += given.substr(0, 1);
      out += family;
      return;
    case 1:
      out += given;
      out += '.';
      out += family;
      return;
    case 2:
      out += given.substr(0, 1);
      out += '.';
      out += family;
      return;
    case 3:
      out += "User";
      append_number(skewed_between(1, 99999, random), out);
      return;
    case 4:
      out += given;
      return;
    default:
      out += pick(kService, random);
  }
}

void append_host(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 5> kDomains = {".example.com", ".prod.example.net",
                                                               ".corp.example.org", ".internal", ".lan"};
  out += pick(roles(), random);
  if (one_in(2, random)) out += '-';
  append_padded(between(1, one_in(5, random) ? 2048 : 24, random), one_in(2, random) ? 2 : 1, out);
  if (one_in(3, random)) out += pick(kDomains, random);
}

void append_directory(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 14> kRoots = {
      "/var/lib/",   "/var/log/", "/opt/", "/srv/", "/data/",    "/home/",    "/mnt/",
      "/usr/local/", "/tmp/",     "/etc/", "/run/", "/scratch/", "/u01/app/", "/export/"};
  out += pick(kRoots, random);
  out += pick(nouns(), random);
  if (one_in(2, random)) {
    out += '/';
    out += pick(qualifiers(), random);
  }
}

void append_file(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 14> kExtensions = {
      ".csv", ".json", ".log", ".xml",     ".pdf",  ".tar.gz", ".db",
      ".tmp", ".dat",  ".zip", ".parquet", ".conf", ".bak",    ".sql"};
  out += pick(nouns(), random);
  if (!one_in(3, random)) {
    out += one_in(2, random) ? '_' : '-';
    if (one_in(2, random)) {
      append_number(between(2019, 2026, random), out);
    } else {
      append_padded(between(1, 9999, random), 4, out);
    }
  }
  out += pick(kExtensions, random);
}

void append_path(const SlotRange& range, Random& random, std::string& out) {
  append_directory(range, random, out);
  out += '/';
  append_file(range, random, out);
}

void append_windows_path(const SlotRange& range, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 6> kRoots = {"C:\\ProgramData\\", "C:\\Users\\Public\\",
                                                             "D:\\Data\\",        "C:\\inetpub\\logs\\",
                                                             "E:\\backup\\",      "C:\\Windows\\Temp\\"};
  out += pick(kRoots, random);
  out += pick(nouns(), random);
  out += '\\';
  append_file(range, random, out);
}

void append_word(const SlotRange& /*range*/, Random& random, std::string& out) {
  const std::string_view noun = pick(nouns(), random);
  const std::string_view qualifier = pick(qualifiers(), random);
  switch (random.below(7)) {
    case 0:
      out += noun;
      return;
    case 1:
      ((out += noun) += '_') += qualifier;
      return;
    case 2:
      ((out += noun) += '-') += qualifier;
      return;
    case 3:
      ((out += qualifier) += '.') += noun;
      return;
    case 4:
      ((out += noun) += '.') += qualifier;
      return;
    case 5:
      (out += noun) += "Queue";
      return;
    default:
      (out += qualifier) += static_cast<char>(noun[0] - 'a' + 'A');
      out += noun.substr(1);
  }
}

void append_service(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 10> kKinds = {
      "-api", "-service", "-worker", "d", "-proxy", "-gateway", "Service", "-svc", "-sync", ""};
  out += pick(nouns(), random);
  out += pick(kKinds, random);
}

void append_database(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 6> kEnds = {"", "_db", "db", "_prod", "_test", "_dwh"};
  out += pick(nouns(), random);
  out += pick(kEnds, random);
}

void append_table(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 6> kSchemas = {"", "", "public.", "dbo.", "app.", "core."};
  static constexpr std::array<std::string_view, 6> kEnds = {"", "_history", "_items", "_log", "_map", "_tmp"};
  out += pick(kSchemas, random);
  out += pick(nouns(), random);
  out += pick(kEnds, random);
}

void append_device(const SlotRange& /*range*/, Random& random, std::string& out) {
  switch (random.below(5)) {
    case 0:
      append_number(between(0, 7, random), out += "nvme");
      out += "n1";
      return;
    case 1:
      append_number(between(0, 31, random), out += "dm-");
      return;
    case 2:
      append_number(between(0, 9, random), out += "md");
      return;
    case 3:
      (out += "sd") += static_cast<char>('a' + random.below(12));
      return;
    default:
      (out += "sd") += static_cast<char>('a' + random.below(12));
      append_number(between(1, 6, random), out);
  }
}

void append_country(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 16> kCountries = {
      "Germany", "France", "Brazil", "India", "Japan",  "Kenya", "Norway", "Peru",
      "DE",      "US",     "GB",     "SG",    "Canada", "Spain", "NL",     "ZA"};
  out += pick(kCountries, random);
}

void append_currency(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 10> kCurrencies = {"EUR", "USD", "GBP", "CHF", "JPY",
                                                                   "SEK", "INR", "BRL", "PLN", "AUD"};
  out += pick(kCurrencies, random);
}

void append_thread(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 8> kPools = {
      "http-nio-8080-exec-",    "pool-2-thread-", "Thread-",  "scheduler-", "worker-",
      "ForkJoinPool-1-worker-", "io-thread-",     "executor-"};
  if (one_in(10, random)) {
    out += "main";
    return;
  }
  out += pick(kPools, random);
  append_number(between(1, 64, random), out);
}

void append_class(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 6> kRoots = {
      "com.acme.", "org.example.", "io.shopfront.", "net.northwind.", "com.example.", "de.beispiel."};
  static constexpr std::array<std::string_view, 12> kKinds = {
      "Job",      "Service", "Controller", "Handler", "Repository", "Manager",
      "Listener", "Client",  "Mapper",     "Factory", "Worker",     "Validator"};
  out += pick(kRoots, random);
  out += pick(nouns(), random);
  out += '.';
  const std::string_view noun = pick(nouns(), random);
  out += static_cast<char>(noun[0] - 'a' + 'A');
  out += noun.substr(1);
  out += pick(kKinds, random);
}

void append_signal(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 8> kSignals = {"SIGTERM", "SIGHUP",  "SIGINT",  "SIGUSR1",
                                                               "SIGCHLD", "SIGUSR2", "SIGPIPE", "SIGALRM"};
  out += pick(kSignals, random);
}

void append_errno(const SlotRange& /*range*/, Random& random, std::string& out) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "ECONNREFUSED", "ENOENT", "EACCES", "ETIMEDOUT", "ECONNRESET", "EIO",          "EAGAIN",
      "EBUSY",        "EINVAL", "EPIPE",  "ENOSPC",    "EEXIST",     "EHOSTUNREACH", "ENOMEM"};
  out += pick(kNames, random);
}

}  // namespace logsieve::values
