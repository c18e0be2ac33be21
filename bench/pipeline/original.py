#!/usr/bin/env python3
"""The steps of the Python original, line by line: `re` rule by rule; what none decides goes to the sentence encoder (ONNX
Runtime, floats) and scikit-learn's logistic regression.

usage: original.py PEERS ENCODER CACHE PATTERNS TRAINING.csv LINES.log

PEERS is the folder of peers.py (reference data), which builds the ONNX graph from the weights and keeps it in CACHE."""
import csv
import itertools
import os
import re
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

SAMPLE, TRAINED_ON, ROUNDS = 300, 600, 5
MIN_PROBABILITY = 0.5


def main():
    peers_folder, encoder, cache, patterns_path, training, lines_path = sys.argv[1:]
    sys.path.insert(0, peers_folder)
    import peers

    models = peers.build_models(Path(encoder), Path(cache))
    encode = peers.load_ort(models / "fp32.onnx", 1, os.cpu_count())
    tokenizer = Tokenizer.from_file(str(Path(encoder) / "tokenizer.json"))
    tokenizer.enable_truncation(peers.MAX_TOKENS)
    tokenizer.no_padding()

    def vector(text: str) -> np.ndarray:
        return encode([tokenizer.encode(text).ids])

    patterns = []
    for text in Path(patterns_path).read_text(errors="surrogateescape").splitlines():
        try:
            patterns.append(re.compile(text))
        except re.error:  # flags in the middle: RE2 has them, `re` has not
            continue
    with open(training, encoding="utf-8", newline="") as file:
        rows = list(itertools.islice(csv.DictReader(file), TRAINED_ON))
    regression = LogisticRegression(max_iter=1000)
    regression.fit(np.vstack([vector(row["log_message"]) for row in rows]), [row["target_label"] for row in rows])

    with open(lines_path, encoding="utf-8", errors="replace") as file:
        sample = [line.rstrip("\n") for line in itertools.islice(file, SAMPLE)]
    rates, answered = [], 0
    for _ in range(ROUNDS):
        answered = 0
        start = time.perf_counter()
        for line in sample:
            if any(pattern.search(line) for pattern in patterns):
                answered += 1
                continue
            answered += regression.predict_proba(vector(line)).max() >= MIN_PROBABILITY
        rates.append(len(sample) / (time.perf_counter() - start))
    print(f"  {'Python original':22} {statistics.median(rates):6.0f} lines/s (re, ONNX Runtime one line at a time, "
          f"scikit-learn; {len(sample)} lines, {answered} answered)")


if __name__ == "__main__":
    main()
