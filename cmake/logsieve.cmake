# The house rules as functions: a library states its floor and may link only lower ones.

add_library(logsieve_warnings INTERFACE)
target_compile_options(logsieve_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Werror)
if(LOGSIEVE_SANITIZE)
  add_compile_options(-fsanitize=${LOGSIEVE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${LOGSIEVE_SANITIZE})
endif()

if(LOGSIEVE_FUZZ)
  # On the libraries too, not only on the targets: else libFuzzer sees no path through them.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# Stops the configure if `target` (on `floor`) links a logsieve library that is not on a lower floor.
function(logsieve_check_floor target floor)
  foreach(link IN LISTS ARGN)
    if(link MATCHES "^logsieve::")
      if(NOT TARGET ${link})
        message(FATAL_ERROR "${target} (floor ${floor}) links ${link}, which no lower floor defines")
      endif()
      get_target_property(aliased ${link} ALIASED_TARGET)
      get_target_property(other_floor ${aliased} LOGSIEVE_FLOOR)
      if(NOT other_floor LESS floor)
        message(FATAL_ERROR
          "${target} (floor ${floor}) links ${link} (floor ${other_floor}): only strictly lower floors "
          "may be linked. Move the shared type down a floor.")
      endif()
    endif()
  endforeach()
endfunction()

# logsieve_library(name FLOOR n SOURCES a.cc b.cc [PUBLIC targets] [PRIVATE targets])
# Makes logsieve::name. Includes are written from src/ (or from the project's root for training/).
function(logsieve_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "FLOOR" "SOURCES;PUBLIC;PRIVATE")
  if(NOT DEFINED arg_FLOOR)
    message(FATAL_ERROR "logsieve_library(${name}) needs FLOOR")
  endif()
  set(target logsieve_${name})
  logsieve_check_floor(${target} ${arg_FLOOR} ${arg_PUBLIC} ${arg_PRIVATE})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(logsieve::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES LOGSIEVE_FLOOR ${arg_FLOOR})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} logsieve_warnings)
endfunction()

# logsieve_test(name SOURCES a_test.cc [LINK targets]): the tests of logsieve::name, as name_test.
# Tests find the checkout in LOGSIEVE_SOURCE_DIR and shared reference data in LOGSIEVE_SHARED_DIR
# (both overridable by environment variables of those names); where it is absent they skip, saying so.
function(logsieve_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  if(NOT LOGSIEVE_TESTS)
    return()
  endif()
  set(target ${name}_test)
  add_executable(${target} ${arg_SOURCES})
  if(TARGET logsieve::${name})
    target_link_libraries(${target} PRIVATE logsieve::${name})
  endif()
  target_link_libraries(${target} PRIVATE ${arg_LINK} logsieve_warnings GTest::gtest GTest::gtest_main)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${target} PRIVATE
    LOGSIEVE_SOURCE_DIR="${PROJECT_SOURCE_DIR}" LOGSIEVE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${target} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 120
    PROPERTIES TIMEOUT 600)
endfunction()

# logsieve_fuzz(name SOURCES x_fuzz.cc LINK targets): a libFuzzer binary where LOGSIEVE_FUZZ is on, and
# always a replay of fuzz/corpus/name/ in the tests (the same entry point, driven by fuzz/replay_main.cc).
function(logsieve_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
  if(LOGSIEVE_FUZZ)
    add_executable(fuzz_${name} ${arg_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE ${arg_LINK} logsieve_warnings)
    target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endif()
  if(LOGSIEVE_TESTS)
    add_executable(replay_${name} ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/fuzz/replay_main.cc)
    target_link_libraries(replay_${name} PRIVATE ${arg_LINK} logsieve_warnings)
    add_test(NAME fuzz.replay_${name} COMMAND replay_${name} ${PROJECT_SOURCE_DIR}/fuzz/corpus/${name})
  endif()
endfunction()
