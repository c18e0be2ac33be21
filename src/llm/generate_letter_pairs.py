#!/usr/bin/env python3
"""Writes letter_pairs.inc: how unusual each pair of letters is in the words of the authored log templates.

    src/llm/generate_letter_pairs.py training/data/templates/*.txt > src/llm/letter_pairs.inc

A row is a first letter, a digit in it a second one: round(-log2 P(second | first)), at most 9, with distinct words
weighed by 1 + ln(count) and half a count added to each pair.
"""
import math
import re
import sys
from collections import Counter

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def main(paths):
    words = Counter()
    for path in sorted(paths):
        with open(path, encoding="utf-8") as file:
            words.update(word.lower() for word in re.findall(r"[A-Za-z]{2,}", file.read()))
    pairs, firsts = Counter(), Counter()
    for word, count in sorted(words.items()):
        weight = 1 + math.log(count)
        for first, second in zip(word, word[1:]):
            pairs[first, second] += weight
            firsts[first] += weight
    for first in LETTERS:
        row = (min(9, round(-math.log2((pairs[first, second] + 0.5) / (firsts[first] + 13)))) for second in LETTERS)
        print('"' + "".join(str(cost) for cost in row) + f'"  // {first}')


main(sys.argv[1:])
