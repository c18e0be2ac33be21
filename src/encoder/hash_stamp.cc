#include "encoder/hash_stamp.h"

#include <chrono>
#include <fmt/format.h>
#include <string_view>
#include <system_error>

namespace logsieve {
namespace {

constexpr std::string_view kVersion = "logsieve-stamp-1";
constexpr std::size_t kHashDigits = 64;
constexpr std::int64_t kSettledNs = 2'000'000'000;

std::filesystem::path stamp_of(const std::filesystem::path& path) {
  return path.string() + ".stamp";
}

std::string head_of(const FileIdentity& file) {
  return fmt::format("{} {} {} {} {} {} ", kVersion, file.device, file.inode, file.size,
                     file.content_changed_ns, file.state_changed_ns);
}

bool is_hash(std::string_view text) {
  return text.size() == kHashDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> read_hash_stamp(const std::filesystem::path& path, const MappedFile& file) {
  const auto stamp = read_file(stamp_of(path), 4096);
  if (!stamp) return std::nullopt;
  const std::string head = head_of(file.identity());
  const std::string_view text = *stamp;
  if (!text.starts_with(head) || !text.ends_with('\n')) return std::nullopt;
  const std::string_view hash = text.substr(head.size(), text.size() - head.size() - 1);
  if (!is_hash(hash)) return std::nullopt;
  return std::string(hash);
}

void write_hash_stamp(const std::filesystem::path& path, const MappedFile& file, const std::string& sha256) {
  const std::int64_t now = std::chrono::duration_cast<std::chrono::nanoseconds>(
                               std::chrono::system_clock::now().time_since_epoch())
                               .count();
  if (now - file.identity().state_changed_ns < kSettledNs) return;
  static_cast<void>(write_file_atomic(stamp_of(path), head_of(file.identity()) + sha256 + '\n'));
}

void remove_hash_stamp(const std::filesystem::path& path) {
  std::error_code ignored;
  std::filesystem::remove(stamp_of(path), ignored);
}

}  // namespace logsieve
