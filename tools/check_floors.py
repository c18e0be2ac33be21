#!/usr/bin/env python3
"""The house rules that a compiler does not know: floors, header guards, headers that compile alone.

usage: check_floors.py [--root DIR] [--no-compile] [--compiler CXX] [--jobs N]

A room is a folder of src/ or training/ whose CMakeLists.txt states its floor, `logsieve_library(name FLOOR n …)`.
A file may include its own room and rooms of strictly lower floors; a file of src/ itself (main.cc) stands above
all rooms. logsieve_library() checks the links, this script the includes, which need no link to leak.

Prints one `file:line: message` a violation to stderr and exits with 1; 0 means clean, 2 a wrong call.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, Optional

SOURCE_SUFFIXES = {".h", ".cc", ".inc"}
FOREIGN_SUFFIXES = {".hpp", ".hh", ".hxx", ".cpp", ".cxx", ".c"}
# Only tests and their support (x_test.cc, x_fuzz.cc, x_test_support.h) may use each other and the programs of tests/.
TEST_PROGRAMS = "tests"
TEST_WORDS = {"test", "fuzz", "bench"}
ABOVE_ALL = float("inf")

# Ordinary strings are matched so that a comment mark inside one is left alone; raw strings and comments go.
TOKEN = re.compile(r'R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
                   r'|//[^\n]*|/\*.*?\*/', re.DOTALL)
DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(?P<word>\w+)[ \t]*(?P<rest>.*?)[ \t]*$", re.MULTILINE)
INCLUDE = re.compile(r'"(?P<quoted>[^"]+)"|<(?P<angled>[^>]+)>')
LIBRARY = re.compile(r"\blogsieve_library\s*\(\s*(?P<name>[^\s)]+)(?P<arguments>[^)]*)\)")
FLOOR = re.compile(r"\bFLOOR\s+(?P<floor>\S+)")


class Violation(NamedTuple):
    file: str  # from the root
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class Room(NamedTuple):
    name: str
    floor: float

    def __str__(self) -> str:
        return self.name if self.floor == ABOVE_ALL else f"{self.name} (floor {self.floor:g})"


class Directive(NamedTuple):
    line: int
    word: str
    rest: str


def without_comments(text: str) -> str:
    """The text with comments and raw strings blanked; line numbers stay."""
    def blank(match: re.Match) -> str:
        token = match.group()
        return "\n" * token.count("\n") if token.startswith(("//", "/*", "R")) else token
    return TOKEN.sub(blank, text)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def directives_of(file: Path) -> list[Directive]:
    text = without_comments(file.read_text(encoding="utf-8", errors="replace"))
    return [Directive(line_of(text, m.start("word")), m["word"], m["rest"]) for m in DIRECTIVE.finditer(text)]


def is_for_tests(file: Path) -> bool:
    return not TEST_WORDS.isdisjoint(file.stem.split("_"))


def expected_guard(path: str) -> str:
    """src/base/file.h: LOGSIEVE_BASE_FILE_H_; training/fit/fit.h: LOGSIEVE_TRAINING_FIT_FIT_H_."""
    return "LOGSIEVE_" + re.sub(r"\W", "_", path.removeprefix("src/")).upper() + "_"


class Tree:
    """The rooms and source files under one root, and the checks on them."""

    def __init__(self, root: Path):
        self.root = root.resolve()
        self.violations: list[Violation] = []
        self.rooms: dict[Path, Room] = {}  # by folder
        folders = [self.root / "src", self.root / "training"]
        for folder in folders:
            for script in sorted(folder.rglob("CMakeLists.txt")):
                self._read_room(script)
        everything = sorted(f for folder in folders for f in folder.rglob("*") if f.is_file())
        self.files = [f for f in everything if f.suffix in SOURCE_SUFFIXES]
        for file in everything:
            if file.suffix in FOREIGN_SUFFIXES:
                self._report(file, 1, f"sources end in .cc, .h or .inc, not {file.suffix}")

    @property
    def headers(self) -> list[Path]:
        return [f for f in self.files if f.suffix == ".h"]

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def _report(self, file: Path, line: int, message: str) -> None:
        self.violations.append(Violation(self.name(file), line, message))

    def _read_room(self, script: Path) -> None:
        text = re.sub(r"#[^\n]*", "", script.read_text(encoding="utf-8", errors="replace"))
        for call in LIBRARY.finditer(text):
            line, library = line_of(text, call.start()), call["name"]
            stated = FLOOR.search(call["arguments"])
            if not stated or not stated["floor"].isdigit():
                self._report(script, line, f"logsieve_library({library}) states no FLOOR as a plain number")
                continue
            room = Room(library, int(stated["floor"]))
            other = self.rooms.setdefault(script.parent, room)
            if other.floor != room.floor:
                self._report(script, line, f"{room} shares its folder with {other}: a folder is one room, on one floor")

    def room_of(self, file: Path) -> Optional[Room]:
        if file.parent == self.root / "src":
            return Room(self.name(file), ABOVE_ALL)
        return next((self.rooms[folder] for folder in file.parents if folder in self.rooms), None)

    def check_rooms(self) -> None:
        for folder in sorted({f.parent for f in self.files if self.room_of(f) is None}):
            self._report(folder / "CMakeLists.txt", 1,
                         f"states no floor: add logsieve_library({folder.name} FLOOR n …)")

    def check_includes(self) -> None:
        for file in self.files:
            for directive in directives_of(file):
                spelling = INCLUDE.match(directive.rest) if directive.word.startswith("include") else None
                if spelling:
                    self._check_include(file, directive.line, spelling)

    def _find(self, file: Path, target: str) -> Optional[Path]:
        for folder in (self.root / "src", self.root, file.parent):
            found = folder / target
            if found.is_file():
                return Path(os.path.normpath(found))
        return None

    def _check_include(self, file: Path, line: int, spelling: re.Match) -> None:
        target = spelling["quoted"] or spelling["angled"]
        found = self._find(file, target)
        if found is None or not found.is_relative_to(self.root):
            if spelling["quoted"]:
                self._report(file, line, f'"{target}" is no file under src/ or training/ (libraries go in <>)')
            return
        proper = self.name(found).removeprefix("src/")
        if spelling["angled"] or target != proper:
            self._report(file, line, f'write this include as "{proper}": quotes, full path from src/')
        self._check_floor(file, line, found, proper)

    def _check_floor(self, file: Path, line: int, found: Path, proper: str) -> None:
        top = found.relative_to(self.root).parts[0]
        if top not in ("src", "training", TEST_PROGRAMS):
            self._report(file, line, f'"{proper}" is of {top}/, which no room may include')
            return
        if (top == TEST_PROGRAMS or is_for_tests(found)) and not is_for_tests(file):
            self._report(file, line, f'"{proper}" is for tests: only they and their support may include it')
        if top == TEST_PROGRAMS:
            return
        own, other = self.room_of(file), self.room_of(found)
        if own is None or other is None or own == other:  # a room without a floor has its own message
            return
        if other.floor >= own.floor:
            self._report(file, line, f'{own} includes "{proper}" of {other}: only strictly lower floors may be '
                         "included; move the shared type down a floor")

    def check_guards(self) -> None:
        for file in self.headers:
            self._check_guard(file, expected_guard(self.name(file)), directives_of(file))

    def _check_guard(self, file: Path, guard: str, found: list[Directive]) -> None:
        if not found or (found[0].word, found[0].rest) != ("ifndef", guard):
            self._report(file, found[0].line if found else 1, f"the first directive must be `#ifndef {guard}`")
        elif len(found) < 2 or (found[1].word, found[1].rest) != ("define", guard):
            self._report(file, found[0].line, f"`#define {guard}` must follow its #ifndef")
        elif found[-1].word != "endif":
            self._report(file, found[-1].line, f"the last directive must be the guard's `#endif  // {guard}`")

    def check_headers_compile(self, compiler: list[str], jobs: int) -> None:
        # The definitions are those that logsieve_test() gives, for headers that only tests use.
        command = compiler + ["-std=c++20", "-fsyntax-only", f"-I{self.root / 'src'}", f"-I{self.root}",
                              f'-DLOGSIEVE_SOURCE_DIR="{self.root}"', f'-DLOGSIEVE_BINARY_DIR="{self.root}"',
                              "-x", "c++"]

        def compile_alone(header: Path) -> Optional[str]:
            done = subprocess.run([*command, self.name(header)], cwd=self.root, capture_output=True, text=True,
                                  errors="replace", check=False)
            return None if done.returncode == 0 else done.stderr
        with ThreadPoolExecutor(jobs) as pool:
            for header, failure in zip(self.headers, pool.map(compile_alone, self.headers)):
                if failure is not None:
                    lines = failure.splitlines()
                    first = next((text for text in lines if "error" in text), lines[0] if lines else "no message")
                    self._report(header, 1, f"does not compile alone: {first}")


def find_compiler(named: Optional[str]) -> Optional[list[str]]:
    """The command words: $CXX may hold a launcher, as in `ccache g++`."""
    for candidate in (named, os.environ.get("CXX"), "c++", "g++", "clang++-14", "clang++"):
        words = candidate.split() if candidate else []
        if words and shutil.which(words[0]):
            return words
    return None


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    parser.add_argument("--no-compile", action="store_true", help="skip the headers' own compilation")
    parser.add_argument("--compiler", help="default: $CXX, else the first of c++, g++, clang++")
    parser.add_argument("--jobs", type=int, default=2, help="compilers at a time (default 2)")
    args = parser.parse_args(arguments)
    if not (args.root / "src").is_dir():
        parser.error(f"{args.root} has no src/")
    if args.jobs < 1:
        parser.error("--jobs must be at least 1")
    args.compiler = None if args.no_compile else find_compiler(args.compiler)
    if args.compiler is None and not args.no_compile:
        parser.error("no C++ compiler found; name one with --compiler, or use --no-compile")
    return args


def main(arguments: Optional[list[str]] = None) -> int:
    args = parse_arguments(sys.argv[1:] if arguments is None else arguments)
    tree = Tree(args.root)
    tree.check_rooms()
    tree.check_includes()
    tree.check_guards()
    if not args.no_compile:
        tree.check_headers_compile(args.compiler, args.jobs)
    for violation in sorted(set(tree.violations)):
        print(violation, file=sys.stderr)
    if tree.violations:
        print(f"check_floors: {len(set(tree.violations))} violations", file=sys.stderr)
        return 1
    print(f"check_floors: {len(tree.files)} files in {len(tree.rooms)} rooms are clean"
          + ("" if args.no_compile else f"; {len(tree.headers)} headers compile alone"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
