// A library to be preloaded (LD_PRELOAD) that has one allocation of a program fail, or all from one on, as they do where
// memory runs out. Needs glibc, whose allocator it calls by its internal names.
//
//   MALLOC_FAULT_AT=N        the Nth allocation from 1 fails; 0: none
//   MALLOC_FAULT_KEEPS=1     so do all that follow
//   MALLOC_FAULT_COUNT=FILE  how many there were is written there when the program ends by itself
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

extern "C" {
void* __libc_malloc(std::size_t bytes);                           // NOLINT: glibc's name
void* __libc_calloc(std::size_t count, std::size_t bytes);        // NOLINT
void* __libc_realloc(void* memory, std::size_t bytes);            // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t bytes);  // NOLINT
}

namespace {

std::atomic<unsigned long> count{0};
unsigned long fails_at = 0;  // before the constructor has run, nothing fails
bool keeps_failing = false;

bool fails() {
  const unsigned long number = ++count;
  const bool is_meant = fails_at > 0 && (keeps_failing ? number >= fails_at : number == fails_at);
  if (is_meant) errno = ENOMEM;
  return is_meant;
}

__attribute__((constructor)) void begin() {
  const char* const at = std::getenv("MALLOC_FAULT_AT");
  keeps_failing = std::getenv("MALLOC_FAULT_KEEPS") != nullptr;
  count = 0;
  fails_at = at == nullptr ? 0 : std::strtoul(at, nullptr, 10);
}

__attribute__((destructor)) void end() {
  const unsigned long made = count;
  fails_at = 0;
  const char* const path = std::getenv("MALLOC_FAULT_COUNT");
  if (path == nullptr) return;
  if (std::FILE* const file = std::fopen(path, "w")) {
    std::fprintf(file, "%lu\n", made);
    std::fclose(file);
  }
}

}  // namespace

extern "C" {

void* malloc(std::size_t bytes) noexcept {
  return fails() ? nullptr : __libc_malloc(bytes);
}

void* calloc(std::size_t number, std::size_t bytes) noexcept {
  return fails() ? nullptr : __libc_calloc(number, bytes);
}

void* realloc(void* memory, std::size_t bytes) noexcept {
  return fails() ? nullptr : __libc_realloc(memory, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  return fails() ? nullptr : __libc_memalign(alignment, bytes);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) noexcept {
  void* const made = fails() ? nullptr : __libc_memalign(alignment, bytes);
  if (made == nullptr) return ENOMEM;
  *memory = made;
  return 0;
}

}  // extern "C"
