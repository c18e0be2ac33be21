#include <cstdio>
#include <exception>

#include "cli/commands.h"

// Exceptions are caught at every third-party call; what still comes here (memory ran out) ends with a word.
int main(int argc, char** argv) try {
  return logsieve::run_program(argc, argv);
} catch (const std::exception& failure) {
  std::fprintf(stderr, "error: %s\n", failure.what());
  return 1;
}
