#include "io/input_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/file.h"
#include "base/stop_signal.h"
#include "io/gzip_stream.h"
#include "io/zstd_stream.h"

namespace logsieve {
namespace {

constexpr std::string_view kGzipMagic = "\x1F\x8B";
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";
constexpr std::string_view kXzMagic = "\xFD\x37zXZ";
constexpr std::string_view kBzip2Magic = "BZh";
constexpr std::string_view kBzip2Block = "1AY";  // behind the magic and a digit

class FileStream : public InputStream {
 public:
  FileStream(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
  FileStream(const FileStream&) = delete;
  FileStream& operator=(const FileStream&) = delete;
  ~FileStream() override {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }

  Result<std::size_t> read(std::span<char> out) override {
    for (;;) {
      if (!wait_readable(fd_)) return io_error("read", name_, EINTR);
      const ssize_t got = ::read(fd_, out.data(), out.size());
      if (got >= 0) {
        bytes_read_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
      }
      // EAGAIN: a stdin that someone else made non-blocking.
      if (errno != EAGAIN && errno != EINTR) return io_error("read", name_, errno);
    }
  }

  std::uint64_t bytes_read() const override { return bytes_read_; }

 private:
  int fd_;
  std::string name_;
  std::uint64_t bytes_read_ = 0;
};

class MemoryStream : public InputStream {
 public:
  MemoryStream(std::string bytes, std::size_t piece_bytes)
      : bytes_(std::move(bytes)), piece_bytes_(piece_bytes) {}

  Result<std::size_t> read(std::span<char> out) override {
    const std::size_t got = std::min({out.size(), piece_bytes_, bytes_.size() - at_});
    std::copy_n(bytes_.data() + at_, got, out.data());
    at_ += got;
    return got;
  }

  std::uint64_t bytes_read() const override { return at_; }

 private:
  std::string bytes_;
  std::size_t piece_bytes_;
  std::size_t at_ = 0;
};

// A stream whose first bytes were read already, to look at them.
class PrefixedStream : public InputStream {
 public:
  PrefixedStream(std::string head, std::unique_ptr<InputStream> rest)
      : head_(std::move(head)), rest_(std::move(rest)) {}

  Result<std::size_t> read(std::span<char> out) override {
    if (at_ == head_.size()) return rest_->read(out);
    const std::size_t got = std::min(out.size(), head_.size() - at_);
    std::copy_n(head_.data() + at_, got, out.data());
    at_ += got;
    return got;
  }

  std::uint64_t bytes_read() const override { return rest_->bytes_read(); }

 private:
  std::string head_;
  std::size_t at_ = 0;
  std::unique_ptr<InputStream> rest_;
};

// Bytes that a compressed input yields, as long as they are a plausible multiple of what it has. A log of equal lines
// comes to about 340; a file made to fill disks to 1,000 (deflate can no more) or a million.
class LimitedExpansion : public InputStream {
 public:
  LimitedExpansion(std::unique_ptr<InputStream> stream, std::string name)
      : stream_(std::move(stream)), name_(std::move(name)) {}

  Result<std::size_t> read(std::span<char> out) override {
    if (unpacked_ > kMaxUnpackedBytes)
      return refused("unpacks to more than " + std::to_string(kMaxUnpackedBytes >> 40U) + " TiB");
    if (unpacked_ > kFreeUnpackedBytes && unpacked_ / kMaxExpansion > stream_->bytes_read())
      return refused("unpacks to more than " + std::to_string(kMaxExpansion) + " times its size");
    auto got = stream_->read(out);
    if (got) unpacked_ += *got;
    return got;
  }

  std::uint64_t bytes_read() const override { return stream_->bytes_read(); }

 private:
  Error refused(const std::string& what) const {
    return Error{ErrorCode::kBadInput, name_ + ' ' + what + ": it was read no further"}.with_help(
        "if it is to be trusted, unpack it on the way: zcat or zstd -dc FILE | logsieve classify -");
  }

  std::unique_ptr<InputStream> stream_;
  std::string name_;
  std::uint64_t unpacked_ = 0;
};

bool could_become(std::string_view head, std::string_view magic) {
  return head.size() < magic.size() && magic.substr(0, head.size()) == head;
}

// The first bytes, no more than are needed to tell compressions apart: a pipe may send its next line much later.
Result<std::string> read_magic(InputStream& stream) {
  std::string head;
  while (could_become(head, kGzipMagic) || could_become(head, kZstdMagic)) {
    char byte = 0;
    auto got = stream.read({&byte, 1});
    if (!got) return got.error();
    if (*got == 0) break;
    head += byte;
  }
  return head;
}

}  // namespace

bool is_packed(std::string_view head) {
  for (const std::string_view magic : {kGzipMagic, kZstdMagic, kXzMagic})
    if (head.starts_with(magic)) return true;
  return head.starts_with(kBzip2Magic) && head.size() > kBzip2Magic.size() &&
         head.substr(kBzip2Magic.size() + 1).starts_with(kBzip2Block);
}

Result<std::unique_ptr<InputStream>> with_decompression(std::unique_ptr<InputStream> stream,
                                                        const std::string& name) {
  auto head = read_magic(*stream);
  if (!head) return head.error();
  const bool is_gzip = *head == kGzipMagic;
  const bool is_zstd = *head == kZstdMagic;
  std::unique_ptr<InputStream> whole = std::make_unique<PrefixedStream>(std::move(*head), std::move(stream));
  if (!is_gzip && !is_zstd) return whole;
  auto unpacked = is_gzip ? open_gzip(std::move(whole), name) : open_zstd(std::move(whole), name);
  if (!unpacked) return unpacked;
  return std::unique_ptr<InputStream>(std::make_unique<LimitedExpansion>(std::move(*unpacked), name));
}

Result<std::unique_ptr<InputStream>> open_input(const std::string& path) {
  if (path == "-") return with_decompression(std::make_unique<FileStream>(STDIN_FILENO, "stdin"), "stdin");
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_error("open", path, errno);
  auto stream = std::make_unique<FileStream>(fd, path);
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) return io_error("read", path, EISDIR);
  ::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return with_decompression(std::move(stream), path);
}

std::unique_ptr<InputStream> memory_input(std::string bytes, std::size_t piece_bytes) {
  return std::make_unique<MemoryStream>(std::move(bytes), piece_bytes);
}

}  // namespace logsieve
