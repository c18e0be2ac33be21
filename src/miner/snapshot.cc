// Snapshots: docs/formats/miner.md. Read from foreign bytes, so every length is checked against what is left.
#include <algorithm>
#include <cstring>
#include <utility>

#include "miner/state.h"

namespace logsieve {
namespace {

using miner_detail::Bucket;
using miner_detail::Form;
using miner_detail::FormIndex;
using miner_detail::kWild;
using miner_detail::State;
using miner_detail::WordId;

constexpr std::string_view kMagic = "LSMINER\x01";
constexpr std::size_t kHashBytes = 16;
constexpr std::size_t kMostSlots = 4096;

void append_varint(std::uint64_t value, std::string& out) {
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>(0x80U | (value & 0x7FU));
  out += static_cast<char>(value);
}
void append_text(std::string_view text, std::string& out) {
  append_varint(text.size(), out);
  out += text;
}

std::string hash_bytes(std::string_view bytes) {
  const Hash128 hash = xxh3_128(bytes);
  std::string out;
  for (const std::uint64_t half : {hash.low, hash.high})
    for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>((half >> shift) & 0xFFU);
  return out;
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : left_(bytes) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) return value;
    }
    is_good_ = false;
    return 0;
  }
  // Of things that take at least one byte each.
  std::size_t length(std::size_t most = std::string_view::npos) {
    const std::uint64_t value = varint();
    is_good_ = is_good_ && value <= left_.size() && value <= most;
    return is_good_ ? static_cast<std::size_t>(value) : 0;
  }
  std::string_view text(std::size_t length) {
    is_good_ = is_good_ && length <= left_.size();
    const std::string_view text = left_.substr(0, is_good_ ? length : 0);
    left_.remove_prefix(text.size());
    return text;
  }
  bool is_good() const { return is_good_; }
  bool is_at_end() const { return is_good_ && left_.empty(); }

 private:
  std::string_view left_;
  bool is_good_ = true;
};

Error damaged(std::string_view why) {
  return Error{ErrorCode::kCorruptModel, "this miner state " + std::string(why)}.with_help(
      "remove it: templates are learned again from the lines");
}

// The counters of lines, in the order of the format.
std::vector<std::uint64_t*> counters(MinerTotals& totals) {
  return {&totals.lines, &totals.cut_lines, &totals.evicted_forms, &totals.evicted_lines,
          &totals.unlearned_lines};
}

void append_form(const State& state, const Form& form, std::uint64_t bucket, std::string& out) {
  append_varint(bucket, out);
  for (const WordId word : form.slots) {
    if (word == kWild) {
      append_varint(0, out);
      continue;
    }
    const std::string_view text = state.vocabulary.text(word);
    append_varint(text.size() + 1, out);
    out += text;
  }
  append_text(form.residues, out);
  append_varint(form.count, out);
}

void read_form(Decoder& decoder, const std::vector<std::vector<std::string>>& skeletons, State& state) {
  const std::uint64_t bucket = decoder.varint();
  if (bucket >= skeletons.size()) {
    decoder.text(std::string_view::npos);  // not good any more
    return;
  }
  std::vector<WordId> slots;
  for (std::size_t i = 0; i <= skeletons[bucket].size() && decoder.is_good(); ++i) {
    const std::uint64_t length = decoder.varint();
    slots.push_back(length == 0 ? kWild : state.vocabulary.intern(decoder.text(length - 1)));
  }
  const std::string_view residues = decoder.text(decoder.length());
  const std::uint64_t count = decoder.varint();
  if (decoder.is_good()) state.add(skeletons[bucket], std::move(slots), residues, count);
}

}  // namespace

std::string Miner::snapshot() {
  settle();
  State& state = *state_;
  std::string out(kMagic);
  append_varint(kMaskVersion, out);
  for (const std::uint64_t* counter : counters(state.counted)) append_varint(*counter, out);
  std::vector<FormIndex> forms;
  for (const Bucket& bucket : state.buckets)
    forms.insert(forms.end(), bucket.forms.begin(), bucket.forms.end());
  std::stable_sort(forms.begin(), forms.end(), [&](FormIndex a, FormIndex b) {
    return state.forms[a].last_seen < state.forms[b].last_seen;
  });
  // Skeletons in the order in which the forms name them.
  std::vector<std::uint64_t> places(state.buckets.size(), state.buckets.size());
  std::vector<miner_detail::BucketIndex> named;
  for (const FormIndex form : forms) {
    std::uint64_t& place = places[state.forms[form].bucket];
    if (place < state.buckets.size()) continue;
    place = named.size();
    named.push_back(state.forms[form].bucket);
  }
  append_varint(named.size(), out);
  for (const auto bucket : named) {
    append_varint(state.buckets[bucket].separators.size(), out);
    for (const std::string& separator : state.buckets[bucket].separators) append_text(separator, out);
  }
  append_varint(forms.size(), out);
  for (const FormIndex form : forms)
    append_form(state, state.forms[form], places[state.forms[form].bucket], out);
  out += hash_bytes(out);
  return out;
}

Result<Miner> Miner::restore(std::string_view bytes, const MinerOptions& options) {
  if (!bytes.starts_with(kMagic.substr(0, kMagic.size() - 1)))
    return damaged("is none: its first bytes differ");
  if (!bytes.starts_with(kMagic)) return damaged("has another version than this program writes");
  if (bytes.size() < kMagic.size() + kHashBytes) return damaged("is cut short");
  const std::string_view body = bytes.substr(0, bytes.size() - kHashBytes);
  if (bytes.substr(body.size()) != hash_bytes(body)) return damaged("is damaged: its checksum differs");
  Decoder decoder(body.substr(kMagic.size()));
  if (decoder.varint() != kMaskVersion) return damaged("was written under another version of the mask");
  MinerTotals counted;
  for (std::uint64_t* counter : counters(counted)) *counter = decoder.varint();
  Miner miner(options);
  State& state = *miner.state_;
  std::vector<std::vector<std::string>> skeletons(decoder.length());
  for (auto& separators : skeletons) {
    separators.resize(decoder.length(kMostSlots));
    for (std::string& separator : separators) separator = decoder.text(decoder.length());
  }
  const std::size_t forms = decoder.length();
  for (std::size_t i = 0; i < forms && decoder.is_good(); ++i) {
    state.counted.lines = i;  // keeps the order in which they were seen
    read_form(decoder, skeletons, state);
  }
  if (!decoder.is_at_end()) return damaged("is damaged: its records do not add up");
  state.counted = counted;
  state.group_all();
  state.evict_if_full();
  return miner;
}

}  // namespace logsieve
