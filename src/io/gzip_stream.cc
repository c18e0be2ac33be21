#include "io/gzip_stream.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>
#include <zlib.h>

namespace logsieve {
namespace {

constexpr std::size_t kInputBytes = std::size_t{64} << 10U;
constexpr int kGzipWindow = 15 + 16;  // zlib's way of saying "gzip header, largest window"

class GzipStream : public InputStream {
 public:
  GzipStream(std::unique_ptr<InputStream> source, std::string name)
      : source_(std::move(source)), name_(std::move(name)) {}
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream() override { ::inflateEnd(&zlib_); }

  bool start() { return ::inflateInit2(&zlib_, kGzipWindow) == Z_OK; }

  Result<std::size_t> read(std::span<char> out) override {
    zlib_.next_out = reinterpret_cast<Bytef*>(out.data());
    zlib_.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), std::numeric_limits<uInt>::max()));
    const uInt room = zlib_.avail_out;
    while (zlib_.avail_out == room && !is_ended_ && !failure_) {
      auto stepped = step();
      // One step can unpack bytes and find the damage behind them: the bytes go first.
      if (!stepped) failure_ = std::move(stepped.error());
    }
    if (zlib_.avail_out == room && failure_) return *failure_;
    return static_cast<std::size_t>(room - zlib_.avail_out);
  }

  std::uint64_t bytes_read() const override { return source_->bytes_read(); }

 private:
  Error damaged(const std::string& what) const {
    return Error{ErrorCode::kBadInput, name_ + ": " + what}.with_help(
        "all records before that place were read; test the file with gzip -t");
  }

  // Has compressed bytes at hand; false at their end.
  Result<bool> refill() {
    if (zlib_.avail_in > 0) return true;
    auto got = source_->read(input_);
    if (!got) return got.error();
    zlib_.next_in = reinterpret_cast<Bytef*>(input_.data());
    zlib_.avail_in = static_cast<uInt>(*got);
    return *got > 0;
  }

  // Unpacks some, or goes from one member to the next.
  Result<void> step() {
    auto has_bytes = refill();
    if (!has_bytes) return has_bytes.error();
    if (is_between_members_) return between_members(*has_bytes);
    // Without bytes too: zlib may still owe output for which there was no room.
    const int status = ::inflate(&zlib_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      is_between_members_ = true;
    } else if (status == Z_BUF_ERROR && !*has_bytes) {
      return damaged("the gzip data end too early");
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      return damaged(std::string("the gzip data are damaged") +
                     (zlib_.msg != nullptr ? std::string(": ") + zlib_.msg : ""));
    }
    return ok();
  }

  Result<void> between_members(bool has_bytes) {
    if (!has_bytes) {
      is_ended_ = true;
    } else if (*zlib_.next_in == 0) {  // tar and tapes pad with zeros
      ++zlib_.next_in;
      --zlib_.avail_in;
    } else if (*zlib_.next_in == 0x1F) {
      ::inflateReset(&zlib_);
      is_between_members_ = false;
    } else {
      return damaged("what follows the gzip data is not gzip, and was not read");
    }
    return ok();
  }

  std::unique_ptr<InputStream> source_;
  std::string name_;
  std::array<char, kInputBytes> input_{};
  z_stream zlib_{};
  bool is_between_members_ = false;
  bool is_ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace

Result<std::unique_ptr<InputStream>> open_gzip(std::unique_ptr<InputStream> source, const std::string& name) {
  auto stream = std::make_unique<GzipStream>(std::move(source), name);
  if (!stream->start()) return Error{ErrorCode::kInternal, "zlib cannot be started"};
  return std::unique_ptr<InputStream>(std::move(stream));
}

}  // namespace logsieve
