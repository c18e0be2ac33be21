#include "cascade/form_cache.h"

#include <algorithm>
#include <utility>

namespace logsieve {

FormEntry* FormTable::find_or_add(std::string_view form, const Hash128& hash) {
  Shard& shard = shards_[shard_of(hash)];
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.entries.find(Probe{form, hash});
  if (found != shard.entries.end()) return found->get();
  constexpr std::size_t kNodeBytes = 128;  // of the set, of malloc, and of the nearest forms
  bytes_.fetch_add(sizeof(FormEntry) + form.size() + kNodeBytes, std::memory_order_relaxed);
  return shard.entries.insert(std::make_unique<FormEntry>(form, hash)).first->get();
}

const FormEntry* FormTable::find_judged(std::string_view form) const {
  const Hash128 hash = xxh3_128(form);
  const Shard& shard = shards_[shard_of(hash)];
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.entries.find(Probe{form, hash});
  if (found == shard.entries.end() || !(*found)->is_judged.load(std::memory_order_acquire)) return nullptr;
  return found->get();
}

std::shared_ptr<FormTable> FormCache::table() {
  const std::scoped_lock lock(mutex_);
  if (table_->bytes() > limit_bytes_) table_ = std::make_shared<FormTable>();
  return table_;
}

void FormFront::use(std::shared_ptr<FormTable> table) {
  if (table == table_) return;
  table_ = std::move(table);
  std::fill(slots_.begin(), slots_.end(), nullptr);
}

FormEntry* FormFront::find_or_add(std::string_view form) {
  const Hash128 hash = xxh3_128(form);
  FormEntry*& slot = slots_[hash.low % kSlots];
  if (slot == nullptr || slot->hash != hash || slot->form != form) slot = table_->find_or_add(form, hash);
  return slot;
}

}  // namespace logsieve
