#include "cli/watch_state.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <fnmatch.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "base/utf8.h"

namespace logsieve {
namespace {

constexpr std::size_t kOldMembers = 6;  // older versions wrote no tail

nlohmann::json json_of(const KnownFile& file) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, member] : kPositionMembers) json[name] = file.position.*member;
  json["since_ns"] = file.since_ns;
  return json;
}

std::optional<KnownFile> file_from(const nlohmann::json& json) {
  KnownFile file;
  if (!json.is_object()) return std::nullopt;
  for (std::size_t i = 0; i < kPositionMembers.size(); ++i) {
    const auto found = json.find(kPositionMembers[i].first);
    if (found == json.end() && i >= kOldMembers) continue;
    if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
    file.position.*kPositionMembers[i].second = found->get<std::uint64_t>();
  }
  const auto since = json.find("since_ns");
  if (since != json.end() && since->is_number_integer()) file.since_ns = since->get<std::int64_t>();
  return file;
}

// A file that was followed under one of these.
bool covers(std::span<const std::string> inputs, const std::string& name) {
  return std::any_of(inputs.begin(), inputs.end(), [&](const std::string& input) {
    const std::string valid = to_valid_utf8(input);
    return valid == name || ::fnmatch(valid.c_str(), name.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
  });
}

}  // namespace

Result<WatchState> WatchState::open(const std::filesystem::path& folder) {
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) return io_error("make", folder, failure.value());
  WatchState state(folder);
  if (auto locked = state.lock(); !locked) return std::move(locked).error();
  state.read();
  return state;
}

WatchState::WatchState(WatchState&& other) noexcept
    : folder_(std::move(other.folder_)),
      lock_(std::exchange(other.lock_, -1)),
      complaint_(std::move(other.complaint_)),
      positions_(std::move(other.positions_)) {}

WatchState::~WatchState() {
  if (lock_ >= 0) ::close(lock_);
}

Result<void> WatchState::lock() {
  const std::filesystem::path file = folder_ / "watch.lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return io_error("open", file, errno);
  if (::flock(lock_, LOCK_EX | LOCK_NB) == 0) return ok();
  if (errno != EWOULDBLOCK) return io_error("lock", file, errno);
  return Error{ErrorCode::kInvalidArgument, "another watch keeps its state in " + folder_.string()}.with_help(
      "name another folder with --state, or give that run all inputs");
}

void WatchState::read() {
  const std::filesystem::path file = folder_ / "watch.json";
  auto bytes = read_file(file);
  if (!bytes) {
    if (bytes.error().code != ErrorCode::kNotFound) complaint_ = bytes.error().message;
    return;
  }
  const auto json = nlohmann::json::parse(*bytes, nullptr, /*allow_exceptions=*/false);
  bool is_whole = json.is_object();
  if (is_whole)
    for (const auto& [name, entry] : json.items())
      for (const nlohmann::json& one : entry.is_array() ? entry : nlohmann::json::array({entry})) {
        const auto known = file_from(one);
        if (known) positions_.emplace(name, *known);
        is_whole = is_whole && known.has_value();
      }
  if (!is_whole) complaint_ = file.string() + " is damaged";
}

std::vector<KnownFile> WatchState::known(std::span<const std::string> inputs) const {
  std::vector<KnownFile> files;
  for (const auto& [name, file] : positions_)
    if (covers(inputs, name)) files.push_back({files.size() + 1, name, file.position, file.since_ns});
  return files;
}

void WatchState::set_known(std::span<const std::string> inputs, std::span<const KnownFile> files) {
  std::erase_if(positions_, [&](const auto& file) { return covers(inputs, file.first); });
  for (const KnownFile& file : files) positions_.emplace(to_valid_utf8(file.name), file);
}

// A list where several files are followed under one name, as while one is rotated.
Result<void> WatchState::save() const {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [name, file] : positions_) {
    nlohmann::json& files = all[name];
    if (files.is_object()) files = nlohmann::json::array({std::move(files)});
    if (files.is_array()) {
      files.push_back(json_of(file));
    } else {
      files = json_of(file);
    }
  }
  return write_file_atomic(folder_ / "watch.json", all.dump() + '\n');
}

}  // namespace logsieve
