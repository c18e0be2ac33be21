#include "io/zstd_stream.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <zstd.h>

namespace logsieve {
namespace {

constexpr std::size_t kInputBytes = std::size_t{128} << 10U;
// libzstd says how many bytes it wants next; this many at the beginning of a frame (ZSTD_FRAMEHEADERSIZE_MIN).
constexpr std::size_t kFrameStartBytes = 5;

// The first byte of a frame's magic number, or of a skippable frame's (RFC 8878, 3.1). libzstd also reads the formats before
// 0.8, whose decoders find damage or not as the bytes arrive.
bool may_begin_frame(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return value == 0x28 || value >> 4U == 0x5;
}

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ::ZSTD_freeDCtx(context); }
};

class ZstdStream : public InputStream {
 public:
  ZstdStream(std::unique_ptr<InputStream> source, std::string name)
      : source_(std::move(source)), name_(std::move(name)), context_(::ZSTD_createDCtx()) {}

  bool start() const { return context_ != nullptr; }

  Result<std::size_t> read(std::span<char> out) override {
    ZSTD_outBuffer unpacked{out.data(), out.size(), 0};
    while (unpacked.pos == 0 && !is_ended_ && !failure_) {
      auto stepped = step(unpacked);
      // One step can unpack bytes and find the damage behind them: the bytes go first.
      if (!stepped) failure_ = std::move(stepped.error());
    }
    if (unpacked.pos == 0 && failure_) return *failure_;
    return unpacked.pos;
  }

  std::uint64_t bytes_read() const override { return source_->bytes_read(); }

 private:
  Error damaged(const std::string& what) const {
    return Error{ErrorCode::kBadInput, name_ + ": " + what}.with_help(
        "all records before that place were read; test the file with zstd -t");
  }

  Result<void> step(ZSTD_outBuffer& unpacked) {
    bool has_bytes = packed_.pos < packed_.size;
    if (!has_bytes) {
      auto got = source_->read(input_);
      if (!got) return got.error();
      packed_ = {input_.data(), *got, 0};
      has_bytes = *got > 0;
    }
    if (!has_bytes && is_between_frames_) {
      is_ended_ = true;
      return ok();
    }
    if (is_between_frames_ && !may_begin_frame(input_[packed_.pos]))
      return damaged("the zstd data are damaged, or of a zstd before 0.8");
    const std::size_t before = unpacked.pos;
    // No more than is wanted: a call that fails does not say what it unpacked before, so it must not be much.
    ZSTD_inBuffer piece = packed_;
    piece.size = std::min(piece.size, piece.pos + wanted_);
    // Without bytes too: zstd may still owe output for which there was no room.
    const std::size_t wanted = ::ZSTD_decompressStream(context_.get(), &unpacked, &piece);
    packed_.pos = piece.pos;
    wanted_ = wanted == 0 ? kFrameStartBytes : wanted;
    if (::ZSTD_isError(wanted) != 0)
      return damaged(std::string("the zstd data are damaged: ") + ::ZSTD_getErrorName(wanted));
    is_between_frames_ = wanted == 0;
    if (!has_bytes && !is_between_frames_ && unpacked.pos == before)
      return damaged("the zstd data end too early");
    return ok();
  }

  std::unique_ptr<InputStream> source_;
  std::string name_;
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  std::array<char, kInputBytes> input_{};
  ZSTD_inBuffer packed_{input_.data(), 0, 0};
  std::size_t wanted_ = kFrameStartBytes;
  bool is_between_frames_ = true;
  bool is_ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace

Result<std::unique_ptr<InputStream>> open_zstd(std::unique_ptr<InputStream> source, const std::string& name) {
  auto stream = std::make_unique<ZstdStream>(std::move(source), name);
  if (!stream->start()) return Error{ErrorCode::kInternal, "zstd cannot be started"};
  return std::unique_ptr<InputStream>(std::move(stream));
}

}  // namespace logsieve
