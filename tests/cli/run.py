#!/usr/bin/env python3
"""Golden runs of the command line: each case is a text file that reads like a terminal.

usage: run.py PROGRAM [CASE…] [--approve]

A case (tests/cli/cases/NAME.txt) is a list of steps:

    $ logsieve classify nothing.csv      the command, run by sh in an empty folder
    ! 74                                 its exit code (left out: 0)
    | text                               what stdout and then stderr printed
    > text                               (`|` stdout, `>` stderr)

Lines that start with '#' are comments. $DATA is the folder tests/cli/data. --approve rewrites the cases that
differ: look at the difference before you commit it.
"""
import argparse
import difflib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run_step(command: str, folder: str, environment: dict) -> list[str]:
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=120, check=False)
    lines = [f"$ {command}"]
    if done.returncode:
        lines.append(f"! {done.returncode}")
    for mark, output in (("|", done.stdout), (">", done.stderr)):
        text = output.decode("utf-8", "backslashreplace").replace(folder, "$PWD").replace(str(HERE / "data"), "$DATA")
        lines += [f"{mark} {line}".rstrip() for line in text.splitlines()]
    return lines


def run_case(case: Path, environment: dict) -> tuple[str, str]:
    """Returns the case as it stands and as this program would write it."""
    wanted = case.read_text(encoding="utf-8")
    got = []
    with tempfile.TemporaryDirectory() as folder:
        for line in wanted.splitlines():
            if line.startswith("$ "):
                got += run_step(line[2:], folder, environment)
            elif line.startswith("#") or not line:
                got.append(line)
    return wanted, "\n".join(got) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=Path)
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--approve", action="store_true")
    args = parser.parse_args()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LOGSIEVE_") and k != "GROQ_API_KEY"}
    environment |= {"PATH": f"{args.program.resolve().parent}:{environment['PATH']}", "DATA": str(HERE / "data"),
                    "LC_ALL": "C.UTF-8", "LOGSIEVE_ENCODER_DIR": os.environ.get("LOGSIEVE_ENCODER_DIR", "")}
    cases = [HERE / "cases" / f"{name}.txt" for name in args.cases] or sorted((HERE / "cases").glob("*.txt"))
    failed = 0
    for case in cases:
        wanted, got = run_case(case, environment)
        if wanted == got:
            continue
        if args.approve:
            case.write_text(got, encoding="utf-8")
            print(f"approved {case.stem}")
            continue
        failed += 1
        sys.stdout.writelines(difflib.unified_diff(wanted.splitlines(True), got.splitlines(True),
                                                   f"{case.stem} (expected)", f"{case.stem} (got)"))
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
