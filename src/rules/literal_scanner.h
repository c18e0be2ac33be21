// Many literals in one pass over a text, by Vectorscan.
//
// Vectorscan is used for literals only. The 5.4.9 that Debian 12 has loses matches of its regular expressions, alone
// and in sets (the tests named regression_* have the smallest cases found), and aborts the process on some of them
// where a text has more than 254 bytes (VectorCamp/vectorscan pull request 392). Compiling expressions also took
// 7 ms a rule, against 0.2 ms for words. Its literal matchers showed no difference from a naive search in 2.4
// million texts, and with RE2 for the few rules that they leave they are no slower: see rule_engine.h.
//
// With AVX-512, though, they lose matches in the last 63 bytes of a text (44 of 548,000 random texts; its own authors
// mended the tails of its vector loops in pull requests 375 and 378). So on such a CPU a copy of the text is scanned
// with NULs behind it, which no literal holds: then nothing was lost in as many texts.
#ifndef LOGSIEVE_RULES_LITERAL_SCANNER_H_
#define LOGSIEVE_RULES_LITERAL_SCANNER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rules/literal_needs.h"

struct hs_database;
struct hs_scratch;

namespace logsieve {

// Immutable, shared by all threads; each thread owns a Scratch.
class LiteralScanner {
 public:
  // What a scan writes to. Made by make_scratch() of the scanner it is used with.
  class Scratch {
   public:
    Scratch() = default;

   private:
    friend class LiteralScanner;
    struct Deleter {
      void operator()(hs_scratch* scratch) const;
    };
    explicit Scratch(hs_scratch* scratch) : scratch_(scratch) {}
    std::unique_ptr<hs_scratch, Deleter> scratch_;
    std::string padded_;  // text and NULs
  };
  // Told of each occurrence of a literal: its index, in no useful order.
  using OnHit = void (*)(void* context, std::uint32_t literal);

  // Literals hold any bytes but NUL and must not be empty. Errors: kUnavailable
  // on a CPU that Vectorscan does not run on, kInvalidRule if it refuses the literals. None at all is no error.
  static Result<LiteralScanner> compile(const std::vector<Literal>& literals);

  Scratch make_scratch() const;
  // False if Vectorscan could not do it (texts of 4 GiB and more, a scratch of another scanner); then some hits
  // may have been told. O(text); no lock, no allocation but the growth of the scratch's copy with AVX-512.
  bool scan(std::string_view text, Scratch& scratch, OnHit on_hit, void* context) const;

 private:
  struct DatabaseDeleter {
    void operator()(hs_database* database) const;
  };
  std::unique_ptr<hs_database, DatabaseDeleter> database_;  // null: no literals
  Scratch prototype_;
};

}  // namespace logsieve

#endif  // LOGSIEVE_RULES_LITERAL_SCANNER_H_
