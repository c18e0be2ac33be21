#!/usr/bin/env python3
"""Rivals of the rule tier: the Python original tries `re` rule by rule; ripgrep has all patterns at once.

usage: rivals.py PATTERNS LINES.log; needs rg, which `./dev bench` installs"""
import re
import subprocess
import sys
import time

SAMPLE = 20_000


def main():
    patterns_path, lines_path = sys.argv[1:]
    patterns, refused = [], 0
    texts = open(patterns_path, encoding="utf-8", errors="surrogateescape").read().splitlines()
    # Two rules may name their captures alike, which ripgrep does not take.
    texts = [re.sub(r"\(\?P<\w+>", "(?:", text) for text in texts]
    unnamed_path = patterns_path + ".unnamed"
    with open(unnamed_path, "w", encoding="utf-8", errors="surrogateescape") as unnamed:
        unnamed.write("\n".join(texts) + "\n")
    for text in texts:
        try:
            patterns.append(re.compile(text))
        except re.error:
            refused += 1
    lines = open(lines_path, encoding="utf-8", errors="surrogateescape").read().splitlines()
    sample = lines[:SAMPLE]
    rates = []
    for _ in range(5):
        start = time.perf_counter()
        for line in sample:
            for pattern in patterns:
                if pattern.search(line):
                    break
        rates.append(len(sample) / (time.perf_counter() - start))
    print(f"  {'Python re, one by one':22} {sorted(rates)[2] / 1e6:6.3f} M lines/s "
          f"({len(patterns)} patterns, {refused} refused, a sample of {len(sample)} lines)")
    rates = []
    for _ in range(5):
        start = time.perf_counter()
        done = subprocess.run(["rg", "--threads", "1", "--text", "--count", "-f", unnamed_path, lines_path],
                              capture_output=True, check=False)
        rates.append(len(lines) / (time.perf_counter() - start))
        if done.returncode > 1:  # 1: nothing matches
            sys.exit(f"ripgrep failed: {done.stderr.decode()}")
    print(f"  {'ripgrep, one thread':22} {sorted(rates)[2] / 1e6:6.3f} M lines/s (count: {done.stdout.decode().strip()})")


if __name__ == "__main__":
    main()
