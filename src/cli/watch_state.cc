#include "cli/watch_state.h"

#include <cerrno>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "base/utf8.h"

namespace logsieve {
namespace {

nlohmann::json json_of(const FollowedFile::Position& at) {
  return {{"device", at.device}, {"inode", at.inode},         {"offset", at.offset},
          {"line", at.line},     {"head_hash", at.head_hash}, {"head_bytes", at.head_bytes}};
}

std::optional<FollowedFile::Position> position_from(const nlohmann::json& json) {
  FollowedFile::Position at;
  for (const auto& [name, value] : {std::pair{"device", &at.device},
                                    {"inode", &at.inode},
                                    {"offset", &at.offset},
                                    {"line", &at.line},
                                    {"head_hash", &at.head_hash},
                                    {"head_bytes", &at.head_bytes}}) {
    const auto member = json.is_object() ? json.find(name) : json.end();
    if (!json.is_object() || member == json.end() || !member->is_number_unsigned()) return std::nullopt;
    *value = member->get<std::uint64_t>();
  }
  return at;
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
    for (const auto& [name, entry] : json.items()) {
      const auto position = position_from(entry);
      if (position) positions_[name] = *position;
      is_whole = is_whole && position.has_value();
    }
  if (!is_whole) complaint_ = file.string() + " is damaged";
}

std::optional<FollowedFile::Position> WatchState::position(const std::string& input) const {
  const auto known = positions_.find(to_valid_utf8(input));
  return known == positions_.end() ? std::nullopt : std::optional(known->second);
}

void WatchState::set_position(const std::string& input, const FollowedFile::Position& position) {
  positions_[to_valid_utf8(input)] = position;
}

Result<void> WatchState::save() const {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [name, position] : positions_) all[name] = json_of(position);
  return write_file_atomic(folder_ / "watch.json", all.dump() + '\n');
}

}  // namespace logsieve
