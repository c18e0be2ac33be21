// A record batch while it is filled.
#ifndef LOGSIEVE_IO_BATCH_BUILDER_H_
#define LOGSIEVE_IO_BATCH_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/record_reader.h"

namespace logsieve {

inline constexpr std::size_t kRejectBytes = std::size_t{64} << 10U;  // kept of a rejected record

class BatchBuilder {
 public:
  // `first_record`: the position of the batch's first record in its input.
  BatchBuilder(const ReaderOptions& options, std::uint64_t first_record);

  void reserve(std::size_t records) { batch_.records.reserve(records); }
  // `record` may point into the input buffer's block and into kept bytes. `consumed`: bytes of input it took.
  void add(const Record& record, std::size_t consumed);
  void reject(std::uint64_t line, std::string reason, std::string_view raw, std::size_t consumed);
  void count_padded() { ++batch_.padded_records; }
  // Memory that lives as long as the batch, not initialised.
  char* allocate(std::size_t bytes);
  std::string_view keep(std::string_view bytes);
  // A copy with U+FFFD for what is ill-formed, and InputBuffer::kPadding zeros behind it, as JsonLine asks for.
  std::string_view keep_repaired(std::string_view text);

  bool is_empty() const { return batch_.records.empty() && batch_.rejects.empty(); }
  bool is_full() const;
  std::uint64_t next_record() const { return first_record_ + batch_.records.size() + batch_.rejects.size(); }
  // The batch; `block` holds the input's bytes. The builder is then spent.
  RecordBatch finish(std::shared_ptr<const void> block);

 private:
  struct Storage {
    std::shared_ptr<const void> block;
    std::vector<std::unique_ptr<char[]>> chunks;
  };

  std::size_t max_records_;
  std::size_t max_bytes_;
  std::uint64_t first_record_;
  std::size_t consumed_ = 0;
  RecordBatch batch_;
  std::shared_ptr<Storage> storage_;
  char* free_ = nullptr;
  std::size_t free_bytes_ = 0;
};

}  // namespace logsieve

#endif  // LOGSIEVE_IO_BATCH_BUILDER_H_
