// What a cascade knows of forms, for all its threads: a form is judged by one of them, once, and looked up by all.
//
// A table of 64 shards, each with a lock, keyed by XXH3-128; the form's own bytes are compared on every hit, so that no
// collision gives one form the verdict of another. It belongs to one cascade and so to one bundle: no entry outlives
// the model that made it. Entries stay where they are as long as their table lives. Each worker has a small direct-mapped
// front of its own, which takes no lock.
#ifndef LOGSIEVE_CASCADE_FORM_CACHE_H_
#define LOGSIEVE_CASCADE_FORM_CACHE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/hash.h"
#include "cascade/judgement.h"

namespace logsieve {

// What is remembered of a form. The nearest labelled forms only where the LLM may be asked about it.
struct KnownForm {
  FormJudgement judgement;
  std::vector<std::size_t> nearest;
};

struct FormEntry {
  FormEntry(std::string_view text, const Hash128& hashed) : form(text), hash(hashed) {}

  const std::string form;
  const Hash128 hash;
  KnownForm known;                      // written once, before is_judged
  std::atomic<bool> is_claimed{false};  // somebody sees to it that it is judged
  std::atomic<bool> is_judged{false};   // set with release
};

class FormTable {
 public:
  // Thread-safe. A new entry is neither claimed nor judged.
  FormEntry* find_or_add(std::string_view form, const Hash128& hash);
  // Null if it is not there, or not judged yet. Thread-safe.
  const FormEntry* find_judged(std::string_view form) const;
  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kShards = 64;
  struct Probe {
    std::string_view form;
    const Hash128& hash;
  };
  struct Hasher {
    using is_transparent = void;
    std::size_t operator()(const Probe& probe) const { return probe.hash.low; }
    std::size_t operator()(const std::unique_ptr<FormEntry>& entry) const { return entry->hash.low; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Probe& a, const std::unique_ptr<FormEntry>& b) const {
      return a.hash == b->hash && a.form == b->form;
    }
    bool operator()(const std::unique_ptr<FormEntry>& a, const Probe& b) const { return (*this)(b, a); }
    bool operator()(const std::unique_ptr<FormEntry>& a, const std::unique_ptr<FormEntry>& b) const {
      return a == b;
    }
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_set<std::unique_ptr<FormEntry>, Hasher, Equal> entries;
  };
  // The high half: the low one chooses the place within the shard.
  static std::size_t shard_of(const Hash128& hash) { return hash.high % kShards; }

  std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> bytes_{0};
};

// The current table, and a new one once it has grown over its limit: what still uses the old one keeps it alive.
class FormCache {
 public:
  explicit FormCache(std::size_t limit_bytes)
      : limit_bytes_(limit_bytes), table_(std::make_shared<FormTable>()) {}

  // Called once a chunk.
  std::shared_ptr<FormTable> table();

 private:
  std::size_t limit_bytes_;
  std::mutex mutex_;
  std::shared_ptr<FormTable> table_;
};

// One worker's own front of a table. One thread.
class FormFront {
 public:
  FormFront() : slots_(kSlots) {}

  // Forgets what belongs to another table.
  void use(std::shared_ptr<FormTable> table);
  const std::shared_ptr<FormTable>& table() const { return table_; }
  FormEntry* find_or_add(std::string_view form);

 private:
  static constexpr std::size_t kSlots = std::size_t{1} << 14U;  // 128 KiB: it stays in a core's own cache
  std::shared_ptr<FormTable> table_;
  std::vector<FormEntry*> slots_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_CASCADE_FORM_CACHE_H_
