#!/usr/bin/env python3
"""Generated lines with public ones among them: after each nine of the generator one of LogHub, over and over, each time
with other numbers in it (as many digits), so that its form stays and the line is new.

usage: mixed_lines.py GENERATED PUBLIC >OUT      GENERATED.csv keeps its header: timestamp,source,log_message
Without PUBLIC (the reference data is not there) the generated lines alone."""
import csv
import io
import itertools
import os
import random
import re
import sys

EVERY = 9
NUMBER = re.compile(r"\d+")


def varied(lines: list[str], seed: int):
    chance = random.Random(seed)

    def other(match: re.Match) -> str:
        digits = len(match[0])
        if match[0][0] == "0" or digits > 18:
            return match[0]
        return str(chance.randrange(10 ** (digits - 1), 10 ** digits))
    for text in itertools.cycle(lines):
        yield NUMBER.sub(other, text)


def row(text: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(["2025-01-01 00:00:00", "LogHub", text])
    return out.getvalue()


def main():
    generated, public = sys.argv[1:]
    write = sys.stdout.write
    lines = open(public, encoding="utf-8").read().splitlines() if os.path.exists(public) else []
    others = varied(lines, 9) if lines else None
    with open(generated, encoding="utf-8", newline="") as file:
        is_csv = generated.endswith(".csv")
        if is_csv:
            write(file.readline())
        rows = map(csv_text, csv.reader(file)) if is_csv else file
        for number, text in enumerate(rows, 1):
            write(text)
            if others is not None and number % EVERY == 0:
                other = next(others)
                write(row(other) if is_csv else other + "\n")


def csv_text(fields: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(fields)
    return out.getvalue()


if __name__ == "__main__":
    main()
