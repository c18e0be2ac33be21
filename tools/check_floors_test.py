#!/usr/bin/env python3
"""Tests of check_floors.py and of logsieve_library(): each rule, broken on purpose in a small tree."""
import contextlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
import check_floors  # noqa: E402  (its folder is on the path only now)

PROJECT = Path(__file__).resolve().parent.parent


def header(guard: str, body: str = "") -> str:
    return f"// What it is.\n#ifndef {guard}\n#define {guard}\n{body}\n#endif  // {guard}\n"


CLEAN_TREE = {
    "src/main.cc": '#include "cli/run.h"\n',
    "src/base/CMakeLists.txt": "logsieve_library(base FLOOR 0 SOURCES text.cc)\n",
    "src/base/text.h": header("LOGSIEVE_BASE_TEXT_H_", "#include <string>\nusing Text = std::string;"),
    "src/base/text.cc": '#include "base/text.h"\n',
    "src/rules/CMakeLists.txt": "# Floor 2.\nif(TRUE)\n  logsieve_library(rules FLOOR 2\n    SOURCES rule.cc)\nendif()\n",
    "src/rules/rule.h": header("LOGSIEVE_RULES_RULE_H_", '#include "base/text.h"\nstruct Rule {\n  Text name;\n};'),
    "src/rules/rule.cc": '#include "rules/rule.h"\n#include "rules/parts/part.h"\n',
    "src/rules/parts/part.h": header("LOGSIEVE_RULES_PARTS_PART_H_"),
    "src/rules/rule_test.cc": '#include "tests/fake/server.h"\n#include "rules/rule.h"\n',
    "src/head/CMakeLists.txt": "logsieve_library(head FLOOR 2 SOURCES head.cc)\n",
    "src/head/head.h": header("LOGSIEVE_HEAD_HEAD_H_", "int head();"),
    "src/cli/CMakeLists.txt": "logsieve_library(cli FLOOR 6 SOURCES run.cc)\n",
    "src/cli/run.h": header("LOGSIEVE_CLI_RUN_H_", '#include "training/fit/fit.h"\nint run();'),
    "training/CMakeLists.txt": "add_subdirectory(fit)\n",
    "training/fit/CMakeLists.txt": "logsieve_library(fit FLOOR 5 SOURCES fit.cc)\n",
    "training/fit/fit.h": header("LOGSIEVE_TRAINING_FIT_FIT_H_", '#include "rules/rule.h"'),
    "tests/fake/server.h": "int serve();\n",
    "bench/clock.h": "int clock_now();\n",
}


class TreeTest(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="floors"))
        self.addCleanup(shutil.rmtree, self.root)
        for name, text in CLEAN_TREE.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def check(self, *options: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = check_floors.main(["--root", str(self.root), *options])
        return code, out.getvalue(), err.getvalue()

    def expect_violations(self, *wanted: str, options: tuple[str, ...] = ("--no-compile",)) -> None:
        """`wanted` are the beginnings of the messages, all of them, in order."""
        code, out, err = self.check(*options)
        lines = err.splitlines()
        self.assertEqual(code, 1, err)
        self.assertEqual(out, "")
        self.assertEqual(len(lines) - 1, len(wanted), err)
        for line, beginning in zip(lines, wanted):
            self.assertEqual(line[:len(beginning)], beginning)
        self.assertEqual(lines[-1], f"check_floors: {len(wanted)} violations")


class CleanTree(TreeTest):
    def test_passes_and_says_what_was_checked(self):
        code, out, err = self.check()
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out, "check_floors: 10 files in 5 rooms are clean; 6 headers compile alone\n")

    def test_ignores_what_only_looks_like_an_include(self):
        self.write("src/rules/rule.cc", '// #include "cli/run.h"\n/*\n#include "cli/run.h"\n*/\n'
                   'const char* kText = R"x(\n#include "cli/run.h"\n)x";\n')
        self.assertEqual(self.check("--no-compile")[0], 0)

    def test_a_comment_mark_in_a_string_hides_nothing(self):
        self.write("src/rules/rule.cc", 'const char* kGlob = "src/*.cc";\n#include "cli/run.h"\n'
                   'const char* kEnd = "*/";\n')
        self.expect_violations('src/rules/rule.cc:2: rules (floor 2) includes "cli/run.h"')


class Floors(TreeTest):
    def test_an_include_of_a_peer_is_refused(self):
        self.write("src/rules/rule.cc", '#include "rules/rule.h"\n\n  #  include "head/head.h"\n')
        self.expect_violations('src/rules/rule.cc:3: rules (floor 2) includes "head/head.h" of head (floor 2): only '
                               "strictly lower floors may be included")

    def test_an_include_of_a_higher_floor_is_refused(self):
        self.write("src/base/text.cc", '#include "rules/rule.h"\n')
        self.expect_violations('src/base/text.cc:1: base (floor 0) includes "rules/rule.h" of rules (floor 2)')

    def test_the_runtime_may_not_include_training(self):
        self.write("src/rules/rule.cc", '#include "training/fit/fit.h"\n')
        self.expect_violations('src/rules/rule.cc:1: rules (floor 2) includes "training/fit/fit.h" of fit (floor 5)')

    def test_rooms_of_training_have_floors_of_their_own(self):
        self.write("training/evaluate/CMakeLists.txt", "logsieve_library(evaluate FLOOR 6 SOURCES scores.cc)\n")
        self.write("training/evaluate/scores.cc", '#include "training/fit/fit.h"\n')
        self.assertEqual(self.check("--no-compile")[0], 0)
        self.write("training/fit/fit.cc", '#include "training/evaluate/scores.cc"\n')
        self.expect_violations("training/fit/fit.cc:1: fit (floor 5) includes")

    def test_no_room_may_include_what_stands_above_all(self):
        self.write("src/version.h", header("LOGSIEVE_VERSION_H_"))
        self.write("src/cli/run.cc", '#include "version.h"\n')
        self.expect_violations('src/cli/run.cc:1: cli (floor 6) includes "version.h" of src/version.h')

    def test_angle_brackets_and_detours_do_not_hide_an_include(self):
        self.write("src/rules/rule.cc", '#include <head/head.h>\n#include "../head/head.h"\n#include "src/head/head.h"\n'
                   '#include "rules/../head/head.h"\n')
        wanted = []
        for line in range(1, 5):
            wanted += [f'src/rules/rule.cc:{line}: rules (floor 2) includes "head/head.h" of head (floor 2)',
                       f'src/rules/rule.cc:{line}: write this include as "head/head.h"']
        self.expect_violations(*wanted)

    def test_an_include_relative_to_the_own_folder_is_refused(self):
        self.write("src/rules/rule.cc", '#include "rule.h"\n')
        self.expect_violations('src/rules/rule.cc:1: write this include as "rules/rule.h": quotes, full path from src/')

    def test_a_quoted_include_of_no_file_is_refused(self):
        self.write("src/rules/rule.cc", '#include "rules/gone.h"\n#include <vector>\n')
        self.expect_violations('src/rules/rule.cc:1: "rules/gone.h" is no file under src/ or training/')

    def test_only_tests_and_their_support_may_include_test_code(self):
        support = header("LOGSIEVE_RULES_TEST_SERVER_H_", '#include "tests/fake/server.h"')
        self.write("src/rules/test_server.h", support)
        self.write("src/rules/rule_fuzz.cc", '#include "rules/test_server.h"\n')
        self.assertEqual(self.check("--no-compile")[0], 0)
        self.write("src/rules/rule.cc", '#include "tests/fake/server.h"\n#include "rules/test_server.h"\n')
        self.expect_violations('src/rules/rule.cc:1: "tests/fake/server.h" is for tests',
                               'src/rules/rule.cc:2: "rules/test_server.h" is for tests')

    def test_nothing_may_include_the_benches(self):
        self.write("src/rules/rule_test.cc", '#include "bench/clock.h"\n')
        self.expect_violations('src/rules/rule_test.cc:1: "bench/clock.h" is of bench/, which no room may include')


class Rooms(TreeTest):
    def test_a_folder_without_a_floor_is_named_once(self):
        self.write("src/miner/miner.cc", '#include "base/text.h"\n')
        self.write("src/miner/tree.cc", "")
        self.write("src/miner/CMakeLists.txt", "# logsieve_library(miner FLOOR 2 SOURCES miner.cc)\n")
        self.expect_violations("src/miner/CMakeLists.txt:1: states no floor: add logsieve_library(miner FLOOR n")

    def test_a_library_must_state_a_number(self):
        self.write("src/head/CMakeLists.txt", "\nlogsieve_library(head FLOOR ${level} SOURCES head.cc)\n")
        self.expect_violations("src/head/CMakeLists.txt:1: states no floor",
                               "src/head/CMakeLists.txt:2: logsieve_library(head) states no FLOOR as a plain number")

    def test_a_folder_may_not_stand_on_two_floors(self):
        self.write("src/head/CMakeLists.txt", "logsieve_library(head FLOOR 2 SOURCES a.cc)\n"
                   "logsieve_library(prototypes FLOOR 3 SOURCES b.cc)\n")
        self.expect_violations("src/head/CMakeLists.txt:2: prototypes (floor 3) shares its folder with head (floor 2)")

    def test_sources_have_house_endings(self):
        self.write("src/head/head.hpp", "")
        self.expect_violations("src/head/head.hpp:1: sources end in .cc, .h or .inc, not .hpp")


class Guards(TreeTest):
    def test_a_guard_must_spell_the_path(self):
        self.write("src/base/text.h", header("LOGSIEVE_TEXT_H_"))
        self.write("training/fit/fit.h", header("LOGSIEVE_FIT_FIT_H_"))
        self.expect_violations(
            "src/base/text.h:2: the first directive must be `#ifndef LOGSIEVE_BASE_TEXT_H_`",
            "training/fit/fit.h:2: the first directive must be `#ifndef LOGSIEVE_TRAINING_FIT_FIT_H_`")

    def test_pragma_once_and_an_empty_header_are_refused(self):
        self.write("src/base/text.h", "// Text.\n#pragma once\n")
        self.write("src/head/head.h", "")
        self.expect_violations("src/base/text.h:2: the first directive must be", "src/head/head.h:1: the first directive")

    def test_the_define_must_follow_and_match(self):
        self.write("src/base/text.h", "#ifndef LOGSIEVE_BASE_TEXT_H_\n#define LOGSIEVE_BASE_TEST_H_\n#endif\n")
        self.write("src/head/head.h", "#ifndef LOGSIEVE_HEAD_HEAD_H_\n")
        self.expect_violations("src/base/text.h:1: `#define LOGSIEVE_BASE_TEXT_H_` must follow its #ifndef",
                               "src/head/head.h:1: `#define LOGSIEVE_HEAD_HEAD_H_` must follow its #ifndef")

    def test_nothing_stands_behind_the_guard(self):
        self.write("src/base/text.h", header("LOGSIEVE_BASE_TEXT_H_") + "#include <string>\n")
        self.expect_violations("src/base/text.h:6: the last directive must be the guard's `#endif")


class Headers(TreeTest):
    def test_a_header_that_needs_another_first_is_refused(self):
        self.write("src/head/head.h", header("LOGSIEVE_HEAD_HEAD_H_", "std::string name();"))
        self.expect_violations("src/head/head.h:1: does not compile alone: src/head/head.h:4", options=())
        self.assertEqual(self.check("--no-compile")[0], 0)

    def test_every_bad_header_is_named_with_any_number_of_jobs(self):
        bad = [f"src/head/bad{i}.h" for i in range(3)]
        for name in bad:
            self.write(name, header(check_floors.expected_guard(name), "Unknown value;"))
        for jobs in ("1", "2"):
            self.expect_violations(*(f"{name}:1: does not compile alone" for name in bad), options=("--jobs", jobs))


class Call(TreeTest):
    def expect_usage(self, *options: str, message: str) -> None:
        err = io.StringIO()
        with self.assertRaises(SystemExit) as stopped, contextlib.redirect_stderr(err):
            check_floors.main([*options])
        self.assertEqual(stopped.exception.code, 2)
        self.assertIn(message, err.getvalue())

    def test_a_root_without_sources_is_refused(self):
        self.expect_usage("--root", str(self.root / "src"), message="has no src/")

    def test_no_jobs_are_refused(self):
        self.expect_usage("--root", str(self.root), "--jobs", "0", message="--jobs must be at least 1")


class LogsieveLibrary(unittest.TestCase):
    """cmake/logsieve.cmake itself: a link that is not downwards stops the configure."""

    def configure(self, libraries: str) -> tuple[int, str]:
        folder = Path(tempfile.mkdtemp(prefix="configure"))
        self.addCleanup(shutil.rmtree, folder)
        (folder / "empty.cc").write_text("", encoding="utf-8")
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\n"
            "set(CMAKE_CXX_COMPILER_WORKS TRUE)  # spares the trial build\n"
            "project(planted LANGUAGES CXX)\n"
            f'include("{PROJECT}/cmake/logsieve.cmake")\n{libraries}', encoding="utf-8")
        done = subprocess.run(["cmake", "-G", "Ninja", "-S", str(folder), "-B", str(folder / "build")], capture_output=True,
                              text=True, check=False)
        return done.returncode, re.sub(r"\s+", " ", done.stderr)

    def expect_stop(self, libraries: str, message: str) -> None:
        code, err = self.configure(libraries)
        self.assertNotEqual(code, 0, err)
        self.assertIn(message, err)

    def test_downward_links_configure(self):
        code, err = self.configure("logsieve_library(low FLOOR 0 SOURCES empty.cc)\n"
                                   "logsieve_library(middle FLOOR 1 SOURCES empty.cc PUBLIC logsieve::low)\n"
                                   "logsieve_library(high FLOOR 10 SOURCES empty.cc PRIVATE logsieve::middle)\n")
        self.assertEqual(code, 0, err)

    def test_a_public_link_to_a_peer_stops_the_configure(self):
        self.expect_stop("logsieve_library(left FLOOR 2 SOURCES empty.cc)\n"
                         "logsieve_library(right FLOOR 2 SOURCES empty.cc PUBLIC logsieve::left)\n",
                         "logsieve_right (floor 2) links logsieve::left (floor 2): only strictly lower floors")

    def test_a_private_link_upwards_stops_the_configure(self):
        self.expect_stop("logsieve_library(high FLOOR 10 SOURCES empty.cc)\n"
                         "logsieve_library(low FLOOR 9 SOURCES empty.cc PRIVATE logsieve::high)\n",
                         "logsieve_low (floor 9) links logsieve::high (floor 10): only strictly lower floors")

    def test_a_link_to_a_room_that_is_not_there_yet_stops_the_configure(self):
        self.expect_stop("logsieve_library(low FLOOR 1 SOURCES empty.cc PUBLIC logsieve::later)\n",
                         "logsieve_low (floor 1) links logsieve::later, which no lower floor defines")

    def test_a_library_without_a_floor_stops_the_configure(self):
        self.expect_stop("logsieve_library(low SOURCES empty.cc)\n", "logsieve_library(low) needs FLOOR")


if __name__ == "__main__":
    unittest.main()
