// The pipeline against the cascade itself, on one thread and several, over the real encoder.
#include "cascade/chunk_pipeline.h"

#include <gtest/gtest.h>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cascade/cascade_test_support.h"
#include "encoder/test_paths.h"

namespace logsieve {
namespace {

class ChunkPipelineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LOGSIEVE_NEEDS(encoder_folder() / "model.safetensors");
    const std::vector<std::string> words = {"alpha", "beta", "disk", "user", "page", "order", "owner"};
    for (std::size_t i = 0; i < 3000; ++i)
      lines_.push_back(i % 5 == 0 ? "noise " + std::to_string(i)
                                  : words[i % 7] + " " + words[(i / 7) % 7] + " " + std::to_string(i) + " " +
                                        words[(i / 490) % 7]);
  }

  Cascade open(std::size_t threads, std::size_t cache_bytes = std::size_t{64} << 20U) {
    auto encoder = SentenceEncoder::load(encoder_folder());
    EXPECT_TRUE(encoder) << encoder.error().message;
    Bundle bundle = small_bundle(*encoder);
    CascadeOptions options;
    options.threads = threads;
    options.max_cache_bytes = cache_bytes;
    auto cascade = Cascade::open(std::move(bundle), std::move(*encoder), std::move(options));
    EXPECT_TRUE(cascade) << cascade.error().message;
    return std::move(*cascade);
  }

  RecordBatch batch_of(std::size_t begin, std::size_t count) const {
    RecordBatch batch;
    for (std::size_t i = begin; i < std::min(lines_.size(), begin + count); ++i)
      batch.records.push_back({i + 1, lines_[i], {}, lines_[i]});
    batch.begin_offset = begin;
    batch.end_offset = begin + count;
    return batch;
  }

  static void append_line(const Record& record, const Verdict& verdict, std::string_view form,
                          std::string& out) {
    out += std::to_string(record.line) + ' ' + std::to_string(verdict.label) + ' ' +
           std::string(tier_name(verdict.tier)) + ' ' + std::to_string(verdict.confidence) + ' ' +
           std::string(form) + '\n';
  }

  std::string by_resolve() {
    Cascade cascade = open(1);
    const RecordBatch all = batch_of(0, lines_.size());
    const auto resolved = cascade.resolve(all.records);
    EXPECT_TRUE(resolved);
    std::string out;
    for (std::size_t i = 0; i < lines_.size(); ++i)
      append_line(all.records[i], resolved->verdicts[i], resolved->forms[i], out);
    return out;
  }

  std::string by_pipeline(const Cascade& cascade, std::size_t threads, std::size_t lines_a_chunk) {
    const ChunkFormat format = [](const RecordBatch& input, const ResolvedBatch& resolved, LineRange lines,
                                  std::size_t, std::string& out) {
      for (std::size_t i = lines.begin; i < lines.end; ++i)
        append_line(input.records[i], resolved.verdicts[i], resolved.forms[i], out);
    };
    ChunkPipeline pipeline(cascade, threads, format);
    std::string out;
    const auto take = [&] {
      auto chunk = pipeline.take();
      ASSERT_TRUE(chunk) << chunk.error().message;
      ASSERT_TRUE(chunk->text);
      out += *chunk->text;
    };
    for (std::size_t begin = 0; begin < lines_.size(); begin += lines_a_chunk) {
      pipeline.submit(batch_of(begin, lines_a_chunk));
      while (!pipeline.is_empty() && (pipeline.is_ready() || !pipeline.has_room())) take();
    }
    while (!pipeline.is_empty()) take();
    return out;
  }

  std::vector<std::string> lines_;
};

TEST_F(ChunkPipelineTest, GivesTheBytesOfTheCascadeWhateverThreadsAndChunks) {
  const std::string wanted = by_resolve();
  for (const std::size_t threads : {std::size_t{1}, std::size_t{2}, std::size_t{5}})
    for (const std::size_t lines_a_chunk : {std::size_t{1}, std::size_t{97}, std::size_t{3000}}) {
      const Cascade cascade = open(threads);
      EXPECT_EQ(by_pipeline(cascade, threads, lines_a_chunk), wanted)
          << threads << " threads, " << lines_a_chunk << " lines a chunk";
    }
}

TEST_F(ChunkPipelineTest, JudgesAFormOnceAmongAllThreads) {
  Cascade reference = open(1);
  const RecordBatch all = batch_of(0, lines_.size());
  const auto resolved = reference.resolve(all.records);
  ASSERT_TRUE(resolved);
  std::set<std::string_view> forms;
  for (std::size_t i = 0; i < lines_.size(); ++i)
    if (resolved->verdicts[i].tier != Tier::kRule) forms.insert(resolved->forms[i]);
  const Cascade cascade = open(4);
  by_pipeline(cascade, 4, 50);
  EXPECT_EQ(cascade.judged_forms(), forms.size());
}

TEST_F(ChunkPipelineTest, LosesNothingWhereTheCacheIsDroppedAgainAndAgain) {
  const Cascade cascade = open(3, 2000);
  EXPECT_EQ(by_pipeline(cascade, 3, 40), by_resolve());
}

TEST_F(ChunkPipelineTest, EndsWithChunksInside) {
  const Cascade cascade = open(3);
  ChunkPipeline pipeline(cascade, 3, {});
  for (std::size_t begin = 0; begin < lines_.size(); begin += 100) pipeline.submit(batch_of(begin, 100));
  EXPECT_FALSE(pipeline.is_empty());
}

}  // namespace
}  // namespace logsieve
