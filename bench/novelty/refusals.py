#!/usr/bin/env python3
"""What share of texts that are no log lines a model refuses: they must come out `Unclassified`.

usage: refusals.py PROGRAM [--model DIR] [--texts KIND=FILE …] [--count N] [--show N]

Kinds that it makes itself, by a fixed seed: words of random syllables, of random letters, words of prose in random order,
random bytes, base64, hexadecimal dumps; and of what the machine has: lines of Python's library and of C headers, sentences
of the licences in /usr/share/common-licenses and of Python's docstrings, manual pages in other languages. --texts adds
files, one text a line. What the machine has no texts of is named and skipped. None of these is among the texts that training learns from (training/fit/background_*.cc).
`--show` prints texts that were answered. Exit status: 0 if every kind reaches the bar.
"""
import argparse
import ast
import base64
import collections
import gzip
import json
import random
import re
import string
import subprocess
import sys
import sysconfig
from pathlib import Path

BAR = 0.98


def syllables(rng: random.Random) -> str:
    word = lambda: "".join(rng.choice("bcdfghjklmnprstvwz") + rng.choice("aeiou") for _ in range(rng.randint(1, 4)))
    return " ".join(word() for _ in range(rng.randint(3, 14)))


def letters(rng: random.Random) -> str:
    word = lambda: "".join(rng.choice(string.ascii_lowercase) for _ in range(rng.randint(2, 11)))
    return " ".join(word() for _ in range(rng.randint(3, 12)))


def binary(rng: random.Random) -> str:
    """As a reader of text sees it: bytes from 0x80 up are Latin letters or marks of damage."""
    data = bytes(b for b in rng.randbytes(rng.randint(12, 120)) if b not in (0, 10, 13))
    return data.decode("latin-1") if rng.random() < 0.5 else data.decode("utf-8", "replace")


def base64_text(rng: random.Random) -> str:
    return base64.b64encode(rng.randbytes(rng.randint(24, 90))).decode()


def hex_dump(rng: random.Random) -> str:
    data = rng.randbytes(16)
    return f"{rng.randrange(1 << 20) * 16:08x}  " + " ".join(f"{b:02x}" for b in data)


def python_files() -> list[Path]:
    return sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))


def code_lines(files: list[Path]) -> list[str]:
    lines = [line.strip() for file in files for line in file.read_text(errors="replace").splitlines()]
    comment = ("#", "//", "/*", "*")
    return [line for line in lines if 20 < len(line) < 120 and not line.startswith(comment) and re.search(r"[=(:;{]", line)]


def docstring_sentences() -> list[str]:
    sentences = []
    for file in python_files():
        try:
            tree = ast.parse(file.read_text(errors="replace"))
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                sentences += sentences_of(ast.get_docstring(node) or "")
    return sentences


def sentences_of(text: str) -> list[str]:
    joined = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    found = [s for part in joined for s in re.split(r"(?<=[.!?]) ", part)]
    return [s for s in found if 40 < len(s) < 200 and re.match(r"[A-Z].*[a-z].*[.!?]$", s) and ">>>" not in s]


def manual_sentences() -> list[str]:
    sentences = []
    for file in sorted(Path("/usr/share/man").glob("[a-z][a-z]/man1/*.gz")):
        text = gzip.open(file, "rt", errors="replace").read()
        text = re.sub(r"\\f.|\\", "", "\n".join(line for line in text.splitlines() if not line.startswith((".", "'"))))
        sentences += [line.strip() for line in text.splitlines() if 40 < len(line) < 200]
    return sentences


def texts(count: int, seed: int) -> dict[str, list[str]]:
    rng = random.Random(seed)
    licences = [s for file in sorted(Path("/usr/share/common-licenses").glob("*")) if not file.is_symlink()
                for s in sentences_of(file.read_text(errors="replace"))]
    docstrings = docstring_sentences()
    words = sorted({w.lower() for s in docstrings + licences for w in re.findall(r"[A-Za-z]{3,}", s)})
    found = {
        "licences": licences,
        "docstrings": docstrings,
        "Python code": code_lines(python_files()),
        "C headers": code_lines(sorted(Path("/usr/include").glob("*.h"))),
        "other languages": manual_sentences(),
    }
    for kind in (kind for kind, of in found.items() if not of):
        print(f"{kind:<18} skipped: no such texts on this machine")
    out = {kind: rng.sample(sorted(set(of)), min(count, len(set(of)))) for kind, of in found.items() if of}
    for kind, make in {"random syllables": syllables, "random letters": letters, "binary": binary, "base64": base64_text,
                       "hex dump": hex_dump}.items():
        out[kind] = [make(rng) for _ in range(count)]
    if words:
        out["words at random"] = [" ".join(rng.choice(words) for _ in range(rng.randint(4, 14))) for _ in range(count)]
    return out


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--model")
    parser.add_argument("--texts", action="append", default=[], metavar="KIND=FILE")
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0)
    args = parser.parse_args()
    of_kind = texts(args.count, args.seed)
    for given in args.texts:
        kind, _, file = given.partition("=")
        lines = sorted(set(Path(file).read_text(errors="replace").splitlines()))
        of_kind[kind] = random.Random(args.seed).sample(lines, min(args.count, len(lines)))
    rows = "".join(json.dumps({"kind": kind, "message": text}) + "\n" for kind, of in of_kind.items() for text in of)
    command = [args.program, "classify", "--llm", "off", "--from", "jsonl", "--to", "jsonl", "-", "--out", "-"]
    run = subprocess.run(command + (["--model", args.model] if args.model else []), input=rows.encode(), check=True,
                         capture_output=True)
    refused, answered = collections.Counter(), collections.defaultdict(list)
    for line in run.stdout.decode(errors="replace").split("\n")[:-1]:
        row = json.loads(line)
        if row["target_label"] == "Unclassified":
            refused[row["kind"]] += 1
        else:
            answered[row["kind"]].append(row)
    reached = True
    for kind, of in of_kind.items():
        share = refused[kind] / len(of)
        reached &= share >= BAR
        print(f"{kind:<18} {len(of):5} texts  {share:6.3f} refused{'' if share >= BAR else '  below the bar'}")
        for row in answered[kind][:args.show]:
            print(f"    {row['target_label']} {row['confidence']} {row['tier']}: {row['message'][:110]!r}")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
