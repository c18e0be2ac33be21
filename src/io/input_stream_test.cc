#include "io/input_stream.h"

#include <algorithm>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/test_folder.h"
#include "io/reader_test_support.h"

namespace logsieve {
namespace {

using Texts = std::vector<std::string>;

std::string gzipped(const std::string& bytes) {
  z_stream zlib{};
  EXPECT_EQ(deflateInit2(&zlib, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&zlib, bytes.size()) + 64, '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  zlib.avail_in = static_cast<uInt>(bytes.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&zlib, Z_FINISH), Z_STREAM_END);
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  return out;
}

// What a stream yields, and the error at its end.
struct Drained {
  std::string bytes;
  std::optional<Error> error;
};

Drained drain(const std::string& compressed, std::size_t piece_bytes = 1U << 20U) {
  Drained drained;
  auto stream = with_decompression(memory_input(compressed, piece_bytes), "input");
  if (!stream) return {"", stream.error()};
  std::string buffer(1000, '\0');
  for (;;) {
    auto got = (*stream)->read(buffer);
    if (!got) {
      drained.error = got.error();
      return drained;
    }
    if (*got == 0) return drained;
    drained.bytes.append(buffer, 0, *got);
  }
}

std::string some_text() {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i * 7919) + '\n';
  return text;
}

TEST(Gzip, IsUndoneHoweverTheBytesArrive) {
  const std::string text = some_text();
  const std::string packed = gzipped(text);
  for (std::size_t piece : {1U, 2U, 3U, 1000U, 1U << 20U}) {
    const Drained drained = drain(packed, piece);
    EXPECT_EQ(drained.bytes, text) << piece;
    EXPECT_FALSE(drained.error) << piece;
  }
}

TEST(Gzip, JoinsMembersAndIgnoresZerosBehindThem) {
  const Drained drained = drain(gzipped("a\n") + gzipped("") + gzipped("b\n") + std::string(600, '\0'), 7);
  EXPECT_EQ(drained.bytes, "a\nb\n");
  EXPECT_FALSE(drained.error);
}

TEST(Gzip, DeliversWhatCameBeforeACut) {
  const std::string text = some_text();
  const std::string packed = gzipped(text);
  const Drained drained = drain(packed.substr(0, packed.size() / 2));
  ASSERT_TRUE(drained.error);
  EXPECT_EQ(drained.error->code, ErrorCode::kBadInput);
  EXPECT_EQ(drained.error->message, "input: the gzip data end too early");
  EXPECT_GT(drained.bytes.size(), text.size() / 4);
  EXPECT_EQ(text.substr(0, drained.bytes.size()), drained.bytes);
}

TEST(Gzip, ReportsACutAtEveryByte) {
  const std::string packed = gzipped("hello\n");
  for (std::size_t cut = 2; cut < packed.size(); ++cut)
    EXPECT_TRUE(drain(packed.substr(0, cut)).error) << cut;
}

TEST(Gzip, ReportsDamageAndDeliversWhatCameBefore) {
  std::string packed = gzipped("hello\n");
  packed[packed.size() - 6] = static_cast<char>(packed[packed.size() - 6] ^ 1);  // the CRC
  const Drained drained = drain(packed);
  EXPECT_EQ(drained.bytes, "hello\n");
  ASSERT_TRUE(drained.error);
  EXPECT_EQ(drained.error->message, "input: the gzip data are damaged: incorrect data check");
}

TEST(Gzip, ReportsWhatFollowsAndIsNotGzip) {
  const Drained drained = drain(gzipped("a\n") + "plain\n");
  EXPECT_EQ(drained.bytes, "a\n");
  ASSERT_TRUE(drained.error);
  EXPECT_EQ(drained.error->message, "input: what follows the gzip data is not gzip, and was not read");
}

TEST(Gzip, LeavesOtherBytesAlone) {
  for (const std::string& bytes :
       {std::string(), std::string("\x1F"), std::string("\x1F\x8A x"), std::string("(\xB5")})
    EXPECT_EQ(drain(bytes, 1).bytes, bytes);
}

std::string zstd_packed(const std::string& text, int level = 3) {
  std::string packed(::ZSTD_compressBound(text.size()), '\0');
  packed.resize(::ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), level));
  return packed;
}

TEST(Zstd, IsUndoneHoweverTheBytesArrive) {
  const std::string text = some_text();
  for (std::size_t piece : {1U, 2U, 3U, 1000U, 1U << 20U}) {
    const Drained drained = drain(zstd_packed(text), piece);
    EXPECT_EQ(drained.bytes, text) << piece;
    EXPECT_FALSE(drained.error) << piece;
  }
}

TEST(Zstd, JoinsFramesAndSkipsSkippableOnes) {
  const std::string skippable("\x50\x2A\x4D\x18\x03\0\0\0abc", 11);
  const Drained drained = drain(zstd_packed("a\n") + skippable + zstd_packed("") + zstd_packed("b\n"), 3);
  EXPECT_EQ(drained.bytes, "a\nb\n");
  EXPECT_FALSE(drained.error);
}

TEST(Zstd, ReportsACutAtEveryByteAndDeliversWhatCameBefore) {
  const std::string packed = zstd_packed("a\n") + zstd_packed("hello\n");
  const std::size_t first = zstd_packed("a\n").size();
  for (std::size_t cut = 5; cut < packed.size(); ++cut) {
    const Drained drained = drain(packed.substr(0, cut));
    EXPECT_EQ(drained.error.has_value(), cut != first) << cut;
    EXPECT_EQ(drained.bytes.starts_with("a\n"), cut >= first) << cut;
  }
}

TEST(Zstd, ReportsWhatFollowsAndIsNotZstd) {
  const Drained drained = drain(zstd_packed("a\n") + "plain\n");
  EXPECT_EQ(drained.bytes, "a\n");
  ASSERT_TRUE(drained.error);
  EXPECT_EQ(drained.error->code, ErrorCode::kBadInput);
}

// Zeros come to 1,030 times their size by deflate and far more by zstd; a log of equal lines to about 340.
TEST(Expansion, IsRefusedWhereItIsNoLongerThatOfALog) {
  const std::string zeros(std::size_t{40} << 20U, '\0');
  for (const std::string& bomb : {gzipped(zeros), zstd_packed(zeros, 19)}) {
    const Drained drained = drain(bomb);
    ASSERT_TRUE(drained.error);
    EXPECT_EQ(drained.error->message,
              "input unpacks to more than 1000 times its size: it was read no further");
    EXPECT_GE(drained.bytes.size(), kFreeUnpackedBytes);
    EXPECT_LT(drained.bytes.size(), zeros.size());
  }
  std::string lines;
  while (lines.size() < (std::size_t{24} << 20U)) lines += "connection from 10.0.0.1 closed by its peer\n";
  EXPECT_FALSE(drain(gzipped(lines)).error);
}

TEST(OpenRecords, ReadsAFileAndAGzipFile) {
  const TestFolder folder;
  ReaderOptions options;
  for (const std::string& path :
       {folder.write("a.csv", "message\nx\n"), folder.write("a.csv.gz", gzipped("message\nx\n")),
        folder.write("a.csv.zst", zstd_packed("message\nx\n"))}) {
    auto reader = open_records(path, options);
    ASSERT_TRUE(reader) << path;
    ReadInput input;
    take_all(**reader, input);
    EXPECT_EQ(input.messages(), Texts{"x"}) << path;
    EXPECT_EQ((*reader)->bytes_read(), std::filesystem::file_size(path));
  }
}

TEST(OpenRecords, SaysWhatIsMissingOrUnreadable) {
  const TestFolder folder;
  auto missing = open_records(folder.file("none.csv"), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message.find("none.csv: No such file or directory"), std::string::npos);
  auto directory = open_records(folder.file(""), {});
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, ErrorCode::kIo);
  EXPECT_NE(directory.error().message.find("Is a directory"), std::string::npos);
}

// A reader must not wait for a full batch, or `tail -f | logsieve` says nothing for hours.
TEST(OpenRecords, GivesRecordsOfAPipeAsTheyCome) {
  const TestFolder folder;
  const std::string pipe = folder.file("pipe");
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::ofstream writer;
  std::thread opener([&] { writer.open(pipe, std::ios::binary); });
  const int keep = ::open(pipe.c_str(), O_RDONLY);  // opening a FIFO waits for the other side
  opener.join();
  writer << "{\"message\":\"a\"}\n{\"message\":\"b\"}\n{\"mess" << std::flush;
  auto reader = open_records(pipe, {});
  ASSERT_TRUE(reader);
  auto batch = (*reader)->next();
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->records.size(), 2U);
  EXPECT_EQ(batch->records[1].message, "b");
  writer << "age\":\"c\"}\n" << std::flush;
  batch = (*reader)->next();
  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->records.size(), 1U);
  EXPECT_EQ(batch->records[0].message, "c");
  writer.close();
  batch = (*reader)->next();
  ASSERT_TRUE(batch);
  EXPECT_TRUE(batch->records.empty() && batch->rejects.empty());
  ::close(keep);
}

// A stream of `x`, without a line end, that holds nothing.
class LongLine : public InputStream {
 public:
  LongLine(std::string head, std::uint64_t bytes) : head_(std::move(head)), left_(bytes) {}
  Result<std::size_t> read(std::span<char> out) override {
    std::size_t got = std::min(out.size(), head_.size());
    head_.copy(out.data(), got);
    head_.erase(0, got);
    if (got == 0) {
      got = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));
      std::fill_n(out.data(), got, 'x');
      left_ -= got;
    }
    if (left_ == 0 && !is_tail_sent_) {
      head_ = "\nlast\n";
      is_tail_sent_ = true;
    }
    return got;
  }
  std::uint64_t bytes_read() const override { return 0; }

 private:
  std::string head_;
  std::uint64_t left_;
  bool is_tail_sent_ = false;
};

std::size_t peak_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

TEST(OpenRecords, HoldsNoMoreOfALongLineThanTheLimit) {
  const std::size_t before = peak_bytes();
  for (const InputFormat format : {InputFormat::kText, InputFormat::kCsv, InputFormat::kJsonl}) {
    for (const char* begin : {"", "\"", "{\"message\":\""}) {
      ReaderOptions options;
      options.format = format;
      options.max_record_bytes = std::size_t{1} << 20U;
      const std::string header = format == InputFormat::kCsv ? "message\n" : "";
      const auto input =
          read_stream(std::make_unique<LongLine>(header + begin, std::uint64_t{100} << 20U), options);
      ASSERT_GE(input.rejects.size(), 1U);
      EXPECT_EQ(input.rejects[0].raw.size(), 65536U);
      EXPECT_EQ(input.rejects[0].reason, "longer than the limit of 1048576 bytes");
      if (format == InputFormat::kJsonl) {
        ASSERT_EQ(input.rejects.size(), 2U);
        EXPECT_EQ(input.rejects[1].reason, "not a JSON object");
      } else {
        EXPECT_EQ(input.messages(), Texts{"last"});
      }
    }
  }
  // The record is held up to its limit in blocks of up to 3 MiB; a sanitizer keeps those of all nine rounds.
  EXPECT_LT(peak_bytes() - before, std::size_t{60} << 20U);
}

TEST(ExpandInputs, TakesStdinForNone) {
  auto inputs = expand_inputs({});
  ASSERT_TRUE(inputs);
  EXPECT_EQ(*inputs, Texts{"-"});
}

TEST(ExpandInputs, KeepsTheirOrder) {
  const TestFolder folder;
  const Texts names = {folder.write("b", ""), "-", folder.write("a", "")};
  auto inputs = expand_inputs(names);
  ASSERT_TRUE(inputs);
  EXPECT_EQ(*inputs, names);
}

TEST(ExpandInputs, ReportsAllThatCannotBeRead) {
  const TestFolder folder;
  auto inputs = expand_inputs({folder.file("x"), folder.write("a", ""), folder.file(""), folder.file("y")});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::kNotFound);
  ASSERT_EQ(inputs.error().others.size(), 2U);
  EXPECT_EQ(inputs.error().others[0].code, ErrorCode::kIo);
  EXPECT_EQ(inputs.error().others[0].help, "name the files in it");
}

TEST(ExpandInputs, SaysWhatWasProbablyMeant) {
  const TestFolder folder;
  folder.write("access.log", "");
  folder.write("accesr.log", "");
  const auto slip = expand_inputs({folder.file("acces.log")});
  ASSERT_FALSE(slip);
  EXPECT_EQ(slip.error().help, "did you mean " + folder.file("accesr.log") + '?') << "the first by name";
  const auto nothing_like_it = expand_inputs({folder.file("errors.log")});
  ASSERT_FALSE(nothing_like_it);
  EXPECT_EQ(nothing_like_it.error().help.find("did you mean"), std::string::npos);
  EXPECT_FALSE(nothing_like_it.error().help.empty());
  const auto pattern = expand_inputs({folder.file("*.csv")});
  ASSERT_FALSE(pattern);
  EXPECT_EQ(pattern.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(pattern.error().message, "no file matches " + folder.file("*.csv"));
  EXPECT_FALSE(pattern.error().help.empty());
}

TEST(ExpandInputs, RefusesStdinTwice) {
  auto inputs = expand_inputs({"-", "-"});
  ASSERT_FALSE(inputs);
  EXPECT_EQ(inputs.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace logsieve
