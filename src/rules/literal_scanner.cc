#include "rules/literal_scanner.h"

#include <hs/hs.h>
#include <limits>
#include <new>

namespace logsieve {
namespace {

struct CompileErrorDeleter {
  void operator()(hs_compile_error_t* error) const { hs_free_compile_error(error); }
};

struct Listener {
  LiteralScanner::OnHit on_hit;
  void* context;
};

constexpr std::size_t kPadding = 64;  // bytes of an AVX-512 register

bool loses_matches_at_the_end() {
#if defined(__x86_64__)
  static const bool kHasAvx512 = __builtin_cpu_supports("avx512f") != 0;
  return kHasAvx512;
#else
  return false;
#endif
}

int forward_hit(unsigned literal, unsigned long long, unsigned long long, unsigned, void* context) {
  const Listener& listener = *static_cast<const Listener*>(context);
  listener.on_hit(listener.context, literal);
  return 0;
}

}  // namespace

void LiteralScanner::Scratch::Deleter::operator()(hs_scratch* scratch) const {
  hs_free_scratch(scratch);
}
void LiteralScanner::DatabaseDeleter::operator()(hs_database* database) const {
  hs_free_database(database);
}

Result<LiteralScanner> LiteralScanner::compile(const std::vector<Literal>& literals) {
  if (hs_valid_platform() != HS_SUCCESS)
    return Error{ErrorCode::kUnavailable, "this CPU lacks SSSE3, which the rule engine needs"};
  LiteralScanner scanner;
  if (literals.empty()) return scanner;
  std::vector<const char*> bytes;
  std::vector<std::size_t> lengths;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;
  for (const Literal& literal : literals) {
    bytes.push_back(literal.text.data());
    lengths.push_back(literal.text.size());
    flags.push_back(literal.is_caseless ? HS_FLAG_CASELESS : 0U);
    ids.push_back(static_cast<unsigned>(ids.size()));
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* raw_error = nullptr;
  hs_compile_lit_multi(bytes.data(), flags.data(), ids.data(), lengths.data(),
                       static_cast<unsigned>(ids.size()), HS_MODE_BLOCK, nullptr, &database, &raw_error);
  const std::unique_ptr<hs_compile_error_t, CompileErrorDeleter> error(raw_error);
  scanner.database_.reset(database);
  if (database == nullptr)
    return Error{ErrorCode::kInvalidRule, std::string("Vectorscan refuses the words of the rules: ") +
                                              (error ? error->message : "no reason given")};
  hs_scratch_t* scratch = nullptr;
  if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS) throw std::bad_alloc();
  scanner.prototype_ = Scratch(scratch);
  return scanner;
}

LiteralScanner::Scratch LiteralScanner::make_scratch() const {
  hs_scratch_t* scratch = nullptr;
  if (prototype_.scratch_ && hs_clone_scratch(prototype_.scratch_.get(), &scratch) != HS_SUCCESS)
    throw std::bad_alloc();
  return Scratch(scratch);
}

bool LiteralScanner::scan(std::string_view text, Scratch& scratch, OnHit on_hit, void* context) const {
  if (!database_ || text.empty()) return true;
  if (text.size() > std::numeric_limits<unsigned>::max() - kPadding) return false;
  Listener listener{on_hit, context};
  if (loses_matches_at_the_end()) {
    scratch.padded_.assign(text);
    scratch.padded_.append(kPadding, '\0');
    text = scratch.padded_;
  }
  return hs_scan(database_.get(), text.data(), static_cast<unsigned>(text.size()), 0, scratch.scratch_.get(),
                 &forward_hit, &listener) == HS_SUCCESS;
}

}  // namespace logsieve
